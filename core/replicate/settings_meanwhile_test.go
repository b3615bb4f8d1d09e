package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// connecting is how a run comes to its peer.
type connecting = func(core.Repository, core.Node) (replicate.Peer, error)

// beforePull runs fn once, before the first page is asked for.
func beforePull(connect connecting, fn func()) connecting {
	done := false
	return func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return busyPeer{p, func() {
			if !done {
				done = true
				fn()
			}
		}}, err
	}
}

// syncWith makes one run in which fn is called when hook says so.
func (w *world) syncWith(hook func(connecting, func()) connecting, fn func()) {
	w.t.Helper()
	connect := w.engine.Connect
	w.engine.Connect = hook(connect, fn)
	w.sync()
	w.engine.Connect = connect
}

// filter gives the task for offices another filter, as an administrator does while a run
// is under way.
func (w *world) filter(filters ...core.Filter) {
	w.t.Helper()
	task := w.task("org_office")
	task.Filters = filters
	if err := w.db.UpdateTask(w.t.Context(), task); err != nil {
		w.t.Error(err)
	}
}

var officesOnly = core.Filter{Query: "~.name__like=Office*"}

// What a wider filter lets in is fetched by the next run, though the filter was changed
// while one was under way that went by the former.
func TestAFilterThatIsChangedDuringAPullHasTheNextOneReadAnew(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.hub.Put(rec(office(4), "name", "Warehouse"))
	w.filter(officesOnly)
	w.sync()
	if _, err := w.db.Record(t.Context(), office(4)); err == nil {
		t.Fatal("the filter was to exclude it")
	}
	w.pass(25 * time.Hour) // a comparison is due, too
	w.change(office(1), "phone", "2")
	w.syncWith(beforePull, func() { w.filter() })
	w.sync()
	w.agree(office(4), "name", "Warehouse")
	w.quiet()
}

// What a wider filter lets out is sent by the next run, and counted until then.
func TestAFilterThatIsChangedDuringAPushHasTheNextOneLookAtAll(t *testing.T) {
	w := newWorld(t, "org_office")
	w.filter(officesOnly)
	w.edit(office(1), set("name", "Office 1"))
	w.edit(office(2), set("name", "Warehouse"))
	w.syncWith(beforePush, func() { w.filter() })
	unsent, err := w.db.Unsent(t.Context())
	if err != nil || unsent[w.repo.ID] != 1 {
		t.Errorf("unsent: %v, %v, want the one that the former filter excluded", unsent, err)
	}
	w.sync()
	w.agree(office(2), "name", "Warehouse")
	w.quiet()
}

// The same where the run has nothing to send.
func TestAFilterThatIsChangedDuringAnIdleRunHasTheNextOneLookAtAll(t *testing.T) {
	w := newWorld(t, "org_office")
	w.filter(officesOnly)
	w.edit(office(2), set("name", "Warehouse"))
	w.syncWith(beforePull, func() { w.filter() })
	w.sync()
	w.agree(office(2), "name", "Warehouse")
	w.quiet()
}

// A table that is taken off the list while it is read is no trouble of the run.
func TestATaskThatIsRemovedDuringARunKeepsWhatHasCome(t *testing.T) {
	w := newWorld(t, "org_office", "pr_person")
	w.offices(3)
	w.hub.Put(rec(link("pr_person", 1), "first_name", "Ada"))
	w.edit(office(9), set("name", "Ours"))
	w.syncWith(beforePull, func() {
		if err := w.db.DeleteTask(t.Context(), w.task("org_office").ID); err != nil {
			t.Error(err)
		}
	})
	w.agree(link("pr_person", 1), "first_name", "Ada")
	w.addTask(core.NewTask(w.repo.ID, "org_office"))
	w.sync()
	w.agree(office(3), "name", "Office 3")
	w.agree(office(9), "name", "Ours")
	w.quiet()
}
