package schedule

import (
	"context"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// sleep is by how much the wall clock must outrun the monotonic one, which stands
// still while the laptop sleeps, to count as a wake.
const sleep = 15 * time.Second

// listen takes what was said and done from outside: "Sync now", runs of others.
func (l *loop) listen(a Agenda, now time.Time) {
	for id := range l.takeAsked() {
		for _, repo := range a.Repositories {
			if repo.Active() && (repo.ID == id || id == everybody) {
				l.asked[repo.ID] = true
			}
		}
	}
	for _, f := range l.takeForeign() {
		if f.problem != nil && f.problem.Kind == core.AlreadyRunning {
			continue
		}
		seq, began := l.others[f.repository]
		if delete(l.others, f.repository); !f.finished {
			l.others[f.repository] = l.seq
		}
		m := l.memories[f.repository]
		if m == nil || !f.finished || f.problem != nil && f.problem.Kind == core.Cancelled {
			continue
		}
		if !began {
			seq = m.RanSeq
		}
		o := outcome{try: &try{id: f.repository}, ran: true, run: f.run, problem: f.problem}
		o.seq = max(seq, m.RanSeq)
		m.learn(o, core.MTimeOf(now), l.surroundings, false, l.o.Chance())
		l.counted = time.Time{}
	}
}

// atWork reports whether the repository is being synchronised, by us or by others.
func (l *loop) atWork(id int64) bool {
	t := l.tries[id]
	_, other := l.others[id]
	return other || t != nil && t.running.Load()
}

// follow notices that the laptop woke, or that the network changed.
func (l *loop) follow(now time.Time) {
	mono := time.Now()
	current, heard := l.around()
	first := heard && !l.heard
	if l.heard = heard; first {
		l.surroundings = current // nothing moved: the program started
	}
	woke := current.Wakes != l.surroundings.Wakes
	if !l.wall.IsZero() {
		passed := now.Sub(l.wall)
		woke = woke || passed-mono.Sub(l.mono) > sleep || passed > l.o.Tuning.Tick+time.Minute
	}
	moved, lost := current.moved(l.surroundings)
	l.wall, l.mono, l.surroundings = now, mono, current
	switch {
	case woke:
		l.o.Log.Info("Woke")
		l.stir(core.WhyWoke, now)
		l.interrupt()
	case moved:
		l.o.Log.Info("Network changed", "networks", len(current.Networks), "connectivity", current.Connectivity)
		l.stir(core.WhyReturned, now)
	}
	if lost {
		l.moves++
		l.interrupt()
	}
	l.settle(current, now)
}

// settle notes where the laptop is. Only at the start of the program can a memory
// be of another place without a move having been seen.
func (l *loop) settle(current Surroundings, now time.Time) {
	place := strings.Join(current.Networks, "\n")
	if place == "" {
		return
	}
	for _, m := range l.memories {
		if m.Place != "" && m.Place != place {
			m.forgive()
			m.want(core.WhyReturned, core.MTimeOf(now))
		}
		m.Place = place
	}
}

// stir lets every repository be tried at once.
func (l *loop) stir(why core.Why, now time.Time) {
	l.moves++
	for _, m := range l.memories {
		m.forgive()
		m.want(why, core.MTimeOf(now))
	}
}

// recount is how often edits are counted at least while a run changes records all
// the time.
const recount = time.Minute

// countEdits notices changes made here that are not sent yet.
func (l *loop) countEdits(ctx context.Context, a Agenda, now time.Time) {
	busy := len(l.tries) > 0 && now.Sub(l.counted).Abs() < recount
	if busy || a.Seq == l.seq && !l.counted.IsZero() {
		return
	}
	grown := a.Seq != l.seq
	since := make(map[int64]int64)
	for _, repo := range a.Repositories {
		if repo.Active() && !l.atWork(repo.ID) {
			since[repo.ID] = l.memories[repo.ID].RanSeq
		}
	}
	fresh, err := l.o.Store.Fresh(ctx, since)
	if err != nil {
		l.o.Log.Error("Changes could not be counted", "err", err)
		return
	}
	for id := range since {
		l.memories[id].edited(fresh[id] > 0, grown, core.MTimeOf(now))
	}
	l.seq, l.counted = a.Seq, now
}

// edited notes whether something waits to be sent, and whether that is news.
func (m *Memory) edited(waiting, news bool, now core.MTime) {
	switch {
	case !waiting:
		m.Edited, m.EditedFirst = 0, 0
	case m.Edited == 0:
		m.Edited, m.EditedFirst = now, now
	case news:
		m.Edited = now
	}
}
