package replicate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// imported makes a laptop and an Eden into which 120 offices were imported in the same
// second, two hours ago, and pulled since.
func imported(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "org_office")
	for n := 1; n <= 120; n++ {
		w.eden.Put(rec(office(n), "name", fmt.Sprintf("Office %d", n)))
	}
	w.pass(2 * time.Hour)
	if run := w.sync(); run.Created != 120 {
		t.Fatalf("got %s", run.Counts)
	}
	return w
}

func TestWhatWasImportedAtOnceDoesNotComeAgainWithEachPull(t *testing.T) {
	w := imported(t)
	for range 2 {
		w.eden.ForgetRequests()
		run := w.sync()
		if run.Received != 0 {
			t.Errorf("%d records came again", run.Received)
		}
		if got := len(w.requests()); got != 3 { // a probe, the pull, and whether what set the marker stands there
			t.Errorf("%d requests, want 3: %v", got, w.requests())
		}
	}
	w.change(office(7), "name", "Changed there")
	w.edit(office(8), set("name", "Changed here"))
	w.sync()
	w.agree(office(7), "name", "Changed there")
	w.agree(office(8), "name", "Changed here")
	w.quiet()
	w.pass(time.Hour)
	w.quiet()
}

func TestFewRecordsOfTheMinutesBeforeTheMarkerComeAgain(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.pass(2 * time.Hour)
	w.quiet()
	late := rec(office(9), "name", "Brought late")
	late.ModifiedOn = w.task("org_office").LastPull.Add(-time.Minute)
	w.eden.Put(late)
	w.sync()
	w.agree(office(9), "name", "Brought late")
}

func TestWhatAnImportBringsThatIsNotLongOverIsLookedForAgain(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(120)
	w.pass(30 * time.Minute)
	w.sync()
	long := rec(office(200), "name", "Of a request that took long")
	long.ModifiedOn = w.task("org_office").LastPull
	w.eden.Put(long)
	w.sync()
	w.agree(office(200), "name", "Of a request that took long")
	w.pass(time.Hour)
	w.sync()
	if run := w.sync(); run.Received != 0 {
		t.Errorf("%d records came again", run.Received)
	}
}

func TestWhatReachesAnImportedTableLateIsFoundByComparison(t *testing.T) {
	w := imported(t)
	late := rec(office(200), "name", "Brought late")
	late.ModifiedOn = w.task("org_office").LastPull
	w.eden.Put(late)
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(office(200), "name", "Brought late")
}

func TestOtherFiltersReadAnImportedTableAnew(t *testing.T) {
	w := imported(t)
	task := w.task("org_office")
	task.Filters = []core.Filter{{Query: "~.name__like=Office*"}}
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if got := w.task("org_office"); got.Closed != 0 {
		t.Errorf("the table stays closed up to %s", got.Closed)
	}
	if run := w.sync(); run.Unchanged < 120 {
		t.Errorf("%d records came, want all 120", run.Unchanged)
	}
}

func TestAServerRestoredToBeforeAnImportIsRecognised(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(120)
	w.sync()
	w.pass(time.Hour)
	restore := w.eden.Backup()
	w.pass(time.Hour)
	for n := 1; n <= 120; n++ {
		w.change(office(n), "phone", "imported")
	}
	w.pass(2 * time.Hour)
	w.sync()
	if run := w.sync(); run.Received != 0 {
		t.Fatalf("%d records came again", run.Received)
	}
	restore()
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
}
