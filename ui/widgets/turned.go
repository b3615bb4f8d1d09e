package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Where the window's language is written from the right, its pages begin at the right, too:
// the navigation, the first column, the box before the words. The toolkit lays everything out
// from the left. What a layout has placed is turned round when it is done, so that no layout
// needs to know.

// Turned lays out from the right what is in o, however deep, where the window's language is
// written from there. It returns o. What stands in a widget of this package is turned already.
func Turned[T fyne.CanvasObject](o T) T {
	if rightToLeft.Load() {
		turn(o)
	}
	return o
}

// turn turns a thing that was laid out, or will be.
func turn(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		if _, is := o.Layout.(turned); !is && o.Layout != nil {
			o.Layout = turned{o.Layout}
			o.Layout.Layout(o.Objects, o.Size())
		}
	case *container.Scroll:
		if o.Content != nil {
			turn(o.Content)
		}
	case *Tabs:
		for _, tab := range o.Items {
			turn(tab.Content)
		}
	}
}

// A turned layout places things as another one does, seen in a mirror. What is put into a
// container afterwards is turned when that is laid out.
type turned struct{ plain fyne.Layout }

func (t turned) MinSize(objects []fyne.CanvasObject) fyne.Size { return t.plain.MinSize(objects) }

func (t turned) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects { // some layouts leave at the left what they never moved
		o.Move(fyne.NewPos(0, o.Position().Y))
	}
	t.plain.Layout(objects, size)
	for _, o := range objects {
		turn(o)
	}
	turnRound(size, objects...)
}

// turnRound turns round what a renderer has placed in a room of that size, where the window's
// language is written from the right. It is done once for each time that all of it was placed.
func turnRound(room fyne.Size, objects ...fyne.CanvasObject) {
	if !rightToLeft.Load() {
		return
	}
	for _, o := range objects {
		at := o.Position()
		o.Move(fyne.NewPos(room.Width-at.X-o.Size().Width, at.Y))
	}
}

// turnedPoint is where a point lies for what does not know that it was turned round.
func turnedPoint(at fyne.Position, room fyne.Size) fyne.Position {
	if rightToLeft.Load() {
		at.X = room.Width - at.X
	}
	return at
}

func turnedTap(e *fyne.PointEvent, room fyne.Size) *fyne.PointEvent {
	if e == nil {
		return nil
	}
	turned := *e
	turned.Position = turnedPoint(e.Position, room)
	return &turned
}

func turnedMouse(e *desktop.MouseEvent, room fyne.Size) *desktop.MouseEvent {
	turned := *e
	turned.Position = turnedPoint(e.Position, room)
	return &turned
}

// turning turns what a renderer of the toolkit draws of a widget: all of its room, or no more
// of it than it needs.
func turning(r fyne.WidgetRenderer, of fyne.Widget, all bool) fyne.WidgetRenderer {
	if !rightToLeft.Load() {
		return r
	}
	return &turningRenderer{r, of, all}
}

type turningRenderer struct {
	fyne.WidgetRenderer
	of  fyne.Widget
	all bool
}

func (r *turningRenderer) Layout(size fyne.Size) {
	room := size
	if !r.all {
		room.Width = min(size.Width, r.MinSize().Width)
	}
	r.WidgetRenderer.Layout(room)
	turnRound(size, r.Objects()...)
}

// Refresh places everything again: the toolkit's own may have done so, its way.
func (r *turningRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.Layout(r.of.Size())
}

// rendered draws a widget that is made of others.
func rendered(o fyne.CanvasObject) fyne.WidgetRenderer { return widget.NewSimpleRenderer(Turned(o)) }

// begin is the edge at which a line of the window's language begins.
func begin() fyne.TextAlign {
	if rightToLeft.Load() {
		return fyne.TextAlignTrailing
	}
	return fyne.TextAlignLeading
}
