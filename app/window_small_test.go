//go:build !headless

package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
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

// fits fails for what the screen does not show as a whole, or cannot be scrolled to.
func (g *guide) fits(name string, s smallScreen) {
	g.Helper()
	if g.window.Fyne().Canvas().Overlays().Top() == nil {
		g.window.Fyne().Resize(fyne.NewSize(s.width/2, s.height)) // everything is laid out anew
		g.window.Fyne().Resize(fyne.NewSize(s.width, s.height))
	}
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

func TestTheFirstStartFitsASmallScreen(t *testing.T) {
	g := newGuide(t)
	for _, s := range smallScreens {
		g.on(s)
		g.fits("start", s)
		g.tap("Connect")
		g.fits("connect", s)
		g.tap("Back")
	}
}

// Every page and dialog, in English and in the language that needs most room.
func TestEveryPlaceFitsASmallScreen(t *testing.T) {
	for language, screens := range map[string][]smallScreen{"en": smallScreens, "fr": {{2, 1280, 720}, {1, 640, 360}}} {
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
