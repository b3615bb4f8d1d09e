package replicate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
)

// A node is another Fieldsync as the server: its own store behind its responder,
// over HTTP, with a place for trouble in between.
type node struct {
	w   *world
	db  *storage.DB
	url string

	mu     sync.Mutex // guards the rest
	answer http.Handler
	fault  func(http.ResponseWriter, *http.Request, http.Handler) bool
}

const laptopLogin, laptopPassword = "laptop@example.org", "correct horse"

// newNodes makes a laptop and a Fieldsync it synchronises with.
func newNodes(t *testing.T, resources ...core.Resource) (*world, *node) {
	t.Helper()
	w := &world{t: t, clock: stoppedAt(start)}
	n := &node{w: w, db: w.open(t)}
	hash, err := responder.HashPassword(core.Secret(laptopPassword))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.db.SaveAccount(t.Context(), core.Account{Name: laptopLogin, Hash: hash}); err != nil {
		t.Fatal(err)
	}
	for _, r := range resources {
		if err := n.db.Share(t.Context(), r, true); err != nil {
			t.Fatal(err)
		}
	}
	n.serve()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Date", w.clock.Now().UTC().Format(http.TimeFormat))
		n.mu.Lock()
		fault, answer := n.fault, n.answer
		n.mu.Unlock()
		if fault == nil || !fault(rw, r, answer) {
			answer.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(srv.Close)
	n.url = srv.URL + "/eden"
	w.hub = n
	w.join(core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}, resources...)
	return w, n
}

// serve puts a responder before the hub's store.
func (n *node) serve() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answer = responder.New(n.db, responder.Options{Now: n.w.clock.Now, Welcome: true, Page: 4})
}

// restore gives the hub the store of a former copy of its data folder.
func (n *node) restore(dir string) {
	n.w.t.Helper()
	db, err := storage.Open(n.w.t.Context(), storage.Options{Dir: dir, Now: n.w.clock.Now, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		n.w.t.Fatal(err)
	}
	n.w.t.Cleanup(func() { _ = db.Close() })
	n.db = db
	n.serve()
}

// Put stores records as the hub's own users would.
func (n *node) Put(recs ...core.Record) {
	n.w.t.Helper()
	for _, r := range recs {
		_ = r.Walk(func(c *core.Record) error {
			flat := *c
			flat.Components = nil
			n.w.editIn(n.db, flat.Link(), func(old *core.Record) {
				created := old.CreatedOn
				*old = flat
				old.CreatedOn = created
			})
			return nil
		})
	}
}

func (n *node) Get(l core.Link) (core.Record, bool) {
	rec, err := n.db.Record(n.w.t.Context(), l)
	return rec, err == nil
}

func (n *node) Delete(l core.Link) {
	n.w.t.Helper()
	n.w.editIn(n.db, l, func(r *core.Record) { r.Deleted, r.Fields = true, nil })
}

// meddle lets fn answer requests, or not; nil: nobody.
func (n *node) meddle(fn func(http.ResponseWriter, *http.Request, http.Handler) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = fn
}

// spoil lets the request after the next n go wrong; n < 0: none.
func (n *node) spoil(after int, kind string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = nil
	if after < 0 {
		return
	}
	n.fault = func(w http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		n.mu.Lock()
		after--
		hit := after == -1
		n.mu.Unlock()
		return hit && broken(kind, w, r, answer)
	}
}

// broken answers a request badly.
func broken(kind string, w http.ResponseWriter, r *http.Request, answer http.Handler) bool {
	switch kind {
	case "500", "503", "401":
		code, _ := strconv.Atoi(kind)
		http.Error(w, "injected", code)
	case "portal":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><form action=login><input type=password></form></html>")
	case "cut":
		rec := httptest.NewRecorder()
		answer.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case "lost reply":
		answer.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		panic(http.ErrAbortHandler)
	}
	return true
}

func TestTwoFieldsyncs(t *testing.T) {
	w, n := newNodes(t, "org_office", "org_organisation")
	w.offices(35)
	if run := w.sync(); run.Created != 35 {
		t.Fatalf("got %s, want 35 new\n%s", run.Counts, w.logs())
	}
	w.quiet()

	w.pass(time.Hour)
	w.change(office(3), "phone", "theirs")
	w.edit(office(4), set("phone", "ours"))
	org := link("org_organisation", 1)
	w.edit(org, set("name", "New NGO"))
	w.edit(office(99), func(r *core.Record) {
		r.Set(core.Field{Name: "name", Value: core.Text("New office")})
		r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	})
	w.edit(office(5), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	n.Delete(office(6))
	run := w.sync()
	if run.Updated != 1 || run.Deleted != 1 || run.Delivered != 4 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.agree(office(3), "phone", "theirs")
	w.agree(office(4), "phone", "ours")
	w.agree(org, "name", "New NGO")
	if !w.here(office(6)).Deleted || !w.there(office(5)).Deleted {
		t.Error("deletions must go both ways")
	}
	w.quiet()
}

func TestTwoFieldsyncsSettleByEveryPolicy(t *testing.T) {
	for _, tt := range []struct {
		policy    core.Policy
		oursLater bool
		want      string
	}{
		{core.PolicyThis, false, "ours"}, {core.PolicyOther, true, "theirs"},
		{core.PolicyNewer, true, "ours"}, {core.PolicyNewer, false, "theirs"}, {core.PolicyMaster, true, "theirs"},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			w, _ := newNodes(t)
			if err := w.hub.(*node).db.Share(t.Context(), "org_office", true); err != nil {
				t.Fatal(err)
			}
			task := core.NewTask(w.repo.ID, "org_office")
			task.Conflict = tt.policy
			w.addTask(task)
			w.offices(2)
			w.sync()
			w.pass(time.Hour)
			w.both(office(1), tt.oursLater)
			if run := w.sync(); run.Conflicts != 1 {
				t.Errorf("got %s, want one conflict\n%s", run.Counts, w.logs())
			}
			w.agree(office(1), "phone", tt.want)
			w.quiet()
		})
	}
}

