package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// A wheel lies over what is written into and hears the mouse's wheel, nothing else: where the
// text is read to its end, or is none that scrolls, what is around it scrolls on. (The toolkit's
// entry keeps the wheel: a long form stood still wherever the mouse came over a field.)
type wheel struct {
	widget.BaseWidget
	over  fyne.CanvasObject
	inner *container.Scroll // the text; nil: it never scrolls
}

var _ fyne.Scrollable = (*wheel)(nil)

// wheeled puts a wheel over what r draws of o.
func wheeled(r fyne.WidgetRenderer, o fyne.CanvasObject) fyne.WidgetRenderer {
	w := &wheel{over: o}
	w.ExtendBaseWidget(w)
	for _, part := range r.Objects() {
		if s, ok := part.(*container.Scroll); ok {
			w.inner = s
		}
	}
	return &wheeledRenderer{r, w}
}

type wheeledRenderer struct {
	fyne.WidgetRenderer
	wheel *wheel
}

func (r *wheeledRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.wheel.Resize(size)
}

func (r *wheeledRenderer) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), r.wheel)
}

// CreateRenderer draws nothing.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}

// Scrolled scrolls the innermost thing that is not at its end.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	all := scrollsOf(w.over)
	if w.inner != nil {
		all = append([]*container.Scroll{w.inner}, all...)
	}
	for _, s := range all {
		if goesOn(s, e.Scrolled) {
			s.Scrolled(e)
			return
		}
	}
}

// goesOn reports whether there is more to see in that direction.
func goesOn(s *container.Scroll, by fyne.Delta) bool {
	if s.Content == nil {
		return false
	}
	end := s.Content.Size().Subtract(s.Size())
	return by.DY > 0 && s.Offset.Y > 0 || by.DY < 0 && s.Offset.Y < end.Height || by.DX > 0 && s.Offset.X > 0 || by.DX < 0 && s.Offset.X < end.Width
}
