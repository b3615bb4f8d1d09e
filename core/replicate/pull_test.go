package replicate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func TestAFirstPullBringsEverythingAndASecondNothing(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(35)
	run := w.sync()
	if run.Created != 35 || run.Sent != 0 {
		t.Errorf("got %s, want 35 new\n%s", run.Counts, w.logs())
	}
	w.agree(office(35), "name", "Office 35")
	w.pass(time.Hour)
	w.quiet()
}

func TestAQuietSyncCostsOneRequestAResource(t *testing.T) {
	w := newWorld(t, "org_office", "org_organisation")
	w.offices(3)
	w.sync()
	w.eden.ForgetRequests()
	w.quiet()
	if got := len(w.requests()); got != 3 { // a probe, and a pull for each resource
		t.Errorf("%d requests, want 3: %v", got, w.requests())
	}
}

func TestAPullGoesOnAtItsPageAfterABreak(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(65)
	page := 0
	w.eden.InjectOn(func(r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/org/office/sync.xml") {
			page++
		}
		return page == 3
	}, 1, edentest.CutAfter(600))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Truncated) {
		t.Fatalf("got %v, want Truncated", err)
	}
	cp := w.task("org_office").Checkpoint
	if cp.Start < 19 || w.task("org_office").LastPull != 0 {
		t.Fatalf("two pages must be remembered and the marker not moved: %+v, last pull %s", cp, w.task("org_office").LastPull)
	}
	run := w.sync()
	if run.Received > 65+20 {
		t.Errorf("received %d again: the pull started over", run.Received)
	}
	for i := 1; i <= 65; i++ {
		w.here(office(i))
	}
	w.quiet()
}

// Whether a table is small is asked for, with a question that costs little, so that
// nothing is read twice to see also what its controller hides.
func TestATableIsReadOnceTheFirstTime(t *testing.T) {
	for n, want := range map[int][2]int{0: {1, 0}, 12: {1, 0}, 50: {1, 0}, 51: {0, 6}} { // five pages of ten are small
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(n)
			w.eden.ForgetRequests()
			if run := w.sync(); run.Received != n || run.Created != n {
				t.Errorf("got %s", run.Counts)
			}
			got := [2]int{-1, 0} // the handshake asks for nothing in the same way
			for _, r := range w.requests() {
				got[0] += strings.Count(r, "GET /sync/sync.xml")
				got[1] += strings.Count(r, "GET /org/office/sync.xml")
			}
			if got != want {
				t.Errorf("read as a whole and in pages %v times, want %v: %v", got, want, w.requests())
			}
			w.quiet()
		})
	}
}

// An Eden whose sync/sync fails over a table may still show it by itself: what comes is
// here, and the run does not call itself complete.
func TestWhatCannotBeHadAsAWholeComesInPages(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(12)
	broken := true
	w.eden.InjectOn(func(r *http.Request) bool {
		return broken && r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "resource=org_office")
	}, 1000, edentest.Status(http.StatusInternalServerError))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.ServerFault) {
		t.Errorf("the run ended with %v", err)
	}
	w.here(office(12))
	if last := w.task("org_office").LastPull; last != 0 {
		t.Errorf("the marker is %s: what a controller hides was not seen", last)
	}
	broken = false
	w.sync()
	w.quiet()
}

func TestWhatAControllerHidesIsFoundAllTheSame(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(12)
	w.eden.NativeHides(func(l core.Link) bool { return l == office(7) })
	w.sync()
	w.here(office(7))
	w.quiet()
}

// newHiding is a world whose server has an office, and a controller that hides all
// facilities, such as the one that is returned.
func newHiding(t *testing.T) (w *world, hidden core.Link) {
	w, hidden = newWorld(t, "org_office", "org_facility"), link("org_facility", 1)
	w.eden.NativeHides(func(l core.Link) bool { return l.Resource == hidden.Resource })
	w.offices(1)
	return w, hidden
}

// What is hidden may be all: an Eden's controller for credentials shows those of staff only.
func TestATableOfWhichAControllerHidesAllIsFoundAllTheSame(t *testing.T) {
	w, hidden := newHiding(t)
	w.eden.Put(rec(hidden, "name", "Clinic"))
	w.sync()
	w.here(hidden)
	w.quiet()
}

// So may all that comes into a table that was empty.
func TestWhatComesLaterIntoATableOfWhichAControllerHidesAllIsFound(t *testing.T) {
	w, hidden := newHiding(t)
	w.sync()
	w.eden.ForgetRequests()
	w.quiet()
	if got := len(w.requests()); got != 3 { // a probe, and a pull for each resource
		t.Errorf("%d requests, want 3: %v", got, w.requests())
	}
	w.pass(time.Hour)
	w.eden.Put(rec(hidden, "name", "Clinic"))
	w.sync()
	w.here(hidden)
	w.quiet()
}

