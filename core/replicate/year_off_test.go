package replicate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// yearsOff runs a test with laptops whose clocks are years wrong; the server's is
// right.
func yearsOff(t *testing.T, test func(t *testing.T, w *world, off time.Duration)) {
	for _, years := range []int{-10, -1, 1, 10} {
		t.Run(fmt.Sprintf("%+d years", years), func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(6)
			w.sync()
			w.pass(time.Hour)
			test(t, w, time.Duration(years)*year)
		})
	}
}

func (w *world) remove(l core.Link) {
	w.t.Helper()
	if _, _, err := w.db.Edit(w.t.Context(), storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: "me"}); err != nil {
		w.t.Fatal(err)
	}
}

// serverNow is the right time.
func (w *world) serverNow() core.MTime { return core.MTimeOf(w.eden.Clock.Now()) }

// dated checks that what the server has of a record is dated after what it had, and
// not in the future: others find it by its stamp, now and not in ten years.
func (w *world) dated(l core.Link, before core.MTime) {
	w.t.Helper()
	const noise = 2 * time.Second // the Date header has whole seconds
	if got := w.there(l).ModifiedOn; got <= before || got > w.serverNow().Add(noise) {
		w.t.Errorf("%s is dated %s at the server, want after %s and not after %s", l.UUID, got, before, w.serverNow())
	}
}

func TestEditsAndDeletionsTravelBothWaysOnAClockThatIsYearsOff(t *testing.T) {
	yearsOff(t, func(t *testing.T, w *world, off time.Duration) {
		before := w.there(office(1)).ModifiedOn
		other := w.join2()
		w.sync2(other)
		w.wrongClock(off)
		w.typed(office(1), "phone", "ours")
		w.remove(office(2))
		made := w.make("Made here")
		w.eden.Clock.Advance(time.Second)
		theirs := w.there(office(3))
		theirs.Set(core.Field{Name: "phone", Value: core.Text("theirs")})
		theirs.ModifiedOn = w.serverNow()
		w.eden.Put(theirs)
		w.eden.Delete(office(4))
		w.sync()
		w.agree(office(1), "phone", "ours")
		w.agree(office(3), "phone", "theirs")
		w.agree(made, "name", "Made here")
		if !w.there(office(2)).Deleted || !w.here(office(4)).Deleted {
			t.Error("a deletion did not travel")
		}
		for _, l := range []core.Link{office(1), office(2), made} {
			w.dated(l, before)
		}
		w.quiet()
		w.wrongClock(-off) // set right
		w.pass(time.Minute)
		w.quiet()
		w.typed(office(1), "phone", "ours again")
		w.remove(made)
		w.sync()
		w.agree(office(1), "phone", "ours again")
		w.quiet()
		// Another laptop, whose clock is right, has seen all of it.
		w.sync2(other)
		for l, phone := range map[core.Link]string{office(1): "ours again", office(3): "theirs"} {
			if got, err := other.db.Record(t.Context(), l); err != nil || got.Value("phone").Str != phone {
				t.Errorf("the other laptop has %q, %v; want %q", got.Value("phone").Str, err, phone)
			}
		}
		if got, err := other.db.Record(t.Context(), office(2)); err != nil || !got.Deleted {
			t.Errorf("the other laptop still has what was deleted: %+v, %v", got, err)
		}
	})
}

// What both sides changed is a question while the clock is off, whatever the stamps,
// and NEWER decides again once it is right.
func TestNewerDecidesNothingOnAClockThatIsYearsOff(t *testing.T) {
	yearsOff(t, func(t *testing.T, w *world, off time.Duration) {
		w.wrongClock(off)
		w.typed(office(1), "phone", "ours")
		w.serverChanges(office(1), "theirs")
		w.sync()
		w.asks(office(1))
		w.wrongClock(-off)
		w.pass(time.Hour)
		w.typed(office(2), "phone", "ours, first")
		w.pass(time.Hour)
		w.serverChanges(office(2), "theirs, later")
		w.serverChanges(office(3), "theirs, first")
		w.pass(time.Hour)
		w.typed(office(3), "phone", "ours, later")
		w.sync()
		w.agree(office(2), "phone", "theirs, later")
		w.agree(office(3), "phone", "ours, later")
		w.keepsBoth(office(1), off)
	})
}

