package home

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

var now = time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)

func at(hour, minute int) core.MTime {
	return core.MTimeOf(time.Date(2026, 3, 12, hour, minute, 0, 0, time.UTC))
}

// hq is a repository where all is well.
func hq(change ...func(*RepositoryState)) RepositoryState {
	s := RepositoryState{Repository: core.Repository{ID: 1, Name: "Headquarters", URL: "https://hq.example.org/eden"}, Success: at(14, 3),
		Last: &core.Run{Result: core.ResultSuccess, Finished: at(14, 3)}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func TestOneTroubleIsToldOnce(t *testing.T) {
	failed := hq(func(s *RepositoryState) {
		s.Last = &core.Run{Result: core.ResultError, Message: "Headquarters does not answer. Nothing is lost.", Finished: at(14, 30)}
	})
	retried, asked, stopped := failed, failed, failed
	retried.Outlook = core.Outlook{Why: core.WhyRetry, Cause: core.CausePeer, Next: at(15, 5)}
	asked.Conflicts = 1
	stopped.Repository.Stopped = "Headquarters refused the user name or password."
	for _, tt := range []struct {
		name  string
		state State
		want  bool
	}{
		{"a run that failed", State{Repositories: []RepositoryState{failed}}, true},
		{"the server is down", State{Repositories: []RepositoryState{retried}}, true},
		{"a stop", State{Repositories: []RepositoryState{stopped}}, true},
		{"above stands a question", State{Repositories: []RepositoryState{asked}}, false},
		{"one of two: which, says its card", State{Repositories: []RepositoryState{failed, hq(func(*RepositoryState) {})}}, false},
		{"all is well", State{Repositories: []RepositoryState{hq(func(*RepositoryState) {})}}, false},
	} {
		if got := tt.state.toldIn(tt.state.Sentence(now)); got != tt.want {
			t.Errorf("%s: told above %v, want %v", tt.name, got, tt.want)
		}
	}
}

// The card says so too, and no repository is "up to date" that was not heard of for weeks.
func TestACardIsNotUpToDateForEver(t *testing.T) {
	for days, want := range map[int]string{0: "up to date", 1: "1 day old", 14: "14 days old"} {
		if got := markOf(hq(), days); got.Text != want {
			t.Errorf("after %d days %q, want %q", days, got.Text, want)
		}
	}
}

func TestTheSentenceIsHonest(t *testing.T) {
	offline := func(s *RepositoryState) {
		s.Last = &core.Run{Result: core.ResultError, Message: "Headquarters does not answer. Nothing is lost: your changes stay on this laptop.", Finished: at(14, 30)}
	}
	unsent := func(s *RepositoryState) { s.Unsent = 3 }
	longAgo := func(s *RepositoryState) { s.Success = core.MTimeOf(time.Date(2026, 2, 26, 14, 3, 0, 0, time.UTC)) }
	for _, tt := range []struct {
		name   string
		state  State
		mood   Mood
		title  string
		detail string
	}{
		{"nothing set up yet", State{}, MoodNew, "Welcome to Fieldsync", ""},
		{"all delivered", State{Repositories: []RepositoryState{hq()}}, MoodGood, "Everything is at Headquarters.", "Last sync today 14:03."},
		{"something goes nowhere", State{Repositories: []RepositoryState{hq()}, Staying: 2}, MoodGood, "2 changes stay on this laptop.",
			"They are in kinds of record that are not sent to any server. Everything else is delivered. Last sync today 14:03."},
		{"the next planned sync is named", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Next = at(16, 0) })}}, MoodGood,
			"Everything is at Headquarters.", "Last sync today 14:03, next today 16:00."},
		{"changes wait", State{Repositories: []RepositoryState{hq(unsent)}}, MoodWaiting, "3 changes wait to be sent.", "Last sync today 14:03."},
		{"after two weeks without an exchange nothing is up to date", State{Repositories: []RepositoryState{hq(longAgo)}, OverdueDays: 7}, MoodWaiting, "Nothing was exchanged for 14 days.",
			"What was changed elsewhere since then is not here. Press “Sync now” where there is a network. Last sync 26 Feb 14:03."},
		{"nor where something waits", State{Repositories: []RepositoryState{hq(longAgo, unsent)}, OverdueDays: 14}, MoodWaiting, "Nothing was exchanged for 14 days.",
			"3 changes wait to be sent. What was changed elsewhere since then is not here. Press “Sync now” where there is a network. Last sync 26 Feb 14:03."},
		{"as long as is usual is not too long", State{Repositories: []RepositoryState{hq(longAgo)}, OverdueDays: 15}, MoodGood, "Everything is at Headquarters.", "Last sync 26 Feb 14:03."},
		{"offline says more than for how long", State{Repositories: []RepositoryState{hq(longAgo, unsent, offline)}, OverdueDays: 7}, MoodOffline, "The last sync did not get through.",
			"Headquarters does not answer. Your 3 changes are safe on this laptop. Last sync 26 Feb 14:03."},
		{"one change is one", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Unsent = 1 })}}, MoodWaiting, "1 change waits to be sent.", "Last sync today 14:03."},
		{"a person is needed before anything else is said", State{Repositories: []RepositoryState{hq(unsent, func(s *RepositoryState) { s.Conflicts, s.Refused = 1, 1 })}},
			MoodNeedsYou, "2 records need you.", "3 changes wait to be sent. Last sync today 14:03."},
		{"held deletions are one question", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Held = 40 })}}, MoodNeedsYou, "40 deletions wait for your word.", "The records are still on this laptop. Last sync today 14:03."},
		{"held deletions beside a record", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Held, s.Conflicts = 40, 1 })}}, MoodNeedsYou, "1 record needs you.", "40 deletions wait for your word. Last sync today 14:03."},
		{"never synchronised is not up to date", State{Repositories: []RepositoryState{{Repository: core.Repository{Name: "HQ", URL: "https://x.example"}}}},
			MoodNew, "Never synchronised yet.", "Press “Sync now” to fetch the records."},
		{"offline says that the changes are safe", State{Repositories: []RepositoryState{hq(unsent, offline)}}, MoodOffline, "The last sync did not get through.",
			"Headquarters does not answer. Your 3 changes are safe on this laptop. Last sync today 14:03."},
		{"a sync that lacked one kind of record got through", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) {
			s.Last = &core.Run{Result: core.ResultFatal, Message: (&core.Problem{Kind: core.UnknownResource, Subject: "Headquarters"}).Naming(core.Tables{"org_office", "cr_shelter"}).Sentence(), Finished: at(14, 30)}
			s.Repository.LastConnected = at(14, 30)
		})}}, MoodNeedsYou, "The last sync was not complete.",
			"Headquarters does not have these kinds of record, which this laptop asks for: Offices, Shelters. Everything else was exchanged. Last sync today 14:03."},
		{"a server that reports an error for every table has exchanged nothing", State{Repositories: []RepositoryState{hq(unsent, func(s *RepositoryState) {
			s.Last = &core.Run{Result: core.ResultError, Message: (&core.Problem{Kind: core.ServerFault, Subject: "Headquarters"}).Sentence(), Finished: at(14, 30)}
			s.Repository.LastConnected = at(14, 3)
		})}}, MoodOffline, "The last sync did not get through.", "Headquarters reports an error of its own. Your 3 changes are safe on this laptop. Last sync today 14:03."},
		{"a stopped repository needs a person", State{Repositories: []RepositoryState{hq(func(s *RepositoryState) { s.Repository.Stopped = "Headquarters refused the user name or password." })}},
			MoodNeedsYou, "Headquarters needs your attention.", "Headquarters refused the user name or password. Last sync today 14:03."},
		{"of two repositories the older success counts", State{Repositories: []RepositoryState{hq(), hq(func(s *RepositoryState) { s.Success = at(9, 0) })}},
			MoodGood, "Everything is delivered.", "Last sync today 09:00."},
		{"a run is going on", State{Working: true, Repositories: []RepositoryState{hq()}}, MoodWorking, "Synchronising…", "You can go on working meanwhile."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.state.Sentence(now)
			if got != (Sentence{tt.mood, tt.title, tt.detail}) {
				t.Errorf("got %d %q %q\nwant %d %q %q", got.Mood, got.Title, got.Detail, tt.mood, tt.title, tt.detail)
			}
		})
	}
}

