package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// A foreign is a run that somebody else in this process made, "Sync now" in the
// window for one. Until it is finished, problem and run are not set.
type foreign struct {
	repository int64
	finished   bool
	run        core.Run
	problem    *core.Problem
}

// hear listens to the bus: runs of others count as tries, and every event of a
// run is a sign that it lives. It is called on the emitter's goroutine.
func (r *Runner) hear(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case event.RunStarted:
		if _, ours := r.signs[e.Repository.ID]; !ours && !e.DryRun {
			r.foreign = append(r.foreign, foreign{repository: e.Repository.ID})
		}
	case event.RunFinished:
		if _, ours := r.signs[e.Run.Repository]; !ours && !e.Run.DryRun {
			r.foreign = append(r.foreign, foreign{repository: e.Run.Repository, finished: true, run: e.Run, problem: e.Problem})
		}
	case event.Changed:
	case event.Logged:
		r.alive(e.Entry.RepositoryID)
		return
	case event.Progress:
		// It does not carry the repository's number, so all of that name live.
		for _, o := range r.outlooks {
			if o.Repository == e.Repository {
				r.alive(o.RepositoryID)
			}
		}
		return
	default:
		return
	}
	r.Kick()
}

// alive notes a sign of life. The caller holds mu.
func (r *Runner) alive(id int64) {
	if _, ours := r.signs[id]; ours {
		r.signs[id] = time.Now()
	}
}

// lifeOf returns when the run last gave a sign of life, on the monotonic clock.
func (r *Runner) lifeOf(id int64) (last time.Time, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known = r.signs[id]
	return last, known
}

// mark begins or ends our own run of a repository.
func (r *Runner) mark(id int64, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if on {
		r.signs[id] = time.Now()
	} else {
		delete(r.signs, id)
	}
}

// takeForeign returns what was heard since the last call.
func (r *Runner) takeForeign() []foreign {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := r.foreign
	r.foreign = nil
	return heard
}

// takeAsked returns for whom "Sync now" was said and forgets it.
func (r *Runner) takeAsked() map[int64]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = make(map[int64]bool)
	return asked
}
