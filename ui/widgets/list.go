package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A List has rows, any number of them. The arrow keys go through it, Space and Enter
// choose.
type List struct {
	widget.List
	ring ring
}

// NewList returns a list of length() rows: create makes one to be filled, update
// fills one.
func NewList(length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *List {
	l := &List{}
	l.Length, l.CreateItem, l.UpdateItem = length, func() fyne.CanvasObject { return Turned(create()) }, update
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer draws it, and a ring while the keyboard is on it.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	return l.ring.around(l.List.CreateRenderer(), l, plainRing)
}

// FocusGained shows that the keyboard is here.
func (l *List) FocusGained() { l.ring.on = true; l.List.FocusGained(); reveal(l) }

// FocusLost shows that it no longer is.
func (l *List) FocusLost() { l.ring.on = false; l.List.FocusLost() }

// Grew keeps in sight what was, once rows were put above the first one. Whoever looks at the
// beginning sees them.
func (l *List) Grew(above int) {
	if at := l.GetScrollOffset(); above > 0 && at > 0 {
		l.ScrollToOffset(at + float32(above)*(l.CreateItem().MinSize().Height+theme.Size(theme.SizeNamePadding)))
	}
}

// Rows is how high so many rows are, or all there are.
func (l *List) Rows(n int) float32 {
	row, gap := l.MinSize().Height, theme.Size(theme.SizeNamePadding)
	return max(row, float32(min(n, l.Length()))*(row+gap)-gap)
}

// TypedKey hands the window's keys on.
func (l *List) TypedKey(k *fyne.KeyEvent) {
	if handOnKey(l, k) {
		return
	}
	if k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		k = &fyne.KeyEvent{Name: fyne.KeySpace}
	}
	l.List.TypedKey(k)
}
