package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Readable is a paragraph that can be marked and copied. With the keyboard it is
// copied as a whole, and so is one that is drawn line by line, as one with something in it that
// is written from the right, or one where the toolkit would end a line between a word of French
// and its sign: the toolkit marks only what it draws itself.
type Readable struct {
	Label
	marking *marking // nil before it is drawn
}

// NewReadable returns a paragraph.
func NewReadable(text string) *Readable {
	r := &Readable{}
	r.Text, r.Wrapping, r.Selectable, r.Alignment = text, fyne.TextWrapWord, true, begin()
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer puts a marking between the window and the part of the label that
// marks: that has the focus for itself and hands nothing on.
func (r *Readable) CreateRenderer() fyne.WidgetRenderer {
	inner := r.render(r)
	objects := inner.WidgetRenderer.Objects()
	for i, o := range objects {
		if marker, ok := o.(marker); ok {
			r.marking = newMarking(r, marker)
			objects[i] = r.marking
		}
	}
	return &readableRenderer{inner, objects}
}

type readableRenderer struct {
	*labelRenderer
	objects []fyne.CanvasObject // of the toolkit, with the marking
}

func (r *readableRenderer) Layout(size fyne.Size) {
	r.labelRenderer.Layout(size)
	for _, o := range r.objects {
		o.Resize(size)
	}
}

func (r *readableRenderer) Objects() []fyne.CanvasObject {
	if r.lines == nil {
		return r.objects
	}
	var all []fyne.CanvasObject
	for _, o := range r.objects {
		if m, ok := o.(*marking); ok {
			all = append(all, m)
		}
	}
	return append(all, r.lines...)
}

func (r *readableRenderer) Refresh() {
	r.labelRenderer.Refresh()
	for _, o := range r.objects {
		o.Refresh()
	}
}

// A marker is the part of the toolkit's label that marks words.
type marker interface {
	fyne.Widget
	fyne.Focusable
	fyne.Shortcutable
	fyne.DoubleTappable
	fyne.Draggable
	desktop.Mouseable
	desktop.Cursorable
}

// A marking stands where a marker stood, and gives it what happens to the text.
type marking struct {
	widget.BaseWidget

	text    *Readable
	marker  marker
	focused bool
}

var _ marker = (*marking)(nil)

func newMarking(text *Readable, m marker) *marking {
	k := &marking{text: text, marker: m}
	k.ExtendBaseWidget(k)
	return k
}

// CreateRenderer draws what is marked, and where the keyboard is.
func (m *marking) CreateRenderer() fyne.WidgetRenderer {
	return &markingRenderer{WidgetRenderer: m.marker.CreateRenderer(), marking: m, focus: canvas.NewRectangle(color.Transparent)}
}

type markingRenderer struct {
	fyne.WidgetRenderer
	marking *marking
	focus   *canvas.Rectangle
}

func (r *markingRenderer) Layout(size fyne.Size) { r.focus.Resize(size) }

func (r *markingRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.focus}, r.WidgetRenderer.Objects()...)
}

func (r *markingRenderer) Refresh() {
	r.focus.Hidden = !r.marking.focused || r.marking.text.SelectedText() != ""
	r.focus.StrokeWidth, r.focus.StrokeColor = 2, colorOf(r.marking, theme.ColorNamePrimary)
	r.focus.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.WidgetRenderer.Refresh()
	canvas.Refresh(r.marking)
}

// grab takes the focus, which the marker cannot: it is not in the window.
func (m *marking) grab() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		c.Focus(m)
	}
	m.Refresh()
}

// FocusGained shows what is marked.
func (m *marking) FocusGained() {
	m.focused = true
	m.marker.FocusGained()
	m.Refresh()
	reveal(m.text)
}

// FocusLost hides what is marked.
func (m *marking) FocusLost() { m.focused = false; m.marker.FocusLost(); m.Refresh() }

// TypedRune does nothing.
func (m *marking) TypedRune(rune) {}

// TypedKey hands the window's keys on.
func (m *marking) TypedKey(k *fyne.KeyEvent) { handOnKey(m, k) }

// TypedShortcut copies what is marked, or all, and hands the window's shortcuts on.
func (m *marking) TypedShortcut(s fyne.Shortcut) {
	if _, copies := s.(*fyne.ShortcutCopy); copies {
		m.copy()
		return
	}
	handOnShortcut(m, s)
}

func (m *marking) copy() {
	text := m.text.SelectedText()
	if text == "" {
		text = m.text.Text
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
}

// DoubleTapped marks a word.
func (m *marking) DoubleTapped(e *fyne.PointEvent) {
	if !m.text.apart {
		m.marker.DoubleTapped(e)
	}
	m.grab()
}

// Dragged marks.
func (m *marking) Dragged(e *fyne.DragEvent) {
	if !m.text.apart {
		m.marker.Dragged(e)
	}
	m.grab()
}

// DragEnd ends it.
func (m *marking) DragEnd() { m.marker.DragEnd(); m.Refresh() }

// MouseDown takes a mark away.
func (m *marking) MouseDown(e *desktop.MouseEvent) { m.marker.MouseDown(e); m.grab() }

// MouseUp ends marking.
func (m *marking) MouseUp(e *desktop.MouseEvent) { m.marker.MouseUp(e); m.Refresh() }

// TappedSecondary offers to copy.
func (m *marking) TappedSecondary(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", fyne.NewMenuItem(lang.L("Copy"), m.copy)), c, e.AbsolutePosition)
	}
}

// Cursor is that of a text.
func (m *marking) Cursor() desktop.Cursor { return m.marker.Cursor() }
