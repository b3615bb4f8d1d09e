package home

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func TestTheSentenceSaysWhatIsNextAndWhy(t *testing.T) {
	outlook := func(o core.Outlook) State {
		return State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Outlook, s.Unsent = o, 2 })}}
	}
	for _, tt := range []struct {
		name   string
		state  State
		mood   Mood
		title  string
		detail string
	}{
		{"changes go out soon", outlook(core.Outlook{Why: core.WhyEdited, Next: at(15, 3)}), MoodWaiting, "2 changes wait to be sent.",
			"Last sync today 14:03. Next sync today 15:03, because changes made here wait to be sent."},
		{"offline, without a failed run", outlook(core.Outlook{Why: core.WhyRetry, Cause: core.CauseOffline, Next: at(15, 0)}), MoodOffline, "This laptop is offline.",
			"Your 2 changes are safe on this laptop. Last sync today 14:03. It syncs by itself as soon as there is a network."},
		{"a login page", outlook(core.Outlook{Why: core.WhyRetry, Cause: core.CausePortal, Next: at(15, 0)}), MoodOffline, "This network wants you to log in first.",
			"Your 2 changes are safe on this laptop. Last sync today 14:03. Open a web page in your browser and log in to the network. It then goes on by itself. If nothing asks you to log in, the server may be under maintenance."},
		{"the server is down", outlook(core.Outlook{Why: core.WhyRetry, Cause: core.CausePeer, Next: at(15, 5)}), MoodOffline, "Headquarters is not available.",
			"Your 2 changes are safe on this laptop. Last sync today 14:03. Next try today 15:05, because the server is not available."},
		{"a setting is wrong", outlook(core.Outlook{Why: core.WhyRetry, Cause: core.CauseConfiguration, Next: at(15, 30), Message: "The proxy refused"}), MoodNeedsYou,
			"Headquarters needs your attention.", "The proxy refused. Your 2 changes are safe on this laptop. Last sync today 14:03. Next try today 15:30, because something must be set right."},
		{"paused", outlook(core.Outlook{Why: core.WhyPaused, Next: at(16, 0)}), MoodWaiting, "2 changes wait to be sent.", "Last sync today 14:03. Paused until today 16:00."},
		{"paused without an end", outlook(core.Outlook{Why: core.WhyPaused}), MoodWaiting, "2 changes wait to be sent.", "Last sync today 14:03. Paused until you resume it."},
		{"cost", outlook(core.Outlook{Why: core.WhyMetered}), MoodWaiting, "2 changes wait to be sent.", "Last sync today 14:03. Waits for a network that does not cost by volume."},
		{"what is due is now", outlook(core.Outlook{Why: core.WhyMissed, Next: at(14, 59)}), MoodWaiting, "2 changes wait to be sent.",
			"Last sync today 14:03. Next sync now, because a planned time was missed."},
		{"of two the one that is first", State{Repositories: []RepositoryState{
			hq(func(s *RepositoryState) { s.Outlook = core.Outlook{Why: core.WhyReturned, Next: at(15, 9)} }),
			hq(func(s *RepositoryState) { s.Outlook = core.Outlook{Why: core.WhyWoke, Next: at(15, 2)} })}}, MoodGood, "Everything is delivered.",
			"Last sync today 14:03. Next sync today 15:02, because the laptop woke."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.state.Sentence(now); got != (Sentence{tt.mood, tt.title, tt.detail}) {
				t.Errorf("got %d %q %q\nwant %d %q %q", got.Mood, got.Title, got.Detail, tt.mood, tt.title, tt.detail)
			}
		})
	}
}

// A fakeScheduler says what a test wants it to say.
type fakeScheduler struct {
	outlooks []core.Outlook
	kicks    int
}

func (f *fakeScheduler) Outlooks() []core.Outlook { return f.outlooks }
func (f *fakeScheduler) Kick()                    { f.kicks++ }