// The hub changes a record between our pull and our push: it sees by based_on
// that the edit did not know of that.
func TestAnEditAtTheHubBetweenPullAndPushIsNotOverwritten(t *testing.T) {
	w, _ := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "ours"))
	w.engine.Connect = beforePush(w.engine.Connect, func() { w.change(office(1), "name", "Meanwhile") })
	w.sync()
	w.engine = w.engineFor(w.db)
	w.sync()
	w.agree(office(1), "name", "Meanwhile")
	w.agree(office(1), "phone", "ours")
	w.pass(time.Hour)
	w.quiet()
}

func TestTheHubsTaskDecidesAboutWhatIsPushed(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	node, err := w.db.Node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := n.db.PeerByUUID(t.Context(), node.UUID)
	if err != nil {
		t.Fatal(err)
	}
	task := core.NewTask(peer.ID, "org_office")
	task.Update = core.PolicyThis
	if _, err := n.db.AddTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "ours"))
	run := w.sync()
	if run.Refused != 1 || run.Delivered != 0 {
		t.Fatalf("got %s, want it refused\n%s", run.Counts, w.logs())
	}
	if q := w.quarantine(); len(q) != 1 || q[0].Reason == "" {
		t.Errorf("set aside: %+v", q)
	}
	if got := w.there(office(1)); got.Value("phone").Str != "1" {
		t.Errorf("the hub keeps its own by THIS: %q", got.Value("phone").Str)
	}
	task.Update = core.PolicyNewer
	tasks, _ := n.db.Tasks(t.Context(), peer.ID)
	task.ID = tasks[0].ID
	if err := n.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.pass(48 * time.Hour)
	if run := w.sync(); run.Delivered != 1 || len(w.quarantine()) != 0 {
		t.Errorf("after the hub changed its mind it must be delivered: %s\n%s", run.Counts, w.logs())
	}
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

