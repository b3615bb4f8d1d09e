//go:build !headless

package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// A person looks at a run in the log, sees what taking it back would do, does it,
// and finds it in the log as a run that can be taken back itself.
func TestAPersonTakesARunBack(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	ctx := t.Context()
	office := g.school.running.Records("org_office")[0]
	before := office.Value("phone1").Str
	if _, err := g.school.running.Conflict(ctx, office.Link(), "phone1", core.Text("+999 555 0777")); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	phone := func() string {
		t.Helper()
		rec, err := g.node.Store.Record(ctx, office.Link())
		if err != nil {
			t.Fatal(err)
		}
		return rec.Value("phone1").Str
	}
	if phone() != "+999 555 0777" {
		t.Fatalf("the sync brought %q", phone())
	}
	g.window.Open(frame.Log)
	g.chooseEntry(" received, ")
	g.tap("Show the run")
	g.tap("Take back this run…")
	g.sees("1 record becomes again what it was before this run.")
	g.picture("undo")
	if phone() != "+999 555 0777" {
		t.Error("only looking took it back")
	}
	g.tap("Take back 1 record")
	if phone() != before {
		t.Errorf("the phone is %q after the undo, was %q", phone(), before)
	}
	g.tap("Show it")
	g.sees("A run was taken back")
	g.tap("Take back this run…")
	g.tap("Take back 1 record")
	if phone() != "+999 555 0777" {
		t.Errorf("taking the undo back gave %q", phone())
	}
}

// What the button "Mend it" does: a data folder that does not open any more opens
// again, with what was changed here and nobody had.
func TestTheWindowMendsADamagedDatabase(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	node, err := open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	rec := core.Record{Resource: "org_organisation", UUID: core.NewUUID()}
	rec.Set(core.Field{Name: "name", Value: core.Text("Nobody has it")})
	store := windowReplica{node.Store.(replica), node.Events}
	if rec, err = store.SaveRecord(ctx, rec, core.Hash{}, "ada"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.CopyNow(ctx); err != nil {
		t.Fatal(err)
	}
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "fieldsync.db")
	if err := os.WriteFile(name, []byte("this is no database, and not even long"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = open(ctx, dir); !core.IsKind(err, core.StoreDamaged) {
		t.Fatalf("opening gave %v", err)
	}
	mended, err := mender(dir)(ctx)
	if err != nil || mended.From.IsZero() || mended.SetAside == "" {
		t.Fatalf("%+v, %v", mended, err)
	}
	if node, err = open(ctx, dir); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	}()
	if got, err := node.Store.Record(ctx, rec.Link()); err != nil || got.Value("name").Str != "Nobody has it" {
		t.Errorf("the record is %q, %v", got.Value("name").Str, err)
	}
}

// learnt stores what a run could have learnt of a repository.
func learnt(ctx context.Context, store any, r core.Repository) error {
	return store.(interface {
		SaveRepository(ctx context.Context, r core.Repository) error
	}).SaveRepository(ctx, r)
}

// Another server answers at the address: Home offers the way on, and the sync goes on.
func TestAPersonGoesOnAfterAnIdentityStop(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	ctx := t.Context()
	r, err := g.node.Store.Repository(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	r.UUID = core.NewUUID()
	if err := learnt(ctx, g.node.Store, r); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	g.sees("Another server answers")
	g.tap("Close")
	g.sees("needs your attention")
	g.tap("How to go on…")
	g.sees("set up anew or replaced")
	g.picture("way-on")
	g.tap("It is the new server: link it anew")
	if r, err = g.node.Store.Repository(ctx, 1); err != nil || r.Stopped != "" {
		t.Fatalf("still stopped: %q, %v", r.Stopped, err)
	}
	g.tap("Sync now")
	g.sees("Everything is at Practice repository.")
}

// Quitting, from the tray or without one, loses nothing that was typed.
func TestQuittingAsksAboutWhatIsNotSaved(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	office := g.school.running.Records("org_office")[0]
	g.window.OpenRecord(office.Link())
	g.write("Phone 1", "+999 1")
	g.window.Open(frame.Home)
	g.window.Quit()
	g.sees("is not saved yet")
	if g.app.quits != 0 {
		t.Fatal("it quit before it asked")
	}
	g.tap("Go on editing")
	if e := uitest.Entry(g.window.Fyne().Canvas(), "Phone 1"); g.app.quits != 0 || e == nil || e.Text != "+999 1" {
		t.Fatal("going on does not show what was typed")
	}
	g.window.Quit()
	g.tap("Save and leave")
	saved, err := g.node.Store.Record(t.Context(), office.Link())
	if err != nil || saved.Value("phone1").Str != "+999 1" || g.app.quits != 1 {
		t.Errorf("saved %q, quit %d times, %v", saved.Value("phone1").Str, g.app.quits, err)
	}
	if g.window.Quit(); g.app.quits != 2 {
		t.Error("it asks although everything is saved")
	}
}

// Whoever closes the window takes it for done: it is asked first what shall become of what
// was typed, once.
func TestClosingTheWindowAsksAboutWhatIsNotSaved(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	office := g.school.running.Records("org_office")[0]
	g.window.OpenRecord(office.Link())
	g.write("Phone 1", "+999 1")
	g.window.Close()
	g.sees("is not saved yet")
	g.window.Close()
	if above := g.window.Fyne().Canvas().Overlays().List(); len(above) != 1 {
		t.Errorf("%d dialogs", len(above))
	}
	g.tap("Save and leave")
	saved, err := g.node.Store.Record(t.Context(), office.Link())
	if err != nil || saved.Value("phone1").Str != "+999 1" || g.app.quits != 0 {
		t.Errorf("saved %q, quit %d times, %v", saved.Value("phone1").Str, g.app.quits, err)
	}
	if g.window.Close(); g.window.Fyne().Canvas().Overlays().Top() != nil {
		t.Error("it asks although everything is saved")
	}
}

// The settings show the copies that were made by themselves.
func TestAPersonSeesTheAutomaticCopies(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	path, err := g.node.Store.CopyNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g.window.Open(frame.Settings)
	g.tab("Storage")
	g.sees("once a day")
	g.picture("copies")
	g.tap("Copy the path")
	if got := g.app.Clipboard().Content(); got != filepath.Dir(path) {
		t.Errorf("copied %q, the copy is %q", got, path)
	}
}
