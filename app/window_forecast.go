//go:build !headless

package app

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/ui/repositories"
)

// A forecaster is the engine with a way to try a task out.
type forecaster struct{ *replicate.Engine }

// Forecast makes a dry run with the task in place of the stored one. Its events
// are heard here only: for the window it is no run.
func (f forecaster) Forecast(ctx context.Context, repo core.Repository, t core.Task) (repositories.Forecast, error) {
	var out repositories.Forecast
	events := &event.Bus{}
	events.Subscribe(func(e event.Event) {
		if e, ok := e.(event.ConflictFound); ok {
			out.Add(e.Conflict.Winner)
		}
	})
	engine := *f.Engine
	engine.Events = events
	run, err := engine.Sync(ctx, repo, replicate.Options{DryRun: true, Resources: []core.Resource{t.Resource}, Tasks: []core.Task{t}})
	out.Counts, out.Held = run.Counts, run.Held
	return out, err
}

// RefuseHeld keeps the records whose deletions were held. It tells of that, so that
// the scheduler sends them before long.
func (f forecaster) RefuseHeld(ctx context.Context, repo core.Repository, resource core.Resource, by string) (kept int, err error) {
	kept, err = f.Engine.RefuseHeld(ctx, repo, resource, by)
	if err == nil {
		f.Events.Emit(event.Changed{Resource: resource})
	}
	return kept, err
}

// Tables lists the tables that have records here.
func (r windowReplica) Tables(ctx context.Context) ([]core.Resource, error) {
	kinds, err := r.Kinds(ctx)
	list := make([]core.Resource, len(kinds))
	for i, k := range kinds {
		list[i] = k.Resource
	}
	return list, err
}

// SaveSetup writes what is set up here to a file, without passwords.
func (r windowReplica) SaveSetup(ctx context.Context, path string) error {
	s, err := setup.Collect(ctx, r.DB, setup.Folder(""), practice.Is)
	if err != nil {
		return err
	}
	return setup.Save(path, s)
}
