package uitest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// The toolkit's own dialogs are made of its own controls, everything else of those
// of package widgets: both are found.

// entryOf returns what somebody writes into; nil if o is no such place.
func entryOf(o fyne.CanvasObject) *widget.Entry {
	switch e := o.(type) {
	case *widgets.Entry:
		return &e.Entry
	case *widgets.SelectEntry:
		return &e.Entry
	case *widget.Entry:
		return e
	case *widget.SelectEntry:
		return &e.Entry
	}
	return nil
}

// buttonOf returns the button that o is; nil if it is none.
func buttonOf(o fyne.CanvasObject) *widget.Button {
	switch b := o.(type) {
	case *widgets.Button:
		return &b.Button
	case *widget.Button:
		return b
	}
	return nil
}

// checkOf returns the box to tick that o is; nil if it is none.
func checkOf(o fyne.CanvasObject) *widget.Check {
	switch c := o.(type) {
	case *widgets.Check:
		return &c.Check
	case *widget.Check:
		return c
	}
	return nil
}

// ListOf returns the list that o is; nil if it is none.
func ListOf(o fyne.CanvasObject) *widget.List {
	switch l := o.(type) {
	case *widgets.List:
		return &l.List
	case *widget.List:
		return l
	}
	return nil
}

// labelOf returns the text that o is; nil if it is none.
func labelOf(o fyne.CanvasObject) *widget.Label {
	switch l := o.(type) {
	case *widgets.Readable:
		return &l.Label.Label
	case *widgets.Label:
		return &l.Label
	case *widget.Label:
		return l
	}
	return nil
}