func TestALateArrivalAtAFieldsyncHidesFromNobody(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	late := rec(office(9), "name", "Late")
	late.ModifiedOn = core.MTimeOf(start.Add(-240 * time.Hour))
	err := n.db.Import(t.Context(), func(tx intake.Tx) error { // as another laptop's push would
		return tx.Put(t.Context(), &late, core.Change{Origin: 7, Rule: "create", At: core.MTimeOf(w.clock.Now())})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(9), "name", "Late")
	w.quiet()
}

func TestAnUnacceptedLaptopIsToldSo(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	node, _ := w.db.Node(t.Context())
	peer, err := n.db.PeerByUUID(t.Context(), node.UUID)
	if err != nil {
		t.Fatal(err)
	}
	peer.AcceptPush = false
	if _, err := n.db.UpdateRepository(t.Context(), peer); err != nil {
		t.Fatal(err)
	}
	w.edit(office(1), set("phone", "ours"))
	_, err = w.run(replicate.Options{})
	if !core.IsKind(err, core.NotAccepted) {
		t.Errorf("got %v\n%s", err, w.logs())
	}
	if got := w.here(office(1)); got.Value("phone").Str != "ours" {
		t.Error("the edit must stay")
	}
}

// A contact of somebody who was deleted meanwhile reaches a Fieldsync alone, and nobody there
// knows whose it is. Once it comes with that person, who was brought back, everybody hears of it
// (seed 8476), though it was edited there in between (seed 8300446).
func TestAComponentThatFindsItsMasterAtAFieldsyncReachesTheOthers(t *testing.T) {
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	for name, edit := range map[string]func(w *world){
		"as it came":   func(*world) {},
		"edited there": func(w *world) { w.change(contact, "comments", "there") },
	} {
		t.Run(name, func(t *testing.T) {
			w, n := newNodes(t, "pr_person")
			if err := n.db.Share(t.Context(), "pr_contact", true); err != nil {
				t.Fatal(err)
			}
			n.Put(rec(person, "first_name", "Ana"))
			w.sync()
			hub := core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}
			other := &world{t: t, clock: w.clock, hub: n}
			other.join(hub, "pr_person")
			other.sync()
			n.Delete(person)
			w.edit(contact, func(r *core.Record) {
				*r = rec(contact, "value", "12345")
				r.Master, r.Alias = person, "contact"
			})
			w.sync()
			w.pass(time.Hour)
			edit(w)
			w.pass(time.Hour)
			n.Put(rec(person, "first_name", "Ana"))
			other.sync()
			w.pass(time.Hour)
			n.Put(rec(link("pr_person", 3), "first_name", "Ben"))
			other.sync() // what changed an hour ago is not shown again
			w.sync()
			other.sync()
			if got, err := other.db.Record(t.Context(), contact); err != nil || got.Master != person {
				t.Errorf("the other laptop has it as %+v, %v\n%s", got, err, w.logs())
			}
			other.quiet()
		})
	}
}

// So does one that finds its master on a laptop between two Fieldsyncs: the second one hears of it,
// and the first one is sent nothing for that.
func TestAComponentThatFindsItsMasterOnALaptopReachesTheSecondFieldsync(t *testing.T) {
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	for name, tt := range map[string]struct {
		strategy core.Strategy // of what comes from the first one
		edit     func(w, between *world)
		sent     int // to that one
	}{
		"as it came":                         {core.StrategyAll, func(_, _ *world) {}, 0},
		"edited here":                        {core.StrategyAll, func(_, between *world) { between.edit(contact, set("comments", "here")) }, 1},
		"edited there, which is not to come": {core.Strategy(core.MethodCreate), func(w, _ *world) { w.edit(contact, set("comments", "there")) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, first := newNodes(t, "pr_person")
			if err := first.db.Share(t.Context(), "pr_contact", true); err != nil {
				t.Fatal(err)
			}
			_, second := newNodes(t, "pr_person", "pr_contact")
			second.w = w
			second.serve()
			between := &world{t: t, clock: w.clock, hub: first}
			between.join(core.Repository{Name: "first", URL: first.url, Username: laptopLogin, Password: laptopPassword}, "pr_person", "pr_contact")
			task := between.task("pr_contact")
			task.Strategy = tt.strategy
			if err := between.db.UpdateTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			one := between.repo
			between.know(core.Repository{Name: "second", URL: second.url, Username: laptopLogin, Password: laptopPassword}, "pr_person", "pr_contact")
			other := between.repo
			with := func(check func()) {
				t.Helper()
				between.repo, between.hub = one, first
				check()
				between.repo, between.hub = other, second
				check()
			}
			var sent []int
			sync := func() { sent = append(sent, between.sync().Sent) }
			first.Put(rec(person, "first_name", "Ana"))
			w.sync()
			with(sync)
			first.Delete(person)
			w.edit(contact, func(r *core.Record) {
				*r = rec(contact, "value", "12345")
				r.Master, r.Alias = person, "contact"
			})
			w.sync()
			with(sync)
			w.pass(time.Hour)
			tt.edit(w, between)
			w.pass(time.Hour)
			first.Put(rec(person, "first_name", "Ana"))
			w.sync()
			with(sync)
			if there := between.there(contact); there.Master != person {
				t.Errorf("the second Fieldsync has it as %+v\n%s", there, between.logs())
			}
			if got := sent[len(sent)-2]; got != tt.sent {
				t.Errorf("%d were sent to the first one, want %d\n%s", got, tt.sent, between.logs())
			}
			with(between.quiet)
		})
	}
}
