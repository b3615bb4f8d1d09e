package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// A Check is a box to tick, with the mouse or with Space.
type Check struct {
	widget.Check
	ring ring
}

// NewCheck returns a box that is not ticked. changed may be nil.
func NewCheck(text string, changed func(on bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = Visual(text), changed
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer draws it, and a ring while the keyboard is on it.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	return c.ring.around(turning(c.Check.CreateRenderer(), c, false), c, plainRing)
}

// FocusGained shows that the keyboard is here.
func (c *Check) FocusGained() { c.ring.on = true; c.Check.FocusGained(); reveal(c) }

// FocusLost shows that it no longer is.
func (c *Check) FocusLost() { c.ring.on = false; c.Check.FocusLost() }

// SetText writes other words beside the box.
func (c *Check) SetText(text string) { c.Check.SetText(Visual(text)) }

// Tapped ticks the box, or takes the tick away: the toolkit asks where it was pressed.
func (c *Check) Tapped(e *fyne.PointEvent) { c.Check.Tapped(turnedTap(e, c.Size())) }

// MouseIn lights the box up.
func (c *Check) MouseIn(e *desktop.MouseEvent) { c.Check.MouseIn(turnedMouse(e, c.Size())) }

// MouseMoved does so while the mouse is on it or on its words.
func (c *Check) MouseMoved(e *desktop.MouseEvent) { c.Check.MouseMoved(turnedMouse(e, c.Size())) }

// TypedKey hands the window's keys on.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if !handOnKey(c, k) {
		c.Check.TypedKey(k)
	}
}
