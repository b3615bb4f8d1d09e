//go:build !headless

package main

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// A guide walks through the window as a person would, on the practice
// repository and a real store, and takes pictures if FIELDSYNC_SCREENSHOTS names
// a folder.
type guide struct {
	*testing.T
	app    fyne.App
	window *ui.Window
}

func newGuide(t *testing.T) *guide {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	node, err := open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &school{}
	w := ui.NewWindow(t.Context(), a, windowDeps(node, s), async.Direct(), 0)
	w.Fyne().Resize(fyne.NewSize(1280, 720))
	w.Fyne().Canvas().Capture() // the first one lays out wrongly in an old process
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	return &guide{t, a, w}
}

// picture writes what is on the screen, light and dark.
func (g *guide) picture(name string) {
	dir := os.Getenv("FIELDSYNC_SCREENSHOTS")
	if dir == "" {
		return
	}
	for _, choice := range []look.Choice{look.ChoiceDark, look.ChoiceLight} {
		g.app.Settings().SetTheme(look.Theme{Choice: choice})
		file, err := os.Create(filepath.Join(dir, name+"-"+string(choice)+".png"))
		if err == nil {
			err = png.Encode(file, g.window.Fyne().Canvas().Capture())
		}
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			g.Fatal(err)
		}
	}
}

func TestAPersonPractisesAndFindsTheWayAround(t *testing.T) {
	g := newGuide(t)
	g.picture("start")
	g.tap("Start practising")
	g.picture("home")
	g.tap("Let a colleague change something")
	g.picture("home-toast")
	g.window.Open(frame.Records)
	g.picture("records")
	g.choose("Offices")
	g.picture("offices")
	g.choose("Médecins du Large")
	g.picture("record")
	g.tap("Back")
	g.choose("People")
	g.choose("A")
	g.picture("person")
	g.window.Open(frame.Log)
	g.picture("log")
}

// choose presses the list row that begins with text.
func (g *guide) choose(text string) {
	g.Helper()
	c := g.window.Fyne().Canvas()
	if !uitest.Row(c, text) {
		g.Fatalf("there is no row %q", text)
	}
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
