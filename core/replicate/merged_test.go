package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// mergeHere notes that a record was merged into another, as a pull from another server does.
func (w *world) mergeHere(loser, winner core.Link) {
	w.t.Helper()
	w.edit(loser, func(r *core.Record) { r.Deleted, r.ReplacedBy, r.Fields = true, winner.UUID, nil })
}

func bury(r *core.Record) { r.Deleted, r.Fields = true, nil }

// A record was merged into another at one server. A second server never had that other
// one, which is deleted here, and passes over the merging: there the record is deleted.
func TestWhatWasMergedIntoARecordThatIsDeletedIsDeletedWhereThatNeverWas(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	w.edit(office(3), set("name", "only here"))
	w.edit(office(3), bury)
	w.mergeHere(office(1), office(3))
	run := w.sync()
	if !w.there(office(1)).Deleted || w.there(office(2)).Deleted {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if here := w.here(office(1)); here.ReplacedBy != office(3).UUID {
		t.Errorf("here nobody knows any more what became of it: %+v", here)
	}
	if q := w.quarantine(); len(q) != 0 {
		t.Errorf("set aside: %+v", q)
	}
	w.sync()
	w.quiet()
}

// What a record was merged into may live at the server although it is not here: then
// nothing is deleted.
func TestWhatWasMergedIntoARecordThatIsNotHereIsNotDeleted(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	w.mergeHere(office(1), office(3))
	run := w.sync()
	if w.there(office(1)).Deleted || run.Refused != 1 || len(w.quarantine()) != 1 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
}

// A task that merges and deletes nothing does not delete what cannot be merged.
func TestWhatCannotBeMergedIsNotDeletedAgainstTheStrategy(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Strategy &^= core.Strategy(core.MethodDelete)
	w.addTask(task)
	w.offices(2)
	w.sync()
	w.edit(office(3), set("name", "only here"))
	w.edit(office(3), bury)
	w.mergeHere(office(1), office(3))
	w.sync()
	if w.there(office(1)).Deleted {
		t.Errorf("it is deleted there\n%s", w.logs())
	}
}

// One record was merged into a second and that into a third, elsewhere. A server that
// never had the second merges the first into the third.
func TestWhatWasMergedTwiceElsewhereIsMergedIntoTheLast(t *testing.T) {
	for _, tt := range []struct {
		name string
		made bool // the last one is new to the server, too
	}{{"the last one is there", false}, {"the last one goes along", true}} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(2)
			w.sync()
			last := office(2)
			w.edit(office(3), set("name", "never there"))
			w.mergeHere(office(1), office(3))
			if tt.made {
				last = office(4)
				w.edit(last, set("name", "new"))
			}
			w.mergeHere(office(3), last)
			run := w.sync()
			if there := w.there(office(1)); !there.Deleted || there.ReplacedBy != last.UUID {
				t.Errorf("there it is %+v, got %s\n%s", there, run.Counts, w.logs())
			}
			if q := w.quarantine(); len(q) != 0 {
				t.Errorf("set aside: %+v", q)
			}
			if there := w.there(last); there.Deleted {
				t.Error("the last one is deleted there")
			}
			w.sync()
			w.quiet()
		})
	}
}

// The two servers tell differently what became of it, and go on doing so: nothing
// wanders between them.
func TestWhatTwoServersMergedDifferentlyComesToRest(t *testing.T) {
	w, other := newWorld(t, "org_office"), newWorld(t)
	other.eden.UUID = "urn:uuid:the second one"
	w.offices(3)
	w.sync()
	for _, n := range []int{1, 2} {
		there := w.there(office(n))
		there.Components = nil
		other.eden.Put(there)
	}
	repo := other.eden.Repository()
	repo.ID, repo.Name = 0, "second"
	second, err := w.db.AddRepository(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	w.addTask(core.NewTask(second.ID, "org_office"))
	both := func() (moved int) {
		w.pass(26 * time.Hour)
		other.pass(26*time.Hour + time.Minute)
		before := w.seq()
		run, err := w.engine.Sync(t.Context(), second, replicate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return w.sync().Sent + run.Sent + int(w.seq()-before)
	}
	w.merge(office(1), office(3))
	w.sync()
	w.merge(office(3), office(2))
	w.sync()
	for range 3 {
		both()
	}
	if there, _ := other.eden.Get(office(1)); !there.Deleted || there.ReplacedBy != office(2).UUID {
		t.Errorf("at the second server it is %+v", there)
	}
	for range 3 {
		if moved := both(); moved != 0 {
			t.Errorf("%d things moved, although everything had been told\n%s", moved, w.logs())
		}
	}
}

// An Eden that is asked for one record does not say into which other one it was merged, and says
// so with the next pull: that is the same tombstone. What is restored here in between was changed
// here only, and nobody at the server is taken for having deleted it again.
func TestATombstoneThatTellsMoreWithThePullIsTheSame(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	before := w.here(office(1))
	w.clock.Advance(time.Minute)
	w.mergeHere(office(1), office(2))
	if run := w.sync(); run.Delivered != 1 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	w.clock.Advance(time.Minute)
	w.edit(office(1), func(r *core.Record) { r.Deleted, r.ReplacedBy, r.Fields = false, "", before.Fields })
	run := w.sync()
	if run.Conflicts != 0 || run.Delivered != 1 || w.there(office(1)).Deleted {
		t.Errorf("got %s, there %+v\n%s", run.Counts, w.there(office(1)), w.logs())
	}
	w.sync()
	w.quiet()
}
