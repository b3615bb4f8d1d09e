package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

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
		{core.Problem{Kind: core.NotAccepted}, core.CauseUnaccepted, "the administrator there has not accepted this laptop yet", 6},
		{core.Problem{Kind: core.IdentityChanged}, core.CauseRefused, "the server refuses", 6},
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
