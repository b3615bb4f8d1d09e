package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// What has a table read anew is no reason to take over what a backup brought back there.
func TestARestoredServerIsRecognisedWhereATableIsReadAnew(t *testing.T) {
	for what, anew := range map[string]func(*world) error{
		"another filter": func(w *world) error {
			task := w.task("org_office")
			task.Filters = []core.Filter{{Query: "~.name__like=*"}}
			return w.db.UpdateTask(w.t.Context(), task)
		},
		"removed and added": func(w *world) error {
			task := w.task("org_office")
			err := w.db.DeleteTask(w.t.Context(), task.ID)
			again := core.NewTask(w.repo.ID, "org_office")
			again.Update = task.Update
			w.addTask(again)
			return err
		},
	} {
		for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther} {
			t.Run(what+" "+string(policy), func(t *testing.T) {
				w := restored(t, policy)
				w.pass(time.Hour)
				w.change(office(1), "name", "Changed after the restoring")
				if err := anew(w); err != nil {
					t.Fatal(err)
				}
				run, err := w.run(replicate.Options{})
				if !core.IsKind(err, core.WentBack) || run.Changed() != 0 {
					t.Errorf("got %v, %s", err, run.Counts)
				}
				if got := w.here(office(1)); got.Value("phone").Str != "after the backup" {
					t.Errorf("office 1 was overwritten: %+v", got)
				}
			})
		}
	}
}
