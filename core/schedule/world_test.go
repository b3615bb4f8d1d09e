package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/notice"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// in runs a test in virtual time, with a wall clock that shows at.
func in(t *testing.T, at string, fn func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		begin, err := time.ParseInLocation("2006-01-02 15:04", at, w.loc)
		if err != nil {
			t.Fatal(err)
		}
		w.set(begin)
		fn(t, w)
	})
}

const workday = "2026-06-10 09:00"

func hourly() core.Job { return core.Job{Every: time.Hour} }

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is a laptop in virtual time: a wall clock that may jump, a store, a
// network, and an engine that takes a while.
type world struct {
	t   *testing.T
	loc *time.Location

	mu       sync.Mutex // guards everything below
	shift    time.Duration
	repos    []core.Repository
	jobs     []core.Job
	memories map[int64]schedule.Memory
	jobMems  map[int64]schedule.JobMemory
	settings schedule.Settings
	seq      int64
	unsent   map[int64]int64 // by repository: seq of the youngest change it lacks
	shown    map[core.NoticeClass]notice.Shown
	decide   map[int64]int
	log      []core.LogEntry
	saves    int
	leads    bool

	place    string // the network the program finds when it starts
	offline  bool
	portal   bool
	trouble  map[int64]*core.Problem // what the repository answers with
	takes    time.Duration           // how long a run takes
	hangs    bool                    // a run ignores everything
	probes   int
	asks     int // probes and runs that the peer itself sees
	running  map[int64]bool
	overlaps int
	runs     []run
	notices  []core.Notice
	outlooks []core.Outlook

	bug       func(at string, repo int64) // may panic, nil if nothing does
	resources string                      // of the first repository

	runner *schedule.Runner
	events *event.Bus
	told   func(schedule.Surroundings)
	stop   func() error
	number atomic.Int64
}

// A run is one that the engine made.
type run struct {
	repo       int64
	began, end time.Time // by the wall clock
	failed     error
}

func newWorld(t *testing.T) *world {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, loc: loc, memories: map[int64]schedule.Memory{}, jobMems: map[int64]schedule.JobMemory{}, settings: schedule.DefaultSettings(),
		unsent: map[int64]int64{}, shown: map[core.NoticeClass]notice.Shown{}, decide: map[int64]int{}, trouble: map[int64]*core.Problem{},
		takes: 20 * time.Second, place: "home", running: map[int64]bool{}}
	return w
}

// set puts the wall clock to a time, as a sleep or a person does: timers do not
// notice.
func (w *world) set(to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shift += to.Sub(time.Now().Add(w.shift))
}

func (w *world) jump(d time.Duration) { w.set(w.now().Add(d)) }

// now0 is now for whoever holds mu.
func (w *world) now0() time.Time { return time.Now().Add(w.shift) }

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.shift)
}

func (w *world) add(name string, jobs ...core.Job) core.Repository {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := core.Repository{ID: int64(len(w.repos) + 1), Name: name, URL: "https://" + name + ".example.org/eden"}
	w.repos = append(w.repos, r)
	for _, j := range jobs {
		j.ID, j.RepositoryID, j.Enabled = int64(len(w.jobs)+1), r.ID, true
		w.jobs = append(w.jobs, j)
	}
	return r
}

// start starts the program; stop ends it.
func (w *world) start(tuning schedule.Tuning) {
	w.events = new(event.Bus)
	w.events.Subscribe(func(e event.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch e := e.(type) {
		case event.Noticed:
			w.notices = append(w.notices, e.Notice)
		case event.OutlookChanged:
			w.outlooks = append(w.outlooks, e.Outlook)
		}
	})
	w.runner = schedule.New(schedule.Options{Store: w, Engine: w, Reach: w.reach, Events: w.events, Now: w.now, Location: func() *time.Location { return w.loc },
		Chance: rand.New(rand.NewPCG(1, 2)).Float64, Tuning: tuning,
		Watch: func(ctx context.Context, tell func(schedule.Surroundings)) error {
			w.told = tell
			w.meet("watch")
			tell(schedule.Surroundings{Networks: []string{w.place}})
			<-ctx.Done()
			return nil
		}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.runner.Serve(ctx) }()
	w.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	w.t.Cleanup(func() { cancel() }) // of a test that gave up
	synctest.Wait()
}

// meet lets a bug show, if there is one.
func (w *world) meet(at string) {
	w.mu.Lock()
	bug := w.bug
	w.mu.Unlock()
	if bug != nil {
		bug(at, 0)
	}
}

func (w *world) restart(tuning schedule.Tuning) {
	if err := w.stop(); err != nil {
		w.t.Fatal(err)
	}
	w.start(tuning)
}

func (w *world) end() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Errorf("Serve: %v", err)
	}
}

// pass lets time pass, and everything that is due in it happen. What the test read
// before without the lock, it read before that: the lock says so to the race
// detector.
func (w *world) pass(d time.Duration) {
	w.change(func() {})
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) edit(repo int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	w.unsent[repo] = w.seq
}

func (w *world) change(fn func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn()
}

// since returns the runs that began at or after a time.
func (w *world) since(t time.Time) (out []run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.runs {
		if !r.began.Before(t) {
			out = append(out, r)
		}
	}
	return out
}

func (w *world) outlook() core.Outlook {
	w.t.Helper()
	synctest.Wait()
	list := w.runner.Outlooks()
	if len(list) == 0 {
		w.t.Fatal("no outlook")
	}
	return list[0]
}

