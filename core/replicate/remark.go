package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// maxRemarks bounds how many records of a kind get rows of their own in the log of
// one run; the rows of the tasks have all the numbers.
const maxRemarks = 20

// remark writes a row for each single record that somebody may want to look at.
func (r *run) remark(ctx context.Context) {
	if r.opts.DryRun {
		return
	}
	remarks, err := r.Store.Remarks(ctx, r.report.ID, maxRemarks)
	if err != nil {
		r.grave(core.AsProblem(err))
		return
	}
	for _, m := range remarks {
		r.logLater(r.remarkEntry(m)) // they are stored with the run's end
	}
}

func (r *run) remarkEntry(m core.Remark) core.LogEntry {
	e := core.LogEntry{Resource: string(m.Record.Resource), UUID: m.Record.UUID, Title: m.Title, Mode: "pull", Direction: "outgoing", Action: "import",
		Result: core.ResultWarning, Details: m.Reason}
	if m.Cause != "" && m.Cause != m.Reason {
		e.Details += "\n" + m.Cause
	}
	if m.Kind == core.RemarkRefused && core.KeptBack(m.Reason) { // the repository has not refused anything
		e.Mode, e.Action, e.Message, e.Details = "push", "send", m.Reason, ""
		return e
	}
	switch m.Kind {
	case core.RemarkRefused:
		e.Mode, e.Action, e.Remote = "push", "send", true
		e.Message = (&core.Problem{Kind: core.RecordRefused, Subject: r.repo.Name}).Sentence()
	case core.RemarkAside:
		e.Remote = true
		e.Message = (&core.Problem{Kind: core.RecordInvalid}).Sentence()
	case core.RemarkConflict:
		e.Message = conflictMessage(m.Winner)
	}
	return e
}

func conflictMessage(winner string) string {
	sides := []string{"", "ours", "theirs", "both"}
	return []string{core.LogConflictOpen, core.LogConflictOurs, core.LogConflictTheirs, core.LogConflictBoth}[max(0, slices.Index(sides, winner))]
}
