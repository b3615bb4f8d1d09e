package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An Entry is a place to write in that keeps nothing from the window: the window's
// shortcuts, F keys and Escape work while somebody writes, and Tab always leads on.
type Entry struct {
	widget.Entry
	onDown func() // what the arrow key down does, beside moving within several lines; nil: nothing
}

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

// CreateRenderer draws the entry, with a wheel over it.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer { return wheeled(e.Entry.CreateRenderer(), e) }

// FocusGained brings the entry into sight.
func (e *Entry) FocusGained() { e.Entry.FocusGained(); reveal(e) }

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
	switch {
	case handOnKey(e, k):
	case k.Name == fyne.KeyDown && e.onDown != nil:
		e.onDown()
	default:
		e.Entry.TypedKey(k)
	}
}

// A SelectEntry is an Entry with a list to choose from.
type SelectEntry struct {
	widget.SelectEntry
	options []string
}

// NewSelectEntry returns one whose list is empty.
func NewSelectEntry() *SelectEntry {
	e := &SelectEntry{}
	e.ActionItem = Quiet(NewButtonWithIcon("", theme.MenuDropDownIcon(), e.drop))
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// CreateRenderer draws the entry, with a wheel over it.
func (e *SelectEntry) CreateRenderer() fyne.WidgetRenderer {
	return wheeled(e.SelectEntry.CreateRenderer(), e)
}

// FocusGained brings the entry into sight.
func (e *SelectEntry) FocusGained() { e.SelectEntry.FocusGained(); reveal(e) }

// SetOptions offers other things to choose.
func (e *SelectEntry) SetOptions(options []string) {
	e.options = options
	e.SelectEntry.SetOptions(options)
}

// drop shows the list, as wide as the entry.
func (e *SelectEntry) drop() {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(e)
	if c == nil {
		return
	}
	items := make([]*fyne.MenuItem, len(e.options))
	for i, option := range e.options {
		items[i] = fyne.NewMenuItem(option, func() { e.SetText(option) })
	}
	menu := widget.NewPopUpMenu(drawnMenu(items), c)
	menu.ShowAtPosition(driver.AbsolutePositionForObject(e).AddXY(0, e.Size().Height))
	menu.Resize(fyne.NewSize(e.Size().Width, menu.MinSize().Height))
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
