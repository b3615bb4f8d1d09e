package replicate_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// bothServers are tests that hold with an Eden and with a Fieldsync as the server.
func bothServers(t *testing.T, test func(*testing.T, *world)) {
	t.Run("Eden", func(t *testing.T) { test(t, newWorld(t, "org_office")) })
	t.Run("Fieldsync", func(t *testing.T) {
		w, _ := newNodes(t, "org_office")
		test(t, w)
	})
}

// elsewhere lets other servers bring versions of the records as they were at first.
func (w *world) elsewhere(records ...core.Record) {
	w.t.Helper()
	other, err := w.db.AddRepository(w.t.Context(), core.Repository{Name: "other", URL: "http://other.example.org/eden"})
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Import(w.t.Context(), func(tx intake.Tx) error {
		for i := range records {
			r := &records[i]
			r.CreatedOn, r.ModifiedOn, r.MCI = core.MTimeOf(start), core.MTimeOf(start), 2
			if err := tx.Put(w.t.Context(), r, core.Change{Rule: "create", By: "other", Origin: other.ID, At: core.MTimeOf(w.clock.Now())}); err != nil {
				return err
			}
			if err := tx.SetBase(w.t.Context(), other.ID, r, core.SeqCurrent); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// moveOn synchronises, a good while after what happened at the server: with a later
// change of the record, the marker has left it behind.
func (w *world) moveOn(l core.Link) {
	w.t.Helper()
	w.pass(time.Hour)
	w.change(l, "phone", "2")
	w.sync()
}

// merge merges a record into another at the server.
func (w *world) merge(l, into core.Link) {
	w.t.Helper()
	w.hub.Delete(l)
	r := w.there(l)
	r.ReplacedBy = into.UUID
	w.hub.Put(r)
}

// mergedAway makes office 1 one that the server merged into office 2 before it came here.
func (w *world) mergedAway() {
	w.t.Helper()
	w.offices(3)
	w.pass(time.Hour)
	w.merge(office(1), office(2))
	w.moveOn(office(3))
	w.elsewhere(rec(office(1), "name", "Office 1", "phone", "1"))
}

// The server merged it away before this laptop ever saw it; then another server, which
// does not know that, brings it.
func TestWhatWasMergedAwayBeforeItCameHereIsMergedHere(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.mergedAway()
		w.sync()
		if got := w.here(office(1)); !got.Deleted || got.ReplacedBy != office(2).UUID {
			t.Errorf("here is %+v\n%s", got, w.logs())
		}
		if !w.there(office(1)).Deleted {
			t.Error("the merge was undone at the server")
		}
		if aside := w.quarantine(); len(aside) > 0 {
			t.Errorf("set aside: %+v", aside)
		}
		w.quiet()
	})
}

// Somebody has edited it here since: that is no older version, and the conflict policy
// decides, as if the record had been here when the tombstone came.
func TestWhatWasDeletedBeforeItCameHereAndEditedIsKept(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.offices(3)
		w.pass(time.Hour)
		w.hub.Delete(office(1))
		w.moveOn(office(3))
		w.elsewhere(rec(office(1), "name", "Office 1", "phone", "1"))
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "needed"))
		w.sync()
		w.sync()
		w.agree(office(1), "phone", "needed")
		if w.here(office(1)).Deleted || w.there(office(1)).Deleted {
			t.Error("a later edit must outlive the deletion")
		}
		w.quiet()
	})
}

// Unusually many wait for a person, by whatever way they come.
func TestManyThatWereDeletedBeforeTheyCameHereAreHeld(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		const many = 25
		w.offices(many)
		w.pass(time.Hour)
		var old []core.Record
		for n := 1; n <= many; n++ {
			old = append(old, rec(office(n), "name", fmt.Sprintf("Office %d", n), "phone", "1"))
			w.hub.Delete(office(n))
		}
		w.hub.Put(rec(office(99), "name", "Last"))
		w.moveOn(office(99))
		w.elsewhere(old...)
		if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
			t.Fatalf("got %v, want the brake\n%s", err, w.logs())
		}
		for n := 1; n <= many; n++ {
			if w.here(office(n)).Deleted {
				t.Fatalf("office %d was deleted", n)
			}
		}
		w.pass(25 * time.Hour)
		if _, err := w.run(replicate.Options{Confirm: true}); err != nil {
			t.Fatalf("%v\n%s", err, w.logs())
		}
		for n := 1; n <= many; n++ {
			if !w.here(office(n)).Deleted {
				t.Fatalf("office %d was not deleted\n%s", n, w.logs())
			}
		}
		if aside := w.quarantine(); len(aside) > 0 {
			t.Errorf("set aside: %d, %+v", len(aside), aside[0])
		}
		w.quiet()
	})
}

