package home

import (
	"context"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/inspect"
	"github.com/fieldsync/fieldsync/ui/words"
)

// fakeStore holds what a test needs of a replica.
type fakeStore struct {
	StartStore
	repositories []core.Repository
	unsent       int
	staying      int
	runs         []core.Run
	conflicts    []core.Conflict
	quarantines  []core.Quarantine
	tasks        []core.Task
	settings     schedule.Settings
	node         core.Node
}

func (f *fakeStore) ScheduleSettings(context.Context) (schedule.Settings, error) {
	return f.settings, nil
}
func (f *fakeStore) SaveScheduleSettings(_ context.Context, s schedule.Settings) error {
	f.settings = s
	return nil
}

func (f *fakeStore) Repositories(context.Context) ([]core.Repository, error) {
	return f.repositories, nil
}
func (f *fakeStore) Unsent(context.Context, int64) (int, error)           { return f.unsent, nil }
func (f *fakeStore) Staying(context.Context) (int, error)                 { return f.staying, nil }
func (f *fakeStore) Runs(context.Context, int64, int) ([]core.Run, error) { return f.runs, nil }
func (f *fakeStore) Jobs(context.Context, int64) ([]core.Job, error)      { return nil, nil }
func (f *fakeStore) Node(context.Context) (core.Node, error) {
	n := f.node
	n.UUID = "me"
	return n, nil
}
func (f *fakeStore) SaveNode(_ context.Context, n core.Node) error {
	f.node = n
	return nil
}
func (f *fakeStore) UpdateRepository(_ context.Context, r core.Repository) (core.Repository, error) {
	for i := range f.repositories {
		if f.repositories[i].ID == r.ID {
			f.repositories[i] = r
		}
	}
	return r, nil
}
func (f *fakeStore) Conflicts(context.Context, int64, bool) ([]core.Conflict, error) {
	return f.conflicts, nil
}
func (f *fakeStore) Quarantines(context.Context, int64) ([]core.Quarantine, error) {
	return f.quarantines, nil
}
func (f *fakeStore) AddRepository(_ context.Context, r core.Repository) (core.Repository, error) {
	r.ID = int64(len(f.repositories) + 1)
	f.repositories = append(f.repositories, r)
	return r, nil
}
func (f *fakeStore) Tasks(_ context.Context, repo int64) (out []core.Task, _ error) {
	for _, t := range f.tasks {
		if t.RepositoryID == repo {
			out = append(out, t)
		}
	}
	return out, nil
}
func (f *fakeStore) AddTask(_ context.Context, t core.Task) (core.Task, error) {
	f.tasks = append(f.tasks, t)
	return t, nil
}

// fakeEngine does what a test says.
type fakeEngine func(ctx context.Context, r core.Repository) (core.Run, error)

func (f fakeEngine) Sync(ctx context.Context, r core.Repository, _ replicate.Options) (core.Run, error) {
	return f(ctx, r)
}

// screen remembers what was shown.
type screen struct {
	sentence Sentence
	state    State
	progress Progress
	result   Result
	problem  error
}

func (s *screen) ShowState(state State, sentence Sentence) { s.state, s.sentence = state, sentence }
func (s *screen) ShowProgress(p Progress)                  { s.progress = p }
func (s *screen) ShowResult(r Result)                      { s.result = r }
func (s *screen) ShowProblem(err error)                    { s.problem = err }

func newTest(store *fakeStore, engine fakeEngine) (*Presenter, *screen) {
	s := &screen{}
	return NewPresenter(context.Background(), store, engine, async.Direct(), func() time.Time { return now }, 0, s), s
}

// A bug in what a sync asks of the store leaves Home as it was before: it can be tried
// again.
func TestABugWhileItSynchronisesLeavesHomeReady(t *testing.T) {
	store, broken := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example"}}}, true
	p, s := newTest(store, func(context.Context, core.Repository) (core.Run, error) {
		if broken {
			panic("injected: a bug in a sync")
		}
		return core.Run{ID: "a", Result: core.ResultSuccess, Finished: core.MTimeOf(now)}, nil
	})
	p.Load()
	var told error
	p.lanes.Work = func(f func()) { told = core.Caught(func() error { f(); return nil }) }
	p.Sync(0)
	if core.BugIn(told) == nil || s.state.Working {
		t.Errorf("%v; it works still: %t", told, s.state.Working)
	}
	broken = false
	p.Sync(0)
	if told != nil || s.state.Working || s.result == (Result{}) {
		t.Errorf("the second time: %v, %+v", told, s.result)
	}
}

