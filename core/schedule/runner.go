package schedule

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// Tuning are the intervals of a Runner; each zero value means its default.
type Tuning struct {
	// Tick is how often the wall clock and the store are looked at: 5 s. Timers
	// stop while a laptop sleeps, the wall clock does not.
	Tick time.Duration
	// Stuck is after how long without a sign of life a run is ended: 20 minutes.
	Stuck time.Duration
	// Grace is how long an ended run may take to clean up: 1 minute.
	Grace time.Duration
	// Runs is how many repositories may be synchronised at the same time: 4.
	Runs int
	// Trouble is how long a server may be away before a person is told: 1 hour.
	Trouble time.Duration
}

func (t Tuning) withDefaults() Tuning {
	fill(&t.Tick, 5*time.Second)
	fill(&t.Stuck, 20*time.Minute)
	fill(&t.Grace, time.Minute)
	fill(&t.Runs, 4)
	fill(&t.Trouble, time.Hour)
	return t
}

func fill[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Options are what a Runner works with. Store, Engine and Reach must be set.
type Options struct {
	Store  Store
	Engine Engine
	// Reach finds out cheaply whether the repository can be reached. With ask it
	// also asks whether the right peer answers and is well; without, it may only
	// open a connection. The error is a *core.Problem.
	Reach func(ctx context.Context, r core.Repository, ask bool) error
	// Watch tells of the laptop's surroundings until ctx ends; may be nil.
	Watch  func(ctx context.Context, tell func(Surroundings)) error
	Events *event.Bus   // may be nil
	Log    *slog.Logger // may be nil
	Now    func() time.Time
	// Location is the laptop's zone, asked anew each time: laptops travel.
	Location func() *time.Location
	// Chance returns a number from 0 to 1; rand.Float64 if nil.
	Chance func() float64
	Tuning Tuning
}

// A Runner synchronises repositories at the right moments, never the same one
// twice at once. Its methods may be called from any goroutine.
type Runner struct {
	o    Options
	kick chan struct{} // one slot: "now" said twice is still now

	mu           sync.Mutex // guards what follows
	asked        map[int64]bool
	outlooks     []core.Outlook
	surroundings Surroundings
	heard        bool      // of the surroundings, in this Serve
	foreign      []foreign // runs that others made in this process
	leading      bool
	signs        map[int64]time.Time // last sign of life of our runs
}

// New returns a Runner; it does nothing before Serve.
func New(o Options) *Runner {
	o.Tuning = o.Tuning.withDefaults()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = func() *time.Location { return time.Local }
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	return &Runner{o: o, kick: make(chan struct{}, 1), asked: make(map[int64]bool), signs: make(map[int64]time.Time)}
}

// SyncNow starts runs as soon as possible, whatever pause, back-off, cost or
// refusal say; for all repositories that we call if none is named. Said during a run
// it means one more after it: that run may have sent already, and an edit not.
func (r *Runner) SyncNow(ids ...int64) {
	r.mu.Lock()
	if len(ids) == 0 {
		ids = []int64{everybody}
	}
	for _, id := range ids {
		r.asked[id] = true
	}
	r.mu.Unlock()
	r.Kick()
}

// everybody stands for all repositories in asked.
const everybody int64 = 0

// Kick lets the Runner look at once: something was changed.
func (r *Runner) Kick() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// Outlooks returns when each repository is tried next and why, in the order they
// were added.
func (r *Runner) Outlooks() []core.Outlook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]core.Outlook(nil), r.outlooks...)
}

// Leading reports whether this Runner is the one that works; another process may.
func (r *Runner) Leading() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.leading
}

// Surroundings returns what was last heard of the laptop's surroundings.
func (r *Runner) Surroundings() Surroundings {
	s, _ := r.around()
	return s
}

// around returns the surroundings, and whether anything was heard of them yet.
func (r *Runner) around() (s Surroundings, heard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.surroundings, r.heard
}

// errStuck says at the end of Serve that a run could not be ended.
var errStuck = errors.New("a run did not end in time")

// Serve works until ctx ends, then ends the runs under way and waits for them:
// what they finished is kept, the next start goes on. While another process
// works on the same store it waits and takes over when that one ends. It returns
// nil after ctx ended, or an error if a run did not end in time.
func (r *Runner) Serve(ctx context.Context) error {
	release, err := r.lead(ctx)
	if err != nil || release == nil {
		return err
	}
	defer release()
	r.setLeading(true)
	defer r.setLeading(false)
	cancel := r.o.Events.Subscribe(r.hear)
	defer cancel()

	inner, stop := context.WithCancel(ctx)
	defer stop()
	var watching sync.WaitGroup
	defer watching.Wait()
	defer stop()
	r.forgetSurroundings()
	if r.o.Watch != nil {
		watching.Go(func() {
			err := core.Careful(r.o.Log, "watching the surroundings", func() error { return r.o.Watch(inner, r.surround) })
			if err != nil && inner.Err() == nil {
				r.o.Log.Warn("Surroundings are not watched", "err", err)
			}
		})
	}
	l := newLoop(r)
	r.o.Log.Info("Scheduler started")
	l.run(inner)
	r.o.Log.Info("Scheduler stops", "runs", len(l.tries))
	return l.end()
}

// lead waits until no other Runner works on the store; nil after ctx ended.
func (r *Runner) lead(ctx context.Context) (release func(), err error) {
	ticker := time.NewTicker(r.o.Tuning.Tick)
	defer ticker.Stop()
	for told := false; ; told = true {
		release, ok, err := r.o.Store.Lead(ctx)
		if ctx.Err() != nil {
			if ok {
				release()
			}
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if ok {
			return release, nil
		}
		if !told {
			r.o.Log.Info("Another process schedules; waiting to take over")
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-ticker.C:
		}
	}
}

func (r *Runner) setLeading(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leading = on
}

func (r *Runner) forgetSurroundings() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.surroundings, r.heard = Surroundings{}, false
}

// surround takes over what the watcher tells.
func (r *Runner) surround(s Surroundings) {
	r.mu.Lock()
	r.surroundings, r.heard = s, true
	r.mu.Unlock()
	r.Kick()
}
