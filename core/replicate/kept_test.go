package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A server that keeps its own version dates it as ours, and a field is missing there because
// its column is: it looks as if somebody had emptied that. It is decided then that only we
// have changed the record: it is refused like any other, and not forgotten.
func TestWhatTheServerKeptAndOnlyDatedIsRefused(t *testing.T) {
	w := newWorld(t, "org_organisation")
	task := core.NewTask(w.repo.ID, "org_office")
	task.Update = core.PolicyOther
	w.addTask(task)
	org := link("org_organisation", 2)
	o := rec(office(1), "name", "Office 1", "phone", "1", "comments", "c")
	o.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	w.eden.Put(rec(org, "name", "Organisation"), o)
	w.sync()
	w.pass(time.Hour)
	w.eden.LoseColumn("org_office", "comments")
	w.edit(office(1), set("phone", "ours"))
	for range 3 {
		run, err := w.run(replicate.Options{})
		if there := w.there(office(1)); err != nil || there.Value("phone").Str != "1" {
			t.Fatalf("it is to be kept there: %+v, %v, %s", there, err, run.Counts)
		}
		unsent, err := w.db.UnsentLinks(t.Context(), w.repo.ID)
		if q := w.quarantine(); err != nil || len(unsent) != 1 || len(q) != 1 || q[0].Record != office(1) {
			t.Errorf("%v is unsent, %+v set aside, %v\n%s", unsent, q, err, w.logs())
		}
		w.pass(48 * time.Hour)
	}
}
