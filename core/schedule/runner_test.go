package schedule_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
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

func TestTheNetworksReturn(t *testing.T) {
	for _, hints := range []bool{false, true} {
		name := map[bool]string{false: "without a word of the operating system", true: "told by the operating system"}[hints]
		t.Run(name, func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", hourly())
				w.start(schedule.Tuning{})
				w.pass(10 * time.Minute)
				for _, away := range []time.Duration{90 * time.Minute, 5 * time.Hour, 4 * 24 * time.Hour} {
					w.change(func() { w.offline = true })
					if hints {
						w.told(schedule.Surroundings{Connectivity: schedule.ConnectivityNone})
					}
					w.pass(away)
					if o := w.outlook(); o.Cause != core.CauseOffline || !strings.Contains(o.Sentence(w.now(), w.loc), "because this laptop is offline") {
						t.Errorf("offline for %s: %s: %s", away, o, o.Sentence(w.now(), w.loc))
					}
					w.change(func() { w.offline = false })
					back := w.now()
					if hints {
						w.told(schedule.Surroundings{Connectivity: schedule.ConnectivityFull, Networks: []string{"wlan0 10.0.0.0/24"}})
					}
					w.pass(time.Minute)
					runs := w.since(back)
					if len(runs) != 1 || runs[0].began.Sub(back) > 30*time.Second {
						t.Errorf("after %s offline: %+v, want one run within 30 s of %s", away, runs, back)
					}
				}
				w.end()
			})
		})
	}
}

func TestANetworkThatFlapsDoesNotMakeAFlood(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", hourly())
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		began := w.now()
		for i := range 180 {
			networks := []string{"a"}
			if i%2 == 1 {
				networks = []string{"b"}
			}
			w.told(schedule.Surroundings{Networks: networks})
			w.pass(20 * time.Second)
		}
		w.end()
		if n := len(w.since(began)); n > 35 {
			t.Errorf("%d runs in an hour in which the network changed every 20 s", n)
		}
	})
}

func TestAPeerThatIsDownIsLeftAloneMoreAndMore(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.ServerFault, Subject: "hub"} })
		w.pass(time.Hour)
		first := w.asks
		w.pass(10 * time.Hour)
		perHour := float64(w.asks-first) / 10
		o := w.outlook()
		t.Logf("peer down: %d requests in the first hour, %.1f an hour after that; %s", first-1, perHour, o.Sentence(w.now(), w.loc))
		if first > 14 || perHour > 6 {
			t.Errorf("%d requests in the first hour, %.1f an hour after", first, perHour)
		}
		if o.Why != core.WhyRetry || o.Cause != core.CausePeer || o.Next == 0 {
			t.Errorf("outlook %s", o)
		}
		w.change(func() { delete(w.trouble, 1) })
		w.pass(20 * time.Minute)
		if o := w.outlook(); o.Cause != core.CauseNone {
			t.Errorf("it is back, and still %s", o)
		}
		w.end()
	})
}

func TestAPortalThatShowsAsAWrongCertificateIsPassedSoon(t *testing.T) {
	for _, hint := range []schedule.Connectivity{schedule.ConnectivityUnknown, schedule.ConnectivityPortal} {
		in(t, workday, func(t *testing.T, w *world) {
			w.add("hub", core.Job{Every: 10 * time.Minute})
			w.start(schedule.Tuning{})
			w.pass(time.Minute)
			w.told(schedule.Surroundings{Connectivity: hint, Networks: []string{"hotel"}})
			w.change(func() { w.trouble[1] = &core.Problem{Kind: core.CertificateWrong, Subject: "hub"} })
			w.pass(3 * time.Minute)
			if o := w.outlook(); hint == schedule.ConnectivityPortal && o.Cause != core.CausePortal {
				t.Errorf("the system says portal, and we %s", o)
			}
			w.change(func() { delete(w.trouble, 1) })
			back := w.now()
			w.pass(3 * time.Minute)
			w.end()
			if n := len(w.since(back)); n == 0 {
				t.Errorf("no run within 3 minutes after the login")
			}
		})
	}
}

func TestRetryAfterIsHonouredWhateverTheNetworkDoes(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.Busy, Subject: "hub", RetryAfter: 2 * time.Hour} })
		w.start(schedule.Tuning{})
		w.pass(time.Minute)
		asked := w.asks
		w.told(schedule.Surroundings{Networks: []string{"another"}})
		w.pass(118 * time.Minute)
		if w.asks != asked {
			t.Errorf("%d requests before the peer allowed it", w.asks-asked)
		}
		w.pass(5 * time.Minute)
		w.end()
		if w.asks != asked+1 {
			t.Errorf("%d requests after, want 1", w.asks-asked)
		}
	})
}

