package replicate_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// carried is a person with a contact, edited on a clock that is three hours ahead and
// delivered. The person is what carries the contact from then on.
func carried(t *testing.T) (w *world, person, contact core.Link) {
	w = newWorld(t, "pr_person")
	person, contact = link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann", "last_name", "1")
	p.Components = []core.Record{rec(contact, "value", "a@example.org")}
	w.eden.Put(p, rec(link("pr_person", 3), "first_name", "Bob"))
	w.sync()
	w.wrongClock(3 * time.Hour)
	w.typed(person, "last_name", "ours")
	w.sync()
	w.agree(person, "last_name", "ours")
	return w, person, contact
}

// What carries another record says nothing of itself: its stamp there stays. Else it
// would be dated in the server's future, what happened there before then would come with
// an older stamp, and the server would be taken for restored.
func TestACarrierKeepsTheStampThatTheServerHas(t *testing.T) {
	w, person, contact := carried(t)
	before := w.there(person).ModifiedOn
	w.typed(contact, "value", "b@example.org")
	w.sync()
	w.agree(contact, "value", "b@example.org")
	if after := w.there(person).ModifiedOn; after != before {
		t.Errorf("the person was carried only, and is dated %s there, before %s", after, before)
	}
	w.sync()
	w.wrongClock(-3 * time.Hour)
	w.eden.Delete(person)
	w.pass(30 * time.Hour)
	w.sync()
	if !w.here(person).Deleted {
		t.Error("the deletion did not arrive")
	}
	w.quiet()
}

// Nor does it undo there what somebody changed between our look and our push.
func TestACarrierUndoesNoEditOfTheServer(t *testing.T) {
	w, person, contact := carried(t)
	w.wrongClock(-3 * time.Hour)
	w.typed(contact, "value", "b@example.org")
	w.barge(func() { w.change(person, "last_name", "theirs") })
	w.sync()
	if there := w.there(person); there.Value("last_name").Str != "theirs" {
		t.Errorf("the person at the server has %q", there.Value("last_name").Str)
	}
	w.agree(contact, "value", "b@example.org")
	w.sync()
	w.agree(person, "last_name", "theirs")
	w.quiet()
}

// Nor where it is dated in the future there: what somebody makes of it is dated before (seed 9001103).
func TestACarrierThatIsDatedInTheFutureUndoesNoEdit(t *testing.T) {
	w, person, contact := carried(t)
	w.wrongClock(-3 * time.Hour)
	ahead := w.there(person)
	ahead.Components, ahead.ModifiedOn = nil, core.MTimeOf(w.eden.Clock.Now().Add(time.Hour))
	set("first_name", "Anna")(&ahead)
	w.eden.Put(ahead)
	w.sync()
	w.agree(person, "first_name", "Anna")
	w.typed(contact, "value", "b@example.org")
	w.barge(sync.OnceFunc(func() { w.change(person, "last_name", "theirs") }))
	w.sync()
	if there := w.there(person); there.Value("last_name").Str != "theirs" {
		t.Errorf("the person at the server has %q", there.Value("last_name").Str)
	}
	w.agree(contact, "value", "b@example.org")
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(person, "last_name", "theirs")
	w.quiet()
}

// An Eden that refuses a record, as somebody changed it there between our look and our push,
// dates it as it was sent all the same if it brings a component or points to something. What
// stands there then was not made of ours by the server, whatever its stamp says.
func TestWhatTheServerOnlyDatedAsOursIsNotOurs(t *testing.T) {
	for _, tt := range []struct {
		name  string
		there func(*core.Record)
		want  map[string]string // on both sides; nil: a conflict
	}{
		{"the same field", set("name", "theirs"), nil},
		{"the same field, and another", func(r *core.Record) { set("name", "theirs")(r); set("phone", "2")(r) }, nil},
		{"another field", set("phone", "2"), map[string]string{"name": "ours", "phone": "2"}},
		{"another field is emptied", func(r *core.Record) { r.Unset("phone") }, map[string]string{"name": "ours", "phone": ""}},
	} {
		for kind, made := range pointing() {
			t.Run(kind+", "+tt.name, func(t *testing.T) {
				w := newWorld(t, "org_organisation", "org_office", "pr_person", "pr_contact")
				link := made(w)
				w.sync()
				w.pass(time.Hour)
				w.typed(link, "name", "ours")
				w.pass(time.Hour)
				w.barge(sync.OnceFunc(func() {
					r := w.there(link)
					tt.there(&r)
					r.ModifiedOn = core.MTimeOf(w.clock.Now())
					w.eden.Put(r)
				}))
				w.sync()
				w.sync()
				list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
				if tt.want == nil {
					if err != nil || len(list) != 1 || list[0].Ours.Value("name").Str != "ours" || list[0].Theirs.Value("name").Str != "theirs" {
						t.Errorf("both are to be in the list of conflicts: %+v, %v\n%s", list, err, w.logs())
					}
				} else if err != nil || len(list) != 0 {
					t.Errorf("it is no conflict: %+v, %v", list, err)
				}
				for field, value := range tt.want {
					w.agree(link, field, value)
				}
				w.quiet()
			})
		}
	}
}

