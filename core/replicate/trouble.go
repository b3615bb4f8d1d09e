package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// note logs a task's trouble and returns it if it ends the run.
func (r *run) note(ctx context.Context, task core.Task, mode string, err error) error {
	p := core.AsProblem(err)
	r.log(ctx, core.LogEntry{Resource: string(task.Resource), Mode: mode, Direction: "outgoing", Action: actionOf(mode),
		Result: p.Result(), Remote: p.Remote(), Message: p.Naming(core.Tables{task.Resource}).Sentence(), Details: p.Error()})
	r.grave(p)
	if p.OfTables() && !slices.Contains(r.lacking[p.Kind], task.Resource) {
		r.lacking[p.Kind] = append(r.lacking[p.Kind], task.Resource)
	}
	r.brake.failed = true
	if r.noted = ends(err); r.noted {
		return err
	}
	return nil
}

func actionOf(mode string) string {
	if mode == "push" {
		return "send"
	}
	return "fetch"
}

// ends reports whether a trouble is one of the whole run and not of one task:
// there is no sense in asking for the next table.
func ends(err error) bool {
	kind := core.AsProblem(err).Kind
	switch kind {
	case core.Cancelled, core.Unreachable, core.Timeout, core.Portal, core.WrongPath, core.NotEden, core.Unauthorized, core.Forbidden,
		core.ProxyWrong, core.IdentityChanged, core.WentBack, core.NodeCopied, core.NodeWentBack, core.Busy,
		core.DiskFull, core.StoreLocked, core.StoreDamaged, core.StoreTooNew, core.AlreadyRunning, core.NoPassword, core.InvalidSetting:
		return true
	}
	return slices.Contains(core.EncryptionTroubles(), kind) || core.BugIn(err) != nil
}

// grave remembers the gravest problem, the first of equals: what ends all runs until somebody
// does something before what stops one table, and that before what may pass.
func (r *run) grave(p *core.Problem) {
	if r.worst == nil || weight(p) > weight(r.worst) {
		r.worst = p
	}
}

func weight(p *core.Problem) int {
	switch {
	case p.Retryable():
		return 0
	case !ends(p):
		return 1
	}
	return 2
}

// logBug puts a panic into the program's log with its stack, and into the one that people
// read if none of the tasks did.
func (r *run) logBug(ctx context.Context, err error) {
	bug := core.BugIn(err)
	if bug == nil {
		return
	}
	if r.Log != nil {
		r.Log.Error("Panic in a run", "run", r.report.ID, "bug", bug)
	}
	if !r.noted {
		p := core.AsProblem(err)
		r.log(ctx, core.LogEntry{Resource: "none", Mode: "none", Direction: "none", Action: "check", Result: p.Result(), Message: p.Sentence(), Details: p.Error()})
	}
}

// stop keeps the repository from being tried again by itself where that would
// do harm: a wrong password locks accounts (PROMISES 19).
func (r *run) stop(p *core.Problem) {
	switch p.Kind {
	case core.Unauthorized, core.Forbidden, core.IdentityChanged, core.WentBack, core.NodeCopied, core.NodeWentBack:
		r.repo.Stopped = p.Message()
	}
}
