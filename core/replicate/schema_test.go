package replicate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// The server has no column for a field any more. A record that somebody changes there
// comes without it: that is no clearing (PROMISES 23).
func TestWhatStoodInAColumnThatTheServerLostIsKeptAndSentBack(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(4)
	w.change(office(3), "web", "http://example.org")
	w.sync()
	w.eden.LoseColumn("org_office", "phone")
	w.pass(time.Hour)
	w.change(office(1), "name", "Changed there")
	w.edit(office(2), set("name", "Changed here"))
	r := w.there(office(3))
	r.Unset("web")
	r.ModifiedOn = core.MTimeOf(w.clock.Now())
	w.eden.Put(r)
	run := w.sync()
	w.agree(office(1), "name", "Changed there")
	w.agree(office(2), "name", "Changed here")
	w.agree(office(3), "web", "") // this was cleared
	for n := 1; n <= 4; n++ {
		if got := w.here(office(n)); got.Value("phone").Str != "1" {
			t.Errorf("the phone of office %d is %q here", n, got.Value("phone").Str)
		}
	}
	if run.Changed() != 2 {
		t.Errorf("got %s", run.Counts)
	}
	if !strings.Contains(w.logs(), "phone") {
		t.Errorf("nobody is told:\n%s", w.logs())
	}
	for _, q := range w.quarantine() {
		if !q.Outgoing || !strings.Contains(q.Details, "phone") {
			t.Errorf("set aside: %+v", q)
		}
	}
	w.pass(time.Minute)
	w.quiet()
	w.eden.RegainColumn("org_office", "phone")
	w.pass(48 * time.Hour)
	w.sync()
	for n := 1; n <= 4; n++ {
		w.agree(office(n), "phone", "1")
	}
	w.quiet()
	if q := w.quarantine(); len(q) != 0 {
		t.Errorf("still set aside: %+v", q)
	}
}

// What was changed in a column at the server shortly before it went is there again
// when the column is, with its old stamp: the table is pulled as a whole, once.
func TestWhatAReturnedColumnBringsIsSeen(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = []core.Record{rec(contact, "value", "a@example.org", "comments", "old")}
	w.eden.Put(p)
	w.sync()
	w.pass(time.Hour)
	w.change(contact, "comments", "new")
	w.eden.LoseColumn("pr_contact", "comments")
	w.sync()
	if here := w.here(contact); here.Value("comments").Str != "old" {
		t.Errorf("without its column the comment is %q here", here.Value("comments").Str)
	}
	w.pass(48 * time.Hour)
	w.change(person, "first_name", "Anna") // the marker goes on
	w.sync()
	w.pass(time.Hour)
	w.sync()
	w.eden.RegainColumn("pr_contact", "comments")
	w.pass(time.Hour)
	w.sync()
	w.agree(contact, "comments", "new")
	w.pass(48 * time.Hour)
	if run := w.sync(); run.Received > 2 {
		t.Errorf("it is pulled as a whole once, not ever: got %s", run.Counts)
	}
	w.quiet()
}

// What the server dropped is not delivered, whatever else of the record it took.
func TestAnEditInAColumnThatTheServerLostIsNotCalledDelivered(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.eden.LoseColumn("org_office", "phone")
	w.edit(office(1), func(r *core.Record) {
		r.Set(core.Field{Name: "phone", Value: core.Text("ours")})
		r.Set(core.Field{Name: "name", Value: core.Text("ours")})
	})
	run := w.sync()
	w.agree(office(1), "name", "ours")
	if run.Delivered != 0 || run.Refused != 1 || len(w.quarantine()) != 1 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.eden.RegainColumn("org_office", "phone")
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

// A table vanishes, and comes back: only its own task pauses, and says so.
func TestATableThatVanishesStopsOnlyItself(t *testing.T) {
	w := newWorld(t, "org_office", "cr_shelter")
	shelter := link("cr_shelter", 1)
	w.offices(2)
	w.eden.Put(rec(shelter, "name", "Shelter", "phone", "1"))
	w.sync()
	w.eden.Unknown("cr_shelter")
	w.edit(shelter, set("phone", "ours"))
	w.edit(office(1), set("phone", "ours"))
	w.change(office(2), "phone", "theirs")
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.UnknownResource) {
		t.Fatalf("got %v, %s", err, run.Counts)
	}
	w.agree(office(1), "phone", "ours")
	w.agree(office(2), "phone", "theirs")
	if got := w.here(shelter); got.Deleted || got.Value("phone").Str != "ours" {
		t.Errorf("the shelter is %+v", got)
	}
	if repo, err := w.db.Repository(t.Context(), w.repo.ID); err != nil || repo.Stopped != "" {
		t.Errorf("nothing else stops: %q, %v", repo.Stopped, err)
	}
	w.pass(25 * time.Hour) // a comparison is due, too
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.UnknownResource) {
		t.Errorf("got %v", err)
	}
	w.eden.Known("cr_shelter")
	w.pass(time.Hour)
	w.sync()
	w.agree(shelter, "phone", "ours")
	w.quiet()
}

