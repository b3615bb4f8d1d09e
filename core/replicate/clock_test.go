package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

const year = 365 * 24 * time.Hour

// wrongClock sets the laptop's clock off, and the server's not.
func (w *world) wrongClock(off time.Duration) {
	w.clock.Set(w.clock.Now().Add(off))
	w.engine = w.engineFor(w.db)
}

// typed edits a record as the window does.
func (w *world) typed(l core.Link, field, value string) {
	w.t.Helper()
	r := w.here(l)
	if value == "" {
		r.Unset(field)
	} else {
		r.Set(core.Field{Name: field, Value: core.Text(value)})
	}
	if _, _, err := w.db.Edit(w.t.Context(), storage.EditRequest{Record: r, By: "me"}); err != nil {
		w.t.Fatal(err)
	}
}

func TestAClockThatWasYearsAheadDoesNotPutOffTheComparison(t *testing.T) {
	w := newWorld(t, "org_office")
	w.wrongClock(10 * year)
	w.offices(2)
	w.sync()
	w.wrongClock(-10 * year)
	late := rec(office(9), "name", "Late")
	late.ModifiedOn = core.MTimeOf(start.Add(-240 * time.Hour))
	w.eden.Put(late)
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(office(9), "name", "Late")
	w.quiet()
}

// An edit that was made on a clock that was behind, and is sent when it has been
// put right, carries the stamp of the version it replaced: another laptop would
// never learn of it.
func TestAnEditMadeOnASlowClockIsSeenByOthers(t *testing.T) {
	for _, value := range []string{"ours", ""} { // a new value, or none: an export leaves it out
		w := newWorld(t, "org_office")
		w.offices(1)
		w.sync()
		other := w.join2()
		w.sync2(other)
		w.wrongClock(-5 * time.Hour)
		w.typed(office(1), "phone", value)
		w.wrongClock(5 * time.Hour)
		w.pass(time.Hour)
		w.sync()
		w.agree(office(1), "phone", value)
		w.pass(26 * time.Hour)
		w.sync2(other)
		got, err := other.db.Record(t.Context(), office(1))
		if err != nil || got.Value("phone").Str != value {
			t.Errorf("the other laptop has %q, want %q: %v", got.Value("phone").Str, value, err)
		}
	}
}

// What was delivered counts by the server's stamp: a former version that somebody
// brings back later is new, however far ahead our clock was when we edited.
func TestWhatIsBroughtBackAfterAnEditOnAFastClockIsTaken(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.wrongClock(10 * year)
	w.typed(office(1), "phone", "ours")
	w.wrongClock(-10 * year)
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.pass(time.Hour)
	w.change(office(1), "phone", "1") // as it was
	w.sync()
	w.agree(office(1), "phone", "1")
	w.quiet()
}

// The server's stamp moved, its content did not: what we send must not be older.
func TestAnEditIsDeliveredAlthoughTheServerDeletedAndRestoredTheRecord(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.typed(office(1), "phone", "ours")
	w.pass(time.Hour)
	w.change(office(1), "phone", "1") // the same again, with a later stamp
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

// A second laptop with the same server.
type second struct {
	db     *storage.DB
	repo   core.Repository
	engine *replicate.Engine
}

func (w *world) join2() *second {
	w.t.Helper()
	s := &second{db: w.open(w.t)}
	repo := w.eden.Repository()
	repo.ID = 0
	var err error
	if s.repo, err = s.db.AddRepository(w.t.Context(), repo); err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.db.AddTask(w.t.Context(), core.NewTask(s.repo.ID, "org_office")); err != nil {
		w.t.Fatal(err)
	}
	s.engine = w.engineFor(s.db)
	return s
}

func (w *world) sync2(s *second) {
	w.t.Helper()
	w.pass(time.Minute)
	repo, err := s.db.Repository(w.t.Context(), s.repo.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.engine.Sync(w.t.Context(), repo, replicate.Options{}); err != nil {
		w.t.Fatal(err)
	}
}

// Somebody deletes there what was sent from a clock that is ahead: the tombstone is older
// than what both sides had agreed on, and no backup was put back.
func TestADeletionDatedBeforeWhatWasSentIsNoSignOfABackup(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("name", "ours"))
	w.sync()
	sent := w.there(office(1)).ModifiedOn
	w.eden.Skew(-30 * time.Minute)
	w.eden.Delete(office(1))
	if gone := w.there(office(1)); !gone.Deleted || gone.ModifiedOn >= sent {
		t.Fatalf("the server has %+v, sent was %s", gone, sent)
	}
	w.pass(time.Hour)
	if err := w.db.DeleteTask(t.Context(), w.task("org_office").ID); err != nil { // and the table is read anew
		t.Fatal(err)
	}
	w.addTask(core.NewTask(w.repo.ID, "org_office"))
	if _, err := w.run(replicate.Options{}); err != nil {
		t.Fatalf("the run ended with %v\n%s", err, w.logs())
	}
	if !w.here(office(1)).Deleted {
		t.Error("what was deleted there lives here")
	}
	w.quiet()
}
