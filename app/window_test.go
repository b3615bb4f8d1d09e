//go:build !headless

package app

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/cli"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A guide walks through the window as a person would, on the practice
// repository and a real store, and takes pictures if FIELDSYNC_SCREENSHOTS names
// a folder.
type guide struct {
	testing.TB
	app    *countingApp
	window *ui.Window
	node   *cli.Node
	school *school
}

// A countingApp counts how often it was to quit.
type countingApp struct {
	fyne.App
	quits int
}

func (a *countingApp) Quit() { a.quits++ }

func newGuide(t testing.TB) *guide {
	return newGuideIn(t, t.Context(), async.Direct(), func(s ui.Store) ui.Store { return s })
}

// newGuideIn opens the window with a life and lanes of its own, and a store that was
// looked at by watch.
func newGuideIn(t testing.TB, ctx context.Context, lanes async.Lanes, watch func(ui.Store) ui.Store) *guide {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	a := &countingApp{App: test.NewTempApp(t)}
	a.Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	node, err := open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, k := &school{}, keeper(node)
	answering, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Serve(answering) }()
	deps, err := windowDeps(ctx, node, s, k)
	if err != nil {
		t.Fatal(err)
	}
	deps.Store, deps.Person = watch(deps.Store), "maya@example.org"
	w := ui.NewWindow(ctx, a, deps, lanes, 0)
	w.Fyne().Resize(fyne.NewSize(1280, 720))
	w.Fyne().Canvas().Capture() // the first one lays out wrongly in an old process
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	return &guide{t, a, w, node, s}
}

// picture writes what is on the screen, light and dark.
func (g *guide) picture(name string) {
	dir := os.Getenv("FIELDSYNC_SCREENSHOTS")
	if dir == "" {
		return
	}
	if g.window.Fyne().Canvas().Overlays().Top() == nil { // Escape would close what is looked at
		g.closeToast()
	}
	for _, choice := range []look.Choice{look.ChoiceDark, look.ChoiceLight} {
		g.app.Settings().SetTheme(look.Theme{Choice: choice})
		file, err := os.Create(filepath.Join(dir, name+"-"+string(choice)+".png"))
		if err == nil {
			small := png.Encoder{CompressionLevel: png.BestCompression}
			err = small.Encode(file, g.window.Fyne().Canvas().Capture())
		}
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			g.Fatal(err)
		}
	}
}

// pictureOfRun looks at the screen in the middle of the next run: its steps, and
// what ends it. The function returned stops looking, and fails if no run came.
func (g *guide) pictureOfRun(name string) (stop func()) {
	g.Helper()
	seen := false
	deaf := g.node.Events.Subscribe(func(e event.Event) {
		p, ok := e.(event.Progress)
		if !ok || seen || p.Step == event.StepConnect || p.Done == 0 {
			return
		}
		seen = true
		g.picture(name)
		for _, step := range []string{"Connect", "Fetch", "Apply", "Send", "Verify"} {
			g.sees(step)
		}
		if uitest.Button(g.window.Fyne().Canvas(), "Cancel") == nil {
			g.Error("a run cannot be ended")
		}
	})
	return func() {
		g.Helper()
		deaf()
		if !seen {
			g.Error("no run was seen")
		}
	}
}

func TestAPersonPractisesAndFindsTheWayAround(t *testing.T) {
	g := newGuide(t)
	g.picture("start")
	g.tap("Connect")
	g.picture("connect")
	g.tap("Back")
	watched := g.pictureOfRun("home-syncing")
	g.tap("Start practising")
	watched()
	g.sees("Everything is at Practice repository.")
	newLearner(g.node).learn(t.Context(), 1)

	g.tap("Let a colleague change something")
	g.picture("home")
	g.tap("Sync now")

	g.window.Open(frame.Records)
	g.choose("Offices")
	g.picture("records")
	g.choose("Médecins du Large")
	g.write("Phone 1", "+999 555 0101")
	g.tap("Save")
	g.sees("Saved on this laptop.")
	g.picture("record")
	g.tap("Back")
	g.tap("Columns")
	g.picture("columns")
	g.tap("Cancel")
	g.tap("Import and export")
	g.picture("files-menu")
	g.window.Fyne().Canvas().Overlays().Top().Hide()
	g.window.Fyne().Canvas().Overlays().Remove(g.window.Fyne().Canvas().Overlays().Top())
	person := g.school.running.Records("pr_person")[3]
	g.window.OpenRecord(person.Link())
	g.picture("person")
	g.window.Open(frame.Home)
	g.sees("1 change waits to be sent.")
	g.tap("Sync now")
	g.sees("1 of yours delivered")
	g.sees("Everything is at Practice repository.")

	g.window.Open(frame.Log)
	g.chooseEntry(" received, ")
	g.picture("log")
	g.tap("Show the run")
	g.sees("Only what the run of")
	g.picture("log-run")
	g.tap("Show all entries")

	g.window.Open(frame.Repositories)
	g.picture("repositories")
	g.tap("Open")
	g.tap("Test")
	g.sees("User name and password are accepted.")
	g.picture("repository")
	g.tab("Resources (11)")
	g.picture("resources")
	g.tap("Edit")
	g.picture("resource")
	g.tap("Cancel")
	g.tap("What would a sync do?")
	g.sees("Nothing was changed.")
	g.tap("Close")
	g.tab("Schedule")
	g.tap("Add a time")
	g.tap("Save")
	g.sees("Every hour")
	g.picture("schedule")
	g.tab("Log")
	g.sees(" received, ")
	g.picture("repository-log")
}

