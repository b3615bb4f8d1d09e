//go:build !headless

package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A smallScreen is 1280 pixels by 720: with the texts as large as a person with
// weak eyes sets them here, or for the whole desktop, which leaves fewer points.
type smallScreen struct {
	scale         float32
	width, height float32
}

var smallScreens = []smallScreen{{1, 1280, 720}, {1.5, 1280, 720}, {2, 1280, 720}, {1, 853, 480}, {1, 640, 360}}

// on shows the window on that screen.
func (g *guide) on(s smallScreen) {
	g.app.Settings().SetTheme(look.Theme{Choice: look.ChoiceLight, Scale: s.scale})
	g.window.Fyne().Resize(fyne.NewSize(s.width, s.height))
}

// layOut lays everything out anew, as a desktop does by itself.
func (g *guide) layOut(s smallScreen) {
	if g.window.Fyne().Canvas().Overlays().Top() == nil {
		g.window.Fyne().Resize(fyne.NewSize(s.width/2, s.height))
		g.window.Fyne().Resize(fyne.NewSize(s.width, s.height))
	}
}

// fits fails for what the screen does not show as a whole, or cannot be scrolled to.
func (g *guide) fits(name string, s smallScreen) {
	g.Helper()
	g.layOut(s)
	name = fmt.Sprintf("%s at %.0f %% on %.0f×%.0f", name, s.scale*100, s.width, s.height)
	if size := g.window.Fyne().Canvas().Size(); size.Width > s.width || size.Height > s.height {
		g.Errorf("%s needs %v", name, size)
	}
	for _, text := range uitest.Cut(g.window.Fyne().Canvas()) {
		g.Errorf("%s: %s", name, text)
	}
	for _, text := range uitest.Below(g.window.Fyne().Canvas()) {
		g.Errorf("%s: %s", name, text)
	}
}

