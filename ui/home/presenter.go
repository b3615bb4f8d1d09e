package home

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Store is what the page needs of the replica.
type Store interface {
	Repositories(ctx context.Context) ([]core.Repository, error)
	Unsent(ctx context.Context, repo int64) (int, error)
	Staying(ctx context.Context) (int, error)
	Runs(ctx context.Context, repo int64, limit int) ([]core.Run, error)
	Jobs(ctx context.Context, repo int64) ([]core.Job, error)
	Conflicts(ctx context.Context, repo int64, openOnly bool) ([]core.Conflict, error)
	Quarantines(ctx context.Context, repo int64) ([]core.Quarantine, error)
	ScheduleSettings(ctx context.Context) (schedule.Settings, error)
	SaveScheduleSettings(ctx context.Context, s schedule.Settings) error
}

// An Engine makes runs.
type Engine interface {
	Sync(ctx context.Context, repo core.Repository, opts replicate.Options) (core.Run, error)
}

// A view is the page as the presenter sees it. Its methods are called on the
// screen's lane.
type view interface {
	ShowState(State, Sentence)
	ShowProgress(Progress)
	ShowResult(Result)
	ShowProblem(error)
}

// A Result is how a run ended, in words.
type Result struct {
	Good  bool
	Words string
	// Outcome is what was exchanged, in numbers alone; Failed, that not all of
	// it got through; Again, that trying again can help, which happens by itself.
	Outcome string
	Failed  bool
	Again   bool
}

// A Presenter decides what the page shows. Its methods may be called on the
// screen's lane only, except Happened.
type Presenter struct {
	ctx    context.Context // the window's life: no callback of Fyne's hands one over
	store  Store
	engine Engine
	lanes  async.Lanes
	now    func() time.Time
	view   view
	// Told is called with every state, also while the page is hidden: for the
	// navigation and the tray.
	Told func(State, Sentence)
	// Begun is called when Sync begins.
	Begun func()
	// Ended is called with the result of every sync that Sync began.
	Ended func(Result)

	scheduler Scheduler // nil: nobody syncs by itself
	gate      *async.Gate
	ticket    async.Ticket
	seen      async.Ticket       // of the reading that was shown last
	cancel    context.CancelFunc // ends the run that "Sync now" began
	state     State

	mu      sync.Mutex // guards the rest, which events write
	running map[string]string
	latest  *event.Progress
	ended   *event.RunFinished // of a run that nobody here began
	meter   meter
}

// NewPresenter returns a presenter that follows events no faster than every pause.
func NewPresenter(ctx context.Context, store Store, engine Engine, lanes async.Lanes, now func() time.Time, pause time.Duration, v view) *Presenter {
	p := &Presenter{ctx: ctx, store: store, engine: engine, lanes: lanes, now: now, view: v, running: map[string]string{},
		Told: func(State, Sentence) {}, Begun: func() {}, Ended: func(Result) {}}
	p.gate = &async.Gate{Pause: pause, Do: p.follow}
	return p
}

// State returns what was shown last.
func (p *Presenter) State() State { return p.state }

// Load reads the state and shows it.
func (p *Presenter) Load() {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		state, err := p.read(p.ctx)
		return func() {
			if ticket < p.seen {
				return // what is newer is shown already
			}
			p.seen = ticket
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.show(state)
		}
	})
}

func (p *Presenter) show(state State) {
	state.Working = p.working() || state.running()
	p.state = state
	sentence := state.Sentence(p.now())
	p.view.ShowState(state, sentence)
	p.Told(state, sentence)
}

func (p *Presenter) working() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.running) > 0 || p.cancel != nil
}

func (p *Presenter) read(ctx context.Context) (State, error) {
	repositories, err := p.store.Repositories(ctx)
	if err != nil {
		return State{}, err
	}
	var state State
	if state.Staying, err = p.store.Staying(ctx); err != nil {
		return State{}, err
	}
	for _, r := range repositories {
		s, err := p.readRepository(ctx, r)
		if err != nil {
			return State{}, err
		}
		state.Repositories = append(state.Repositories, s)
	}
	return state, p.foresee(ctx, &state)
}

func (p *Presenter) readRepository(ctx context.Context, r core.Repository) (RepositoryState, error) {
	s := RepositoryState{Repository: r}
	var errs [4]error
	var runs []core.Run
	var conflicts []core.Conflict
	var quarantines []core.Quarantine
	s.Unsent, errs[0] = p.store.Unsent(ctx, r.ID)
	runs, errs[1] = p.store.Runs(ctx, r.ID, 50)
	conflicts, errs[2] = p.store.Conflicts(ctx, r.ID, true)
	quarantines, errs[3] = p.store.Quarantines(ctx, r.ID)
	s.Conflicts = len(conflicts)
	for _, q := range quarantines {
		switch {
		case q.Outgoing:
			s.Refused++
		case q.Reason == core.HeldDeletion:
			s.Held++
		default:
			s.SetAside++
		}
	}
	last, through := core.Latest(runs)
	if s.Last = last; through != nil {
		s.Success = through.Finished
	}
	jobs, err := p.store.Jobs(ctx, r.ID)
	s.Next = nextRun(jobs, p.now())
	return s, errors.Join(append(errs[:], err)...)
}

