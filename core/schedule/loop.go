package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A loop is the state of one Serve. Only its goroutine touches it.
type loop struct {
	*Runner
	done  chan outcome
	over  chan struct{} // closed when nobody takes outcomes any more
	tries map[int64]*try

	memories map[int64]*Memory
	saved    map[int64]Memory // as it stands in the store
	savedAt  map[int64]time.Time
	told     map[int64]core.Outlook
	asked    map[int64]bool
	others   map[int64]int64 // repositories that somebody else synchronises; the seq when that began

	wall, mono   time.Time // of the last step
	surroundings Surroundings
	heard        bool
	moves        int // changes of network and wakes so far
	seq          int64
	counted      time.Time       // when edits were counted last
	failing      bool            // the store could not be read
	bugs         map[string]bool // that were told
}

func newLoop(r *Runner) *loop {
	return &loop{Runner: r, done: make(chan outcome), over: make(chan struct{}), tries: make(map[int64]*try), memories: make(map[int64]*Memory), saved: make(map[int64]Memory),
		savedAt: make(map[int64]time.Time), told: make(map[int64]core.Outlook), asked: make(map[int64]bool), others: make(map[int64]int64), bugs: make(map[string]bool), seq: -1}
}

// run steps until ctx ends: at every tick, when something was changed, when a
// try ended, and when the next one is due.
func (l *loop) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-l.kick:
		case o := <-l.done:
			l.careful(ctx, func() { l.finished(ctx, o) })
		}
		wait := l.o.Tuning.Tick
		l.careful(ctx, func() { wait = l.step(ctx) })
		timer.Reset(wait)
	}
}

// careful does a part of the loop's work. A bug in it is told, once for each kind, and
// the loop goes on: the next step reads everything anew.
func (l *loop) careful(ctx context.Context, do func()) {
	err := core.Caught(func() error { do(); return nil })
	bug := core.BugIn(err)
	if bug == nil || l.bugs[bug.Error()] {
		return
	}
	l.bugs[bug.Error()] = true
	l.o.Log.Error("Panic in the scheduler", "bug", bug)
	p := core.AsProblem(err)
	_, err = l.o.Store.AddLog(ctx, core.LogEntry{Time: core.MTimeOf(l.o.Now()), Resource: "none", Mode: "none", Direction: "none", Action: "check",
		Result: p.Result(), Message: p.Sentence(), Details: p.Error()})
	if err != nil {
		l.o.Log.Error("Log row not written", "err", err)
	}
}

// step looks at clock, network and store, and starts what is due. It returns how
// long nothing needs to be done.
func (l *loop) step(ctx context.Context) time.Duration {
	now := l.o.Now().Round(0)
	a, err := l.o.Store.Agenda(ctx)
	if err != nil {
		l.unreadable(ctx, err)
		return l.o.Tuning.Tick
	}
	l.failing = false
	l.remember(ctx, &a, now)
	l.listen(a, now)
	l.follow(now)
	l.countEdits(ctx, a, now)
	wait := l.o.Tuning.Tick
	outlooks := make([]core.Outlook, 0, len(a.Repositories))
	for _, repo := range a.Repositories {
		o, due := l.consider(ctx, a, repo, now)
		outlooks = append(outlooks, o)
		if due > 0 {
			wait = min(wait, due)
		}
	}
	l.watch()
	l.tell(ctx, outlooks, now)
	l.notice(ctx, a, now)
	l.save(ctx, now)
	return wait
}

func (l *loop) unreadable(ctx context.Context, err error) {
	if !l.failing && ctx.Err() == nil {
		l.o.Log.Error("Schedule could not be read", "err", err)
	}
	l.failing = true
}

// consider looks at one repository and starts a try if one is due. wait is how
// long it is until then, 0 if that is not known.
func (l *loop) consider(ctx context.Context, a Agenda, repo core.Repository, now time.Time) (o core.Outlook, wait time.Duration) {
	v := l.view(a, repo, now)
	t := l.tries[repo.ID]
	o = Look(v)
	if t != nil && !v.Running {
		if told, ok := l.told[repo.ID]; ok && told.Why != core.WhyRunning {
			return told, 0 // it is only being looked for
		}
		return o, 0
	}
	if v.Running || !o.Starts() {
		return o, 0
	}
	if wait = o.Next.Time().Sub(now); wait > 0 {
		return o, wait
	}
	if l.busy() < l.o.Tuning.Runs {
		l.start(ctx, v, o.Why, a.Seq)
	}
	return o, 0
}

// busy counts the tries under way; those that cannot be ended block nobody else.
func (l *loop) busy() (n int) {
	for _, t := range l.tries {
		if !t.lost {
			n++
		}
	}
	return n
}

func (l *loop) view(a Agenda, repo core.Repository, now time.Time) View {
	v := View{Now: now, Location: l.o.Location(), Repository: repo, JobMemories: a.JobMemories, Memory: *l.memories[repo.ID], Settings: a.Settings,
		Surroundings: l.surroundings, Asked: l.asked[repo.ID], Running: l.atWork(repo.ID)}
	for _, j := range a.Jobs {
		if j.RepositoryID == repo.ID {
			v.Jobs = append(v.Jobs, j)
		}
	}
	return v
}

