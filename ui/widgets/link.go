package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A Link is a text that leads somewhere.
type Link struct {
	widget.Hyperlink
	ring ring
}

// NewLink returns a link; tapped leads there.
func NewLink(text string, tapped func()) *Link {
	l := &Link{}
	l.Text, l.OnTapped, l.Alignment = text, tapped, begin()
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer draws it, and a ring while the keyboard is on it.
func (l *Link) CreateRenderer() fyne.WidgetRenderer {
	return l.ring.around(l.Hyperlink.CreateRenderer(), l, plainRing)
}

// FocusGained shows that the keyboard is here.
func (l *Link) FocusGained() { l.ring.on = true; l.Hyperlink.FocusGained(); reveal(l) }

// FocusLost shows that it no longer is.
func (l *Link) FocusLost() { l.ring.on = false; l.Hyperlink.FocusLost() }

// TypedKey follows the link, and hands the window's keys on.
func (l *Link) TypedKey(k *fyne.KeyEvent) {
	switch {
	case handOnKey(l, k):
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && l.OnTapped != nil:
		l.OnTapped()
	default:
		l.Hyperlink.TypedKey(k)
	}
}