// The table of a component vanishes: what waits for it does not keep its masters back.
func TestAComponentsTableThatVanishesDoesNotKeepItsMastersBack(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = []core.Record{rec(contact, "value", "a@example.org"), rec(link("pr_contact", 3), "value", "b@example.org")}
	w.eden.Put(p)
	w.sync()
	w.eden.Unknown("pr_contact")
	w.edit(person, set("first_name", "Anna"))
	w.edit(contact, func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	w.edit(link("pr_contact", 3), set("value", "c@example.org"))
	w.sync()
	w.agree(person, "first_name", "Anna")
	if here := w.here(link("pr_contact", 3)); here.Deleted || here.Value("value").Str != "c@example.org" {
		t.Errorf("the contact is %+v", here)
	}
	w.eden.Known("pr_contact")
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(link("pr_contact", 3), "value", "c@example.org")
	if !w.there(contact).Deleted {
		t.Error("the deletion must arrive now")
	}
	w.quiet()
}

// A field was cleared at the server before its column went, and nobody here had heard of
// it. What is kept here is sent when there is a place again: both sides have the same.
func TestWhatWasClearedBeforeItsColumnWentIsTheSameOnBothSidesWhenItReturns(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	r := w.there(office(1))
	r.Unset("phone")
	r.ModifiedOn = core.MTimeOf(w.clock.Now())
	w.eden.Put(r)
	w.eden.LoseColumn("org_office", "phone")
	w.sync()
	if here := w.here(office(1)); here.Value("phone").Str != "1" {
		t.Errorf("without its column the phone is %q here", here.Value("phone").Str)
	}
	w.pass(time.Hour)
	w.sync()
	w.quiet()
	w.eden.RegainColumn("org_office", "phone")
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(office(1), "phone", "1")
	w.agree(office(2), "phone", "1")
	w.quiet()
	if q := w.quarantine(); len(q) != 0 {
		t.Errorf("still set aside: %+v", q)
	}
}

// Two laptops have each a value of its own in a column that the server has lost, and
// another field differs. What neither can send is no reason to win over the other with
// every try: both have in the end what the server has a place for, and each its own
// value of the rest.
func TestWhatTheServerHasNoPlaceForWinsOverNothing(t *testing.T) {
	for _, first := range []string{"1", ""} { // what stood there when the column went
		t.Run("before "+first, func(t *testing.T) {
			w := newWorld(t)
			w.eden.Put(rec(office(1), "name", "Office", "phone", first))
			laptops := []*world{w, {t: t, eden: w.eden, hub: w.eden, clock: stoppedAt(w.clock.Now())}}
			for i, l := range laptops {
				if i > 0 {
					l.join(w.eden.Repository())
				}
				task := core.NewTask(l.repo.ID, "org_office")
				task.Conflict, task.Merge = core.PolicyThis, false
				l.addTask(task)
				l.sync()
			}
			w.eden.LoseColumn("org_office", "phone")
			together := func() {
				for _, l := range laptops {
					l.clock.Set(l.eden.Clock.Now())
				}
			}
			for i, l := range laptops {
				together()
				l.pass(time.Hour)
				l.edit(office(1), set("phone", fmt.Sprintf("of laptop %d", i+1)))
			}
			laptops[1].edit(office(1), set("name", "Office, edited"))
			for range 4 {
				for _, l := range laptops {
					together()
					l.pass(26 * time.Hour)
					l.sync()
				}
			}
			for i, l := range laptops {
				together()
				l.agree(office(1), "name", "Office, edited")
				here := l.here(office(1))
				if got := here.Value("phone").Str; got != fmt.Sprintf("of laptop %d", i+1) {
					t.Errorf("laptop %d has the phone %q", i+1, got)
				}
				if q := l.quarantine(); len(q) != 1 || !strings.Contains(q[0].Details, "phone") {
					t.Errorf("laptop %d: set aside: %+v", i+1, q)
				}
				before := l.seq()
				if run := l.sync(); run.Changed()+run.Conflicts != 0 || run.Sent != run.Refused || l.seq() != before {
					t.Errorf("laptop %d: a further sync moves only what has no place there, but: %s, %d versions", i+1, run.Counts, l.seq()-before)
				}
			}
		})
	}
}

// A column that was away before anything came here, and of which nobody here can know,
// returns with what stands in it, to old stamps: the comparison of every record finds it.
func TestWhatStandsInAColumnThatWasNeverSeenIsFoundByTheWeeklyComparison(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.eden.LoseColumn("org_office", "phone")
	w.pass(time.Hour)
	w.hub.Put(rec(office(4), "name", "Office 4")) // the marker stands above the others
	w.sync()
	w.pass(25 * time.Hour)
	w.sync() // compares every record
	w.eden.RegainColumn("org_office", "phone")
	w.pass(25 * time.Hour)
	w.sync()
	if here := w.here(office(1)); here.Value("phone").Str != "" {
		t.Errorf("it came with the daily comparison: %q", here.Value("phone").Str)
	}
	w.pass(6 * 24 * time.Hour)
	w.sync()
	for n := 1; n <= 3; n++ {
		w.agree(office(n), "phone", "1")
	}
	w.quiet()
}