func TestAPersonSettlesAConflict(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	office := g.awaitDecision()
	g.sees("1 record needs you.")
	g.picture("home-needsyou")

	g.window.Open(frame.NeedsYou)
	g.sees("+999 555 0202")
	g.picture("needsyou")
	uitest.Panel(g.window.Fyne().Canvas(), "+999 555 0202").Tapped(nil)
	g.tap("Use this result")
	g.sees("Nothing needs you")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	there, err := g.school.running.Record(office)
	if err != nil || there.Value("phone1").Str != "+999 555 0202" || there.Value("code").Str != "OF-N" {
		t.Errorf("at the server: phone %q, code %q, %v", there.Value("phone1").Str, there.Value("code").Str, err)
	}
	g.window.OpenRecord(office)
	g.sees("Not taken: the version of tomas@example.org at Practice repository")
	g.sees("Code: “OF020” instead of “OF-N”")
}

func TestAPersonTakesATableOver(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	g.window.Open(frame.Records)
	g.choose("Job titles")
	table := "Title,Number,comments\nBorehole driller,17,new\nLogistician,18,\n"
	g.window.Import(transfer.Content("titles.csv", []byte(table)))
	g.sees("2 columns are left out.")
	g.sees("No column fills what every new record needs: Name. The server will refuse records without it.")
	for name, field := range map[string]string{"Title": "name", "Number": ""} {
		g.match(name, field)
	}
	g.sees("2 records in the file: 2 new.")
	if uitest.Says(g.window.Fyne().Canvas(), "No column fills") {
		t.Error("a name that a column fills is said to lack")
	}
	g.picture("import")
	g.tap("Take over 2 records")
	found, err := g.node.Store.Named(t.Context(), "hrm_job_title", "Borehole driller", 5)
	if err != nil || len(found) != 1 || found[0].Value("comments").Str != "new" {
		t.Errorf("found %v, %v", found, err)
	}
	g.window.Open(frame.Home)
	g.sees("2 changes wait to be sent.")
}

func TestAPersonRefusesDeletions(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	ctx := t.Context()
	shelters := g.school.running.Records("cr_shelter")
	for _, s := range shelters[:30] {
		if _, err := g.school.running.Delete(ctx, s.Link()); err != nil {
			t.Fatal(err)
		}
	}
	g.tap("Sync now")
	g.window.Open(frame.NeedsYou)
	g.sees("30 of your 40 records")
	g.picture("held")
	g.tap("Keep these 30 records")
	g.sees("Nothing needs you")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("30 of yours delivered")
	for _, s := range shelters[:30] {
		here, err := g.node.Store.Record(ctx, s.Link())
		there, thereErr := g.school.running.Record(s.Link())
		if err != nil || thereErr != nil || here.Deleted || there.Deleted {
			t.Fatalf("%s: deleted here %v, there %v (%v, %v)", s.UUID, here.Deleted, there.Deleted, err, thereErr)
		}
	}
}

// closeToast closes what lies above the window, or the sentence at the bottom, if there is one.
func (g *guide) closeToast() {
	canvas := g.window.Fyne().Canvas()
	if canvas.Overlays().Top() != nil || canvas.Content().(*fyne.Container).Objects[2].Visible() {
		canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	}
}