// start begins a try. The wish for it is kept until it came through, so that one
// that is cut off by the end of the program is made up at the next start.
func (l *loop) start(ctx context.Context, v View, why core.Why, seq int64) {
	id := v.Repository.ID
	m := l.memories[id]
	m.want(core.WhyMissed, core.MTimeOf(v.Now))
	delete(l.asked, id)
	ctx, cancel := context.WithCancelCause(ctx)
	t := &try{id: id, why: why, ask: m.asks(), moves: l.moves, seq: seq, cancel: cancel}
	t.jobs, t.timeout = v.dueJobs()
	if why == core.WhyAsked {
		t.timeout = 0
	}
	l.tries[id] = t
	go func() {
		o := t.do(ctx, l.Runner)
		select {
		case l.done <- o:
		case <-l.over:
		}
	}()
}

// finished takes the outcome of a try.
func (l *loop) finished(ctx context.Context, o outcome) {
	o.cancel(nil)
	if l.tries[o.id] == o.try {
		delete(l.tries, o.id)
	}
	m := l.memories[o.id]
	if m == nil || o.problem != nil && ctx.Err() != nil {
		return // the repository is gone, or the program ends: the wish stays
	}
	ctx = context.WithoutCancel(ctx)
	now := core.MTimeOf(l.o.Now())
	before := m.Cause
	m.learn(o, now, l.surroundings, o.moves != l.moves, l.o.Chance())
	l.counted = time.Time{}
	if o.problem != nil {
		l.o.Log.Info("Try failed", "repository", o.id, "ran", o.ran, "cause", m.Cause, "failures", m.Failures, "wait", m.Wait, "err", o.problem.Error())
	}
	if !o.ran && m.Cause != core.CauseNone && m.Cause != before {
		l.logTrouble(ctx, o.problem, m)
	}
	if o.ran && len(o.jobs) > 0 {
		l.rememberJobs(ctx, o, now)
	}
}

// logTrouble writes the first of a series of failures to the user's log; the
// engine did not run, so it did not.
func (l *loop) logTrouble(ctx context.Context, p *core.Problem, m *Memory) {
	_, err := l.o.Store.AddLog(ctx, core.LogEntry{Time: m.Tried, RepositoryID: m.RepositoryID, Repository: l.told[m.RepositoryID].Repository, Resource: "none",
		Mode: "none", Direction: "none", Action: "check connection", Result: p.Result(), Remote: p.Remote() && m.Cause != core.CauseOffline,
		Message: p.Sentence(), Details: p.Error()})
	if err != nil {
		l.o.Log.Error("Log row not written", "err", err)
	}
}

func (l *loop) rememberJobs(ctx context.Context, o outcome, now core.MTime) {
	list := make([]JobMemory, 0, len(o.jobs))
	for _, id := range o.jobs {
		list = append(list, JobMemory{JobID: id, Result: o.run.Result, Message: o.run.Message, Ended: now})
	}
	if err := l.o.Store.SaveJobMemories(ctx, list); err != nil {
		l.o.Log.Error("Result of jobs not stored", "err", err)
	}
}

// end waits for the tries under way, whose context has ended.
func (l *loop) end() error {
	defer close(l.over)
	timer := time.NewTimer(l.o.Tuning.Grace)
	defer timer.Stop()
	ended, stop := context.WithCancel(context.Background())
	stop() // every outcome from here on is one of the end
	for len(l.tries) > 0 {
		select {
		case o := <-l.done:
			l.careful(ended, func() { l.finished(ended, o) })
		case <-timer.C:
			for id := range l.tries {
				l.o.Log.Error("Run did not end", "repository", id)
			}
			return fmt.Errorf("%w: %d", errStuck, len(l.tries))
		}
	}
	l.save(context.WithoutCancel(ended), l.o.Now())
	return nil
}

// watch ends runs that give no sign of life. One that does not end even then
// blocks its own repository only.
func (l *loop) watch() {
	for id, t := range l.tries {
		if !t.ended.IsZero() {
			if time.Since(t.ended) > l.o.Tuning.Grace && !t.lost {
				t.lost = true
				l.o.Log.Error("Run does not end", "repository", id)
			}
			continue
		}
		if last, known := l.lifeOf(id); known && time.Since(last) > l.o.Tuning.Stuck {
			l.o.Log.Warn("Run gives no sign of life and is ended", "repository", id, "silent", time.Since(last))
			t.ended = time.Now()
			t.cancel(errNoSign)
		}
	}
}

// interrupt ends the tries under way because their connections are dead; they
// begin again at once and go on where they were.
func (l *loop) interrupt() {
	for _, t := range l.tries {
		if t.ended.IsZero() {
			t.ended = time.Now()
			t.cancel(errInterrupted)
		}
	}
}

var errGone = errors.New("the repository was removed")
