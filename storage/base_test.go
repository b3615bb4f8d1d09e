package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

var ctx = context.Background()

// edit saves a text field of a record as a person does.
func edit(t *testing.T, db *storage.DB, l core.Link, field, text string) core.Record {
	t.Helper()
	rec, err := db.Record(ctx, l)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		t.Fatal(err)
	}
	rec.Resource, rec.UUID = l.Resource, l.UUID
	rec.Set(core.Field{Name: field, Value: core.Text(text)})
	rec, _, err = db.Edit(ctx, storage.EditRequest{Record: rec, By: "worker@example.org"})
	if err != nil {
		t.Fatalf("edit %v: %v", l, err)
	}
	return rec
}

func remove(t *testing.T, db *storage.DB, l core.Link) {
	t.Helper()
	_, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: "worker@example.org"})
	if err != nil {
		t.Fatalf("delete %v: %v", l, err)
	}
}

func head(t *testing.T, db *storage.DB, repo int64, l core.Link) (h core.Head) {
	t.Helper()
	storagetest.Import(t, db, func(tx intake.Tx) (err error) {
		h, err = tx.Head(ctx, repo, l)
		return err
	})
	return h
}

func TestABaseKeepsWhatWasAgreedThroughLaterEdits(t *testing.T) {
	db, _ := storagetest.New(t)
	a, b := storagetest.Repository(t, db, "a"), storagetest.Repository(t, db, "b")
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, db, a.ID, rec)
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, b.ID, &rec, core.SeqCurrent) })
	edit(t, db, rec.Link(), "name", "second")
	edit(t, db, rec.Link(), "name", "third")
	for _, repo := range []int64{a.ID, b.ID} {
		base, err := db.Base(ctx, repo, rec.Link())
		if err != nil {
			t.Fatal(err)
		}
		if diff := sameRecord(rec, base); diff != "" {
			t.Errorf("base of repository %d:\n%s", repo, diff)
		}
	}
}

func TestTheBaseOfTheOriginIsTheCallersToSet(t *testing.T) {
	db, _ := storagetest.New(t)
	a, b := storagetest.Repository(t, db, "a"), storagetest.Repository(t, db, "b")
	first := storagetest.Organisation(1)
	storagetest.Pull(t, db, a.ID, first)
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, b.ID, &first, core.SeqCurrent) })
	second := first.Clone()
	second.Set(core.Field{Name: "name", Value: core.Text("theirs")})
	second.ModifiedOn += 10
	storagetest.Pull(t, db, a.ID, second)
	if base, err := db.Base(ctx, a.ID, first.Link()); err != nil || sameRecord(second, base) != "" {
		t.Errorf("base of the origin: %v\n%s", err, sameRecord(second, base))
	}
	if base, err := db.Base(ctx, b.ID, first.Link()); err != nil || sameRecord(first, base) != "" {
		t.Errorf("base of the other repository: %v\n%s", err, sameRecord(first, base))
	}
	if h := head(t, db, b.ID, first.Link()); !h.Unsent() || h.Origin != a.ID {
		t.Errorf("what came from one repository has to be sent to the other: %+v", h)
	}
	if h := head(t, db, a.ID, first.Link()); h.Unsent() || h.ChangedHere() {
		t.Errorf("nothing is echoed to where it came from: %+v", h)
	}
}

func TestABaseThatWasNeverOursKeepsOursUnsent(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	ours := storagetest.Organisation(1)
	edit(t, db, ours.Link(), "name", "ours")
	theirs := ours.Clone()
	theirs.Set(core.Field{Name: "name", Value: core.Text("theirs")})
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, a.ID, &theirs, core.SeqNone) })
	h := head(t, db, a.ID, ours.Link())
	if !h.HasBase || !h.Unsent() || !h.ChangedHere() || h.BaseHash != theirs.Hash() {
		t.Errorf("head %+v", h)
	}
	base, err := db.Base(ctx, a.ID, ours.Link())
	if err != nil || sameRecord(theirs, base) != "" {
		t.Errorf("base: %v\n%s", err, sameRecord(theirs, base))
	}
}

