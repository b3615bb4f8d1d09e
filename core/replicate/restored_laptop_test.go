package replicate_test

import (
	"os"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// make makes a record as a person does, with a uuid that it gets here.
func (w *world) make(name string) core.Link {
	w.t.Helper()
	made := core.Record{Resource: "org_office"}
	made.Set(core.Field{Name: "name", Value: core.Text(name)})
	saved, _, err := w.db.Edit(w.t.Context(), storage.EditRequest{Record: made, By: "me"})
	if err != nil {
		w.t.Fatal(err)
	}
	return saved.Link()
}

// A data folder is copied back as a whole, and the server is an Eden, which
// remembers nothing of us: only what lies outside the folder does.
func TestADataFolderThatWasPutBackIsRecognisedByTheWitnessOutsideIt(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(12)
	w.sync()
	dir := w.db.Dir()
	w.close()
	w.outside = t.TempDir()
	w.openAt(dir, "")
	w.sync()
	w.close()
	old := copyDir(t, dir)
	w.openAt(dir, "")
	w.edit(office(1), set("phone", "sent after the backup"))
	w.sync()
	w.close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	w.openAt(dir, "")
	w.edit(office(2), set("phone", "made before anybody noticed"))
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) || run.Received+run.Sent != 0 {
		t.Fatalf("got %v, %s", err, run.Counts)
	}
	if err := w.db.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "sent after the backup")
	w.agree(office(2), "phone", "made before anybody noticed")
	w.quiet()
	w.close()
	entries, err := os.ReadDir(w.outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside lie %v, %v; want one file of this node", entries, err)
	}
}

// Nothing outside the database remembers more: the server has a record that can
// only have been made here.
func TestARestoredLaptopIsRecognisedByARecordThatItMadeAndDoesNotKnow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		settle func(*world) error
	}{
		{"restored", func(w *world) error { return w.db.ConfirmRestored(w.t.Context()) }},
		{"a copy is used elsewhere", func(w *world) error { _, err := w.db.NewIdentity(w.t.Context()); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(12)
			first := w.make("Made before the backup")
			w.sync()
			old := w.backup()
			made := w.make("Made after the backup")
			w.sync()
			w.close()

			w.openAt(old, "")
			w.edit(first, set("phone", "made before anybody noticed"))
			run, err := w.run(replicate.Options{})
			if !core.IsKind(err, core.NodeWentBack) || run.Changed()+run.Sent != 0 {
				t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
			}
			if repo, err := w.db.Repository(t.Context(), w.repo.ID); err != nil || repo.Stopped == "" {
				t.Errorf("it must not be tried again by itself: %+v, %v", repo, err)
			}
			if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
				t.Errorf("the second time: %v", err)
			}
			if err := tt.settle(w); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(made, "name", "Made after the backup")
			w.agree(first, "phone", "made before anybody noticed")
			w.quiet()
			later := w.make("Made later")
			w.sync()
			w.agree(later, "name", "Made later")
			w.close()
		})
	}
}

// An Eden gives what belongs to a record that record's uuid here and there (the rows of
// super-entities, a component under another name): that is no sign of a restored laptop.
func TestAnotherTablesRecordOfOneMadeHereIsNoSignOfARestoredLaptop(t *testing.T) {
	w := newWorld(t, "org_office", "org_facility")
	w.offices(3)
	made := w.make("Made here")
	w.sync()
	w.pass(time.Hour)
	w.hub.Put(rec(core.Link{Resource: "org_facility", UUID: made.UUID}, "name", "Made of it by the server"))
	w.sync()
	w.agree(core.Link{Resource: "org_facility", UUID: made.UUID}, "name", "Made of it by the server")
	w.quiet()
	w.close()
}

// What a restored laptop had made since the backup and the server has deleted again is
// nowhere any more: once somebody has said that this is right, nobody is asked about its
// tombstone, which is met again with every reading of the whole table.
func TestATombstoneOfWhatARestoredLaptopMadeRaisesNoFurtherQuestion(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	old := w.backup()
	gone, kept := w.make("Made after the backup, and deleted there"), w.make("Made after the backup")
	w.sync()
	w.pass(time.Hour)
	w.eden.Delete(gone)
	w.sync()
	w.close()

	w.openAt(old, "")
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
		t.Fatalf("it is to be recognised by the other: %v", err)
	}
	if err := w.db.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(kept, "name", "Made after the backup")
	for range 9 { // days: every record is read again within them
		w.pass(25 * time.Hour)
		w.sync()
	}
	if _, err := w.run(replicate.Options{Full: true}); err != nil {
		t.Errorf("with everything read anew: %v", err)
	}
	w.close()
}

// Once it has been said that this is right it has been said for what there was
// then, not for ever.
func TestARestoringThatWasConfirmedHidesNoLaterOne(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	if err := w.db.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sync()
	old := w.backup()
	w.make("Made after the backup")
	w.sync()
	w.close()
	w.openAt(old, "")
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
		t.Errorf("got %v", err)
	}
	w.close()
}

func TestALaptopThatOnlyForgotPractisingIsNotTakenForRestored(t *testing.T) {
	w, _ := newNodes(t, "org_office")
	w.offices(3)
	w.make("Invented")
	w.sync()
	w.sync()
	if err := w.db.Forget(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	real := newWorld(t)
	real.offices(3)
	repo := real.eden.Repository()
	repo.ID = 0
	repo, err := w.db.AddRepository(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	w.addTask(core.NewTask(repo.ID, "org_office"))
	w.repo, w.eden, w.hub = repo, real.eden, real.eden
	w.sync()
	w.quiet()
}

// Eden shows the row of a super-entity (org_site) within an organisation, beside the office
// that it stands for and by the same uuid: that this laptop made the office says nothing of
// a site that it has not met.
func TestTheSiteOfAnOfficeMadeHereIsNothingThatWasForgotten(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	w.eden.Sites()
	ours := link("org_organisation", 1)
	w.eden.Put(rec(ours, "name", "Ours"))
	w.sync()
	office := core.Record{Resource: "org_office", Master: ours, Alias: "office"}
	office.Set(core.Field{Name: "name", Value: core.Text("Made here")})
	made, _, err := w.db.Edit(t.Context(), storage.EditRequest{Record: office, By: "me"})
	if err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.pass(time.Hour)
	w.change(ours, "phone", "1")
	if _, err := w.run(replicate.Options{}); err != nil {
		t.Fatalf("its site was met: %v", err)
	}
	w.agree(ours, "phone", "1")
	if site := w.here(core.Link{Resource: "org_site", UUID: made.UUID}); site.Value("name").Str != "Made here" {
		t.Errorf("the site here is %+v", site)
	}
	w.quiet()
}
