package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// finish closes the run whatever happened; the report must reach the store even
// if ctx was cancelled.
func (r *run) finish(ctx context.Context, err error) (core.Run, error) {
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		r.grave(core.AsProblem(err))
		r.stop(core.AsProblem(err))
		r.logBug(ctx, err)
	} else if r.peer != nil && !r.comparing {
		r.repo.Stopped = ""
	}
	r.remark(ctx)
	if r.worst != nil {
		r.worst = r.worst.Naming(r.lacking[r.worst.Kind])
	}
	r.conclude()
	if !r.opts.DryRun {
		if err == nil && r.peer != nil && (r.through > 0 || !r.brake.failed) {
			r.repo.LastConnected = r.report.Finished
		}
		r.idle.Run, r.idle.Repository = r.report, r.repo
		stored, err := r.Store.FinishRun(ctx, r.idle)
		if err != nil {
			r.grave(core.AsProblem(err))
		}
		r.logged(stored)
	}
	r.Events.Emit(event.RunFinished{Run: r.report, Problem: r.worst})
	if r.worst != nil {
		return r.report, r.worst
	}
	return r.report, nil
}

// conclude sums the run up in one row of words.
func (r *run) conclude() {
	r.report.Finished = core.MTimeOf(r.now())
	r.report.Seconds = r.now().Sub(r.report.Started.Time()).Seconds()
	switch {
	case r.worst != nil:
		r.report.Result, r.report.Message = r.worst.Result(), r.worst.Sentence()
	case r.report.Quarantined+r.report.Refused+r.open > 0:
		r.report.Result, r.report.Message = core.ResultWarning, r.report.Counts.String()
	default:
		r.report.Message = r.report.Counts.String()
	}
	if n := r.report.Accounted(); n != r.report.Received {
		r.report.Result = core.ResultError
		r.report.Message = "The counts of this run do not add up: please report this. " + r.report.Counts.String()
	}
}

// fail reports a run that could not even begin.
func (r *run) fail(ctx context.Context, err error) (core.Run, error) {
	p := core.AsProblem(err)
	r.worst = p
	r.conclude()
	r.log(ctx, core.LogEntry{Resource: "none", Mode: "none", Direction: "none", Action: "check", Result: p.Result(), Message: p.Sentence(), Details: p.Error()})
	r.Events.Emit(event.RunFinished{Run: r.report, Problem: p})
	return r.report, p
}
