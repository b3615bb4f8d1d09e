// Package replicate runs one synchronisation against one repository: connect,
// then for each task pull, push, prove delivery, and report (DESIGN §5). It owns
// the order of things and the promises; the peer speaks the protocol, the store
// keeps, intake decides.
package replicate

import (
	"context"
	"log/slog"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// An Engine makes runs. It has no state of its own; runs for different
// repositories may go on at the same time.
type Engine struct {
	Store Store
	// Connect makes the peer of a repository. The error is a *core.Problem.
	Connect func(core.Repository, core.Node) (Peer, error)
	Events  *event.Bus       // may be nil
	Log     *slog.Logger     // may be nil
	Now     func() time.Time // nil: time.Now
	Tuning  Tuning
}

// Options select what a run does.
type Options struct {
	Resources []core.Resource // only these tasks; empty: all
	DryRun    bool            // find out and tell, write nothing, send nothing
	// Tasks, in a dry run, stand in place of the stored ones of their resources:
	// what would another policy do?
	Tasks []core.Task
	Full  bool // pull everything again and compare, whatever the markers say
	// Confirm lets held deletions through that a brake stopped in an earlier
	// run, and trusts the clock. For a peer that only calls us it does nothing
	// else.
	Confirm bool
}

// Sync makes one run for the repository and reports it. The run is returned
// whatever happened; the error, if any, is the gravest *core.Problem met. A run
// that stopped early has kept everything that it had finished.
func (e *Engine) Sync(ctx context.Context, repo core.Repository, opts Options) (core.Run, error) {
	r := e.newRun(repo, opts)
	if repo.URL == "" && !opts.Confirm {
		return r.fail(ctx, core.Invalid("url", "This repository has no address: it only calls us."))
	}
	unlock, err := e.Store.LockRun(ctx, repo.ID)
	if err != nil {
		return r.fail(ctx, err)
	}
	defer unlock()
	if err := r.begin(ctx, repo.URL != ""); err != nil {
		return r.fail(ctx, err)
	}
	work := r.work
	if repo.URL == "" {
		work = r.confirm
	}
	return r.finish(ctx, core.Caught(func() error { return work(ctx) }))
}

// Register makes this node known at the repository and stores what the peer said
// of itself.
func (e *Engine) Register(ctx context.Context, repo core.Repository) (core.Repository, error) {
	r := e.newRun(repo, Options{})
	err := r.careful("registering", func() error {
		if err := r.connect(ctx); err != nil {
			return err
		}
		return r.register(ctx)
	})
	return r.repo, err
}

// careful is core.Careful for what is no run and has no report.
func (r *run) careful(what string, do func() error) error {
	return core.Careful(r.Log, what+" at "+r.repo.Name, do)
}