func TestARefusedOrMissingPasswordIsAskedFor(t *testing.T) {
	refused := core.Problem{Kind: core.Unauthorized, Subject: "Headquarters"}
	for _, tt := range []struct {
		name  string
		state RepositoryState
		want  bool
	}{
		{"all is well", hq(), false},
		{"refused", hq(func(s *RepositoryState) { s.Repository.Stopped = refused.Message() }), true},
		{"another reason to stop", hq(func(s *RepositoryState) {
			s.Repository.Stopped = (&core.Problem{Kind: core.Forbidden, Subject: "Headquarters"}).Message()
		}), false},
		{"there is none", hq(func(s *RepositoryState) {
			s.Last = &core.Run{Result: core.ResultFatal, Message: (&core.Problem{Kind: core.NoPassword, Subject: "Headquarters"}).Sentence()}
		}), true},
		{"offline", hq(func(s *RepositoryState) {
			s.Last = &core.Run{Result: core.ResultError, Message: (&core.Problem{Kind: core.Unreachable, Subject: "Headquarters"}).Sentence()}
		}), false},
	} {
		if got := tt.state.AsksPassword(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A repository that nobody reaches by now is not said to be up to date, though the last
// run came through.
func TestWhatIsNotReachedIsNotUpToDate(t *testing.T) {
	for why, want := range map[core.Outlook]string{
		{Why: core.WhyRetry, Cause: core.CausePeer}:    "not reached",
		{Why: core.WhyRetry, Cause: core.CauseOffline}: "not reached",
		{Why: core.WhyRetry, Cause: core.CauseRefused}: "not synchronised",
		{Why: core.WhyPlanned}:                         "up to date",
	} {
		if got := markOf(RepositoryState{Repository: core.Repository{Name: "HQ", URL: "https://x.example"}, Success: 1, Outlook: why}, 0); got.Text != want {
			t.Errorf("%s, %s: %q, want %q", why.Why, why.Cause, got.Text, want)
		}
	}
}

// Nothing is well where the disk is full, of which there is no run: it could not be stored.
func TestATryThatCouldNotBeStoredIsSaid(t *testing.T) {
	full := hq()
	full.Outlook = core.Outlook{Why: core.WhyRetry, Cause: core.CauseHere, Message: (&core.Problem{Kind: core.DiskFull}).Message(), Next: core.MTimeOf(now) + 60}
	got := State{Repositories: []RepositoryState{full}}.Sentence(now)
	want := Sentence{MoodOffline, "The last sync did not get through.", "There is too little room on the disk. Last sync today 14:03. Next try today 15:01, because of trouble on this laptop."}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A hub that has not accepted this laptop yet was reached; and when it is asked again is said
// also before the first sync.
func TestAHubThatHasNotAcceptedYetWasReached(t *testing.T) {
	waiting := RepositoryState{Repository: core.Repository{Name: "HQ", URL: "https://x.example"}, Last: &core.Run{Result: core.ResultError, Message: (&core.Problem{Kind: core.NotAccepted, Subject: "HQ"}).Sentence(), Finished: at(14, 0)}}
	if got := markOf(waiting, 0); got.Text != "not accepted yet" {
		t.Errorf("marked %q", got.Text)
	}
	waiting.Outlook = core.Outlook{Why: core.WhyRetry, Cause: core.CauseUnaccepted, Next: core.MTimeOf(now) + 300}
	waiting.Unsent = 2
	state := State{Repositories: []RepositoryState{waiting}}
	want := Sentence{MoodOffline, "HQ has not accepted this laptop yet.", "Ask the administrator there to accept this laptop. Fieldsync then goes on by itself. " +
		"Your 2 changes are safe on this laptop. Next try today 15:05, in case this laptop is accepted by then."}
	if got := state.Sentence(now); got != want || !state.toldIn(got) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	waiting.Last = nil // found out by the scheduler, without a run
	if got := (State{Repositories: []RepositoryState{waiting}}).Sentence(now); got != want {
		t.Errorf("without a run: got %+v", got)
	}
}

// Everything was in step when the last of the servers was; one that only calls us is none of
// them.
func TestEverythingWasInStepWhenTheLastServerWas(t *testing.T) {
	at9 := hq(func(s *RepositoryState) { s.Success = at(9, 0) })
	calls := RepositoryState{Repository: core.Repository{Name: "Laptop 7", AcceptPush: true}}
	never := RepositoryState{Repository: core.Repository{Name: "Other", URL: "https://other.example"}}
	for _, tt := range []struct {
		name  string
		state State
		want  core.MTime
	}{
		{"the older of two", State{Repositories: []RepositoryState{hq(), at9}}, at(9, 0)},
		{"beside one that calls us", State{Repositories: []RepositoryState{at9, calls}}, at(9, 0)},
		{"one was never reached", State{Repositories: []RepositoryState{at9, never}}, 0},
	} {
		if got := tt.state.inStep(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := (State{Repositories: []RepositoryState{at9, calls}}).Sentence(now).Detail; got != "Last sync today 09:00." {
		t.Errorf("beside one that calls us: %q", got)
	}
}

// Nothing is claimed of those who call this laptop: what they have fetched is theirs to say.
func TestWhoCallsIsNotSaidToBeUpToDate(t *testing.T) {
	called := core.Repository{Name: "Laptop 7", AcceptPush: true, AllowPull: true, LastConnected: at(14, 0)}
	stranger := core.Repository{Name: "Laptop 8", LastConnected: at(14, 5)}
	for _, tt := range []struct {
		of   []RepositoryState
		want Sentence
	}{
		{[]RepositoryState{{Repository: called}}, Sentence{MoodNew, "1 other calls this laptop.", ""}},
		{[]RepositoryState{{Repository: called}, {Repository: stranger}}, Sentence{MoodNew, "2 others call this laptop.", "1 of those who call is not accepted (Settings, Answer peers)."}},
		{[]RepositoryState{hq(), {Repository: stranger}}, Sentence{MoodGood, "Everything is at Headquarters.", "1 of those who call is not accepted (Settings, Answer peers). Last sync today 14:03."}},
	} {
		if got := (State{Repositories: tt.of}).Sentence(now); got != tt.want {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
	}
	for repo, want := range map[*core.Repository]string{&called: "calls us", &stranger: "not accepted"} {
		if got := markOf(RepositoryState{Repository: *repo}, 0); got.Text != want {
			t.Errorf("%s is marked %q", repo.Name, got.Text)
		}
	}
}