func TestReasonsAreKeptApart(t *testing.T) {
	for _, tt := range []struct {
		problem core.Problem
		cause   core.Cause
		words   string
		perHour int
	}{
		{core.Problem{Kind: core.Portal}, core.CausePortal, "wants you to log in first", 200},
		{core.Problem{Kind: core.Unreachable}, core.CausePeer, "the server is not available", 15},
		{core.Problem{Kind: core.Timeout}, core.CausePeer, "takes too long", 15},
		{core.Problem{Kind: core.NotAccepted}, core.CauseRefused, "the server refuses", 6},
		{core.Problem{Kind: core.ProxyWrong}, core.CauseConfiguration, "must be set right", 8},
		{core.Problem{Kind: core.CertificateWrong}, core.CauseConfiguration, "must be set right", 8},
		{core.Problem{Kind: core.DiskFull}, core.CauseHere, "trouble on this laptop", 10},
		{core.Problem{Kind: core.Unauthorized}, core.CauseRefused, "Not tried by itself", 1},
	} {
		t.Run(tt.problem.Message(), func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", core.Job{Every: 2 * time.Minute})
				w.change(func() { w.trouble[1] = &tt.problem })
				w.start(schedule.Tuning{})
				w.pass(time.Hour)
				o := w.outlook()
				w.end()
				if o.Cause != tt.cause || !strings.Contains(o.Sentence(w.now(), w.loc), tt.words) {
					t.Errorf("%s: %q, want %s and %q", o, o.Sentence(w.now(), w.loc), tt.cause, tt.words)
				}
				if w.asks > tt.perHour {
					t.Errorf("%d requests in an hour, want %d at most", w.asks, tt.perHour)
				}
			})
		})
	}
}

func TestARefusedPasswordIsNotTriedAgainUntilSomebodyChangesIt(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.Unauthorized, Subject: "hub"} })
		w.start(schedule.Tuning{})
		w.pass(48 * time.Hour)
		w.told(schedule.Surroundings{Networks: []string{"another"}})
		w.jump(9 * time.Hour)
		w.edit(1)
		w.restart(schedule.Tuning{})
		w.pass(24 * time.Hour)
		if w.asks != 1 {
			t.Errorf("%d logins with a wrong password, want 1", w.asks)
		}
		if n := len(w.notices); n != 1 || w.notices[0].Class != core.NoticeAttention {
			t.Errorf("notices %+v, want one", w.notices)
		}
		w.change(func() { w.repos[0].Stopped = ""; delete(w.trouble, 1) })
		w.pass(time.Minute)
		w.end()
		if len(w.runs) != 2 || w.runs[1].failed != nil {
			t.Errorf("after the password was entered: %+v", w.runs)
		}
	})
}

func TestAMissingPasswordIsTriedAtOnceWhenItIsEntered(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 5 * time.Minute})
		w.change(func() { w.repos[0].Username = "ada" })
		w.start(schedule.Tuning{})
		w.pass(3 * time.Hour)
		if o := w.outlook(); o.Cause != core.CauseConfiguration || w.asks != 0 {
			t.Errorf("without a password: %v, %d logins", o, w.asks)
		}
		w.change(func() { w.repos[0].Password = "there"; w.repos[0].PasswordChanges++ })
		w.pass(time.Minute)
		w.end()
		if len(w.runs) != 1 || w.runs[0].failed != nil {
			t.Errorf("after the password was entered: %+v", w.runs)
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

// now0 is now for whoever holds mu.
func (w *world) now0() time.Time { return time.Now().Add(w.shift) }

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

func TestARunIsToldOnce(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", core.Job{Every: 10 * time.Minute})
		w.change(func() { w.offline = true })
		w.start(schedule.Tuning{})
		w.pass(5 * time.Minute)
		w.change(func() { w.offline = false })
		w.pass(time.Minute)
		w.end()
		told := 0
		for _, o := range w.outlooks {
			if o.Why == core.WhyRunning {
				told++
			}
		}
		if told != 1 || len(w.runs) != 1 {
			t.Errorf("%d runs were told %d times: %v", len(w.runs), told, w.outlooks)
		}
	})
}

func TestRunsOfOthersCount(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		r := w.add("hub", core.Job{Cron: "0 3 * * *"})
		w.start(schedule.Tuning{})
		w.change(func() { w.trouble[1] = &core.Problem{Kind: core.ServerFault, Subject: "hub"} })
		w.runner.SyncNow()
		w.pass(time.Minute)
		if o := w.outlook(); o.Cause != core.CausePeer {
			t.Fatalf("%s", o)
		}
		w.change(func() { delete(w.trouble, 1) })
		w.events.Emit(event.RunStarted{Run: "x", Repository: r})
		if o := w.outlook(); o.Why != core.WhyRunning {
			t.Errorf("while the window synchronises: %s", o)
		}
		w.events.Emit(event.RunFinished{Run: core.Run{ID: "x", Repository: r.ID}})
		if o := w.outlook(); o.Cause != core.CauseNone || o.Why != core.WhyPlanned {
			t.Errorf("after the window's run: %s", o)
		}
		w.end()
	})
}

func TestYouAreToldOnceADayThatNothingWasExchanged(t *testing.T) {
	in(t, workday, func(t *testing.T, w *world) {
		w.add("hub", hourly())
		w.start(schedule.Tuning{Tick: 30 * time.Second})
		w.pass(time.Hour)
		w.change(func() { w.offline = true })
		w.pass(9*24*time.Hour + time.Hour)
		n := len(w.notices)
		if n != 3 && n != 2 {
			t.Errorf("%d notices in nine days offline, want one a day from the seventh on", n)
		}
		for _, x := range w.notices {
			if x.Class != core.NoticeOverdue || x.Count < 7 {
				t.Errorf("%+v", x)
			}
		}
		w.change(func() { w.settings.Notify[core.NoticeOverdue] = false })
		w.pass(3 * 24 * time.Hour)
		w.end()
		if len(w.notices) != n {
			t.Errorf("%d notices although they are off", len(w.notices)-n)
		}
	})
}