func (w *world) reach(ctx context.Context, r core.Repository, ask bool) error {
	w.mu.Lock()
	w.probes++
	bug := w.bug
	offline, portal, trouble := w.offline, w.portal, w.trouble[r.ID]
	if !offline && ask {
		w.asks++
	}
	w.mu.Unlock()
	if bug != nil {
		bug("reach", r.ID)
	}
	switch {
	case offline:
		select { // a name service that does not answer
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return &core.Problem{Kind: core.Cancelled, Err: ctx.Err()}
		}
		return &core.Problem{Kind: core.Unreachable, Offline: true, Subject: r.Name}
	case portal && ask:
		return &core.Problem{Kind: core.Portal, Subject: r.Name}
	case trouble != nil && (ask || trouble.Kind == core.Unreachable):
		return trouble
	}
	return nil
}

// Sync is the engine.
func (w *world) Sync(ctx context.Context, repo core.Repository, _ replicate.Options) (core.Run, error) {
	id := fmt.Sprint(w.number.Add(1))
	w.mu.Lock()
	if w.running[repo.ID] {
		w.overlaps++
	}
	w.running[repo.ID] = true
	w.asks++
	began, seq := time.Now().Add(w.shift), w.seq
	takes, hangs := w.takes, w.hangs
	w.mu.Unlock()
	w.events.Emit(event.RunStarted{Run: id, Repository: repo})
	err := w.work(ctx, repo, takes, hangs)
	w.mu.Lock()
	w.running[repo.ID] = false
	end := time.Now().Add(w.shift)
	w.runs = append(w.runs, run{repo.ID, began, end, err})
	for i := range w.repos {
		r := &w.repos[i]
		if r.ID != repo.ID {
			continue
		}
		if err == nil {
			r.LastConnected, r.Stopped = core.MTimeOf(end), ""
			if w.unsent[repo.ID] <= seq {
				delete(w.unsent, repo.ID)
			}
		} else if core.IsKind(err, core.Unauthorized) {
			r.Stopped = "refused"
		}
	}
	w.mu.Unlock()
	out := core.Run{ID: id, Repository: repo.ID, Result: core.ResultSuccess}
	w.events.Emit(event.RunFinished{Run: out, Problem: core.AsProblem(err)})
	return out, err
}

// work takes its time in small steps and notices a network that goes away.
func (w *world) work(ctx context.Context, repo core.Repository, takes time.Duration, hangs bool) error {
	if hangs {
		time.Sleep(takes)
		return nil
	}
	for left := takes; ; left -= 5 * time.Second {
		w.mu.Lock()
		offline, portal, trouble := w.offline, w.portal, w.trouble[repo.ID]
		w.mu.Unlock()
		switch {
		case portal:
			return &core.Problem{Kind: core.Portal, Subject: repo.Name}
		case trouble != nil:
			return trouble
		case offline:
			return &core.Problem{Kind: core.Unreachable, Subject: repo.Name, Err: errors.New("connection reset")}
		case left <= 0:
			return nil
		}
		select {
		case <-ctx.Done():
			return &core.Problem{Kind: core.Cancelled, Err: context.Cause(ctx)}
		case <-time.After(min(left, 5*time.Second)):
		}
	}
}

// What follows is the store.

func (w *world) Agenda(ctx context.Context) (schedule.Agenda, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bug != nil {
		w.bug("agenda", 0)
	}
	a := schedule.Agenda{Repositories: slices.Clone(w.repos), Resources: map[int64]string{1: w.resources}, Jobs: slices.Clone(w.jobs), Memories: map[int64]schedule.Memory{}, JobMemories: map[int64]schedule.JobMemory{},
		Settings: w.settings, Seq: w.seq, Decisions: map[int64]int{}, Shown: map[core.NoticeClass]notice.Shown{}}
	for k, v := range w.memories {
		a.Memories[k] = v
	}
	for k, v := range w.jobMems {
		a.JobMemories[k] = v
	}
	for k, v := range w.decide {
		a.Decisions[k] = v
	}
	for k, v := range w.shown {
		a.Shown[k] = v
	}
	return a, ctx.Err()
}

func (w *world) Fresh(_ context.Context, since map[int64]int64) (map[int64]int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[int64]int{}
	for id, after := range since {
		if w.unsent[id] > after {
			out[id] = 1
		}
	}
	return out, nil
}

func (w *world) Repository(_ context.Context, id int64) (core.Repository, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.repos {
		if r.ID == id {
			return r, nil
		}
	}
	return core.Repository{}, core.ErrNotFound
}

func (w *world) SaveMemory(_ context.Context, m schedule.Memory) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memories[m.RepositoryID] = m
	w.saves++
	return nil
}

func (w *world) JobsRan(_ context.Context, ids []int64, at core.MTime) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.jobs {
		if slices.Contains(ids, w.jobs[i].ID) {
			w.jobs[i].LastRun = at
			w.jobs[i].Runs++
		}
	}
	return nil
}

func (w *world) JobsRebased(_ context.Context, now core.MTime) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.jobs {
		w.jobs[i].LastRun = min(w.jobs[i].LastRun, now)
	}
	return nil
}

func (w *world) SaveJobMemories(_ context.Context, list []schedule.JobMemory) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range list {
		if m.Seen == 0 {
			m.Seen = w.jobMems[m.JobID].Seen
		}
		w.jobMems[m.JobID] = m
	}
	return nil
}

func (w *world) SaveScheduleSettings(_ context.Context, s schedule.Settings) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings = s
	return nil
}

func (w *world) SaveShown(_ context.Context, list []notice.Shown) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range list {
		w.shown[s.Class] = s
	}
	return nil
}

func (w *world) AddLog(_ context.Context, e core.LogEntry) (core.LogEntry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, e)
	return e, nil
}

func (w *world) Lead(context.Context) (func(), bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.leads {
		return nil, false, nil
	}
	w.leads = true
	return func() { w.change(func() { w.leads = false }) }, true, nil
}
