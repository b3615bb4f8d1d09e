package schedule_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
)

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

// That a server is not available is told of one that is not: not where the disk is full, nor of
// a hub whose administrator has not accepted this laptop yet.
func TestANoticeSaysWhetherItIsTheServer(t *testing.T) {
	for kind, want := range map[core.Trouble]core.NoticeClass{core.Unreachable: core.NoticeTrouble, core.NotAccepted: core.NoticeAttention, core.DiskFull: core.NoticeAttention} {
		problem := core.Problem{Kind: kind, Subject: "hub"}
		t.Run(problem.Message(), func(t *testing.T) {
			in(t, workday, func(t *testing.T, w *world) {
				w.add("hub", hourly())
				w.change(func() { w.trouble[1] = &problem })
				w.start(schedule.Tuning{})
				w.pass(50 * time.Minute)
				early := len(w.notices)
				w.pass(3 * time.Hour)
				w.end()
				if early != 0 || len(w.notices) != 1 || w.notices[0].Class != want {
					t.Errorf("%d notices within the hour, then %+v, want one %s", early, w.notices, want)
				}
			})
		})
	}
}