func TestTheStateIsCountedFromTheStore(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example"}}, unsent: 2,
		conflicts:   []core.Conflict{{ID: 1}},
		quarantines: []core.Quarantine{{Outgoing: true}, {Reason: "odd"}, {Reason: core.HeldDeletion}, {Reason: core.HeldDeletion}},
		runs:        []core.Run{{Started: at(15, 0)}, {Result: core.ResultError, Finished: at(14, 30), Message: "no"}, {Result: core.ResultWarning, Finished: at(14, 0)}}}
	p, s := newTest(store, nil)
	p.Load()
	r := s.state.Repositories[0]
	if r.Conflicts != 1 || r.Refused != 1 || r.SetAside != 1 || r.Held != 2 || r.Unsent != 2 || r.Needs() != 3 {
		t.Errorf("counted %+v", r)
	}
	if r.Success != at(14, 0) || r.Failed() != "no" {
		t.Errorf("last success %v, failed %q: an unfinished run says nothing, a warning is a success", r.Success, r.Failed())
	}
}

func TestSyncNowGoesThroughAllRepositoriesAndSumsUp(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "A", URL: "https://a.example"}, {ID: 2, Name: "calls us"}, {ID: 3, Name: "B", URL: "https://b.example"}}}
	var met []string
	p, s := newTest(store, func(_ context.Context, r core.Repository) (core.Run, error) {
		met = append(met, r.Name)
		if r.Name == "A" {
			return core.Run{Counts: core.Counts{Created: 2}}, &core.Problem{Kind: core.Unreachable, Subject: "A"}
		}
		return core.Run{Counts: core.Counts{Delivered: 1, Sent: 1}}, nil
	})
	p.Sync(0)
	if len(met) != 2 || met[1] != "B" {
		t.Errorf("ran %v: one that fails must not keep the next from running, one that only calls us is not run", met)
	}
	if want := "A does not answer. 2 new here; 1 of yours delivered."; s.result.Words != want || s.result.Good {
		t.Errorf("result %+v, want %q", s.result, want)
	}
	if !core.IsKind(s.problem, core.Unreachable) || s.state.Working {
		t.Errorf("problem %v, working %v", s.problem, s.state.Working)
	}
}

func TestCancelEndsTheRunAndIsNoFailure(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "A", URL: "https://a.example"}}}
	var p *Presenter
	p, s := newTest(store, func(ctx context.Context, _ core.Repository) (core.Run, error) {
		p.Cancel()
		return core.Run{Counts: core.Counts{Created: 2}}, ctx.Err()
	})
	p.Sync(0)
	if want := "Stopped at your request. 2 new here."; s.result.Words != want {
		t.Errorf("result %q, want %q", s.result.Words, want)
	}
}

func TestASecondSyncDoesNotBeginWhileOneRuns(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "A", URL: "https://a.example"}}}
	p, s := newTest(store, func(context.Context, core.Repository) (core.Run, error) {
		t.Error("a second run began")
		return core.Run{}, nil
	})
	p.Load()
	p.Happened(event.RunStarted{Run: "by the scheduler"})
	if s.sentence.Mood != MoodWorking {
		t.Errorf("mood %d while a run goes on", s.sentence.Mood)
	}
	p.Sync(0)
	p.Happened(event.RunFinished{Run: core.Run{ID: "by the scheduler"}})
	if s.sentence.Mood == MoodWorking {
		t.Error("still working after the end")
	}
}

func TestProgressIsToldInPlainWords(t *testing.T) {
	p, s := newTest(&fakeStore{repositories: []core.Repository{{ID: 1, URL: "https://a.example"}}}, nil)
	p.Happened(event.Progress{Repository: "HQ", Step: event.StepConnect})
	if s.progress.Step != 0 || s.progress.Words != "HQ" {
		t.Errorf("connecting: %+v", s.progress)
	}
	p.Happened(event.Progress{Repository: "HQ", Resource: "org_office", Step: event.StepSend, Done: 5, Total: 20, Counts: core.Counts{Created: 2}})
	if want := "Offices: 5 of 20"; s.progress.Words != want || s.progress.Step != 3 || s.progress.Portion != 0.25 || s.progress.Counts != "2 new here" {
		t.Errorf("sending: %+v, want %q", s.progress, want)
	}
}

