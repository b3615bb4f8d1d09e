package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestAPauseHoldsAndSurvivesARestart(t *testing.T) {
	in(t, "2026-06-10 22:00", func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		paused := func(p schedule.Pause, holds time.Duration, words string) {
			t.Helper()
			w.change(func() { w.settings.Pause = p })
			w.runner.Kick()
			began := w.now()
			w.pass(holds / 2)
			w.restart(schedule.Tuning{})
			w.pass(holds/2 - 2*time.Minute)
			if n := len(w.since(began)); n > 0 {
				t.Errorf("%d runs during the pause", n)
			}
			if o := w.outlook(); o.Why != core.WhyPaused || !strings.Contains(o.Sentence(w.now(), w.loc), words) {
				t.Errorf("%s, want %q", o.Sentence(w.now(), w.loc), words)
			}
			w.pass(10 * time.Minute)
			if n := len(w.since(began)); n == 0 {
				t.Error("no run after the pause")
			}
		}
		paused(schedule.PauseFor(w.now(), time.Hour), time.Hour, "Paused until 23:0")
		tomorrow := schedule.PauseUntilTomorrow(w.now(), w.loc)
		paused(tomorrow, tomorrow.Until.Time().Sub(w.now()), "Paused until 06:00")

		w.change(func() { w.settings.Pause = schedule.PauseUntilResumed(w.now0()) })
		began := w.now()
		w.pass(8 * 24 * time.Hour)
		if n := len(w.since(began.Add(5 * time.Second))); n > 0 {
			t.Errorf("%d runs until resumed", n)
		}
		w.runner.SyncNow()
		w.pass(time.Minute)
		if n := len(w.since(began.Add(time.Hour))); n != 1 {
			t.Errorf("“Sync now” during a pause made %d runs, want 1", n)
		}
		w.change(func() { w.settings.Pause = schedule.Pause{} })
		w.pass(6 * time.Minute)
		w.end()
		if n := len(w.since(began.Add(time.Hour))); n != 2 {
			t.Errorf("%d runs after resuming, want 2", n)
		}
	})
}

func TestAPauseOfAnHourStaysOneWhenTheClockIsSetBack(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		w.change(func() { w.settings.Pause = schedule.PauseFor(w.now0(), time.Hour) })
		w.pass(time.Minute)
		w.jump(-30 * 24 * time.Hour)
		w.pass(90 * time.Minute)
		if o := w.outlook(); o.Why == core.WhyPaused {
			t.Errorf("still %s", o.Sentence(w.now(), w.loc))
		}
		w.end()
	})
}
