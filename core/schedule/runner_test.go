package schedule_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestAJobRunsInItsRhythm(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", hourly())
		w.start(schedule.Tuning{})
		w.pass(24 * time.Hour)
		w.end()
		if n := len(w.runs); n != 25 && n != 24 {
			t.Errorf("%d runs in a day of hours, want 24 or 25", n)
		}
	})
}

func TestOfSeveralJobsEachRunsAndOneRunServesThoseThatFallTogether(t *testing.T) {
	in(t, "2026-06-10 08:59", func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "0 9 * * *"}, core.Job{Cron: "0 9,17 * * *"}, core.Job{Cron: "30 12 * * *"})
		w.start(schedule.Tuning{})
		w.pass(24*time.Hour + 10*time.Minute)
		w.end()
		if len(w.runs) != 4 {
			t.Errorf("%d runs, want 9:00, 12:30, 17:00 and 9:00 again", len(w.runs))
		}
	})
}

func TestANewResourceIsFetchedBeforeLong(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 24 * time.Hour})
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		added := w.now()
		w.change(func() { w.resources = "org_organisation 3\n" })
		w.pass(5 * time.Minute)
		if n := len(w.since(added)); n != 1 {
			t.Errorf("%d runs after a resource was added, want 1", n)
		}
		w.restart(schedule.Tuning{})
		w.pass(time.Hour)
		w.end()
		if n := len(w.since(added)); n != 1 {
			t.Errorf("%d runs after a restart as well, want 1", n)
		}
	})
}

func TestSyncNowOverridesEverything(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(w *world)
	}{
		{"a pause", func(w *world) { w.settings.Pause = schedule.PauseUntilResumed(w.now0()) }},
		{"a refusal", func(w *world) { w.repos[0].Stopped = "refused" }},
		{"jobs that are switched off", func(w *world) { w.jobs[0].Enabled = false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", core.Job{Every: 5 * time.Minute})
				w.change(func() { tt.set(w) })
				w.start(schedule.Tuning{})
				w.pass(time.Hour)
				if len(w.runs) > 0 {
					t.Fatalf("%d runs", len(w.runs))
				}
				w.runner.SyncNow(1)
				w.runner.SyncNow(1) // "now" said twice is still now
				w.pass(30 * time.Second)
				w.end()
				if len(w.runs) != 1 {
					t.Errorf("%d runs, want 1", len(w.runs))
				}
			})
		})
	}
	t.Run("a back-off", func(t *testing.T) {
		in(t, workday, func(t *testing.T, w *world) {
			w.add("hub")
			w.change(func() { w.trouble[1] = &core.Problem{Kind: core.Busy, RetryAfter: 20 * time.Hour} })
			w.start(schedule.Tuning{})
			w.pass(time.Hour)
			w.change(func() { delete(w.trouble, 1) })
			w.runner.SyncNow()
			w.pass(time.Minute)
			w.end()
			if len(w.runs) != 2 || w.runs[1].failed != nil {
				t.Errorf("%+v", w.runs)
			}
		})
	})
}

func TestCostAndBattery(t *testing.T) {
	for _, tt := range []struct {
		name  string
		there schedule.Surroundings
		allow func(*schedule.Settings)
		why   core.Why
	}{
		{"a network that costs", schedule.Surroundings{Metered: true}, func(s *schedule.Settings) { s.OnMetered = true }, core.WhyMetered},
		{"the battery saver", schedule.Surroundings{Saver: true}, func(s *schedule.Settings) { s.OnSaver = true }, core.WhySaver},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", core.Job{Every: 5 * time.Minute})
				w.start(schedule.Tuning{})
				w.pass(time.Minute)
				w.told(tt.there)
				began := w.now()
				w.pass(5 * time.Hour)
				if o := w.outlook(); o.Why != tt.why || len(w.since(began)) > 0 {
					t.Errorf("%s, %d runs", o, len(w.since(began)))
				}
				w.change(func() { tt.allow(&w.settings) })
				w.pass(time.Minute)
				if len(w.since(began)) != 1 {
					t.Error("no run although the setting allows it")
				}
				w.end()
			})
		})
	}
}

func TestChangesOfJobsTakeEffectAtOnce(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "0 3 1 1 *"})
		w.start(schedule.Tuning{})
		w.pass(time.Hour)
		w.change(func() { w.jobs[0] = core.Job{ID: 1, RepositoryID: 1, Enabled: true, Every: time.Minute} })
		w.pass(10 * time.Second)
		if len(w.runs)+len(w.running) == 0 {
			t.Error("a new rhythm had no effect within 10 s")
		}
		w.change(func() { w.jobs[0].Enabled = false })
		w.pass(time.Minute)
		n := len(w.runs)
		w.pass(time.Hour)
		w.end()
		if len(w.runs) != n {
			t.Errorf("%d runs of a job that is switched off", len(w.runs)-n)
		}
		if o := w.outlook(); o.Why != core.WhyManual {
			t.Errorf("outlook %s", o)
		}
	})
}

