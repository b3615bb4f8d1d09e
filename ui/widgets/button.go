package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Button is pressed with the mouse, with Space or with Enter.
type Button struct {
	widget.Button
	ring ring
}

// NewButton returns a button with words on it.
func NewButton(text string, tapped func()) *Button {
	return NewButtonWithIcon(text, nil, tapped)
}

// NewButtonWithIcon returns a button with a picture before its words; they may be
// empty.
func NewButtonWithIcon(text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = Visual(text), icon, tapped
	if rightToLeft.Load() {
		b.IconPlacement = widget.ButtonIconTrailingText
	}
	b.ExtendBaseWidget(b)
	return b
}

// AlignBegin puts the words where a line begins, not into the middle.
func (b *Button) AlignBegin() {
	b.Alignment = widget.ButtonAlignLeading
	if rightToLeft.Load() {
		b.Alignment = widget.ButtonAlignTrailing
	}
}

// CreateRenderer draws the button, and a ring while the keyboard is on it.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	return b.ring.around(b.Button.CreateRenderer(), b, func() (fyne.ThemeColorName, float32) {
		switch b.Importance { // on a coloured ground inside the edges, like what is written there
		case widget.HighImportance:
			return theme.ColorNameForegroundOnPrimary, ringWidth
		case widget.DangerImportance:
			return theme.ColorNameForegroundOnError, ringWidth
		case widget.WarningImportance:
			return theme.ColorNameForegroundOnWarning, ringWidth
		}
		return plainRing()
	})
}

// FocusGained shows that the keyboard is here.
func (b *Button) FocusGained() { b.ring.on = true; b.Button.FocusGained(); reveal(b) }

// FocusLost shows that it no longer is.
func (b *Button) FocusLost() { b.ring.on = false; b.Button.FocusLost() }

// SetText writes other words on the button.
func (b *Button) SetText(text string) { b.Button.SetText(Visual(text)) }

// TypedKey presses the button, on which the keyboard stays, and hands the window's keys on. (The
// toolkit takes the keyboard away from a button that is pressed.)
func (b *Button) TypedKey(k *fyne.KeyEvent) {
	if handOnKey(b, k) || k.Name != fyne.KeyReturn && k.Name != fyne.KeyEnter && k.Name != fyne.KeySpace {
		return
	}
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
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