func TestAPeerThatCannotPageIsPulledAllTheSame(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(35)
	w.eden.NoNative("org_office")
	if run := w.sync(); run.Created != 35 {
		t.Errorf("got %s, want 35 new", run.Counts)
	}
	w.quiet()
}

func TestARecordDatedInTheFutureMovesNoMarker(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	future := rec(office(9), "name", "From 2030")
	future.ModifiedOn = core.MTimeOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	w.eden.Put(future)
	w.sync()
	w.here(office(9))
	if last := w.task("org_office").LastPull; last > core.MTimeOf(w.clock.Now()) {
		t.Errorf("the marker moved to %s", last)
	}
	w.pass(time.Hour)
	w.change(office(1), "name", "Later")
	w.sync()
	w.agree(office(1), "name", "Later")
	w.quiet()
}

func TestARecordThatReachesTheServerLateIsFoundByComparison(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	late := rec(office(9), "name", "Late")
	late.ModifiedOn = core.MTimeOf(start.Add(-30 * 24 * time.Hour))
	w.eden.Put(late)
	w.pass(time.Hour)
	w.sync() // the marker is past it
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(office(9), "name", "Late")
	w.quiet()
}

func TestAChangeOfAComponentAloneArrives(t *testing.T) {
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	setUp := func(t *testing.T, resources ...core.Resource) *world {
		w := newWorld(t, resources...)
		p := rec(person, "first_name", "Ann")
		p.Components = []core.Record{rec(contact, "value", "a@example.org", "contact_method", "EMAIL")}
		w.eden.Put(p)
		w.sync()
		if got := w.here(contact); got.Master != person {
			t.Fatalf("the contact's master is %+v", got.Master)
		}
		w.pass(time.Hour)
		c := w.there(contact)
		c.Set(core.Field{Name: "value", Value: core.Text("b@example.org")})
		c.ModifiedOn = core.MTimeOf(w.eden.Clock.Now())
		c.Master = person
		w.eden.Put(c)
		return w
	}
	t.Run("through a task on the component's table, at once", func(t *testing.T) {
		w := setUp(t, "pr_person", "pr_contact")
		w.sync()
		w.agree(contact, "value", "b@example.org")
		w.quiet()
	})
	t.Run("else by the comparison", func(t *testing.T) {
		w := setUp(t, "pr_person")
		w.sync()
		w.pass(25 * time.Hour)
		w.sync()
		w.agree(contact, "value", "b@example.org")
		w.quiet()
	})
	t.Run("its deletion through its own task", func(t *testing.T) {
		w := setUp(t, "pr_person", "pr_contact")
		w.eden.Delete(contact)
		w.sync()
		if !w.here(contact).Deleted {
			t.Error("the contact was deleted at the server")
		}
		w.quiet()
	})
}

func TestAccountsInPersonDocumentsAreDroppedUnread(t *testing.T) {
	w := newWorld(t, "pr_person")
	person := link("pr_person", 1)
	w.eden.Put(rec(person, "first_name", "Ann"))
	w.eden.AddAccount(person.UUID, "ann@example.org")
	run := w.sync()
	if run.Dropped == 0 {
		t.Error("the account must be counted as dropped")
	}
	w.here(person)
	refs, err := w.db.References(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for resource := range refs {
		if resource.Private() {
			t.Errorf("%s reached the store", resource)
		}
	}
}

func TestABadRecordIsSetAsideAndTheRestGoesOn(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	body := `<s3xml success="true" results="2"><resource name="org_office" uuid="` + office(4).UUID + `" modified_on="never"><data field="name">Bad</data></resource>` +
		`<resource name="org_office" uuid="` + office(5).UUID + `" modified_on="2026-03-01T07:00:00"><data field="name">Good</data></resource></s3xml>`
	w.eden.NoNative("org_office")
	w.eden.InjectOn(func(r *http.Request) bool { return r.URL.Query().Get("resource") == "org_office" }, 1, edentest.Reply(200, "text/xml", body))
	run, err := w.run(replicate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if run.Quarantined != 1 || run.Created != 1 || run.Result != core.ResultWarning {
		t.Errorf("got %s (%s), want one set aside and one new", run.Counts, run.Result)
	}
	q := w.quarantine()
	if len(q) != 1 || q[0].Record != office(4) || !strings.Contains(q[0].Content, "Bad") {
		t.Errorf("set aside: %+v", q)
	}
	w.here(office(5))
}

func TestDeletionsTravelAsTombstonesOnly(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	w.eden.Delete(office(2))
	if run := w.sync(); run.Deleted != 1 {
		t.Errorf("got %s, want one deleted\n%s", run.Counts, w.logs())
	}
	if !w.here(office(2)).Deleted || w.here(office(1)).Deleted {
		t.Error("exactly the deleted one must be deleted here")
	}
	w.quiet()
}

func TestAnEmptyPeerDeletesNothing(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.eden.ReadRight("org_office", false)
	w.pass(25 * time.Hour) // a comparison is due, too
	_, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.NoReadRight) {
		t.Errorf("got %v, want the sentence about the missing right\n%s", err, w.logs())
	}
	for i := 1; i <= 3; i++ {
		if w.here(office(i)).Deleted {
			t.Errorf("office %d was deleted because the server showed nothing", i)
		}
	}
}

func TestTheBrakeHoldsSuspiciouslyManyDeletions(t *testing.T) {
	w := newWorld(t, "org_office")
	w.mostOfficesGone()
	w.change(office(50), "name", "Still moving")
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.Brake) || run.Deleted != 0 || run.Quarantined != 30 {
		t.Fatalf("got %v, %s, want 30 held\n%s", err, run.Counts, w.logs())
	}
	if w.here(office(1)).Deleted {
		t.Error("a held deletion must not be carried out")
	}
	w.agree(office(50), "name", "Still moving")
	run, err = w.run(replicate.Options{Confirm: true})
	if err != nil || run.Deleted != 30 {
		t.Fatalf("confirmed: got %v, %s, want 30 deleted\n%s", err, run.Counts, w.logs())
	}
	w.quiet()
}