func nextRun(jobs []core.Job, now time.Time) (next core.MTime) {
	for _, j := range jobs {
		if t, ok := schedule.Next(j, now, now.Location()); ok && (next == 0 || core.MTimeOf(t) < next) {
			next = core.MTimeOf(t)
		}
	}
	return next
}

// Sync runs all repositories that we call, one after the other, or only the one
// with the id given. Pressed again while one runs, it does nothing.
func (p *Presenter) Sync(only int64) {
	if p.working() || p.state.Working {
		return
	}
	ctx, cancel := context.WithCancel(p.ctx)
	p.setCancel(cancel)
	p.Begun()
	p.show(p.state)
	ended := func() { cancel(); p.setCancel(nil) }
	p.lanes.RunOr(func() func() {
		runs, err := p.syncAll(ctx, only)
		ended()
		result := resultOf(runs, err)
		state, readErr := p.read(p.ctx)
		return func() {
			p.view.ShowResult(result)
			p.Ended(result)
			if readErr == nil {
				p.show(state)
			}
			if core.IsKind(err, core.AlreadyRunning) || core.IsKind(err, core.Brake) {
				err = nil // somebody does what was asked for, or there is a question under "Needs you": the result says so
			}
			p.view.ShowProblem(errors.Join(err, readErr))
		}
	}, func() { ended(); p.show(p.state) })
}

func (p *Presenter) setCancel(cancel context.CancelFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel = cancel
}

// Cancel ends the run that Sync began; what it has done is kept.
func (p *Presenter) Cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel()
	}
}

// syncAll goes on with the next repository when one fails; the first problem is
// returned.
func (p *Presenter) syncAll(ctx context.Context, only int64) (runs []core.Run, first error) {
	repositories, err := p.store.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	repositories = slices.DeleteFunc(repositories, func(r core.Repository) bool { return !r.Active() || only != 0 && r.ID != only })
	for _, r := range repositories {
		run, err := p.engine.Sync(ctx, r, replicate.Options{})
		runs = append(runs, run)
		if err != nil && first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return runs, first
}

func resultOf(runs []core.Run, err error) Result {
	var sum core.Counts
	for _, r := range runs {
		sum.Add(r.Counts)
	}
	outcome := words.Outcome(sum)
	switch {
	case err == nil:
		return Result{Good: sum.Conflicts+sum.Refused+sum.Quarantined == 0, Words: words.Sentence(outcome), Outcome: outcome}
	case core.IsKind(err, core.AlreadyRunning):
		return Result{Words: tr.L("A sync is going on already."), Outcome: outcome}
	case core.AsProblem(err).Kind == core.Cancelled:
		return Result{Words: tr.L("Stopped at your request. {{.Outcome}}.", tr.D{"Outcome": outcome}), Outcome: outcome}
	}
	result := Result{Failed: true, Again: core.AsProblem(err).Retryable(), Outcome: outcome, Words: words.Message(err)}
	if sum != (core.Counts{}) { // "nothing was new" would be more than is known
		result.Words = tr.L("{{.Problem}} {{.Outcome}}.", tr.D{"Problem": words.Message(err), "Outcome": outcome})
	}
	return result
}

// Happened takes note of an event, on any goroutine.
func (p *Presenter) Happened(e event.Event) {
	p.mu.Lock()
	switch e := e.(type) {
	case event.RunStarted:
		p.running[e.Run] = e.Repository.Name
	case event.Progress:
		p.latest = &e
	case event.RunFinished:
		delete(p.running, e.Run.ID)
		p.latest = nil
		if p.cancel == nil && !e.Run.DryRun && e.Run.Counts != (core.Counts{}) {
			p.ended = &e
		}
	case event.Changed, event.OutlookChanged:
	default:
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.gate.Wish()
}

// follow shows what happened since the last time. It is called off the screen.
func (p *Presenter) follow() {
	p.mu.Lock()
	latest, ended := p.latest, p.ended
	p.latest, p.ended = nil, nil
	var progress Progress
	if latest != nil {
		progress = p.meter.read(*latest, p.now())
	}
	p.mu.Unlock()
	if latest != nil {
		p.lanes.Screen(func() {
			switch {
			case len(p.state.Repositories) == 0: // not read yet
				p.Load()
			case !p.state.Working:
				p.show(p.state)
			}
			p.view.ShowProgress(progress)
		})
		return
	}
	p.lanes.Screen(func() {
		if ended != nil && ended.Run.Counts.Unchanged < ended.Run.Counts.Received+ended.Run.Counts.Sent { // a quiet run has nothing to tell
			p.view.ShowResult(resultOf([]core.Run{ended.Run}, problemOf(ended)))
		}
		p.Load()
	})
}

// problemOf is the problem of a run as an error; nil if it came through.
func problemOf(e *event.RunFinished) error {
	if e.Problem == nil {
		return nil
	}
	return e.Problem
}
