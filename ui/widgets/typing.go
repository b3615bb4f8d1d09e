package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// An Entry is a place to write in that keeps nothing from the window: the window's
// shortcuts, F keys and Escape work while somebody writes, and Tab always leads on.
type Entry struct{ widget.Entry }

// NewEntry returns an entry of one line.
func NewEntry() *Entry { return newEntry(&Entry{}) }

// NewPasswordEntry returns an entry that hides what is written.
func NewPasswordEntry() *Entry {
	e := &Entry{}
	e.Password = true
	return newEntry(e)
}

// NewMultiLineEntry returns an entry of several lines.
func NewMultiLineEntry() *Entry {
	e := &Entry{}
	e.MultiLine = true
	return newEntry(e)
}

func newEntry(e *Entry) *Entry {
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// AcceptsTab is false: Tab leads to the next control, in several lines, too.
func (e *Entry) AcceptsTab() bool { return false }

// TypedShortcut hands the window's shortcuts on.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if !handOnShortcut(e, s) {
		e.Entry.TypedShortcut(s)
	}
}

// TypedKey hands the window's keys on.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if !handOnKey(e, k) {
		e.Entry.TypedKey(k)
	}
}

// A SelectEntry is an Entry with a list to choose from.
type SelectEntry struct{ widget.SelectEntry }

// NewSelectEntry returns one whose list is empty.
func NewSelectEntry() *SelectEntry {
	e := &SelectEntry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// TypedShortcut hands the window's shortcuts on.
func (e *SelectEntry) TypedShortcut(s fyne.Shortcut) {
	if !handOnShortcut(e, s) {
		e.SelectEntry.TypedShortcut(s)
	}
}

// TypedKey hands the window's keys on.
func (e *SelectEntry) TypedKey(k *fyne.KeyEvent) {
	if !handOnKey(e, k) {
		e.SelectEntry.TypedKey(k)
	}
}

// handOnShortcut gives one of the window's own shortcuts to the window. Those of
// the toolkit (copy, paste) stay.
func handOnShortcut(o fyne.CanvasObject, s fyne.Shortcut) bool {
	custom, ok := s.(*desktop.CustomShortcut)
	if !ok || custom.Modifier != fyne.KeyModifierShortcutDefault {
		return false
	}
	switch custom.KeyName {
	case fyne.KeyF, fyne.KeyN, fyne.KeyR, fyne.KeyS, fyne.KeyPageDown, fyne.KeyPageUp:
	default:
		return false
	}
	to, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable)
	if ok {
		to.TypedShortcut(s)
	}
	return ok
}

// handOnKey gives F keys and Escape to the window.
func handOnKey(o fyne.CanvasObject, k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1, fyne.KeyF5:
	default:
		return false
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil || c.OnTypedKey() == nil {
		return false
	}
	c.OnTypedKey()(k)
	return true
}