func TestADryRunWritesNothingAndTellsTheTruth(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(25)
	w.sync()
	w.pass(time.Hour)
	w.change(office(1), "name", "There")
	w.eden.Delete(office(2))
	w.eden.Put(rec(office(99), "name", "New there"))
	w.edit(office(3), set("name", "Here"))
	seq, logs := w.seq(), w.logs()
	dry, err := w.run(replicate.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if there := w.there(office(3)); w.seq() != seq || w.logs() != logs || there.Title() == "Here" {
		t.Error("a dry run must leave no trace")
	}
	run := w.sync()
	if dry.Created != run.Created || dry.Updated != run.Updated || dry.Deleted != run.Deleted || dry.Sent != run.Sent {
		t.Errorf("the dry run said %s, the run did %s", dry.Counts, run.Counts)
	}
}

// What the brake would hold, a dry run does not call deleted: before it does, while it
// does, and when a person lets it through.
func TestADryRunKnowsTheBrake(t *testing.T) {
	w := newWorld(t, "org_office")
	w.mostOfficesGone()
	is := func(when string, opts replicate.Options, deleted, held int) {
		t.Helper()
		opts.DryRun = true
		if dry, err := w.run(opts); err != nil || dry.Deleted != deleted || dry.Held != held || dry.Accounted() != dry.Received {
			t.Errorf("%s a dry run says %s and that %d are held, %v; want %d and %d", when, dry.Counts, dry.Held, err, deleted, held)
		}
	}
	is("before the run,", replicate.Options{}, 0, 30)
	is("where a person lets them through,", replicate.Options{Confirm: true}, 30, 0)
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) || run.Quarantined != 30 {
		t.Fatalf("got %v, %s, want 30 held", err, run.Counts)
	}
	is("while they wait,", replicate.Options{}, 0, 30)
	w.pass(time.Hour)
	for i := 51; i <= 150; i++ {
		w.eden.Put(rec(office(i), "name", "New there"))
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
		t.Fatal(err)
	}
	is("when the table has grown,", replicate.Options{}, 0, 30)
	w.eden.Delete(office(31))
	is("with one that is none of those,", replicate.Options{}, 1, 30)
}

// Offices bring their organisation along, and its own table does, too.
func TestADryRunCountsWhatComesTwiceOnce(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	org := link("org_organisation", 1)
	w.eden.Put(rec(org, "name", "NGO"))
	for i := 1; i <= 3; i++ {
		o := rec(office(i), "name", "Office")
		o.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
		w.eden.Put(o)
	}
	dry, err := w.run(replicate.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if run := w.sync(); dry.Created != run.Created || run.Created != 4 {
		t.Errorf("the dry run said %s, the run did %s", dry.Counts, run.Counts)
	}
}

func TestTheClocksMayDiffer(t *testing.T) {
	for _, skew := range []time.Duration{2 * time.Hour, -2 * time.Hour} {
		t.Run(fmt.Sprint(skew), func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(3)
			w.eden.Skew(skew)
			w.sync()
			w.pass(time.Hour)
			w.edit(office(1), set("name", "Mine"))
			w.sync()
			w.agree(office(1), "name", "Mine")
			w.pass(time.Hour)
			w.quiet()
		})
	}
}
