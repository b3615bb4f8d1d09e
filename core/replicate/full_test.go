package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// Who asks for everything once more has not said that what a backup brought back is right.
func TestARestoredServerIsRecognisedByAFullRun(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther} {
		t.Run(string(policy), func(t *testing.T) {
			w := restored(t, policy)
			w.pass(time.Hour)
			w.change(office(1), "name", "Changed after the restoring") // on top of what it was before
			run, err := w.run(replicate.Options{Full: true})
			if !core.IsKind(err, core.WentBack) || run.Changed()+run.Sent != 0 {
				t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
			}
			for n := 1; n <= 2; n++ {
				if got := w.here(office(n)); got.Value("phone").Str == "1" {
					t.Errorf("office %d was overwritten: %+v", n, got)
				}
			}
			repo, err := w.db.Repository(t.Context(), w.repo.ID)
			if err != nil || repo.Stopped == "" {
				t.Errorf("it must not be tried again by itself: %+v, %v", repo, err)
			}
		})
	}
}

func TestARestoredServerIsRecognisedByAFullRunWhereNothingIsPulled(t *testing.T) {
	w := newWorld(t)
	w.addTask(core.NewTask(w.repo.ID, "org_office"))
	w.pushOnly("org_office")
	for n := 1; n <= 12; n++ {
		w.edit(office(n), set("name", "Ours"))
	}
	w.sync()
	restore := w.eden.Backup()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "after the backup"))
	w.sync()
	w.pass(time.Hour)
	restore()
	w.edit(office(2), set("phone", "unsent"))
	if run, err := w.run(replicate.Options{Full: true}); !core.IsKind(err, core.WentBack) || run.Sent != 0 {
		t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
}

// Nor has who compares and mends.
func TestARestoredServerIsRecognisedBeforeAnythingIsMended(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther} {
		t.Run(string(policy), func(t *testing.T) {
			w := restored(t, policy)
			w.pass(time.Hour)
			w.change(office(1), "name", "Changed after the restoring")
			repo, err := w.db.Repository(t.Context(), w.repo.ID)
			if err != nil {
				t.Fatal(err)
			}
			seq := w.seq()
			if _, err := w.engine.Compare(t.Context(), repo, replicate.CompareOptions{Mend: true}); !core.IsKind(err, core.WentBack) {
				t.Errorf("got %v\n%s", err, w.logs())
			}
			if after := w.seq(); after != seq {
				t.Errorf("%d versions were written", after-seq)
			}
			if repo, err = w.db.Repository(t.Context(), w.repo.ID); err != nil || repo.Stopped == "" {
				t.Errorf("it must not be tried again by itself: %+v, %v", repo, err)
			}
		})
	}
}
