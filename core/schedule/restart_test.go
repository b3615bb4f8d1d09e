package schedule_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestRestartsChangeNothing(t *testing.T) {
	count := func(restarts bool) (runs, probes int) {
		in(t, workday, func(t *testing.T, w *world) {
			w.add("hub", core.Job{Cron: "0 */3 * * *"}, core.Job{Every: 5 * time.Hour, Start: core.MTimeOf(w.now())})
			w.start(schedule.Tuning{})
			w.pass(7 * time.Minute) // no restart falls into a run
			for hour := range 24 {
				w.change(func() {
					w.trouble[1] = nil
					if hour%24 > 12 && hour%24 < 18 {
						w.trouble[1] = &core.Problem{Kind: core.ServerFault}
					}
				})
				for range 4 {
					w.pass(15 * time.Minute)
					if restarts {
						w.restart(schedule.Tuning{})
					}
				}
			}
			w.end()
			runs, probes = len(w.runs), w.probes
		})
		return runs, probes
	}
	runs, probes := count(false)
	again, probesAgain := count(true)
	t.Logf("a day: %d runs, %d probes; with a restart every quarter of an hour: %d runs, %d probes", runs, probes, again, probesAgain)
	if diff := again - runs; diff < -2 || diff > 2 {
		t.Errorf("%d runs without restarts, %d with them", runs, again)
	}
	if probesAgain > probes+probes/10+2 {
		t.Errorf("restarts forget the back-off: %d probes without, %d with them", probes, probesAgain)
	}
}

func TestAStartAtTheSamePlaceIsNoReasonToRunAndAStartElsewhereForgetsTheBackOff(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "0 3 * * *"})
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.ServerFault, Subject: "hub"} })
		w.start(schedule.Tuning{})
		w.pass(10 * time.Minute)
		if w.asks > 0 {
			t.Fatalf("%d requests although nothing is planned", w.asks)
		}
		w.runner.SyncNow()
		w.pass(3 * time.Hour)
		asked := w.asks
		w.restart(schedule.Tuning{})
		w.pass(time.Minute)
		if w.asks > asked+1 {
			t.Errorf("%d requests in the minute after a start at the same place", w.asks-asked)
		}
		w.change(func() { delete(w.trouble, 1); w.place = "office" })
		w.restart(schedule.Tuning{})
		w.pass(time.Minute)
		w.end()
		if o := w.outlook(); o.Cause != core.CauseNone {
			t.Errorf("a minute after the start at another place still %s", o)
		}
	})
}

func TestARunCutOffByTheEndOfTheProgramIsMadeUp(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "10 9 * * *"})
		w.change(func() { w.takes = 4 * time.Minute })
		w.start(schedule.Tuning{})
		w.pass(11 * time.Minute)
		if o := w.outlook(); o.Why != core.WhyRunning {
			t.Fatalf("at 9:11: %s", o)
		}
		w.restart(schedule.Tuning{})
		w.pass(10 * time.Minute)
		w.end()
		if len(w.runs) != 2 || w.runs[1].failed != nil {
			t.Errorf("runs: %+v", w.runs)
		}
	})
}

func TestASecondRunnerWaitsAndTakesOver(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 10 * time.Minute})
		w.start(schedule.Tuning{})
		first := w.stop
		w.pass(time.Hour)
		n := len(w.runs)
		w.start(schedule.Tuning{})
		w.pass(time.Hour)
		if more := len(w.runs) - n; more > 6 {
			t.Errorf("%d runs in an hour of every 10 minutes: two schedulers at work", more)
		}
		if w.runner.Leading() {
			t.Error("two lead")
		}
		if err := first(); err != nil {
			t.Error(err)
		}
		w.pass(time.Minute)
		if !w.runner.Leading() {
			t.Error("nobody took over")
		}
		w.end()
	})
}