// The first start in every language: both ways to begin, each step of connecting up to
// a login that is refused, a setup file, and one that cannot be used.
func TestTheFirstStartFitsASmallScreen(t *testing.T) {
	server := practiceServer(t, 7)
	good, wrong := filepath.Join(t.TempDir(), "office.json"), filepath.Join(t.TempDir(), "wrong.json")
	for file, text := range map[string]string{
		good: `{"fieldsync": 1, "repositories": [{"name": "Headquarters", "url": "` + server.URL() + `", "proxy": "none", "resources": [{"table": "org_office"},
			{"table": "cr_shelter", "mode": "pull"}], "schedule": [{"every": "1h"}]}]}`,
		wrong: `{"fieldsync": 1, "colour": "red", "repositories": [{"name": "", "url": "nowhere", "resources": [{"table": "Nö", "mode": "fly"}]}]}`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, language := range tr.Languages() {
		t.Run(language.Code, func(t *testing.T) {
			tr.Use(language.Code, "")
			t.Cleanup(func() { tr.Use("en", "en") })
			g := newGuide(t)
			for _, s := range smallScreens {
				g.on(s)
				g.firstStart(server, good, wrong, func(place string) { g.fits(place, s) })
			}
		})
	}
}

// firstStart goes through every step of a first start but the last, and back.
func (g *guide) firstStart(server *practice.Practice, good, wrong string, look func(place string)) {
	g.Helper()
	look("start")
	g.tap(tr.L("Connect"))
	look("connect")
	g.write(tr.L("Address"), "")
	g.tap(tr.L("Next"))
	look("connect, without an address")
	g.write(tr.L("Address"), server.URL())
	g.tap(tr.L("Next"))
	look("login")
	g.write(tr.L("User name"), practice.Username)
	g.write(tr.L("Password"), "wrong")
	g.tap(tr.L("Test"))
	look("login, refused")
	g.tap(tr.L("Back"))
	g.write(tr.L("Password"), practice.Password.Reveal())
	g.tap(tr.L("Test"))
	look("login, accepted")
	g.tap(tr.L("Next"))
	look("what to fetch")
	for uitest.Button(g.window.Fyne().Canvas(), tr.L("Back")) != nil {
		g.tap(tr.L("Back"))
	}
	for _, file := range []string{wrong, good} {
		g.window.OpenSetup(file)
		look("setup file " + filepath.Base(file))
		g.tap(tr.L("Back"))
	}
	g.window.Fyne().Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	look("keys")
	g.closeToast()
}

// Every page and dialog: in English, in the language that needs most room, and in one that
// is written from the right.
func TestEveryPlaceFitsASmallScreen(t *testing.T) {
	for language, screens := range map[string][]smallScreen{"en": smallScreens, "fr": {{2, 1280, 720}, {1, 640, 360}}, "ar": {{1.5, 1024, 600}}} {
		t.Run(language, func(t *testing.T) {
			tr.Use(language, language)
			t.Cleanup(func() { tr.Use("en", "en") })
			w := newWalk(newGuide(t))
			for _, s := range screens {
				w.on(s)
				w.everywhere(func(place string) { w.fits(place, s) })
			}
		})
	}
}

// What is told for a while covers nothing: the page gives way.
func TestAToastCoversNothing(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	g.tap("Delete")
	canvas := g.window.Fyne().Canvas()
	shell := canvas.Content().(*fyne.Container)
	page, toast := shell.Objects[1], shell.Objects[2]
	if !toast.Visible() || toast.Size().Height < 30 {
		t.Fatal("nothing is told")
	}
	if end := page.Position().Y + page.Size().Height; end > toast.Position().Y || toast.Position().Y+toast.Size().Height > canvas.Size().Height {
		t.Errorf("the page ends at %v, the toast begins at %v", end, toast.Position().Y)
	}
	g.closeToast()
	if page.Size().Height != canvas.Size().Height {
		t.Errorf("the page is %v high after the toast", page.Size().Height)
	}
}

// What is told of the next sync is over when that begins.
func TestAToastIsOverWithTheNextSync(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	g.tap("Delete")
	toast := g.window.Fyne().Canvas().Content().(*fyne.Container).Objects[2]
	if !toast.Visible() {
		t.Fatal("nothing is told")
	}
	g.window.Open(frame.Home)
	g.tap("Sync now")
	if toast.Visible() {
		t.Error("it is still told what the next sync does")
	}
}

// awaitDecision leaves a record that was changed on both sides.
func (g *guide) awaitDecision() core.Link {
	g.Helper()
	ctx := g.Context()
	tasks, err := g.node.Store.Tasks(ctx, 1)
	if err != nil {
		g.Fatal(err)
	}
	for _, task := range tasks {
		task.Conflict = core.PolicyAsk
		if err := g.node.Store.UpdateTask(ctx, task); err != nil {
			g.Fatal(err)
		}
	}
	office := g.school.running.Records("org_office")[0]
	if _, err := g.school.running.Conflict(ctx, office.Link(), "phone1", core.Text("+999 555 0202")); err != nil {
		g.Fatal(err)
	}
	g.edit(office, "phone1", "+999 555 0303", "code", "OF-N")
	g.window.Open(frame.Home)
	g.tap(tr.L("Sync now"))
	return office.Link()
}

// Where the way on lies below the window's edge, nobody looks for it: with an Eden that has
// all kinds of record, and a Fieldsync that shares some.
func TestTheWayOnIsSeenOnASmallLaptop(t *testing.T) {
	eden, hub := edentest.New(t), practiceServer(t, 7)
	for _, language := range tr.Languages() {
		for _, server := range [][3]string{{eden.URL, edentest.User, edentest.Password}, {hub.URL(), practice.Username, practice.Password.Reveal()}} {
			t.Run(language.Code, func(t *testing.T) {
				tr.Use(language.Code, "")
				t.Cleanup(func() { tr.Use("en", "en") })
				g := newGuide(t)
				g.window.Fyne().Resize(fyne.NewSize(1022, 573)) // of 1024 by 600, without the title bar
				g.tap(tr.L("Connect"))
				g.write(tr.L("Address"), server[0])
				g.tap(tr.L("Next"))
				g.write(tr.L("User name"), server[1])
				g.write(tr.L("Password"), server[2])
				g.tap(tr.L("Test"))
				g.tap(tr.L("Next"))
				for _, what := range uitest.Hidden(g.window.Fyne().Canvas()) {
					t.Error(what)
				}
			})
		}
	}
}

// Whoever decides sees what decides without scrolling, however much there is to choose.
func TestWhatDecidesIsSeenOnASmallLaptop(t *testing.T) {
	for _, language := range tr.Languages() {
		t.Run(language.Code, func(t *testing.T) {
			tr.Use(language.Code, "")
			t.Cleanup(func() { tr.Use("en", "en") })
			w := newWalk(newGuide(t))
			w.window.Fyne().Resize(fyne.NewSize(1022, 573)) // of 1024 by 600, without the title bar
			w.look = func(place string) {
				for _, what := range uitest.Hidden(w.window.Fyne().Canvas()) {
					t.Errorf("%s: %s", place, what)
				}
			}
			w.decisions()
		})
	}
}

// Whoever chooses an entry goes on looking at the list where it was: the details have
// room beside it on a small laptop, too.
func TestTheLogStaysWhereItIsWhenAnEntryIsChosen(t *testing.T) {
	for _, language := range tr.Languages() {
		t.Run(language.Code, func(t *testing.T) {
			tr.Use(language.Code, "")
			t.Cleanup(func() { tr.Use("en", "en") })
			w := newWalk(newGuide(t))
			canvas := w.window.Fyne().Canvas()
			w.window.Fyne().Resize(fyne.NewSize(1022, 573)) // of 1024 by 600, without the title bar
			w.page(frame.Log)
			list := uitest.Find(canvas, func(o fyne.CanvasObject) bool { _, is := o.(*widgets.List); return is })
			before := list.Size().Width
			w.chooseEntry("")
			w.window.Fyne().Resize(fyne.NewSize(1021, 573)) // everything is laid out anew
			w.window.Fyne().Resize(fyne.NewSize(1022, 573))
			if list.Size().Width != before {
				t.Errorf("the list was %v wide, and is %v", before, list.Size().Width)
			}
		})
	}
}

// A window that is made wider has no empty line where filters stood before.
func TestAWiderWindowLeavesNoGap(t *testing.T) {
	w := newWalk(newGuide(t))
	canvas := w.window.Fyne().Canvas()
	w.page(frame.Log)
	top := func() float32 {
		list := uitest.Find(canvas, func(o fyne.CanvasObject) bool { _, is := o.(*widgets.List); return is })
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(list).Y
	}
	w.window.Fyne().Resize(fyne.NewSize(1364, 739))
	w.page(frame.Home)
	w.page(frame.Log)
	want := top()
	w.window.Fyne().Resize(fyne.NewSize(1000, 739))
	w.window.Fyne().Resize(fyne.NewSize(1364, 739))
	if got := top(); got != want {
		t.Errorf("the list begins at %v, want %v", got, want)
	}
}

// What a test of the connection said last, and the way on, are seen where not all of it is.
func TestTheEndOfATestIsBroughtIntoSight(t *testing.T) {
	g := newGuide(t)
	canvas := g.window.Fyne().Canvas()
	g.window.Fyne().Resize(fyne.NewSize(853, 330))
	g.tap("Connect")
	g.write("Address", edentest.New(t).URL)
	g.tap("Next")
	g.write("User name", edentest.User)
	for _, password := range []string{"wrong", edentest.Password} {
		g.write("Password", password)
		g.tap("Test")
		button := uitest.Find(canvas, func(o fyne.CanvasObject) bool { b, is := o.(*widgets.Button); return is && b.Text == "Next" })
		if end := fyne.CurrentApp().Driver().AbsolutePositionForObject(button).Y + button.Size().Height; end > canvas.Size().Height {
			t.Errorf("with the password %q the way on ends at %v of %v", password, end, canvas.Size().Height)
		}
		g.tap("Back")
	}
}