// A table that is read anew tells of a record that was deleted there, and not of its
// components. One of them that was edited here meanwhile is met when it is sent: then it is
// asked about at once, and not refused from run to run.
func TestAComponentThatWasDeletedWithItsMasterIsAskedAboutWhenItIsSent(t *testing.T) {
	w, n := newNodes(t, "pr_person", "pr_contact")
	if err := w.db.DeleteTask(t.Context(), w.task("pr_contact").ID); err != nil {
		t.Fatal(err)
	}
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = link("pr_person", 1), "contact"
	n.Put(rec(link("pr_person", 1), "first_name", "Ana"), c)
	w.sync()
	w.pass(time.Hour)
	w.edit(contact(1), set("value", "2"))
	w.pass(time.Hour)
	n.Delete(contact(1))
	n.Delete(link("pr_person", 1))
	if err := w.db.DeleteTask(t.Context(), w.task("pr_person").ID); err != nil {
		t.Fatal(err)
	}
	task := core.NewTask(w.repo.ID, "pr_person")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	w.sync()
	if c := w.question(); c.Record != contact(1) || !c.Theirs.Deleted || c.Ours.Value("value").Str != "2" {
		t.Errorf("asked about %+v\n%s", c, w.logs())
	}
	if aside := w.quarantine(); len(aside) != 0 {
		t.Errorf("set aside: %+v", aside)
	}
}

// A contact that was deleted together with its person is brought back here; meanwhile somebody
// else brought it back, and it was deleted there again, of which no pull tells. Ours is refused
// as older than that, once, and dated after it then (seed 1305236).
func TestWhatIsBroughtBackIsDatedAfterALaterDeletionThere(t *testing.T) {
	w, n, c := newContact(t)
	n.Delete(contact(1))
	n.Delete(link("pr_person", 1))
	w.sync()
	w.act(storage.EditDelete, contact(1))
	w.sync()
	w.act(storage.EditRestore, contact(1))
	w.pass(time.Hour)
	n.Put(c)
	n.Delete(contact(1))
	if err := w.db.DeleteTask(t.Context(), w.task("pr_contact").ID); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.pass(25 * time.Hour)
		if _, err := w.run(replicate.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	w.agree(contact(1), "value", "1")
	if aside := w.quarantine(); len(aside) != 0 || w.there(contact(1)).Deleted {
		t.Errorf("set aside: %+v\n%s", aside, w.logs())
	}
}

// newContact makes a person with a contact on both sides.
func newContact(t *testing.T) (w *world, n *node, c core.Record) {
	t.Helper()
	w, n = newNodes(t, "pr_person", "pr_contact")
	c = rec(contact(1), "value", "1")
	c.Master, c.Alias = link("pr_person", 1), "contact"
	n.Put(rec(link("pr_person", 1), "first_name", "Ana"), c)
	w.sync()
	w.pass(time.Hour)
	return w, n, c
}

// act is what a person does with a record as a whole.
func (w *world) act(action storage.EditAction, l core.Link) {
	w.t.Helper()
	request := storage.EditRequest{Action: action, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: "me"}
	if _, _, err := w.db.Edit(w.t.Context(), request); err != nil {
		w.t.Fatal(err)
	}
}

// A contact was deleted here and there, the server was added anew, and somebody brings the
// contact back: to that deletion ours is the later version, and is sent, though the push that
// met the tombstone has passed it.
func TestWhatIsBroughtBackIsSentThoughItsDeletionIsMetOnlyThen(t *testing.T) {
	w, n, _ := newContact(t)
	w.act(storage.EditDelete, contact(1))
	n.Delete(contact(1))
	n.Delete(link("pr_person", 1))
	if err := w.db.DeleteRepository(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	w.know(core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}, "pr_person")
	w.pass(time.Hour)
	w.act(storage.EditRestore, contact(1))
	w.sync()
	w.sync()
	w.agree(contact(1), "value", "1")
	if w.here(contact(1)).Deleted || w.there(contact(1)).Deleted {
		t.Errorf("it is deleted\n%s", w.logs())
	}
	w.quiet()
}

// A person is deleted there after the pull: that is seen when a contact is about to be sent
// that was added here, and put off until the run's deletions are judged. The contact then
// goes by itself, or is set aside with the reason; it was passed over for ever.
func TestAContactOfSomebodyDeletedDuringTheRunIsNotForgotten(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	w.eden.Put(rec(person, "first_name", "Ann"), rec(link("pr_person", 3), "first_name", "Bob"))
	w.sync()
	w.pass(time.Hour)
	w.edit(contact, func(r *core.Record) {
		set("value", "ann@example.org")(r)
		r.Master = person
	})
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return &looked{Peer: p, first: func() { w.eden.Delete(person) }}, err
	}
	run := w.sync()
	if !w.here(person).Deleted {
		t.Fatalf("the deletion is not here: %s\n%s", run.Counts, w.logs())
	}
	if _, there := w.hub.Get(contact); !there && len(w.quarantine()) == 0 {
		t.Errorf("the contact is not at the server, and nothing says so: %s\n%s", run.Counts, w.logs())
	}
	if got := w.here(contact); got.Deleted || got.Value("value").Str != "ann@example.org" {
		t.Errorf("the contact is %+v", got)
	}
}

// A looked peer does something before it is asked for single records the first time.
type looked struct {
	replicate.Peer
	first func()
}

func (p *looked) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if len(req.UUIDs) > 0 && p.first != nil {
		p.first()
		p.first = nil
	}
	return p.Peer.Pull(ctx, req, yield)
}
