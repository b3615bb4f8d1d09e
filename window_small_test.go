//go:build !headless

package main

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/ui/frame"
)

// On a screen of 1280×720 at 200 % there are 640×360 points: every page of the
// administrator still fits its width.
func TestTheAdministratorsPagesFitASmallScreen(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.window.Fyne().Resize(fyne.NewSize(640, 360))
	fits := func(name string) {
		t.Helper()
		g.picture("small-" + name)
		if width := g.window.Fyne().Canvas().Size().Width; width > 640 {
			t.Errorf("%s needs %v points", name, width)
		}
	}
	g.window.Open(frame.Settings)
	for _, tab := range []string{"General", "This laptop", "Answer peers", "Passcode", "Storage", "Diagnostics", "About"} {
		g.tab(tab)
		fits("settings-" + tab)
	}
	g.window.Open(frame.Repositories)
	fits("repositories")
	g.tap("Open")
	fits("repository")
	g.tab("Resources (11)")
	fits("resources")
}
