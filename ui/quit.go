package ui

import "github.com/fieldsync/fieldsync/ui/frame"

// Quit ends the program. What was typed and is not saved is shown first, and a person
// says what shall become of it.
func (w *Window) Quit() {
	p, ok := w.page().(leaver)
	if !ok {
		w.settleRecord()
		return
	}
	if w.reach != nil && w.reach.hidden {
		w.reach.raise() // it may ask
	}
	p.Leave(w.settleRecord)
}

func (w *Window) settleRecord() {
	if !w.records.Unsaved() {
		w.app.Quit()
		return
	}
	if w.reach != nil && w.reach.hidden {
		w.reach.raise()
	}
	if w.current != frame.Records {
		w.open(frame.Records)
	}
	w.records.Settle(w.app.Quit)
}