// match says which field the column of that name in a file is.
func (g *guide) match(column, field string) {
	g.Helper()
	c := g.window.Fyne().Canvas()
	var choice *widgets.Choice
	uitest.Find(c, func(o fyne.CanvasObject) bool {
		row, ok := o.(*fyne.Container)
		if !ok || len(row.Objects) != 2 || !uitest.SaysIn(row.Objects[0], column) {
			return false
		}
		choice, _ = uitest.FindIn(row.Objects[1], func(o fyne.CanvasObject) bool { _, ok := o.(*widgets.Choice); return ok }).(*widgets.Choice)
		return choice != nil
	})
	if choice == nil {
		g.Fatalf("there is no column %q", column)
	}
	for i, v := range choice.Values {
		if v == field {
			choice.SetSelectedIndex(i)
		}
	}
}

func TestWhatWasTypedIsNotLostByLeaving(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	offices := g.school.running.Records("org_office")
	g.window.OpenRecord(offices[0].Link())
	g.write("Phone 1", "+999 1")
	g.window.Open(frame.Home)
	g.window.Open(frame.Records)
	if e := uitest.Entry(g.window.Fyne().Canvas(), "Phone 1"); e == nil || e.Text != "+999 1" {
		t.Fatal("looking at another page lost what was typed")
	}
	g.window.OpenRecord(offices[1].Link())
	g.sees("is not saved yet")
	g.picture("unsaved")
	g.tap("Go on editing")
	if e := uitest.Entry(g.window.Fyne().Canvas(), "Phone 1"); e == nil || e.Text != "+999 1" {
		t.Fatal("going on lost what was typed")
	}
	g.window.OpenRecord(offices[1].Link())
	g.tap("Save and leave")
	saved, err := g.node.Store.Record(t.Context(), offices[0].Link())
	if err != nil || saved.Value("phone1").Str != "+999 1" {
		t.Errorf("saved %q, %v", saved.Value("phone1").Str, err)
	}
	if e := uitest.Entry(g.window.Fyne().Canvas(), "Code"); e == nil || e.Text != offices[1].Value("code").Str {
		t.Error("the other record is not shown")
	}
}

// sees checks that a text stands on the screen.
func (g *guide) sees(text string) {
	g.Helper()
	if !uitest.Says(g.window.Fyne().Canvas(), text) {
		g.Errorf("the screen does not say %q but %q", text, uitest.Texts(g.window.Fyne().Canvas()))
	}
}

// write writes into the field of that label.
func (g *guide) write(label, text string) {
	g.Helper()
	e := uitest.Entry(g.window.Fyne().Canvas(), label)
	if e == nil {
		g.Fatalf("there is no field %q among %q", label, uitest.Texts(g.window.Fyne().Canvas()))
	}
	e.SetText(text)
}

// chooseEntry chooses the newest entry of the log that has the words in it.
func (g *guide) chooseEntry(text string) {
	g.Helper()
	if !uitest.RowWith(g.window.Fyne().Canvas(), text) {
		g.Fatalf("there is no entry with %q", text)
	}
}

// choose presses the list row that begins with text.
func (g *guide) choose(text string) {
	g.Helper()
	c := g.window.Fyne().Canvas()
	if !uitest.Row(c, text) {
		g.Fatalf("there is no row %q", text)
	}
}

// tab opens the tab of that name.
func (g *guide) tab(text string) {
	g.Helper()
	o := uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool { _, ok := o.(*widgets.Tabs); return ok })
	tabs, ok := o.(*widgets.Tabs)
	if !ok {
		g.Fatal("there are no tabs")
	}
	for _, item := range tabs.Items {
		if item.Text == text || item.Text == widgets.Visual(text) {
			tabs.Select(item)
			return
		}
	}
	g.Fatalf("there is no tab %q", text)
}

// tap presses the button of that name.
func (g *guide) tap(text string) {
	g.Helper()
	b := uitest.Button(g.window.Fyne().Canvas(), text)
	if b == nil {
		g.Fatalf("there is no button %q", text)
	}
	test.Tap(b)
}

func TestTheWindowTellsWhatIsNextWhileAnotherProcessSchedules(t *testing.T) {
	g := newGuide(t)
	ctx := t.Context()
	release, free, err := g.node.Store.Lead(ctx) // the other process
	if err != nil || !free {
		t.Fatal(free, err)
	}
	defer release()
	settings, err := g.node.Store.ScheduleSettings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	settings.Pause = schedule.PauseUntilResumed(time.Now())
	if err := g.node.Store.SaveScheduleSettings(ctx, settings); err != nil {
		t.Fatal(err)
	}
	g.tap("Start practising")
	g.sees("Paused until you resume it.")
	g.tap("Resume")
	if settings, err = g.node.Store.ScheduleSettings(ctx); err != nil || settings.Pause.On(time.Now()) {
		t.Errorf("still paused: %+v, %v", settings.Pause, err)
	}
}
