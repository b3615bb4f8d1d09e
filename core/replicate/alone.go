package replicate

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// askAlone asks for components that were changed alone, as a contact is in the form of a
// person: of those an Eden says nothing where it shows their master's table (spec
// eden-sync-protocol W10). They are taken by the task of that table, and what is joined is
// sent at once. A table that a task of its own pulls is not asked again, nor one that is about
// to be compared; one whose components were never seen here comes with the next comparison.
func (r *run) askAlone(ctx context.Context, tasks []core.Task) error {
	if r.own || r.opts.Full || r.tuning.AskEvery < 0 {
		return nil
	}
	for i := range tasks {
		task := &tasks[i]
		if !r.pulled[task.ID] || !r.recent(task.Compared, r.tuning.CompareEvery) || !r.askDue(task) {
			continue
		}
		changed := r.report.Changed()
		done, err := r.attempt(ctx, *task, "pull", func() error { return r.components(ctx, task) })
		if err == nil && done && r.report.Changed() != changed {
			err = r.pushTask(ctx, *task)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// askDue reports whether a task's components are to be asked for: all of them were seen when
// its table was compared. A moment in the future was written when a clock was wrong.
func (r *run) askDue(task *core.Task) bool {
	passed := r.peerNow().Time().Sub(task.Asked.Time())
	return !r.recent(task.Compared, r.tuning.AskEvery) && (passed < 0 || passed >= r.tuning.AskEvery)
}

// components asks for those that were changed since they were asked for last, or the whole
// table was compared.
func (r *run) components(ctx context.Context, task *core.Task) error {
	tables, err := r.Store.ComponentTables(ctx, task.Resource)
	if err != nil {
		return err
	}
	began := r.peerNow()
	since := max(task.Asked, task.Compared.Add(r.offset))
	if since > began {
		since = began.Add(-r.tuning.CompareEvery)
	}
	since = since.Add(-r.tuning.Overlap)
	for _, table := range tables {
		if _, itself := r.policies[table]; itself || table.Private() || !table.BelongsTo(task.Resource) {
			continue // it has a life, and as a rule a task, of its own
		}
		if err := r.changedIn(ctx, *task, table, since); err != nil {
			return err
		}
	}
	if task.Asked = began; !r.opts.DryRun {
		r.idle.Asked = append(r.idle.Asked, *task)
	}
	return nil
}

// changedIn asks for the components of one table that were changed since.
func (r *run) changedIn(ctx context.Context, task core.Task, table core.Resource, since core.MTime) error {
	before := r.report.Counts
	p := r.newPuller(&task)
	p.guarded = true
	known, err := p.recognition(ctx)
	if err != nil {
		return err
	}
	var masters []core.Link
	_, err = r.peer.Pull(ctx, PullRequest{Resource: table, Since: since, Recognise: known}, func(rec *core.Record, first bool, _ *BadRecord) error {
		if rec == nil || !first || rec.ModifiedOn == 0 { // what bears no stamp is shown each time
			return nil
		}
		ours, err := r.Store.Record(ctx, rec.Link())
		switch {
		case errors.Is(err, core.ErrNotFound):
			master, err := r.masterHere(ctx, task.Resource, rec)
			if !master.IsZero() {
				masters = append(masters, master)
			}
			return err
		case err != nil:
			return err
		case ours.Master.Resource != task.Resource || ours.ModifiedOn == rec.ModifiedOn && ours.Deleted == rec.Deleted:
			return nil // another task's, or it came with its master
		}
		return p.receive(ctx, rec, false, nil)
	})
	if err != nil {
		if notAlone(err) {
			return nil
		}
		return err
	}
	if err := p.flush(ctx, false, false); err != nil {
		return err
	}
	if err := p.release(ctx, task, &p.rules); err != nil {
		return err
	}
	slices.SortFunc(masters, byName)
	if _, err := r.refetch(ctx, task, slices.Compact(masters)); err != nil {
		return err
	}
	if counts := r.report.Counts.Minus(before); counts.Received != counts.Unchanged {
		r.log(ctx, core.LogEntry{Resource: string(table), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultSuccess,
			Counts: &counts, Message: imported(counts)})
	}
	return nil
}

// notAlone reports whether an error says that a table is not shown by itself, though its
// masters' was.
func notAlone(err error) bool {
	switch core.AsProblem(err).Kind {
	case core.UnknownResource, core.NoReadRight, core.Forbidden, core.WrongPath, core.NotEden, core.PeerRefused, core.ServerFault:
		return true
	}
	return false
}

// masterHere names the record of a table that a component points to, if that is here.
func (r *run) masterHere(ctx context.Context, of core.Resource, rec *core.Record) (core.Link, error) {
	for _, l := range rec.PointsTo() {
		if l.Resource != of || rec.Deleted {
			continue
		}
		m, err := r.Store.Record(ctx, l)
		if err == nil && !m.Deleted {
			return l, nil
		}
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			return core.Link{}, err
		}
	}
	return core.Link{}, nil
}
