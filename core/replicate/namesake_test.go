package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// An Eden holds the name of a group for unique and puts what has the same name into the
// record that it has, whatever the uuid: what somebody wrote there would be gone.
func TestARecordOfTheSameNameReplacesNothingAtAnEden(t *testing.T) {
	w := newWorld(t, "org_group")
	w.eden.Unique("org_group", "name")
	theirs, ours := link("org_group", 1), link("org_group", 2)
	w.eden.Put(core.Record{Resource: theirs.Resource, UUID: theirs.UUID, Fields: []core.Field{
		{Name: "name", Value: core.Text("Water")}, {Name: "comments", Value: core.Text("theirs")}}})
	w.edit(ours, set("name", "Water"))
	w.edit(ours, set("comments", "ours"))
	run := w.sync()
	if got := says(w.there(theirs), "comments"); got != "theirs" {
		t.Errorf("the server's record has %q\n%s", got, w.logs())
	}
	if run.Refused != 1 || run.Delivered != 0 || says(w.here(ours), "comments") != "ours" {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if q := w.quarantine(); len(q) != 1 || !q[0].Namesake() || q[0].Record != ours {
		t.Errorf("set aside: %+v", q)
	}
	w.quiet()
	w.edit(ours, set("name", "Water and more"))
	w.sync()
	w.agree(ours, "comments", "ours")
	if q := w.quarantine(); len(q) != 0 {
		t.Errorf("still set aside: %+v", q)
	}
	w.quiet()
}

// Where two may have the same name, both are there in the end, each with its own stamp.
func TestRecordsOfTheSameNameArriveWhereTheyMay(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	name := says(w.here(office(1)), "name")
	w.pass(time.Hour)
	for i := 2; i <= 4; i++ {
		w.edit(office(i), set("name", name))
	}
	org := link("org_organisation", 1)
	w.edit(org, set("name", "New NGO"))
	w.edit(office(4), func(r *core.Record) {
		r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	})
	contact := link("pr_contact", 2)
	w.edit(contact, func(r *core.Record) {
		r.Master = office(3)
		r.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
	})
	stamp := w.there(office(1)).ModifiedOn
	if run := w.sync(); run.Delivered != 5 || run.Sent != 5 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	for i := 2; i <= 4; i++ {
		w.agree(office(i), "name", name)
		if there, here := w.there(office(i)).ModifiedOn, w.here(office(i)).ModifiedOn; there != here {
			t.Errorf("office %d is dated %s there and %s here", i, there, here)
		}
	}
	if got := w.there(office(1)).ModifiedOn; got != stamp {
		t.Errorf("the stamp of the first moved from %s to %s", stamp, got)
	}
	w.agree(contact, "value", "x@example.org")
	w.quiet()
}

// newNamesakes is a world with an organisation at the server, and one of its name here, which
// has a contact and an office and was not sent yet.
func newNamesakes(t *testing.T) (w *world, theirs, ours, contact core.Link) {
	t.Helper()
	w = newWorld(t, "org_organisation", "org_office")
	w.eden.Unique("org_organisation", "name")
	theirs, ours, contact = link("org_organisation", 1), link("org_organisation", 2), link("pr_contact", 3)
	w.eden.Put(core.Record{Resource: theirs.Resource, UUID: theirs.UUID, Fields: []core.Field{
		{Name: "name", Value: core.Text("NGO")}, {Name: "comments", Value: core.Text("theirs")}}})
	w.edit(ours, set("name", "NGO"))
	w.edit(contact, func(r *core.Record) {
		r.Master = ours
		r.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
	})
	w.edit(office(4), func(r *core.Record) {
		r.Set(core.Field{Name: "name", Value: core.Text("Office")})
		r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(ours.Resource, ours.UUID)})
	})
	return w, theirs, ours, contact
}

// What stays here takes along what is below it, and what points to it is sent without.
func TestWhatIsBelowARecordThatStaysStaysToo(t *testing.T) {
	w, theirs, ours, contact := newNamesakes(t)
	w.sync()
	w.edit(contact, set("value", "y@example.org")) // its master only carries it now
	w.sync()
	if got := w.there(theirs); got.Value("comments").Str != "theirs" || len(got.Components) != 0 {
		t.Errorf("the server's record: %+v\n%s", got, w.logs())
	}
	if _, is := w.eden.Get(contact); is {
		t.Error("the contact is at the server, below another record")
	}
	reasons := map[core.Link]bool{}
	for _, q := range w.quarantine() {
		reasons[q.Record] = q.Namesake()
	}
	if !reasons[ours] || !reasons[contact] || len(reasons) != 3 {
		t.Errorf("set aside: %+v\n%s", w.quarantine(), w.logs())
	}
	w.edit(ours, set("name", "Another NGO"))
	w.sync()
	w.sync()
	w.agree(ours, "name", "Another NGO")
	w.agree(contact, "value", "y@example.org")
	if got := says(w.there(office(4)), "organisation_id"); got != ours.UUID {
		t.Errorf("the office points to %q\n%s", got, w.logs())
	}
	w.quiet()
}

// What the server deleted has its name all the same.
func TestANewRecordDoesNotBringADeletedNamesakeBack(t *testing.T) {
	w := newWorld(t, "org_group")
	w.eden.Unique("org_group", "name")
	old, anew := link("org_group", 1), link("org_group", 2)
	w.eden.Put(core.Record{Resource: old.Resource, UUID: old.UUID, Fields: []core.Field{{Name: "name", Value: core.Text("Water")}}})
	w.sync()
	w.pass(time.Hour)
	w.edit(old, func(r *core.Record) { r.Deleted = true })
	w.sync()
	w.pass(time.Hour)
	w.edit(anew, set("name", "Water"))
	w.sync()
	if !w.there(old).Deleted {
		t.Errorf("it came back\n%s", w.logs())
	}
	if q := w.quarantine(); len(q) != 1 || !q[0].Namesake() {
		t.Errorf("set aside: %+v", q)
	}
}

func says(rec core.Record, field string) string { return rec.Value(field).Str }

// A person says that both mean the same: the server's stands, with what ours has more.
func TestTwoOfANameBecomeOne(t *testing.T) {
	w, theirs, ours, contact := newNamesakes(t)
	w.edit(ours, set("comments", "ours"))
	w.edit(ours, set("phone", "42"))
	w.sync()
	if err := w.db.Merge(t.Context(), ours, theirs, "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	if run := w.sync(); run.Refused != 0 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.agree(theirs, "phone", "42")
	w.agree(theirs, "comments", "theirs")
	w.agree(contact, "value", "x@example.org")
	if got := w.there(theirs); len(got.Components) != 1 {
		t.Errorf("the contact is not below it: %+v", got)
	}
	if got := says(w.there(office(4)), "organisation_id"); got != theirs.UUID {
		t.Errorf("the office points to %q", got)
	}
	if q := w.quarantine(); len(q) != 0 {
		t.Errorf("still set aside: %+v", q)
	}
	w.quiet()
}
