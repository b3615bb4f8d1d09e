package replicate_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func location(n int) core.Link { return link("gis_location", n) }

func within(n int) func(*core.Record) {
	return func(r *core.Record) {
		r.Set(core.Field{Name: "parent", Value: core.RefTo("gis_location", location(n).UUID)})
	}
}

// newLocations is a world with a country and a place within it, both at the server.
func newLocations(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "gis_location")
	for n, name := range map[int]string{1: "Nepal", 2: "Bhutan"} {
		w.eden.Put(core.Record{Resource: "gis_location", UUID: location(n).UUID, Fields: []core.Field{{Name: "name", Value: core.Text(name)}}})
	}
	place := core.Record{Resource: "gis_location", UUID: location(3).UUID, Fields: []core.Field{{Name: "name", Value: core.Text("Pokhara")}}}
	within(1)(&place)
	w.eden.Put(place)
	w.sync()
	w.pass(time.Hour)
	return w
}

// deliversOne syncs, which delivers one record and has none refused.
func (w *world) deliversOne() {
	w.t.Helper()
	if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
		w.t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
}

// An Eden that is asked for a record by its uuid leaves out what that points to in its own
// table, as the filter counts there, too: it was neither refused nor cleared.
func TestAPlaceWithinAnotherIsDelivered(t *testing.T) {
	w := newLocations(t)
	w.edit(location(4), set("name", "Kathmandu"))
	w.edit(location(4), within(1))
	w.deliversOne()
	w.agree(location(4), "parent", location(1).UUID)
	w.quiet()
}

func TestAnEditOfAPlaceKeepsWhatItIsIn(t *testing.T) {
	w := newLocations(t)
	w.edit(location(3), set("name", "Pokhara city"))
	w.deliversOne()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "parent", location(1).UUID)
	w.quiet()
	w.pass(time.Hour)
	w.edit(location(3), within(2))
	w.deliversOne()
	w.agree(location(3), "parent", location(2).UUID)
	w.quiet()
}

// Somebody at the server changes the same place meanwhile, and it is looked at before ours is
// sent.
func TestAPlaceChangedOnBothSidesKeepsWhatItIsIn(t *testing.T) {
	w := newLocations(t)
	w.edit(location(3), set("name", "Pokhara city"))
	w.pass(time.Minute)
	there := w.there(location(3))
	there.Set(core.Field{Name: "comments", Value: core.Text("theirs")})
	there.ModifiedOn = core.MTimeOf(w.eden.Clock.Now())
	w.eden.Put(there)
	w.sync()
	w.sync()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "comments", "theirs")
	w.agree(location(3), "parent", location(1).UUID)
	w.quiet()
}

// What cannot be cleared at an Eden is said to be refused, not to be delivered because it is
// not shown.
func TestThatAPlaceIsInNothingIsNotTakenForDelivered(t *testing.T) {
	w := newLocations(t)
	w.eden.Put(core.Record{Resource: "gis_location", UUID: location(3).UUID, ModifiedOn: core.MTimeOf(w.eden.Clock.Now()), Fields: []core.Field{
		{Name: "name", Value: core.Text("Pokhara")}, {Name: "parent", Value: core.RefTo("gis_location", location(1).UUID)}}})
	w.sync()
	w.pass(time.Hour)
	w.edit(location(3), func(r *core.Record) { r.Unset("parent") })
	if run := w.sync(); run.Delivered != 0 || run.Refused != 1 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if got := says(w.there(location(3)), "parent"); got != location(1).UUID {
		t.Errorf("the server has %q", got)
	}
	if q := w.quarantine(); len(q) != 1 || q[0].Reason != fmt.Sprintf(core.NotEmptied, "parent") {
		t.Errorf("set aside: %+v", q)
	}
	if got := says(w.here(location(3)), "parent"); got != "" {
		t.Errorf("here it is back: %q", got)
	}
	seq := w.seq()
	w.sync()
	if after := w.seq(); after != seq {
		t.Errorf("a further sync wrote %d versions\n%s", after-seq, w.logs())
	}
}

// newLocationsWithMarker is such a world an hour after something else was pulled.
func newLocationsWithMarker(t *testing.T) *world {
	t.Helper()
	w := newLocations(t)
	w.eden.Put(rec(location(5), "name", "Tibet"))
	w.sync()
	w.pass(time.Hour)
	return w
}

// moveThere has somebody at the server put a place into another one, and date that so long ago.
func (w *world) moveThere(place, into int, ago time.Duration) {
	w.t.Helper()
	there := w.there(location(place))
	within(into)(&there)
	there.ModifiedOn = core.MTimeOf(w.eden.Clock.Now().Add(-ago))
	w.eden.Put(there)
}

// What another one brings late is dated below the marker. A comparison finds it, and asks what
// the place is in before it asks for the place (seed 392).
func TestAPlaceThatWasMovedBelowTheMarkerIsHeardOf(t *testing.T) {
	for _, busy := range []bool{true, false} { // a busy run compares by stamps, an idle one by content
		t.Run(fmt.Sprint(busy), func(t *testing.T) {
			w := newLocationsWithMarker(t)
			w.moveThere(3, 2, 90*time.Minute)
			w.pass(25 * time.Hour)
			if busy {
				w.eden.Put(rec(location(4), "name", "Kathmandu"))
			}
			w.sync()
			w.agree(location(3), "parent", location(2).UUID)
			w.quiet()
		})
	}
}

// So is that a place was put into another one that was in none.
func TestAPlaceThatWasPutIntoAnotherBelowTheMarkerIsHeardOf(t *testing.T) {
	w := newLocationsWithMarker(t)
	w.moveThere(2, 1, 90*time.Minute)
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(location(2), "parent", location(1).UUID)
	w.quiet()
}

