package ui

import (
	"reflect"
	"slices"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A foothold is where the keyboard stood on the page before something was shown.
type foothold struct {
	on fyne.Focusable // nil: nowhere, or on what lies above the window
	at int            // which one it was of those at which Tab stops there; -1: none
	of int            // how many these were
}

// keeping are lanes after whose updates the keyboard stands on what is there. (A page that is
// built anew took away what it stood on, and the next key went to a button that nobody saw.)
func (w *Window) keeping(lanes async.Lanes) async.Lanes {
	screen := lanes.Screen
	lanes.Screen = func(show func()) {
		screen(func() {
			stood := w.stand()
			show()
			w.stay(stood)
		})
	}
	return lanes
}

// stand notes where the keyboard stands.
func (w *Window) stand() foothold {
	c := w.window.Canvas()
	if c.Overlays().Top() != nil || c.Focused() == nil {
		return foothold{}
	}
	stops := widgets.Stops(w.place)
	return foothold{c.Focused(), slices.Index(stops, c.Focused()), len(stops)}
}

// stay puts the keyboard on what has come in the place of that on which it stood, if that is
// gone and nobody moved it: on the same one where there are as many as before, on the nearest
// that says the same, else on the first thing of the page.
func (w *Window) stay(stood foothold) {
	c := w.window.Canvas()
	gone, ok := stood.on.(fyne.CanvasObject)
	if !ok || c.Overlays().Top() != nil || c.Focused() != stood.on || widgets.Holds(c.Content(), gone) {
		return
	}
	best, least := fyne.Focusable(nil), 0
	for i, f := range widgets.Stops(w.place) {
		far := max(i-stood.at, stood.at-i)
		if stood.at >= 0 && alike(f, stood.on) && (best == nil || far < least) {
			best, least = f, far
		}
	}
	if best != nil && (widgets.SaidOn(best) != "" || least == 0 && len(widgets.Stops(w.place)) == stood.of) {
		c.Focus(best)
		return
	}
	w.first()
}

// alike reports whether two controls are of one kind and say the same.
func alike(a, b fyne.Focusable) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && widgets.SaidOn(a) == widgets.SaidOn(b)
}