func TestTheTimeLeftIsEstimatedAfterAWhile(t *testing.T) {
	m := &meter{}
	e := event.Progress{Resource: "org_office", Step: event.StepFetch, Total: 1000}
	m.read(e, now)
	e.Done = 100
	if got := m.read(e, now.Add(10*time.Second)).Words; got != "Offices: 100 of 1,000 · 10 a second · about 2 minutes left" {
		t.Errorf("got %q", got)
	}
}

// startScreen remembers what the first start showed.
type startScreen struct {
	step    int
	trouble map[string]string
	checks  []inspect.Check
	tested  bool
	done    bool
	problem error
	faults  []string
	login   login
	lacking []core.Resource
	renamed []core.Resource
	asking  bool
	trusted eden.Authority
}

func (s *startScreen) ShowTrusted(a eden.Authority) { s.trusted, s.checks = a, nil }

func (s *startScreen) ShowFile(_ setup.Setup, faults []string) {
	s.step, s.faults = stepFile, faults
}
func (s *startScreen) ShowLogin(l login)               { s.step, s.login = stepLogin, l }
func (s *startScreen) ShowStep(step int)               { s.step = step }
func (s *startScreen) ShowAddress(string)              {}
func (s *startScreen) ShowTrouble(field, words string) { s.trouble[field] = words }
func (s *startScreen) ShowTesting(bool)                {}
func (s *startScreen) ShowCheck(c inspect.Check)       { s.checks = append(s.checks, c) }
func (s *startScreen) ShowTested(ok bool)              { s.tested = ok }
func (s *startScreen) ShowOffering(on bool)            { s.asking = on }
func (s *startScreen) ShowLacking(r core.Resource)     { s.lacking = append(s.lacking, r) }
func (s *startScreen) ShowRenamed(r, now core.Resource) {
	s.lacking = slices.DeleteFunc(s.lacking, func(l core.Resource) bool { return l == r })
	s.renamed = append(s.renamed, now)
}
func (s *startScreen) ShowProblem(err error) { s.problem = err }
func (s *startScreen) ShowDone(bool)         { s.done = true }

func TestConnectingLeadsThroughFourSteps(t *testing.T) {
	store, s := &fakeStore{}, &startScreen{trouble: map[string]string{}}
	connect := func(r core.Repository, _ core.Node) (replicate.Peer, error) {
		return nil, &core.Problem{Kind: core.Unreachable, Subject: r.Name}
	}
	p := &startPresenter{ctx: t.Context(), store: store, connect: connect, lanes: async.Direct(), view: s}

	p.setAddress("HQ", "not an address at all://")
	if s.trouble["url"] == "" || s.step != 0 {
		t.Fatal("a wrong address was taken")
	}
	p.setAddress(" ", "://")
	if s.trouble["url"] == "" || s.trouble["name"] == "" {
		t.Errorf("of two wrong fields these are named: %v", s.trouble)
	}
	p.setAddress("HQ", "hub.example.org/eden/default/index")
	if s.step != stepLogin {
		t.Fatalf("step %d after a good address", s.step)
	}
	p.setLogin("", "")
	if s.trouble["user"] == "" || s.trouble["password"] == "" {
		t.Errorf("of two wrong fields these are named: %v", s.trouble)
	}
	p.setLogin("me@example.org", "")
	if s.trouble["user"] != "" || s.trouble["password"] == "" || s.step != stepLogin {
		t.Fatal("an empty password was taken")
	}
	p.setLogin("me@example.org", "secret")
	if s.step != stepTest || s.tested || len(s.checks) != 2 || s.checks[1].OK {
		t.Fatalf("an unreachable server passed the test: %+v", s.checks)
	}
	p.finish(nil)
	if s.trouble["resources"] == "" || s.done {
		t.Fatal("nothing to exchange was taken")
	}
	p.finish([]core.Resource{"org_office"})
	if !s.done || len(store.tasks) != 1 || store.repositories[0].URL != "https://hub.example.org/eden" {
		t.Errorf("stored %+v with %+v", store.repositories, store.tasks)
	}
}