// The clock was off when the edit was made, and is right when it meets another one.
// Dated in the future it is a question; dated in the past it lies just after the
// version that it grew from, and the later one wins. Both versions are kept.
func TestAnEditFromAClockThatWasYearsOffIsNoWinnerUnseen(t *testing.T) {
	yearsOff(t, func(t *testing.T, w *world, off time.Duration) {
		w.wrongClock(off)
		w.typed(office(1), "phone", "ours")
		w.wrongClock(-off)
		w.pass(time.Hour)
		w.serverChanges(office(1), "theirs")
		w.sync()
		w.keepsBoth(office(1), off)
	})
}

// keepsBoth checks what became of an edit from a clock that was off by so much and is
// right now: of the future, it is a question; of the past, the server's wins, and ours
// is in the history and in the list.
func (w *world) keepsBoth(l core.Link, off time.Duration) {
	w.t.Helper()
	if off > 0 {
		w.asks(l)
		return
	}
	w.agree(l, "phone", "theirs")
	w.remembers(l, "ours")
	conflicts, err := w.db.Conflicts(w.t.Context(), storage.ConflictQuery{Record: l})
	if err != nil || len(conflicts) != 1 || conflicts[0].Winner != "theirs" {
		w.t.Errorf("conflicts: %+v, %v", conflicts, err)
	}
}

// A deletion against an edit, on either side.
func TestADeletionAndAnEditAreAQuestionOnAClockThatIsYearsOff(t *testing.T) {
	yearsOff(t, func(t *testing.T, w *world, off time.Duration) {
		w.wrongClock(off)
		w.remove(office(1))
		w.serverChanges(office(1), "theirs")
		w.typed(office(2), "phone", "ours")
		w.eden.Clock.Advance(time.Second)
		w.eden.Delete(office(2))
		w.sync()
		w.asks(office(1))
		w.asks(office(2))
	})
}

// serverChanges edits a record at the server, by its own clock.
func (w *world) serverChanges(l core.Link, phone string) {
	w.t.Helper()
	w.eden.Clock.Advance(time.Second)
	r := w.there(l)
	r.Set(core.Field{Name: "phone", Value: core.Text(phone)})
	r.Components, r.ModifiedOn = nil, w.serverNow()
	w.eden.Put(r)
}

// asks checks that a person is asked about the record, and nothing was decided.
func (w *world) asks(l core.Link) {
	w.t.Helper()
	conflicts, err := w.db.Conflicts(w.t.Context(), storage.ConflictQuery{Record: l, OpenOnly: true})
	if err != nil || len(conflicts) != 1 {
		w.t.Errorf("%d open conflicts about %s, want 1: %v\n%s", len(conflicts), l.UUID, err, w.logs())
	}
}

// What decides when something is due: a comparison, a further try of what was
// refused.
func TestNothingIsPutOffForYearsByAClockThatIsYearsOff(t *testing.T) {
	yearsOff(t, func(t *testing.T, w *world, off time.Duration) {
		w.wrongClock(off)
		w.pass(25 * time.Hour)
		w.sync() // compares
		late := rec(office(20), "name", "Late")
		late.ModifiedOn = core.MTimeOf(start.Add(-240 * time.Hour)) // below every marker
		w.eden.Put(late)
		w.wrongClock(-off)
		w.pass(25 * time.Hour)
		w.sync()
		w.agree(office(20), "name", "Late")
		if _, err := w.run(replicate.Options{Full: true}); err != nil {
			t.Error(err)
		}
		w.quiet()
	})
}
