package replicate_test

import (
	"errors"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// asked is a world in which three offices were changed on both sides, and a person is asked.
func asked(t *testing.T) (w *world, ids []int64) {
	w = newAskingWorld(t)
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	for n := range 3 {
		w.edit(office(n+1), set("phone", "ours"))
		w.change(office(n+1), "phone", "theirs")
	}
	w.sync()
	for _, c := range w.stillOpen() {
		ids = append(ids, c.ID)
	}
	if len(ids) != 3 {
		t.Fatalf("%d are asked about\n%s", len(ids), w.logs())
	}
	return w, ids
}

func (w *world) stillOpen() []core.Conflict {
	w.t.Helper()
	list, err := w.db.Conflicts(w.t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// Whoever decided many at once, and wrongly, is asked again as before: nothing was sent
// meanwhile, nothing is lost, and the second decision counts.
func TestManyDecisionsAreTakenBackAtOnce(t *testing.T) {
	for _, winner := range []string{storage.WinnerOurs, storage.WinnerTheirs, storage.WinnerBoth} {
		t.Run(winner, func(t *testing.T) {
			w, ids := asked(t)
			before := w.stillOpen()
			for i, id := range ids {
				mixed := before[i].Ours.Clone()
				set("phone", "mixed")(&mixed)
				if err := w.db.ResolveConflict(t.Context(), id, winner, &mixed, core.Hash{}, "me"); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := w.db.ReopenConflicts(t.Context(), ids, "me"); n != 3 || err != nil {
				t.Fatalf("%d are open again, %v", n, err)
			}
			for i, c := range w.stillOpen() {
				if was := before[i]; c.ID != was.ID || c.Ours.Hash() != was.Ours.Hash() || c.Theirs.Hash() != was.Theirs.Hash() || c.Base == nil || c.Base.Hash() != was.Base.Hash() {
					t.Errorf("the question was %+v, and is %+v", was, c)
				}
			}
			if run := w.sync(); run.Sent != 0 || w.questions() != 3 {
				t.Errorf("while it is open: %s, %d open\n%s", run.Counts, w.questions(), w.logs())
			}
			for n := range 3 {
				if here := w.here(office(n + 1)); here.Value("phone").Str != "ours" {
					t.Errorf("here is %q", here.Value("phone").Str)
				}
			}
			for _, id := range ids {
				if err := w.db.ResolveConflict(t.Context(), id, storage.WinnerOurs, nil, core.Hash{}, "me"); err != nil {
					t.Fatal(err)
				}
			}
			if run := w.sync(); run.Delivered != 3 {
				t.Errorf("the second decision: %s\n%s", run.Counts, w.logs())
			}
			for n := range 3 {
				w.agree(office(n+1), "phone", "ours")
			}
			w.quiet()
		})
	}
}

// A decision of which something has become stays.
func TestADecisionThatWasSentOrChangedStays(t *testing.T) {
	w, ids := asked(t)
	for i, winner := range []string{storage.WinnerOurs, storage.WinnerTheirs, storage.WinnerTheirs} {
		if err := w.db.ResolveConflict(t.Context(), ids[i], winner, nil, core.Hash{}, "me"); err != nil {
			t.Fatal(err)
		}
	}
	w.sync() // sends the first one
	changed, err := w.db.Conflict(t.Context(), ids[1])
	if err != nil {
		t.Fatal(err)
	}
	w.edit(changed.Record, set("name", "edited since"))
	if n, err := w.db.ReopenConflicts(t.Context(), ids, "me"); n != 1 || err != nil {
		t.Errorf("%d are open again, %v; only the last one stands as it was decided", n, err)
	}
	if n, err := w.db.ReopenConflicts(t.Context(), ids, "me"); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	if here := w.here(changed.Record); here.Value("name").Str != "edited since" {
		t.Error("the edit since is gone")
	}
}

// Nor is anything made up that both sides never agreed on: of a record that was entered on both
// there was no common past, and there is none again.
func TestADecisionAboutStrangersIsTakenBack(t *testing.T) {
	for _, winner := range []string{storage.WinnerOurs, storage.WinnerTheirs} {
		t.Run(winner, func(t *testing.T) {
			w := newAskingWorld(t)
			w.edit(office(1), set("phone", "ours"))
			w.hub.Put(rec(office(1), "name", "Office 1", "phone", "theirs"))
			w.sync()
			before := w.stillOpen()
			if len(before) != 1 || before[0].Base != nil {
				t.Fatalf("it is asked about so: %+v\n%s", before, w.logs())
			}
			if err := w.db.ResolveConflict(t.Context(), before[0].ID, winner, nil, core.Hash{}, "me"); err != nil {
				t.Fatal(err)
			}
			if n, err := w.db.ReopenConflicts(t.Context(), []int64{before[0].ID}, "me"); n != 1 || err != nil {
				t.Fatalf("%d are open again, %v", n, err)
			}
			if _, err := w.db.Base(t.Context(), w.repo.ID, office(1)); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("something counts as agreed on: %v", err)
			}
			w.pass(time.Hour)
			w.sync()
			after := w.stillOpen()
			if len(after) != 1 || after[0].Ours.Hash() != before[0].Ours.Hash() || after[0].Theirs.Hash() != before[0].Theirs.Hash() {
				t.Fatalf("after a further sync: %+v\n%s", after, w.logs())
			}
			if err := w.db.ResolveConflict(t.Context(), after[0].ID, storage.WinnerTheirs, nil, core.Hash{}, "me"); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(office(1), "phone", "theirs")
			w.quiet()
		})
	}
}
