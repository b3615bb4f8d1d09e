package replicate_test

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A Fieldsync that is met for the first time, with a task for the components too:
// neither the first run nor a later one fetches what has just been taken there.
func TestWhatAnEmptyHubWasGivenIsNotFetched(t *testing.T) {
	w, _ := newNodes(t, "pr_person", "pr_contact")
	var err error
	if w.repo, err = w.engine.Register(t.Context(), w.repo); err != nil {
		t.Fatal(err)
	}
	w.ownPeople(3)
	if run := w.sync(); run.Received != 0 || run.Delivered != 6 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	if run := w.sync(); run.Received != 0 {
		t.Errorf("it travels back: %s\n%s", run.Counts, w.logs())
	}
	for _, resource := range []core.Resource{"pr_person", "pr_contact"} {
		if marker, stamp := w.task(resource).LastPull, w.here(link("pr_person", 1)).ModifiedOn; marker != stamp {
			t.Errorf("the marker of %s stands at %s, want the stamp of what was sent, %s", resource, marker, stamp)
		}
	}
	w.change(contact(2), "value", "theirs")
	w.hub.Put(rec(link("pr_person", 9), "first_name", "Late")) // with a stamp of before
	if run := w.sync(); run.Updated != 1 || run.Created != 1 {
		t.Errorf("got %s, want what was changed and made there\n%s", run.Counts, w.logs())
	}
	w.agree(contact(2), "value", "theirs")
	w.quiet()
}

// With other filters a task reads everything, also what was sent from here: it may
// have been forgotten here in a restore, outside of what the filters let in then.
func TestATaskThatReadsAnewIsGivenItsOwn(t *testing.T) {
	w, _ := newNodes(t, "pr_person")
	w.ownPeople(3)
	for range 3 {
		w.sync()
	}
	task := w.task("pr_person")
	task.Filters = []core.Filter{{Query: "~.first_name__like=*"}}
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if run := w.sync(); run.Received != 6 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.quiet()
}

// ownPeople makes persons with a contact each on the laptop.
func (w *world) ownPeople(n int) {
	w.t.Helper()
	for i := 1; i <= n; i++ {
		w.edit(link("pr_person", i), set("first_name", "Person"))
		w.edit(contact(i), func(r *core.Record) {
			r.Master, r.Alias = link("pr_person", i), "contact"
			r.Set(core.Field{Name: "value", Value: core.Text("ours")})
		})
	}
}

// A busyPeer is one at which something happens before each page.
type busyPeer struct {
	replicate.Peer
	before func()
}

func (p busyPeer) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	p.before()
	return p.Peer.Pull(ctx, req, yield)
}

// While pages are read for an hour, a record with an old stamp reaches the hub, behind
// the place of reading, and later another is changed there: the marker does not pass
// the first one.
func TestWhatComesBehindAPullIsFetchedByTheNext(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(15)
	w.pass(time.Hour)
	pages, connect := 0, w.engine.Connect
	w.engine.Tuning.InTurn = true
	w.engine.Connect = func(r core.Repository, node core.Node) (replicate.Peer, error) {
		peer, err := connect(r, node)
		return busyPeer{peer, func() {
			if pages++; pages != 2 {
				return
			}
			w.pass(10 * time.Minute)
			n.lateArrival(office(50))
			w.pass(50 * time.Minute)
			w.change(office(15), "phone", "2")
		}}, err
	}
	w.sync()
	w.sync()
	w.agree(office(50), "name", "Late")
	w.agree(office(15), "phone", "2")
	w.quiet()
}

// lateArrival stores an old record at the hub, as another laptop's push would.
func (n *node) lateArrival(l core.Link) {
	t := n.w.t
	t.Helper()
	old := rec(l, "name", "Late")
	old.ModifiedOn = core.MTimeOf(start.Add(-time.Hour))
	err := n.db.Import(t.Context(), func(tx intake.Tx) error {
		return tx.Put(t.Context(), &old, core.Change{Rule: "create", At: core.MTimeOf(n.w.clock.Now())})
	})
	if err != nil {
		t.Error(err)
	}
}

// The same where the pull breaks off meanwhile, and a later run goes on with it.
func TestWhatComesBehindAPullThatIsResumedIsFetchedByTheNext(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(35)
	w.pass(time.Hour)
	pages, connect := 0, w.engine.Connect
	w.engine.Tuning.InTurn = true
	ctx, cut := context.WithCancel(t.Context())
	w.engine.Connect = func(r core.Repository, node core.Node) (replicate.Peer, error) {
		peer, err := connect(r, node)
		return busyPeer{peer, func() {
			if pages++; pages != 3 {
				return
			}
			w.pass(10 * time.Minute)
			n.lateArrival(office(50))
			cut()
		}}, err
	}
	repo, err := w.db.Repository(t.Context(), w.repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.engine.Sync(ctx, repo, replicate.Options{}); err == nil {
		t.Fatal("it was to break off")
	}
	if cp := w.task("org_office").Checkpoint; cp.Start == 0 {
		t.Fatalf("nothing is kept of it: %+v", cp)
	}
	w.pass(50 * time.Minute)
	w.change(office(35), "phone", "2")
	w.sync()
	w.sync()
	w.agree(office(50), "name", "Late")
	w.agree(office(35), "phone", "2")
	w.quiet()
}