// takeOutThere has somebody at the server take a place out of the one that it is in, and date that
// so long ago.
func (w *world) takeOutThere(place int, ago time.Duration) {
	w.t.Helper()
	there := w.there(location(place))
	there.Unset("parent")
	there.ModifiedOn = core.MTimeOf(w.eden.Clock.Now().Add(-ago))
	w.eden.Put(there)
}

// So is that a place was taken out of another one.
func TestAPlaceThatWasTakenOutOfAnotherBelowTheMarkerIsHeardOf(t *testing.T) {
	for _, busy := range []bool{true, false} {
		t.Run(fmt.Sprint(busy), func(t *testing.T) {
			w := newLocationsWithMarker(t)
			w.takeOutThere(3, 90*time.Minute)
			w.pass(25 * time.Hour)
			if busy {
				w.eden.Put(rec(location(4), "name", "Kathmandu"))
			}
			w.sync()
			w.agree(location(3), "parent", "")
			w.quiet()
		})
	}
}

// An edit of ours that is sent meanwhile does not put it back.
func TestAnEditOfAPlaceThatWasTakenOutOfAnotherBelowTheMarkerLeavesItThere(t *testing.T) {
	w := newLocationsWithMarker(t)
	w.edit(location(3), set("name", "Pokhara city"))
	w.takeOutThere(3, 90*time.Minute)
	w.sync()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "parent", "")
	w.quiet()
}

// An edit of ours looks first, and does not go over it.
func TestAnEditOfAPlaceThatWasMovedBelowTheMarkerLeavesItThere(t *testing.T) {
	w := newLocationsWithMarker(t)
	w.edit(location(3), set("name", "Pokhara city"))
	w.moveThere(3, 2, 90*time.Minute)
	w.sync()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "parent", location(2).UUID)
	w.quiet()
}

// Nor does one that arrives right after somebody moved it: it was not looked at again before.
func TestAPlaceThatIsMovedRightBeforeAnEditArrivesStaysThere(t *testing.T) {
	w := newLocations(t)
	w.edit(location(3), set("name", "Pokhara city"))
	w.pass(time.Hour)
	w.barge(sync.OnceFunc(func() { w.moveThere(3, 2, 0) }))
	w.sync()
	if got := says(w.here(location(3)), "parent"); got == "" {
		t.Errorf("it was taken for cleared\n%s", w.logs())
	}
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "parent", location(2).UUID)
	w.quiet()
}

// Where the table has no controller of its own nothing tells what the place is in by now: it stays
// where it is here.
func TestAPlaceWhoseTableHasNoControllerStaysWhereItIs(t *testing.T) {
	w := newLocations(t)
	w.eden.NoNative("gis_location")
	w.edit(location(3), set("name", "Pokhara city"))
	w.deliversOne()
	w.agree(location(3), "name", "Pokhara city")
	w.agree(location(3), "parent", location(1).UUID)
	w.quiet()
}

// A comparison record by record finds nothing.
func TestPlacesAreTheSameThoughTheyAreAskedForOneByOne(t *testing.T) {
	w := newLocations(t)
	w.eden.NativeHides(func(l core.Link) bool { return l == location(3) })
	if c := w.compare(replicate.CompareOptions{}); len(c.Differences) != 0 || c.Same != 3 {
		t.Errorf("got %+v", c)
	}
}

// The same holds of what stands below a record: an organisation's branch is another one.
func TestABranchOfAnOrganisationIsDelivered(t *testing.T) {
	w := newWorld(t, "org_organisation")
	head, branch := link("org_organisation", 1), link("org_organisation", 2)
	for l, name := range map[core.Link]string{head: "Head", branch: "Branch"} {
		w.eden.Put(core.Record{Resource: l.Resource, UUID: l.UUID, Fields: []core.Field{{Name: "name", Value: core.Text(name)}}})
	}
	w.sync()
	w.pass(time.Hour)
	tie := link("org_organisation_branch", 3)
	w.edit(tie, func(r *core.Record) {
		r.Master, r.Alias = head, "branch"
		r.Set(core.Field{Name: "branch_id", Value: core.RefTo(branch.Resource, branch.UUID)})
	})
	w.deliversOne()
	w.agree(tie, "branch_id", branch.UUID)
	w.quiet()
	w.pass(time.Hour)
	w.edit(head, set("name", "Head office")) // it is looked at before it is sent
	w.sync()
	w.agree(tie, "branch_id", branch.UUID)
	w.quiet()
}

// A filter for another table hides what points to its records, too.
func TestWhatAFilterHidesIsNotCleared(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Filters = []core.Filter{{Table: "org_organisation", Query: "~.name=Ours"}}
	w.addTask(task)
	org := core.Record{Resource: "org_organisation", UUID: link("org_organisation", 1).UUID, Fields: []core.Field{{Name: "name", Value: core.Text("Ours")}}}
	one := core.Record{Resource: "org_office", UUID: office(2).UUID, Fields: []core.Field{
		{Name: "name", Value: core.Text("Office")}, {Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)}}}
	w.eden.Put(org, one)
	w.sync()
	w.pass(time.Hour)
	org.Fields[0].Value, one.Fields[0].Value = core.Text("Theirs"), core.Text("Another office")
	org.ModifiedOn = core.MTimeOf(w.eden.Clock.Now())
	one.ModifiedOn = org.ModifiedOn
	w.eden.Put(org, one)
	w.sync()
	if here := w.here(office(2)); says(here, "name") != "Another office" || says(here, "organisation_id") != org.UUID {
		t.Errorf("here it is %+v\n%s", here.Fields, w.logs())
	}
	w.quiet()
}
