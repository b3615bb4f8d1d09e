package replicate_test

import (
	"net/http"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// withContacts is a person with a contact for each number.
func withContacts(person int, contacts ...int) core.Record {
	p := rec(link("pr_person", person), "first_name", "A")
	for _, n := range contacts {
		p.Components = append(p.Components, rec(link("pr_contact", n), "value", "1"))
	}
	return p
}

// TestContactsWithAndWithoutTheirPersonGoInPushesOfTheirOwn: of two contacts that were
// edited, one is carried by its person, the other stands alone. An Eden ignores what is
// of another table than the push is for; the one it ignored was taken for refused.
func TestContactsWithAndWithoutTheirPersonGoInPushesOfTheirOwn(t *testing.T) {
	carried, alone := link("pr_contact", 2), link("pr_contact", 9)
	for _, order := range [][]core.Link{{carried, alone}, {alone, carried}} {
		w := newWorld(t, "pr_contact")
		persons := core.NewTask(w.repo.ID, "pr_person")
		persons.Mode = core.ModePull
		w.addTask(persons)
		w.hub.Put(withContacts(1, 2), rec(alone, "value", "1"))
		w.sync()
		for _, l := range order {
			w.edit(l, set("value", "new"))
		}
		run := w.sync()
		if run.Sent != 2 || run.Delivered != 2 {
			t.Errorf("%s, want both delivered: %+v", run.Counts, w.quarantine())
		}
		w.agree(carried, "value", "new")
		w.agree(alone, "value", "new")
		w.quiet()
	}
}

// TestAPersonIsSentBesideTheDeletedContactsOfAnother: contacts of a person that was
// deleted stand at the top of a batch, where the edit of another person must not be
// overlooked because of them.
func TestAPersonIsSentBesideTheDeletedContactsOfAnother(t *testing.T) {
	w := newWorld(t, "pr_person")
	w.engine.Tuning.Batch = 2
	w.hub.Put(withContacts(1), withContacts(2, 3, 4, 5))
	w.sync()
	w.edit(link("pr_person", 1), set("first_name", "B"))
	gone := core.Record{Resource: "pr_person", UUID: link("pr_person", 2).UUID}
	if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Action: storage.EditDelete, Record: gone, By: "me"}); err != nil {
		t.Fatal(err)
	}
	run := w.sync()
	if run.Sent != 5 || run.Refused != 0 {
		t.Errorf("%s, want a person and four deletions, none refused: %+v", run.Counts, w.quarantine())
	}
	w.agree(link("pr_person", 1), "first_name", "B")
	for _, l := range []core.Link{gone.Link(), link("pr_contact", 3), link("pr_contact", 4), link("pr_contact", 5)} {
		if there, ok := w.hub.Get(l); ok && !there.Deleted {
			t.Errorf("%v is still at the server", l)
		}
	}
	w.quiet()
}

// TestARecordWithoutAURNIsSentAndProved: an Eden shows such a uuid with its domain before
// it and keeps and looks for it without (spec s3xml-format §9). Asked for by what it
// shows, it seemed not to have the record any more, and no edit of it was sent.
func TestARecordWithoutAURNIsSentAndProved(t *testing.T) {
	w := newWorld(t, "org_sector")
	w.hub.Put(rec(core.Link{Resource: "org_sector", UUID: "HEALTH"}, "name", "Health"))
	w.sync()
	w.quiet()
	here := core.Link{Resource: "org_sector", UUID: "vm/HEALTH"}
	w.edit(here, set("name", "Health & care"))
	if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
		t.Errorf("%s, want the edit delivered: %+v", run.Counts, w.quarantine())
	}
	if there, _ := w.hub.Get(core.Link{Resource: "org_sector", UUID: "HEALTH"}); there.Value("name").Str != "Health & care" {
		t.Errorf("at the server it is %q", there.Title())
	}
	w.quiet()
	w.hub.Delete(core.Link{Resource: "org_sector", UUID: "HEALTH"})
	w.sync()
	if rec := w.here(here); !rec.Deleted {
		t.Error("its deletion did not come")
	}
}

// TestADeletionThatIsRefusedForWhatItLacksIsCarriedOutByItself: Eden validates the
// tombstone of a contact and asks for its e-mail address, whoever sends it.
func TestADeletionThatIsRefusedForWhatItLacksIsCarriedOutByItself(t *testing.T) {
	person, contact, other := link("pr_person", 1), link("pr_contact", 2), link("pr_contact", 3)
	begin := func(t *testing.T) *world {
		w := newWorld(t, "pr_person", "pr_contact")
		w.eden.Reject(func(r core.Record, field string) string {
			if r.Resource == "pr_contact" && r.Deleted && field == "" {
				return "Enter a valid email"
			}
			return ""
		})
		w.hub.Put(withContacts(1, 2, 3))
		w.sync()
		w.edit(contact, func(r *core.Record) { r.Deleted = true })
		return w
	}
	t.Run("deleted", func(t *testing.T) {
		w := begin(t)
		if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
			t.Errorf("%s, want the deletion delivered: %+v", run.Counts, w.quarantine())
		}
		for l, want := range map[core.Link]bool{person: false, contact: true, other: false} {
			if there, _ := w.hub.Get(l); there.Deleted != want {
				t.Errorf("%s at the server: deleted %v, want %v", l.Resource, there.Deleted, want)
			}
		}
		w.quiet()
	})
	t.Run("not what somebody changed meanwhile", func(t *testing.T) {
		w := begin(t)
		w.engine.Connect = onPush(w.engine.Connect, func() { w.change(contact, "value", "theirs") })
		if _, err := w.run(replicate.Options{}); err != nil {
			t.Fatal(err)
		}
		there, _ := w.hub.Get(contact)
		if there.Deleted || there.Value("value").Str != "theirs" {
			t.Errorf("their change is gone: deleted %v, %q", there.Deleted, there.Title())
		}
	})
	t.Run("not where the server forbids it", func(t *testing.T) {
		w := begin(t)
		w.eden.InjectOn(func(r *http.Request) bool { return r.Method == http.MethodDelete }, 1, edentest.Status(http.StatusForbidden))
		run, err := w.run(replicate.Options{})
		if err != nil || run.Refused != 1 || w.asideFor()[contact] != "Enter a valid email" {
			t.Errorf("%s, %v, %v, want it refused with the server's words", run.Counts, err, w.asideFor())
		}
		if repo, err := w.db.Repository(t.Context(), w.repo.ID); err != nil || repo.Stopped != "" {
			t.Errorf("the repository is stopped: %q %v", repo.Stopped, err)
		}
	})
}
