package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// A ring shows where the keyboard is. The toolkit only tints what has the focus, which nobody
// sees on a button of the colour that it tints with, and hardly on a row of a list.
type ring struct{ on bool }

// ringWidth is how wide a ring is, in points.
const ringWidth = 2

// around draws the ring over what r draws of o, in the colour that paint says and that far
// inside its edges.
func (g *ring) around(r fyne.WidgetRenderer, o fyne.Widget, paint func() (fyne.ThemeColorName, float32)) fyne.WidgetRenderer {
	line := canvas.NewRectangle(color.Transparent)
	line.StrokeWidth = ringWidth
	ringed := &ringRenderer{r, g, o, line, paint}
	ringed.paintLine()
	return ringed
}

type ringRenderer struct {
	fyne.WidgetRenderer
	ring  *ring
	of    fyne.Widget
	line  *canvas.Rectangle
	paint func() (fyne.ThemeColorName, float32)
}

func (r *ringRenderer) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), r.line)
}

func (r *ringRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	_, inside := r.paint()
	r.line.Move(fyne.NewSquareOffsetPos(inside))
	r.line.Resize(size.SubtractWidthHeight(2*inside, 2*inside))
}

func (r *ringRenderer) Refresh() {
	r.paintLine()
	r.WidgetRenderer.Refresh()
}

func (r *ringRenderer) paintLine() {
	name, inside := r.paint()
	r.line.Hidden = !r.ring.on
	r.line.StrokeColor = colorOf(r.of, name)
	r.line.CornerRadius = theme.Size(theme.SizeNameButtonRadius) - inside
	r.line.Refresh()
}

// plainRing is a ring at the edges, in the colour of what is to be pressed.
func plainRing() (fyne.ThemeColorName, float32) { return theme.ColorNamePrimary, 0 }
