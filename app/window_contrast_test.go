//go:build !headless

package app

import (
	"reflect"
	"testing"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// Every text and icon, on every page and in every dialog, light and dark, stands out
// from what is really painted below it.
func TestEverythingOnTheScreenStandsOut(t *testing.T) {
	w := newWalk(newGuide(t))
	for _, choice := range []look.Choice{look.ChoiceLight, look.ChoiceDark} {
		w.app.Settings().SetTheme(look.Theme{Choice: choice})
		told, looked := map[string]bool{}, 0
		w.everywhere(func(place string) {
			all, seen := uitest.Faint(w.window.Fyne().Canvas())
			looked += seen
			for _, what := range all {
				if !told[what] {
					t.Errorf("%s, %s: %s", choice, place, what)
				}
				told[what] = true
			}
		})
		if looked < 700 {
			t.Errorf("%s: only %d texts and icons were seen", choice, looked)
		}
	}
}

// A page that is not shown while other colours are chosen has them when it is shown.
func TestAPageHasTheColoursThatWereChosenOnAnother(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	pages := []string{frame.Home, frame.Records, frame.Log, frame.NeedsYou}
	for _, page := range append(pages, frame.Settings) {
		g.window.Open(page)
	}
	g.app.Settings().SetTheme(look.Theme{Choice: look.ChoiceDark})
	for _, page := range pages {
		g.window.Open(page)
		shown := g.window.Fyne().Canvas().Capture()
		g.app.Settings().SetTheme(look.Theme{Choice: look.ChoiceDark}) // now it is shown
		if !reflect.DeepEqual(shown, g.window.Fyne().Canvas().Capture()) {
			t.Errorf("the page %q has colours of before", page)
		}
	}
}
