package schedule_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestChangesGoOutAFewMinutesAfterTheLastEdit(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "0 3 * * *"})
		w.start(schedule.Tuning{})
		w.pass(10 * time.Minute)
		for range 4 {
			w.edit(1)
			w.pass(time.Minute)
		}
		last := w.now().Add(-time.Minute)
		if o := w.outlook(); o.Why != core.WhyEdited || len(w.runs) > 0 {
			t.Fatalf("%s after %d runs", o, len(w.runs))
		}
		w.pass(5 * time.Minute)
		if len(w.runs) != 1 {
			t.Fatalf("%d runs after editing, want 1", len(w.runs))
		}
		if waited := w.runs[0].began.Sub(last); waited < 2*time.Minute || waited > 5*time.Minute {
			t.Errorf("sent %s after the last edit", waited)
		}
		w.pass(2 * time.Hour)
		if len(w.runs) != 1 {
			t.Errorf("%d runs although nothing was left to send", len(w.runs))
		}
		began := w.now()
		for range 60 {
			w.edit(1)
			w.pass(time.Minute)
		}
		w.end()
		if n := len(w.since(began)); n < 2 || n > 6 {
			t.Errorf("%d runs in an hour of editing without a pause, want a few", n)
		}
	})
}

func TestAChangeMadeDuringARunGoesOutAfterIt(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "10 9 * * *"})
		w.change(func() { w.takes = 2 * time.Minute })
		w.start(schedule.Tuning{})
		w.pass(11 * time.Minute)
		w.edit(1)
		w.pass(10 * time.Minute)
		w.end()
		if len(w.runs) != 2 || len(w.unsent) > 0 {
			t.Errorf("%d runs, unsent %v", len(w.runs), w.unsent)
		}
	})
}

func TestAnEditDuringSomebodyElsesRunGoesOut(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		r := w.add("hub", core.Job{Cron: "0 3 * * *"})
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		w.events.Emit(event.RunStarted{Run: "x", Repository: r})
		w.pass(time.Minute)
		w.edit(1)
		w.pass(time.Minute)
		w.events.Emit(event.RunFinished{Run: core.Run{ID: "x", Repository: r.ID}})
		w.pass(10 * time.Minute)
		w.end()
		if len(w.runs) != 1 || len(w.unsent) > 0 {
			t.Errorf("%d runs, unsent %v", len(w.runs), w.unsent)
		}
	})
}