// pointing makes an office that points to its organisation, or a contact below its person,
// at the Eden: both are dated as they were sent, whatever the Eden takes of them.
func pointing() map[string]func(*world) core.Link {
	return map[string]func(*world) core.Link{
		"a record that points to another": func(w *world) core.Link {
			org := link("org_organisation", 2)
			o := rec(office(1), "name", "Office 1", "phone", "1", "email", "e")
			o.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
			w.eden.Put(rec(org, "name", "Organisation"), o)
			return office(1)
		},
		"a component": func(w *world) core.Link {
			person := rec(link("pr_person", 2), "first_name", "Ada")
			person.Components = []core.Record{rec(contact(1), "name", "Contact 1", "phone", "1", "email", "e")}
			w.eden.Put(person)
			return contact(1)
		},
	}
}

// The server's own way of writing what it took is no conflict.
func TestWhatTheServerWritesInItsOwnWayIsOurs(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	org := link("org_organisation", 2)
	o := rec(office(1), "name", "Office 1", "phone", "1")
	o.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	w.eden.Put(rec(org, "name", "Organisation"), o)
	w.sync()
	w.pass(time.Hour)
	w.typed(office(1), "phone", "+43 (664) 123-45")
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return afterPush{p, func() {
			r := w.there(office(1))
			r.Set(core.Field{Name: "phone", Value: core.Text("+4366412345")})
			w.eden.Put(r)
		}}, err
	}
	run := w.sync()
	w.engine.Connect = connect
	if list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{}); err != nil || len(list) != 0 || run.Delivered != 1 {
		t.Errorf("it is delivered, and no conflict: %s, %+v, %v", run.Counts, list, err)
	}
	w.agree(office(1), "phone", "+4366412345")
	w.quiet()
}

// An afterPush lets something happen at the server right after each push.
type afterPush struct {
	replicate.Peer
	after func()
}

func (a afterPush) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	reply, err := a.Peer.Push(ctx, req)
	a.after()
	return reply, err
}

type barger struct {
	replicate.Peer
	before func()
}

func (b barger) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	b.before()
	return b.Peer.Push(ctx, req)
}

// barge lets something happen at the server right before the next push.
func (w *world) barge(before func()) {
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return barger{p, sync.OnceFunc(before)}, err
	}
}

// What is carried from one server to another is dated by the first one's clock: that of the laptop
// between them says nothing of it, however wrong it is (seed 3003515).
func TestWhatIsCarriedIsNotDatedByTheLaptopsClock(t *testing.T) {
	for name, off := range map[string]time.Duration{"behind": -7 * time.Minute, "ahead": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			c := newCarrier(t)
			c.first.offices(2)
			for i := range 2 {
				if _, err := c.with(i); err != nil {
					t.Fatal(err)
				}
			}
			c.pass(time.Hour)
			c.second.pass(time.Hour)
			c.first.change(office(1), "phone", "changed at the first")
			dated := c.first.there(office(1)).ModifiedOn
			c.wrongClock(off)
			for i := range 2 {
				if _, err := c.with(i); err != nil {
					t.Fatal(err)
				}
				c.second.pass(-off) // its clock is right
			}
			there := c.second.there(office(1))
			if there.Value("phone").Str != "changed at the first" || there.ModifiedOn != dated {
				t.Errorf("at the second server it is %q of %s, at the first of %s", there.Value("phone").Str, there.ModifiedOn, dated)
			}
		})
	}
}

// Where a Fieldsync's clock was put back, what is done there is dated below the markers of those
// who pull from it. What only carries a contact does not undo it: it says which version it is
// (seed 8200756).
func TestACarrierUndoesNoEditOfAFieldsyncThatItNeverSaw(t *testing.T) {
	w, hub := newNodes(t, "pr_person")
	task := w.task("pr_person")
	task.Update = core.PolicyThis // what is sent is taken there, however it is dated
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	first, second := withContact(t, w)
	marker := w.there(second)
	marker.ModifiedOn = core.MTimeOf(w.clock.Now().Add(30 * time.Minute))
	hub.Put(marker)
	w.pass(time.Hour)
	w.sync()
	w.pass(-90 * time.Minute)
	w.change(first, "first_name", "theirs")
	w.pass(90 * time.Minute)
	w.edit(contact(1), set("value", "2"))
	w.sync()
	if here := w.here(first); here.Value("first_name").Str != "Ada" {
		t.Fatalf("it was to be below the marker, and is here: %+v", here.Fields)
	}
	w.agree(contact(1), "value", "2")
	if there := w.there(first); there.Value("first_name").Str != "theirs" {
		t.Errorf("at the hub the person is %+v\n%s", there.Fields, w.logs())
	}
	w.quiet()
}
