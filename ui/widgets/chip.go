package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Chip is a word or number on a small rounded ground.
type Chip struct {
	widget.BaseWidget

	text string
	tone Tone
}

// NewChip returns a chip; it is hidden while its text is empty.
func NewChip(text string, tone Tone) *Chip {
	c := &Chip{}
	c.ExtendBaseWidget(c)
	c.Set(text, tone)
	return c
}

// Set changes text and tone.
func (c *Chip) Set(text string, tone Tone) {
	c.text, c.tone = text, tone
	c.Hidden = text == ""
	c.Refresh()
}

// Text returns what the chip says.
func (c *Chip) Text() string { return c.text }

// CreateRenderer draws the chip.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	r := &chipRenderer{chip: c, back: canvas.NewRectangle(nil), text: canvas.NewText("", nil)}
	r.text.TextStyle.Bold = true
	r.text.Alignment = fyne.TextAlignCenter
	r.Refresh()
	return r
}

type chipRenderer struct {
	chip *Chip
	back *canvas.Rectangle
	text *canvas.Text
}

const chipMargin = 4

func (r *chipRenderer) Destroy() {}

func (r *chipRenderer) Layout(size fyne.Size) {
	min := r.MinSize()
	height := min.Height - 2*chipMargin
	top := (size.Height - height) / 2
	r.back.Move(fyne.NewPos(0, top))
	r.back.Resize(fyne.NewSize(min.Width, height))
	r.back.CornerRadius = height / 2
	r.text.Move(fyne.NewPos(0, top))
	r.text.Resize(fyne.NewSize(min.Width, height))
	turnRound(size, r.back, r.text)
}

func (r *chipRenderer) MinSize() fyne.Size {
	text := r.text.MinSize()
	height := text.Height + 4
	return fyne.NewSize(max(text.Width+18, height), height+2*chipMargin)
}

func (r *chipRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.text} }

func (r *chipRenderer) Refresh() {
	r.text.Text = Visual(r.chip.text)
	r.text.TextSize = theme.Size(theme.SizeNameCaptionText)
	r.text.Color = colorOf(r.chip, r.chip.tone.strong())
	r.back.FillColor = colorOf(r.chip, r.chip.tone.soft())
	r.Layout(r.chip.Size())
	r.text.Refresh()
	r.back.Refresh()
}
