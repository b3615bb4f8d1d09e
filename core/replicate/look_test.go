package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// An Eden has lost the link between a contact and its person, and shows the person
// without it. What somebody changed in the contact there is seen before ours goes over
// it.
func TestAComponentThatItsMasterDoesNotShowIsLookedAt(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "pr_person")
	task.Conflict = core.PolicyThis
	w.addTask(task)
	p, c := person(1)
	master, contact := rec(p, "first_name", "Amina"), rec(c, "value", "+254 1", "comments", "home")
	contact.Alias = "contact"
	master.Components = []core.Record{contact}
	w.hub.Put(master)
	w.sync()
	w.pass(time.Hour)
	contact.Set(core.Field{Name: "value", Value: core.Text("+254 theirs")})
	contact.ModifiedOn = core.MTimeOf(w.clock.Now())
	w.hub.Put(contact)
	w.pass(time.Minute)
	w.edit(c, set("value", "+254 ours"))
	if run := w.sync(); run.Conflicts != 1 {
		t.Errorf("got %s, want a conflict\n%s", run.Counts, w.logs())
	}
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
	if err != nil || len(list) != 1 || list[0].Record != c || list[0].Theirs.Value("value").Str != "+254 theirs" {
		t.Fatalf("%+v, %v\n%s", list, err, w.logs())
	}
	w.agree(c, "value", "+254 ours")
	w.quiet()
}
