package schedule

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// What ended a try from outside; each is the cause of its context.
var (
	errTimeout     = errors.New("the run took longer than its time-out")
	errNoSign      = errors.New("the run gave no sign of life")
	errInterrupted = errors.New("the network changed under the run, or the laptop slept")
)

// A try is one attempt for one repository: look whether it can be reached, then
// run. It has a goroutine of its own; the fields above running are set before
// that begins.
type try struct {
	id      int64
	why     core.Why
	ask     bool
	jobs    []int64
	timeout time.Duration // 0: none
	moves   int           // the loop's count of network changes at the start
	seq     int64         // the store's seq at the start
	cancel  context.CancelCauseFunc

	running atomic.Bool // the engine is at work
	ended   time.Time   // when it was told to end; only the loop knows it
	lost    bool        // it did not end; only the loop knows it
}

// An outcome is how a try ended.
type outcome struct {
	*try
	ran     bool // the engine was at work
	run     core.Run
	problem *core.Problem // nil: came through
	cause   error         // what ended it from outside; nil: nothing did
}

// do is the whole try. It is called on the try's goroutine.
func (t *try) do(ctx context.Context, r *Runner) outcome {
	var run core.Run
	err := core.Careful(r.o.Log.With("repository", t.id), "a try", func() (err error) {
		run, err = t.attempt(ctx, r)
		return err
	})
	o := outcome{try: t, ran: t.running.Load(), run: run, problem: core.AsProblem(err)}
	if o.problem != nil && ctx.Err() != nil {
		o.cause = context.Cause(ctx)
	}
	return o
}

func (t *try) attempt(ctx context.Context, r *Runner) (core.Run, error) {
	repo, err := r.o.Store.Repository(ctx, t.id)
	if err != nil {
		return core.Run{}, err
	}
	if repo.Username != "" && repo.Password == "" {
		return core.Run{}, &core.Problem{Op: "sync", Kind: core.NoPassword, Subject: repo.Name}
	}
	if t.why != core.WhyAsked {
		if err := r.o.Reach(ctx, repo, t.ask); err != nil {
			return core.Run{}, err
		}
	}
	if err := r.o.Store.JobsRan(ctx, t.jobs, core.MTimeOf(r.o.Now())); err != nil {
		return core.Run{}, err
	}
	if t.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, t.timeout, errTimeout)
		defer stop()
	}
	r.mark(t.id, true)
	defer r.mark(t.id, false)
	t.running.Store(true)
	r.Kick()
	r.o.Log.Info("Run begins", "repository", repo.Name, "why", t.why, "jobs", t.jobs)
	run, err := r.o.Engine.Sync(ctx, repo, replicate.Options{})
	if cause := context.Cause(ctx); err != nil && (errors.Is(cause, errTimeout) || errors.Is(cause, errNoSign)) {
		err = &core.Problem{Op: "sync", Kind: core.Timeout, Subject: repo.Name, Err: errors.Join(cause, err),
			Words: "The sync with %s took too long, was ended, and goes on where it stopped.", Values: []any{repo.Name}}
	}
	return run, err
}
