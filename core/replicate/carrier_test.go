package replicate_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
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
