package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Search is an entry to search as one types.
func Search(placeholder string, changed func(string)) *Entry {
	e := NewEntry()
	e.SetPlaceHolder(placeholder)
	e.Icon = theme.SearchIcon()
	e.OnChanged = changed
	return e
}

// LeadTo makes Enter and the arrow key down go from a search to what it found.
func (e *Entry) LeadTo(c fyne.Canvas, found fyne.Focusable) {
	e.onDown = func() { c.Focus(found) }
	e.OnSubmitted = func(string) { c.Focus(found) }
}

// A Choice is a drop-down list whose entries have a value behind them. What
// cannot be chosen twice is told apart by its place in the list.
type Choice struct {
	widget.Select

	Values []string
	OnPick func(value string)

	focused bool
}

// NewChoice returns a drop-down list of labels with the values behind them.
func NewChoice(labels, values []string, pick func(value string)) *Choice {
	c := &Choice{Values: values, OnPick: pick}
	c.Options, c.Alignment = seen(labels), begin()
	c.OnChanged = func(string) {
		if c.OnPick != nil {
			c.OnPick(c.Value())
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained shows that the keyboard is here.
func (c *Choice) FocusGained() { c.focused = true; c.Select.FocusGained(); reveal(c) }

// FocusLost shows that it no longer is.
func (c *Choice) FocusLost() { c.focused = false; c.Select.FocusLost() }

// TypedKey hands the window's keys on.
func (c *Choice) TypedKey(k *fyne.KeyEvent) {
	if !handOnKey(c, k) {
		c.Select.TypedKey(k)
	}
}

// widestChoice bounds how wide a list that shows whole entries gets, in sizes of
// text.
const widestChoice = 18

// MinSize has room for the widest entry, within reason: a list is never so narrow
// that what is chosen cannot be read.
func (c *Choice) MinSize() fyne.Size {
	size := c.Select.MinSize()
	text := theme.Size(theme.SizeNameText)
	widest := float32(0)
	for _, o := range c.Options {
		widest = max(widest, fyne.MeasureText(o, text, fyne.TextStyle{}).Width)
	}
	pad := theme.Size(theme.SizeNameInnerPadding)
	size.Width = min(widest, widestChoice*text) + 4*pad + theme.Size(theme.SizeNameInlineIcon) + 2
	return size
}

// SetChoices offers other things; nothing is chosen then.
func (c *Choice) SetChoices(labels, values []string) {
	pick := c.OnPick
	c.OnPick = nil
	c.Values = values
	c.SetOptions(seen(labels))
	c.ClearSelected()
	c.OnPick = pick
}

// seen are lines in the order in which they are drawn.
func seen(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = Visual(line)
	}
	return out
}

// Value returns the value chosen; "" if none is.
func (c *Choice) Value() string {
	if i := c.SelectedIndex(); i >= 0 && i < len(c.Values) {
		return c.Values[i]
	}
	return ""
}

// SetValue chooses without calling OnPick. A value that is not offered chooses
// nothing.
func (c *Choice) SetValue(value string) {
	pick := c.OnPick
	c.OnPick = nil
	defer func() { c.OnPick = pick }()
	for i, v := range c.Values {
		if v == value {
			c.SetSelectedIndex(i)
			return
		}
	}
	c.ClearSelected()
}

// CreateRenderer draws the list with a border, so that it is seen on every
// ground.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	border := canvas.NewRectangle(color.Transparent)
	r := &choiceRenderer{turning(c.Select.CreateRenderer(), c, true), c, border, colorOf(c, theme.ColorNameForeground)}
	r.paint()
	return r
}

type choiceRenderer struct {
	fyne.WidgetRenderer
	choice *Choice
	border *canvas.Rectangle
	ink    color.Color // that of the arrow
}

func (r *choiceRenderer) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), r.border)
}

func (r *choiceRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.border.Resize(size)
}

// Refresh draws the arrow anew where the colours have changed, which the toolkit does only
// to what is on the screen then.
func (r *choiceRenderer) Refresh() {
	r.paint()
	if ink := colorOf(r.choice, theme.ColorNameForeground); ink != r.ink {
		r.ink = ink
		for _, o := range r.WidgetRenderer.Objects() {
			if arrow, ok := o.(*widget.Icon); ok {
				recolour(arrow)
			}
		}
	}
	r.WidgetRenderer.Refresh()
}

func (r *choiceRenderer) paint() {
	r.border.StrokeWidth, r.border.CornerRadius = 1, theme.Size(theme.SizeNameInputRadius)
	r.border.StrokeColor = colorOf(r.choice, theme.ColorNameInputBorder)
	if r.choice.focused {
		r.border.StrokeWidth, r.border.StrokeColor = ringWidth, colorOf(r.choice, theme.ColorNamePrimary)
	}
	r.border.Refresh()
}
