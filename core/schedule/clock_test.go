package schedule_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestTimesSleptThroughAreMadeUpOnce(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 15 * time.Minute}, core.Job{Cron: "0 12 * * *"})
		w.start(schedule.Tuning{})
		w.pass(55 * time.Minute)
		for range 5 {
			before := w.now()
			w.jump(3 * 24 * time.Hour) // asleep
			woke := w.now()
			w.pass(time.Minute)
			runs := w.since(before)
			if len(runs) != 1 {
				t.Fatalf("%d runs in the minute after waking, want 1", len(runs))
			}
			if late := runs[0].began.Sub(woke); late > 30*time.Second {
				t.Errorf("the run came %s after waking, want 30 s at most", late)
			}
			w.pass(10 * time.Minute)
		}
		w.end()
	})
}

func TestAWakeInterruptsARunWhoseConnectionIsDead(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", hourly())
		w.change(func() { w.takes = 5 * time.Minute })
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		w.jump(8 * time.Hour)
		woke := w.now()
		w.pass(30 * time.Second)
		if o := w.outlook(); o.Why != core.WhyRunning {
			t.Errorf("30 s after waking: %s", o)
		}
		w.pass(10 * time.Minute)
		w.end()
		if runs := w.since(woke); len(runs) != 1 || runs[0].failed != nil {
			t.Errorf("runs after waking: %+v", runs)
		}
		if len(w.runs) != 2 || w.overlaps > 0 {
			t.Errorf("%d runs, %d overlapping", len(w.runs), w.overlaps)
		}
	})
}

func TestAClockThatJumpsSilencesNothingAndFloodsNothing(t *testing.T) {
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour, 9 * 24 * time.Hour, -9 * 24 * time.Hour, 90 * time.Minute, -90 * time.Minute, 365 * 24 * time.Hour, -365 * 24 * time.Hour, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", hourly(), core.Job{Cron: "20 * * * *"})
				w.start(schedule.Tuning{})
				w.pass(3 * time.Hour)
				before := len(w.runs)
				w.jump(by)
				w.pass(5 * time.Hour)
				there := len(w.runs)
				w.jump(-by) // and put right again
				w.pass(5 * time.Hour)
				w.end()
				if n := there - before; n < 8 || n > 12 {
					t.Errorf("%d runs in 5 hours after the jump, want about 10", n)
				}
				if n := len(w.runs) - there; n < 8 || n > 12 {
					t.Errorf("%d runs in 5 hours after the clock was put right, want about 10", n)
				}
			})
		})
	}
}

func TestSummerTime(t *testing.T) {
	for _, tt := range []struct {
		name, begin string
		job         core.Job
		hours, want int
	}{
		{"a day of 23 hours has 23 hourly runs", "2026-03-29 00:01", core.Job{Cron: "5 * * * *"}, 23, 23},
		// The cron library answers an hour that comes twice with both.
		{"a day of 25 hours has 25 runs by interval", "2026-10-25 00:01", core.Job{Every: time.Hour, Start: 1}, 25, 25},
		{"a daily job at noon runs once on the short day", "2026-03-29 00:01", core.Job{Cron: "0 12 * * *"}, 23, 1},
		{"a daily job at noon runs once on the long day", "2026-10-25 00:01", core.Job{Cron: "0 12 * * *"}, 25, 1},
		{"a time of day that is skipped is skipped that day", "2026-03-29 00:01", core.Job{Cron: "30 2 * * *"}, 23, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, tt.begin, func(t *testing.T, w *world) {
				w.add("hub", tt.job)
				w.start(schedule.Tuning{})
				w.pass(time.Duration(tt.hours)*time.Hour - 2*time.Minute)
				w.end()
				if len(w.runs) != tt.want {
					t.Errorf("%d runs, want %d", len(w.runs), tt.want)
				}
			})
		})
	}
}

func TestADailyTimeThatComesTwiceInAutumnRunsOnceOrTwiceButNotMore(t *testing.T) {
	in(t, "2026-10-25 00:01", func(t *testing.T, w *world) {
		w.add("hub", core.Job{Cron: "30 2 * * *"})
		w.start(schedule.Tuning{})
		w.pass(24 * time.Hour)
		w.end()
		if n := len(w.runs); n != 1 && n != 2 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestMonthsOfALaptopsLife(t *testing.T) {
	in(t, "2026-01-05 08:00", func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 30 * time.Minute}, core.Job{Cron: "0 7 * * 1-5"})
		w.start(schedule.Tuning{Tick: 30 * time.Second})
		late, evenings := time.Duration(0), 0
		days := 180
		if hurry {
			days = 10
		}
		for day := range days {
			opened := w.now()
			w.pass(9 * time.Hour)
			runs := w.since(opened)
			if len(runs) < 16 || len(runs) > 20 {
				t.Fatalf("day %d: %d runs in nine hours of every 30 minutes", day, len(runs))
			}
			late = max(late, runs[0].began.Sub(opened))
			if day%13 == 5 {
				w.restart(schedule.Tuning{Tick: 30 * time.Second})
			}
			evenings++
			next := w.now().In(w.loc)
			w.set(time.Date(next.Year(), next.Month(), next.Day()+1, 8, 0, 0, 0, w.loc)) // asleep until eight by the wall clock
		}
		w.end()
		t.Logf("%d days: %d runs, overlapping %d, first run of a day at most %s after opening, stored %d times", days, len(w.runs), w.overlaps, late, w.saves)
		if late > time.Minute || w.overlaps > 0 {
			t.Errorf("first run up to %s late, %d overlaps", late, w.overlaps)
		}
	})
}
