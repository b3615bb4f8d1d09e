package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A Check is a box to tick, with the mouse or with Space.
type Check struct{ widget.Check }

// NewCheck returns a box that is not ticked. changed may be nil.
func NewCheck(text string, changed func(on bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = Visual(text), changed
	c.ExtendBaseWidget(c)
	return c
}

// SetText writes other words beside the box.
func (c *Check) SetText(text string) { c.Check.SetText(Visual(text)) }

// TypedKey hands the window's keys on.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if !handOnKey(c, k) {
		c.Check.TypedKey(k)
	}
}