func TestRepeatsAndEndAreKept(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 10 * time.Minute, Repeats: 3}, core.Job{Every: 7 * time.Minute, End: core.MTimeOf(w.now().Add(30 * time.Minute)), Start: core.MTimeOf(w.now().Add(20 * time.Minute))})
		w.start(schedule.Tuning{})
		w.pass(48 * time.Hour)
		w.end()
		if w.jobs[0].Runs != 3 || w.jobs[1].Runs != 2 {
			t.Errorf("%d and %d runs, want 3 and 2", w.jobs[0].Runs, w.jobs[1].Runs)
		}
	})
}

func TestRepositoriesDoNotBlockEachOtherAndNeverOverlapThemselves(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("slow", core.Job{Every: time.Minute})
		w.add("quick", core.Job{Every: time.Minute})
		w.change(func() { w.takes = 5 * time.Minute })
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		w.change(func() { w.takes = 5 * time.Second })
		w.runner.SyncNow()
		w.pass(4*time.Minute + 30*time.Second)
		for range 50 {
			w.runner.SyncNow(1, 2)
			w.pass(7 * time.Second)
		}
		w.end()
		if w.overlaps > 0 {
			t.Errorf("%d overlapping runs", w.overlaps)
		}
	})
}

func TestARunThatTakesTooLongIsEndedCleanly(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 24 * time.Hour, Timeout: 3 * time.Minute})
		w.change(func() { w.takes = time.Hour })
		w.start(schedule.Tuning{})
		w.pass(3*time.Minute + 5*time.Second)
		if len(w.runs) != 1 || w.runs[0].failed == nil {
			t.Fatalf("%+v", w.runs)
		}
		if took := w.runs[0].end.Sub(w.runs[0].began); took > 3*time.Minute+time.Second {
			t.Errorf("ended after %s", took)
		}
		w.change(func() { w.takes = time.Second })
		w.pass(time.Hour)
		w.end()
		if len(w.runs) != 2 {
			t.Errorf("%d runs, want one more that goes on", len(w.runs))
		}
	})
}

func TestAStuckRunBlocksNobodyElse(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("stuck", core.Job{Every: time.Minute})
		w.change(func() { w.takes, w.hangs = 30*time.Hour, true })
		w.start(schedule.Tuning{Runs: 1})
		w.pass(time.Minute)
		w.change(func() { w.takes, w.hangs = time.Second, false })
		w.add("well", core.Job{Every: 10 * time.Minute})
		w.pass(2 * time.Hour)
		if n := len(w.runs); n < 8 {
			t.Errorf("%d runs of the other repository", n)
		}
		if err := w.stop(); err == nil {
			t.Error("the end of the program did not say that a run is stuck")
		}
		w.pass(40 * time.Hour) // let the goroutine of the test's engine end
	})
}

func TestNowSaidDuringARunMeansOneMoreAfterIt(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "10 9 * * *"})
		w.change(func() { w.takes = 4 * time.Minute })
		w.start(schedule.Tuning{})
		w.pass(11 * time.Minute)
		for range 5 {
			w.runner.SyncNow()
			w.pass(10 * time.Second)
		}
		w.pass(20 * time.Minute)
		w.end()
		if len(w.runs) != 2 || w.overlaps > 0 {
			t.Errorf("%d runs, want 2; %d overlapping", len(w.runs), w.overlaps)
		}
	})
}

func TestARunOfAnotherProcessIsWaitedForInPeace(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 10 * time.Minute})
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.AlreadyRunning, Subject: "hub"} })
		w.start(schedule.Tuning{})
		w.pass(3 * time.Hour)
		if len(w.runs) > 12 || len(w.notices) > 0 {
			t.Errorf("%d attempts and %d notices in three hours", len(w.runs), len(w.notices))
		}
		w.change(func() { delete(w.trouble, 1); w.repos[0].LastConnected = core.MTimeOf(w.now0()) })
		ended := w.now()
		w.pass(11 * time.Minute)
		w.end()
		if n := len(w.since(ended)); n < 1 || n > 2 {
			t.Errorf("%d runs in the eleven minutes after it ended, every ten are planned", n)
		}
	})
}
