package synclog

import (
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// planUndo says what taking the shown run back would do. It changes nothing.
func (p *presenter) planUndo() {
	run := p.query.Run
	if run == "" {
		return
	}
	p.lanes.Run(func() func() {
		plan, err := p.store.PlanUndo(p.ctx, run, 0)
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.AskUndo(plan, undoSentences(plan, p.names), plan.Restored+plan.Removed == 0)
		}
	})
}

// undo takes a run back.
func (p *presenter) undo(run string) {
	p.lanes.Run(func() func() {
		done, err := p.store.UndoRun(p.ctx, run, p.by, 0)
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowUndone(done)
		}
	})
}

// undoSentences say what an undo does, by the names of the repositories.
func undoSentences(u core.Undo, names map[int64]string) (out []string) {
	if u.Forgotten > 0 {
		out = append(out, tr.N("{{.N}} records that this run changed are not taken back: this database was mended, or old versions were cleared away, since then. Where the history of a record still has the version, it can be restored there.", u.Forgotten))
	}
	if u.Restored+u.Removed == 0 {
		if u.Forgotten == 0 {
			out = append(out, tr.L("There is nothing to take back: this run changed nothing here, or everything that it changed was changed again since."))
		}
		if u.Left > 0 {
			out = append(out, tr.N("{{.N}} records were changed again since the run. They stay as they are.", u.Left))
		}
		return out
	}
	if u.Restored > 0 {
		out = append(out, tr.N("{{.N}} records become again what they were before this run.", u.Restored))
	}
	if u.Removed > 0 {
		out = append(out, tr.N("{{.N}} records that this run brought are deleted. They can be restored from their history.", u.Removed))
	}
	if u.Left > 0 {
		out = append(out, tr.N("{{.N}} records were changed again since the run. They stay as they are.", u.Left))
	}
	for _, repo := range slices.Sorted(maps.Keys(u.Delivered)) {
		switch n := u.Delivered[repo]; n {
		case 0:
		case u.Restored + u.Removed:
			out = append(out, tr.N("They are at {{.Name}} too: it is told with the next sync.", n, tr.D{"Name": names[repo]}))
		default:
			out = append(out, tr.N("{{.N}} of them are at {{.Name}} too: it is told with the next sync.", n, tr.D{"Name": names[repo]}))
		}
	}
	return append(out, tr.L("A copy of the database is made first, and this can be taken back in the same way."))
}
