package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// A bug in a look whether a server can be reached ends that try, which says so, and not
// the program; the other repository goes on, and so does this one once it is mended.
func TestABugInATryEndsTheTryAndNotTheProgram(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		broken, well := w.add("broken", hourly()), w.add("well", hourly())
		w.bug = func(at string, repo int64) {
			if at == "reach" && repo == broken.ID {
				panic("injected: a bug in the look")
			}
		}
		w.start(schedule.Tuning{})
		w.pass(3 * time.Hour)
		if n := w.runsOf(well.ID); n < 3 {
			t.Errorf("the other one ran %d times", n)
		}
		if n := w.runsOf(broken.ID); n != 0 {
			t.Errorf("it ran %d times", n)
		}
		w.saysInternal()
		w.change(func() { w.bug = nil })
		w.pass(2 * time.Hour)
		if n := w.runsOf(broken.ID); n == 0 {
			t.Error("it does not go on")
		}
		w.end()
	})
}

// A bug in the scheduler itself is told, and the next step goes on.
func TestABugInAStepIsToldAndTheNextGoesOn(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hq", hourly())
		w.bug = func(at string, _ int64) {
			if at == "agenda" {
				panic("injected: a bug in the step")
			}
		}
		w.start(schedule.Tuning{})
		w.pass(time.Hour)
		w.saysInternal()
		w.change(func() { w.bug = nil })
		w.pass(2 * time.Hour)
		if w.runsOf(1) == 0 {
			t.Error("it does not go on")
		}
		w.end()
	})
}

// A bug in watching the surroundings ends that, and not the program: what is planned is
// done.
func TestABugInWatchingTheSurroundingsEndsOnlyThat(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hq", hourly())
		watched := false
		w.bug = func(at string, _ int64) {
			if at == "watch" {
				watched = true
				panic("injected: a bug in the watching")
			}
		}
		w.start(schedule.Tuning{})
		w.pass(3 * time.Hour)
		if n := w.runsOf(1); !watched || n < 3 {
			t.Errorf("watched: %t; it ran %d times", watched, n)
		}
		w.end()
	})
}

func (w *world) runsOf(repo int64) (n int) {
	for _, r := range w.since(time.Time{}) {
		if r.repo == repo {
			n++
		}
	}
	return n
}

// saysInternal expects one line of the people's log with the sentence of a bug, without
// its stack.
func (w *world) saysInternal() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	want := (&core.Problem{Kind: core.Internal}).Sentence()
	if len(w.log) != 1 || w.log[0].Message != want || w.log[0].Result != core.ResultError || strings.Contains(w.log[0].Details, "goroutine") {
		w.t.Errorf("the log says %+v, want once %q", w.log, want)
	}
}
