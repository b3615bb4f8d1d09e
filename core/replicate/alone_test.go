package replicate_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// newContactWorld has Ann with a contact, known to both sides for an hour, and unchanged for
// longer.
func newContactWorld(t *testing.T, tables ...core.Resource) (w *world, ann, contact core.Link) {
	t.Helper()
	w = newWorld(t, append([]core.Resource{"pr_person"}, tables...)...)
	ann, contact = link("pr_person", 1), link("pr_contact", 2)
	w.eden.Put(rec(ann, "first_name", "Ann"), contactOf(ann, contact, "value", "a@example.org"))
	w.pass(time.Hour)
	w.eden.Put(rec(link("pr_person", 7), "first_name", "Cid")) // with whom a pull begins
	w.sync()
	w.pass(time.Hour)
	return w, ann, contact
}

// contactOf is a contact as it is changed in the form of a person: alone.
func contactOf(person, contact core.Link, values ...string) core.Record {
	c := rec(contact, values...)
	c.Master, c.Alias = person, "contact"
	return c
}

// askedFor counts the requests for a table as a whole.
func (w *world) askedFor(table core.Resource) (n int) {
	for _, r := range w.eden.Requests() {
		if r.Method == "GET" && r.Query.Get("resource") == string(table) && r.Query.Get("msince") != "" {
			n++
		}
	}
	return n
}

// forContacts matches the requests for contacts as a whole.
func forContacts(r *http.Request) bool { return r.URL.Query().Get("resource") == "pr_contact" }

// Nobody who changes a telephone number at the server saves the person again.
func TestAComponentThatWasChangedAloneArrivesWithTheNextSync(t *testing.T) {
	w, ann, contact := newContactWorld(t)
	w.edenChanges(contact, "value", "ann@example.org")
	if run := w.sync(); run.Updated != 1 {
		t.Errorf("%s", run.Counts)
	}
	w.agree(contact, "value", "ann@example.org")
	if got := w.here(contact); got.Master != ann {
		t.Errorf("it is below %v", got.Master)
	}
	if logs := w.logs(); !strings.Contains(logs, "pr_contact") {
		t.Errorf("the log does not say what came:\n%s", logs)
	}
	w.pass(time.Hour)
	w.quiet()
}

func TestAComponentThatIsNewAtARecordArrivesWithTheNextSync(t *testing.T) {
	w, ann, _ := newContactWorld(t)
	second := link("pr_contact", 3)
	w.eden.Put(contactOf(ann, second, "value", "+977 1 123456"))
	w.sync()
	if got := w.here(second); got.Master != ann || got.Value("value") != core.Text("+977 1 123456") {
		t.Errorf("%v below %v", got.Value("value"), got.Master)
	}
	w.pass(time.Hour)
	w.quiet()
}

func TestAComponentThatWasDeletedAloneIsDeletedWithTheNextSync(t *testing.T) {
	w, _, contact := newContactWorld(t)
	w.eden.Delete(contact)
	w.sync()
	if !w.here(contact).Deleted {
		t.Error("it was deleted at the server")
	}
	w.pass(time.Hour)
	w.quiet()
}

// Both sides changed a field of a contact that nobody else knows of.
func TestAComponentThatWasChangedAloneOnBothSidesIsJoined(t *testing.T) {
	w, _, contact := newContactWorld(t)
	w.edenChanges(contact, "value", "ann@example.org")
	w.edit(contact, set("comments", "after six"))
	w.sync()
	w.agree(contact, "value", "ann@example.org")
	w.agree(contact, "comments", "after six")
	w.pass(time.Hour)
	w.quiet()
}

// What the filters of the persons leave out does not come by its contacts.
func TestAComponentOfWhatIsNotHereStaysAway(t *testing.T) {
	w, _, contact := newContactWorld(t)
	task := w.task("pr_person")
	task.Filters = []core.Filter{{Query: "~.first_name=Ann,Cid"}}
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.sync()
	ben, his := link("pr_person", 8), link("pr_contact", 9)
	w.eden.Put(rec(ben, "first_name", "Ben"), contactOf(ben, his, "value", "ben@example.org"))
	w.pass(time.Hour)
	w.edenChanges(contact, "value", "ann@example.org")
	w.edenChanges(his, "value", "b@example.org")
	w.sync()
	w.agree(contact, "value", "ann@example.org")
	for _, l := range []core.Link{ben, his} {
		if _, err := w.db.Record(t.Context(), l); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("%v is here: %v", l, err)
		}
	}
}

// A table of components costs a request, and a person may have twenty of them.
func TestComponentsAreAskedForOnceAnHour(t *testing.T) {
	w, _, contact := newContactWorld(t)
	w.sync()
	before := w.askedFor("pr_contact")
	if before != 1 {
		t.Errorf("after an hour they were asked for %d times", before)
	}
	w.edenChanges(contact, "value", "ann@example.org")
	w.sync()
	if n := w.askedFor("pr_contact"); n != before {
		t.Errorf("asked again %d times, a minute later", n-before)
	}
	w.pass(50 * time.Minute)
	w.sync()
	w.agree(contact, "value", "ann@example.org")
}

// A table with a task of its own has its own request, and its own policies.
func TestComponentsWithATaskOfTheirOwnAreNotAskedForTwice(t *testing.T) {
	w, _, contact := newContactWorld(t, "pr_contact")
	before := w.askedFor("pr_contact")
	w.edenChanges(contact, "value", "ann@example.org")
	w.sync()
	w.agree(contact, "value", "ann@example.org")
	if n := w.askedFor("pr_contact") - before; n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// An account may read the persons and not the table of contacts, or the server lacks that.
func TestATableOfComponentsThatIsNotShownIsNoTrouble(t *testing.T) {
	for name, hide := range map[string]func(w *world){
		"no right": func(w *world) { w.eden.ReadRight("pr_contact", false) },
		"no table": func(w *world) { w.eden.Unknown("pr_contact") },
		"a fault":  func(w *world) { w.eden.InjectOn(forContacts, -1, edentest.Status(500)) },
		"a prohibition": func(w *world) {
			w.eden.InjectOn(forContacts, -1, edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "FORBIDDEN"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, ann, _ := newContactWorld(t)
			hide(w)
			w.edenChanges(ann, "last_name", "Bee")
			if run := w.sync(); run.Result != core.ResultSuccess {
				t.Errorf("%s: %s", run.Result, run.Message)
			}
			w.agree(ann, "last_name", "Bee")
		})
	}
}

// Where the question broke off it is asked again with the next sync.
func TestAQuestionForComponentsThatBrokeOffIsAskedAgain(t *testing.T) {
	w, _, contact := newContactWorld(t)
	w.edenChanges(contact, "value", "ann@example.org")
	w.eden.InjectOn(forContacts, -1, edentest.CutAfter(40))
	if run, err := w.run(replicate.Options{}); err == nil {
		t.Errorf("it broke off: %s", run.Counts)
	}
	w.eden.Heal()
	w.sync()
	w.agree(contact, "value", "ann@example.org")
}
