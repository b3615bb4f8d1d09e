package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// log writes a row of the user's log, after those that were put off, and tells the
// subscribers. A dry run has no rows.
func (r *run) log(ctx context.Context, entry core.LogEntry) {
	if !r.logLater(entry) {
		return
	}
	stored, err := r.Store.AddLogs(context.WithoutCancel(ctx), r.idle.Log)
	if err != nil {
		r.grave(core.AsProblem(err))
	}
	r.idle.Log = nil
	r.logged(stored)
}

// logLater puts a row of the log off until the next one or the end of the run: it
// says that there was nothing to do, and is not worth waiting for the disk. A run
// that is ended from outside loses it, and nothing else. It reports whether the row
// will be stored at all.
func (r *run) logLater(entry core.LogEntry) bool {
	entry.Time, entry.Run = core.MTimeOf(r.now()), r.report.ID
	entry.RepositoryID, entry.Repository = r.repo.ID, r.repo.Name
	if r.Log != nil {
		r.Log.Info("Step", "run", entry.Run, "repository", entry.Repository, "task", entry.Resource, "mode", entry.Mode,
			"action", entry.Action, "result", entry.Result, "message", entry.Message, "details", entry.Details)
	}
	if r.opts.DryRun {
		return false
	}
	r.idle.Log = append(r.idle.Log, entry)
	return true
}

// logged tells the subscribers of rows of the log.
func (r *run) logged(rows []core.LogEntry) {
	for _, row := range rows {
		r.Events.Emit(event.Logged{Entry: row})
	}
}

func (r *run) progress(resource core.Resource, step event.Step, done, total int) {
	r.Events.Emit(event.Progress{Run: r.report.ID, Repository: r.repo.Name, Resource: resource, Step: step, Done: done, Total: total, Counts: r.report.Counts})
}