// A server with a certificate of its own can be connected to without leaving the four steps,
// and the file may go afterwards: it lay on a stick.
func TestACertificateOfItsOwnIsChosenWhileConnecting(t *testing.T) {
	server := edentest.New(t, edentest.WithTLS())
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.HTTP().Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	connect := func(r core.Repository, n core.Node) (replicate.Peer, error) { return eden.New(r, n, eden.Options{}) }
	store, s := &fakeStore{}, &startScreen{trouble: map[string]string{}}
	p := &startPresenter{ctx: t.Context(), store: store, connect: connect, lanes: async.Direct(), view: s, dir: t.TempDir()}
	p.setAddress("HQ", server.URL)
	p.setLogin(edentest.User, edentest.Password)
	if last := s.checks[len(s.checks)-1]; s.tested || last.Problem == nil || last.Problem.Kind != core.CertificateWrong {
		t.Fatalf("a certificate that nobody vouches for passed the test: %+v", s.checks)
	}
	p.trust(filepath.Join(t.TempDir(), "none"))
	if !core.IsKind(s.problem, core.FileUnreadable) || s.tested {
		t.Fatalf("a file that is not there: %v", s.problem)
	}
	s.problem = nil
	p.trust(file)
	if !s.tested || s.problem != nil || s.trusted.Fingerprint == "" {
		t.Fatalf("not believed: %v, %+v", s.problem, s.checks)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.finish([]core.Resource{"org_office"})
	if kept, err := os.ReadFile(store.repositories[0].CAFile); err != nil || string(kept) != text {
		t.Errorf("kept %q in %q, %v", kept, store.repositories[0].CAFile, err)
	}
}

func TestASetupFileLeavesOnlyTheLoginToEnter(t *testing.T) {
	store, s := &fakeStore{}, &startScreen{trouble: map[string]string{}}
	connect := func(r core.Repository, _ core.Node) (replicate.Peer, error) {
		return nil, &core.Problem{Kind: core.Unreachable, Subject: r.Name}
	}
	p := &startPresenter{ctx: t.Context(), store: store, connect: connect, lanes: async.Direct(), view: s, dir: t.TempDir()}
	path := filepath.Join(t.TempDir(), "office.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"fieldsync": 1, "repositories": [{"name": "HQ", "url": "hub.example.org/eden", "password": "x", "colour": 1}]}`)
	p.openFile(path)
	if s.step != stepFile || len(s.faults) != 2 || p.file != nil {
		t.Fatalf("a wrong file: step %d, %v", s.step, s.faults)
	}
	write(`{"fieldsync": 1, "repositories": [{"name": "HQ", "url": "hub.example.org/eden", "resources": [{"table": "org_office", "mode": "pull"}]}]}`)
	p.openFile(path)
	if s.step != stepFile || len(s.faults) != 0 {
		t.Fatalf("a good file: step %d, %v", s.step, s.faults)
	}
	p.askLogin()
	p.setLogin("me@example.org", "secret")
	p.tested()
	r := store.repositories
	if !s.done || len(r) != 1 || r[0].URL != "https://hub.example.org/eden" || r[0].Username != "me@example.org" || r[0].Password != "secret" {
		t.Errorf("stored %+v, %v", r, s.problem)
	}
	if len(store.tasks) != 1 || store.tasks[0].Mode != core.ModePull {
		t.Errorf("stored %+v", store.tasks)
	}
	p.openFile(path + ".absent")
	if !core.IsKind(s.problem, core.FileUnreadable) {
		t.Errorf("an absent file: %v", s.problem)
	}
}

const threeServers = `{"fieldsync": 1, "proxy": "http://proxy.example.org:3128", "repositories": [
	{"name": "HQ", "url": "hq.example.org/eden", "resources": [{"table": "org_office"}]},
	{"name": "Hub", "url": "hub.example.org/eden", "username": "hub@example.org", "proxy": "http://door@hub-proxy.example.org:8080"},
	{"name": "Old", "url": "old.example.org/eden", "username": "maker@old", "resources": [{"table": "org_office"}]}]}`

func TestEveryServerOfASetupFileIsAskedForItsLogin(t *testing.T) {
	old := core.Repository{ID: 9, Name: "Old", URL: "https://old.example.org/eden", Username: "me@old", Password: "kept"}
	store, s := &fakeStore{repositories: []core.Repository{old}}, &startScreen{trouble: map[string]string{}}
	var asked []core.Repository
	connect := func(r core.Repository, _ core.Node) (replicate.Peer, error) {
		asked = append(asked, r)
		return nil, &core.Problem{Kind: core.Unreachable, Subject: r.Name}
	}
	p := &startPresenter{ctx: t.Context(), store: store, connect: connect, lanes: async.Direct(), view: s, dir: t.TempDir()}
	path := filepath.Join(t.TempDir(), "office.json")
	if err := os.WriteFile(path, []byte(threeServers), 0o600); err != nil {
		t.Fatal(err)
	}
	p.openFile(path)
	p.askLogin()
	if want := (login{Server: "HQ", Proxy: "proxy.example.org:3128"}); s.login != want {
		t.Fatalf("asked %+v, want %+v", s.login, want)
	}
	p.setProxyLogin("me", "door1")
	p.setLogin("me@hq", "secret1")
	if r := asked[0]; r.Proxy != "http://me@proxy.example.org:3128" || r.ProxyPassword != "door1" || r.Password != "secret1" {
		t.Errorf("the test asked by %q", r.Proxy)
	}
	p.tested()
	if want := (login{Server: "Hub", User: "hub@example.org", Proxy: "hub-proxy.example.org:8080", ProxyUser: "door"}); s.login != want {
		t.Fatalf("asked %+v, want %+v", s.login, want)
	}
	p.setProxyLogin("door", "door2")
	p.setLogin("hub@example.org", "secret2")
	p.tested()
	if s.step != stepResources {
		t.Fatalf("step %d: what to exchange with Hub is not known", s.step)
	}
	p.finish([]core.Resource{"cr_shelter"})
	if want := (login{Server: "Old", User: "me@old", Kept: true, Last: true}); s.login != want || s.done {
		t.Fatalf("asked %+v, want %+v: the proxy's login is known, and so is the password", s.login, want)
	}
	p.setLogin("me@old", "")
	if r := asked[len(asked)-1]; r.Password != "kept" {
		t.Errorf("the stored password was not tried: %v", s.trouble)
	}
	p.tested()
	if !s.done || s.problem != nil {
		t.Fatalf("done: %v, %v", s.done, s.problem)
	}
	by := map[string]core.Repository{}
	for _, r := range store.repositories {
		by[r.Name] = r
	}
	if len(by) != 3 || by["HQ"].Password != "secret1" || by["Hub"].ProxyPassword != "door2" || by["Old"].Password != "kept" {
		t.Errorf("stored %+v", by)
	}
	if store.node.Proxy != "http://me:door1@proxy.example.org:3128" {
		t.Errorf("the default proxy is stored as %q", store.node.Proxy)
	}
	if len(store.tasks) != 3 || store.tasks[1].Resource != "cr_shelter" {
		t.Errorf("tasks %+v", store.tasks)
	}
}

func TestAServerOfASetupFileMayBeLeftWithoutALogin(t *testing.T) {
	store, s := &fakeStore{}, &startScreen{trouble: map[string]string{}}
	p := &startPresenter{ctx: t.Context(), store: store, lanes: async.Direct(), view: s, dir: t.TempDir()}
	path := filepath.Join(t.TempDir(), "office.json")
	if err := os.WriteFile(path, []byte(threeServers), 0o600); err != nil {
		t.Fatal(err)
	}
	p.openFile(path)
	p.askLogin()
	p.later()
	if s.login.Server != "Hub" {
		t.Fatalf("asked for %q", s.login.Server)
	}
	if !p.previous() || s.login.Server != "HQ" || p.previous() {
		t.Errorf("back led to %q", s.login.Server)
	}
	p.later()
	p.later()
	p.finish([]core.Resource{"cr_shelter"})
	p.later()
	if !s.done || len(store.repositories) != 3 || store.repositories[1].Username != "hub@example.org" {
		t.Errorf("stored %+v, %v", store.repositories, s.problem)
	}
}

// kindsPeer has some kinds of record only.
type kindsPeer struct {
	replicate.Peer
	has     map[core.Resource]bool
	trouble core.Trouble // Internal: none
}

func (p *kindsPeer) Pull(_ context.Context, req replicate.PullRequest, _ func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if p.trouble != core.Internal {
		return replicate.PullReply{}, &core.Problem{Kind: p.trouble}
	}
	if !p.has[req.Resource] {
		return replicate.PullReply{}, &core.Problem{Kind: core.UnknownResource}
	}
	return replicate.PullReply{}, nil
}

func TestOnlyKindsOfRecordThatTheServerHasAreOffered(t *testing.T) {
	store, s := &fakeStore{}, &startScreen{trouble: map[string]string{}}
	peer := &kindsPeer{has: map[core.Resource]bool{"org_organisation": true, "pr_person": true}}
	p := &startPresenter{ctx: t.Context(), store: store, lanes: async.Direct(), view: s,
		connect: func(core.Repository, core.Node) (replicate.Peer, error) { return peer, nil }}
	p.repository.Password = "secret"
	p.tested()
	if s.step != stepResources || s.asking {
		t.Fatalf("step %d, still asking: %v", s.step, s.asking)
	}
	if slices.Contains(s.lacking, "pr_person") || !slices.Contains(s.lacking, "org_facility") || len(s.lacking) != len(words.Common())-2 {
		t.Errorf("lacking %v", s.lacking)
	}
	for _, trouble := range []core.Trouble{core.Unreachable, core.Forbidden, core.ServerFault} {
		s.lacking, peer.trouble = nil, trouble
		p.tested()
		if len(s.lacking) != 0 || s.asking || s.problem != nil {
			t.Errorf("trouble %d: nothing is known to lack, got %v, %v", trouble, s.lacking, s.problem)
		}
	}
}

// Later Edens have requests among the stock.
func TestAKindOfRecordThatTheServerHasByAnotherNameIsOffered(t *testing.T) {
	s := &startScreen{trouble: map[string]string{}}
	peer := &kindsPeer{has: map[core.Resource]bool{"org_organisation": true, "inv_req": true}}
	p := &startPresenter{ctx: t.Context(), store: &fakeStore{}, lanes: async.Direct(), view: s,
		connect: func(core.Repository, core.Node) (replicate.Peer, error) { return peer, nil }}
	p.repository.Password = "secret"
	p.tested()
	if slices.Contains(s.lacking, "req_req") || !slices.Equal(s.renamed, []core.Resource{"inv_req"}) {
		t.Errorf("lacking %v, renamed %v", s.lacking, s.renamed)
	}
	if len(s.lacking) != len(words.Common())-2 {
		t.Errorf("lacking %v", s.lacking)
	}
}

func TestAFailureDoesNotClaimThatNothingWasNew(t *testing.T) {
	problem := &core.Problem{Kind: core.Unreachable, Subject: "HQ"}
	if got := resultOf([]core.Run{{}}, problem).Words; got != "HQ does not answer." {
		t.Errorf("got %q", got)
	}
	if got := resultOf([]core.Run{{Counts: core.Counts{Received: 3, Created: 3}}}, problem).Words; got != "HQ does not answer. 3 new here." {
		t.Errorf("got %q", got)
	}
}

func TestTheResultOfARunThatBeganByItselfIsShown(t *testing.T) {
	store := &fakeStore{repositories: []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example"}}}
	p, s := newTest(store, nil)
	p.Load()
	run := core.Run{ID: "a", Repository: 1}
	p.Happened(event.RunStarted{Run: "a", Repository: core.Repository{Name: "HQ"}})
	run.Counts = core.Counts{Received: 5, Created: 5}
	p.Happened(event.RunFinished{Run: run})
	if s.result.Words != "5 new here." || !s.result.Good {
		t.Errorf("got %+v", s.result)
	}
	s.result = Result{}
	run.Counts = core.Counts{Received: 5, Unchanged: 5}
	p.Happened(event.RunFinished{Run: run})
	if s.result != (Result{}) {
		t.Errorf("a quiet run told %+v", s.result)
	}
}

// That a sync goes on by itself is said only of what trying again can help.
func TestAResultSaysWhetherItIsTriedAgain(t *testing.T) {
	for kind, again := range map[core.Trouble]bool{core.Unreachable: true, core.DiskFull: true, core.Unauthorized: false, core.IdentityChanged: false} {
		if r := resultOf(nil, &core.Problem{Kind: kind, Subject: "HQ"}); !r.Failed || r.Again != again {
			t.Errorf("%v: %+v", kind, r)
		}
	}
}
