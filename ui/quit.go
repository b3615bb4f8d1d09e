package ui

import (
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Quit ends the program. What was typed and is not saved is shown first, and a person
// says what shall become of it.
func (w *Window) Quit() { w.settle(w.app.Quit) }

// Close is what the window's close button does. What is not saved is asked about as by Quit:
// whoever closes the window takes it for done, and what ends the hidden one later, as the
// end of the session, asks nobody. What lies above the window stays where it is.
func (w *Window) Close() {
	hide := w.window.Hide
	if w.reach != nil {
		hide = func() { w.reach.close(w.Quit) }
	}
	if widgets.Covered(w.window.Canvas()) {
		hide()
		return
	}
	w.settle(hide)
}

// settle asks about what is not saved, and does then what was asked for.
func (w *Window) settle(then func()) {
	p, ok := w.page().(leaver)
	if !ok {
		w.settleRecord(then)
		return
	}
	if w.reach != nil && w.reach.hidden {
		w.reach.raise() // it may ask
	}
	p.Leave(func() { w.settleRecord(then) })
}

func (w *Window) settleRecord(then func()) {
	if !w.records.Unsaved() {
		then()
		return
	}
	if w.reach != nil && w.reach.hidden {
		w.reach.raise()
	}
	if w.current != frame.Records {
		w.open(frame.Records)
	}
	w.records.Settle(then)
}
