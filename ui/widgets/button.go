package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A Button is pressed with the mouse, with Space or with Enter.
type Button struct{ widget.Button }

// NewButton returns a button with words on it.
func NewButton(text string, tapped func()) *Button {
	return NewButtonWithIcon(text, nil, tapped)
}

// NewButtonWithIcon returns a button with a picture before its words; they may be
// empty.
func NewButtonWithIcon(text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = Visual(text), icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// SetText writes other words on the button.
func (b *Button) SetText(text string) { b.Button.SetText(Visual(text)) }

// TypedKey presses the button, and hands the window's keys on.
func (b *Button) TypedKey(k *fyne.KeyEvent) {
	switch {
	case handOnKey(b, k):
	case k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter:
		b.Tapped(nil)
	default:
		b.Button.TypedKey(k)
	}
}

// Primary makes a button the one to press.
func Primary(b *Button) *Button {
	b.Importance = widget.HighImportance
	return b
}

// Quiet makes a button recede.
func Quiet(b *Button) *Button {
	b.Importance = widget.LowImportance
	return b
}
