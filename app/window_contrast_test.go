//go:build !headless

package app

import (
	"testing"

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