func TestTheOutlookIsTheSchedulersAndFollowsIt(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 7, Name: "HQ", URL: "https://hq.example"}}, runs: []core.Run{{Result: core.ResultSuccess, Finished: at(14, 0)}}}
	p, s := newTest(store, nil)
	scheduler := &fakeScheduler{outlooks: []core.Outlook{{RepositoryID: 7, Why: core.WhyPlanned, Next: at(16, 0)}}}
	p.Follow(scheduler)
	p.Load()
	if want := "Last sync today 14:00, next today 16:00."; s.sentence.Detail != want {
		t.Errorf("got %q, want %q", s.sentence.Detail, want)
	}
	scheduler.outlooks[0] = core.Outlook{RepositoryID: 7, Why: core.WhyRetry, Cause: core.CauseOffline}
	p.Happened(event.OutlookChanged{Outlook: scheduler.outlooks[0]})
	if s.sentence.Mood != MoodOffline {
		t.Errorf("after the network went: %+v", s.sentence)
	}
}

func TestARunThatBeganBeforeTheWindowIsSeen(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 7, Name: "HQ", URL: "https://hq.example"}}}
	p, s := newTest(store, func(context.Context, core.Repository) (core.Run, error) {
		t.Error("a second run began")
		return core.Run{}, nil
	})
	scheduler := &fakeScheduler{outlooks: []core.Outlook{{RepositoryID: 7, Why: core.WhyRunning}}}
	p.Follow(scheduler)
	p.Load()
	if s.sentence.Mood != MoodWorking {
		t.Errorf("shown: %+v", s.sentence)
	}
	p.Sync(0)
	scheduler.outlooks[0].Why = core.WhyPlanned
	p.Happened(event.OutlookChanged{})
	if s.sentence.Mood == MoodWorking {
		t.Error("still working after the end")
	}
}

// On a busy laptop reading takes longer than the pause between two wishes for it.
func TestASlowReadingIsShownAlthoughANewerOneIsUnderWay(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 7, Name: "HQ", URL: "https://hq.example"}}}
	p, s := newTest(store, nil)
	var late []func()
	p.lanes.Screen = func(f func()) { late = append(late, f) }
	p.Load()
	p.ticket.Next() // another reading began
	late[0]()
	if len(s.state.Repositories) != 1 {
		t.Fatal("a reading was thrown away because another one had begun")
	}
	store.unsent = 1
	p.Load()
	store.unsent = 2
	p.Load()
	late[2]()
	late[1]()
	if s.state.Repositories[0].Unsent != 2 {
		t.Error("an older reading took the place of a newer one")
	}
}

func TestARunOfAnotherProgramIsNoProblem(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 7, Name: "HQ", URL: "https://hq.example"}}}
	p, s := newTest(store, func(context.Context, core.Repository) (core.Run, error) {
		return core.Run{}, &core.Problem{Kind: core.AlreadyRunning, Subject: "HQ"}
	})
	p.Sync(0)
	if s.problem != nil || s.result.Words != "A sync is going on already." {
		t.Errorf("problem %v, result %+v", s.problem, s.result)
	}
}

func TestAPauseIsStoredAndCountsAtOnce(t *testing.T) {
	store, scheduler := &fakeStore{}, &fakeScheduler{}
	p, s := newTest(store, nil)
	p.Follow(scheduler)
	p.Pause(schedule.PauseFor(now, time.Hour))
	if !store.settings.Pause.On(now) || scheduler.kicks != 1 || !s.state.Paused {
		t.Errorf("paused: %+v, %d kicks, shown %v", store.settings.Pause, scheduler.kicks, s.state.Paused)
	}
	p.Pause(schedule.Pause{})
	if store.settings.Pause.On(now) || scheduler.kicks != 2 || s.state.Paused {
		t.Errorf("resumed: %+v, %d kicks, shown %v", store.settings.Pause, scheduler.kicks, s.state.Paused)
	}
}