func TestABaseOfARecordThatIsNotHereIsRemembered(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	storagetest.Task(t, db, a.ID, "org_organisation")
	theirs := storagetest.Organisation(1)
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, a.ID, &theirs, core.SeqNone) })
	if h := head(t, db, a.ID, theirs.Link()); h.Known || !h.HasBase || h.Unsent() {
		t.Errorf("head %+v", h)
	}
	if _, err := db.Record(ctx, theirs.Link()); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a record that is not here was read: %v", err)
	}
	if base, err := db.Base(ctx, a.ID, theirs.Link()); err != nil || sameRecord(theirs, base) != "" {
		t.Errorf("base: %v\n%s", err, sameRecord(theirs, base))
	}
	if n, _ := db.Alive(ctx, "org_organisation"); n != 0 {
		t.Errorf("%d records alive, want none", n)
	}
	if versions, err := db.History(ctx, theirs.Link()); err != nil || len(versions) != 0 {
		t.Errorf("history %v %v", versions, err)
	}
	storagetest.Pull(t, db, a.ID, theirs)
	if h := head(t, db, a.ID, theirs.Link()); !h.Known || h.Unsent() {
		t.Errorf("head after it arrived: %+v", h)
	}
}

func TestAFormerVersionIsFoundByItsContent(t *testing.T) {
	db, _ := storagetest.New(t)
	first := edit(t, db, link(1), "name", "first")
	second := edit(t, db, link(1), "name", "second")
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for _, want := range []core.Record{first, second} {
			got, err := tx.VersionByHash(ctx, want.Link(), want.Hash())
			if err != nil || sameRecord(want, got) != "" {
				t.Errorf("version %s: %v\n%s", want.Title(), err, sameRecord(want, got))
			}
		}
		if _, err := tx.VersionByHash(ctx, first.Link(), core.Hash{1}); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("an unknown content: %v", err)
		}
		return nil
	})
}

// link names the n-th organisation.
func link(n int) core.Link { return core.Link{Resource: "org_organisation", UUID: storagetest.UUID(n)} }

func TestTouchingChangesNoContentAndSendsNothing(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, db, a.ID, rec)
	before := head(t, db, a.ID, rec.Link())
	newer := rec.Clone()
	newer.ModifiedOn += 100
	newer.Fields[2].Text = "Republic of Kenya"
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Touch(ctx, &newer) })
	got, err := db.Record(ctx, rec.Link())
	if err != nil || sameRecord(newer, got) != "" {
		t.Errorf("%v\n%s", err, sameRecord(newer, got))
	}
	after := head(t, db, a.ID, rec.Link())
	if after.Seq != before.Seq || after.Hash != before.Hash || after.Unsent() {
		t.Errorf("head before %+v, after %+v", before, after)
	}
	if versions, _ := db.History(ctx, rec.Link()); len(versions) != 0 {
		t.Errorf("%d versions in the history, want none", len(versions))
	}
}

func TestWhatFailsLeavesNothingBehind(t *testing.T) {
	db, _ := storagetest.New(t)
	rec := core.Record{Resource: "test_new", UUID: "x", Fields: []core.Field{field("made", core.String, "1")}}
	broken := errors.New("broken")
	for range 2 {
		err := db.Import(ctx, func(tx intake.Tx) error {
			if err := tx.Put(ctx, &rec, core.Change{}); err != nil {
				t.Fatal(err)
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := db.Record(ctx, rec.Link()); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("the record is there: %v", err)
	}
	if seq, _ := db.Seq(ctx); seq != 0 {
		t.Errorf("seq %d, want 0", seq)
	}
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, &rec, core.Change{}) })
	if got, err := db.Record(ctx, rec.Link()); err != nil || sameRecord(rec, got) != "" {
		t.Errorf("afterwards: %v", err)
	}
}

// What a transaction read once it need not read again; what the caller makes of it is
// the caller's.
func TestWhatWasReadMayBeChangedByWhoeverAsked(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(1))
	first, err := db.Record(ctx, link(1))
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for _, name := range []string{"second", "third"} {
			rec, err := tx.Record(ctx, link(1))
			if err != nil {
				return err
			}
			for i := range rec.Fields { // in place
				if rec.Fields[i].Name == "name" {
					rec.Fields[i].Value = core.Text(name)
				}
			}
			if again, err := tx.Record(ctx, link(1)); err != nil || again.Value("name").Str == name {
				t.Errorf("%s before it was written: %v", again.Value("name").Str, err)
			}
			if err := tx.Put(ctx, &rec, core.Change{Rule: "edit"}); err != nil {
				return err
			}
			if written, err := tx.Record(ctx, link(1)); err != nil || written.Value("name").Str != name {
				t.Errorf("%s instead of %s: %v", written.Value("name").Str, name, err)
			}
		}
		return nil
	})
	versions, err := db.History(ctx, link(1))
	if err != nil || len(versions) != 2 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	names := []string{versions[0].Record.Value("name").Str, versions[1].Record.Value("name").Str}
	same(t, []string{"second", first.Value("name").Str}, names)
}
