package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Pulse shows that something of unknown length goes on: a block on a bar that moves
// one step with each piece of news. Fyne's own bar for that is an animation, which
// draws the whole window sixty times a second as long as it runs.
type Pulse struct {
	widget.BaseWidget

	step int
}

// pulseSteps is how many places the block has from one end to the other.
const pulseSteps = 8

// NewPulse returns a bar with its block at the beginning.
func NewPulse() *Pulse {
	p := &Pulse{}
	p.ExtendBaseWidget(p)
	return p
}

// Step moves the block on.
func (p *Pulse) Step() {
	p.step++
	p.Refresh()
}

// place is where the block is, from 0 to 1: it goes to and fro.
func (p *Pulse) place() float32 {
	at := p.step % (2 * pulseSteps)
	if at > pulseSteps {
		at = 2*pulseSteps - at
	}
	return float32(at) / pulseSteps
}

// CreateRenderer draws the bar.
func (p *Pulse) CreateRenderer() fyne.WidgetRenderer {
	r := &pulseRenderer{pulse: p, bar: canvas.NewRectangle(nil), block: canvas.NewRectangle(nil)}
	r.paint()
	return r
}

type pulseRenderer struct {
	pulse      *Pulse
	bar, block *canvas.Rectangle
}

func (r *pulseRenderer) Destroy() {}

func (r *pulseRenderer) Layout(size fyne.Size) {
	width := size.Width / 5
	r.bar.Resize(size)
	r.block.Resize(fyne.NewSize(width, size.Height))
	r.block.Move(fyne.NewPos((size.Width-width)*r.pulse.place(), 0))
}

func (r *pulseRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10*theme.Size(theme.SizeNameText), theme.Size(theme.SizeNameInnerPadding))
}

func (r *pulseRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.bar, r.block} }

func (r *pulseRenderer) Refresh() {
	r.paint()
	r.Layout(r.pulse.Size())
	canvas.Refresh(r.pulse)
}

func (r *pulseRenderer) paint() {
	for _, o := range []*canvas.Rectangle{r.bar, r.block} {
		o.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	}
	r.bar.FillColor = theme.ColorForWidget(theme.ColorNameInputBorder, r.pulse)
	r.block.FillColor = theme.ColorForWidget(theme.ColorNamePrimary, r.pulse)
}
