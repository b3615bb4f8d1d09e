package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Dialog asks or tells something above the window. It is never larger than the
// window: what has no room scrolls, title and buttons always stay in sight. Escape
// closes it.
type Dialog struct {
	canvas fyne.Canvas
	wish   float32 // the width it would like to have, in points
	whole  bool    // the body scrolls by itself

	title  *Label
	body   fyne.CanvasObject
	note   *fyne.Container // below the body, always in sight
	foot   *fyne.Container
	popup  *widget.PopUp
	closed func()
	above  *above
}

// An above is something that lies above the window.
type above struct {
	canvas fyne.Canvas
	escape func()  // what Escape does
	save   func()  // what Ctrl+S does; nil is nothing
	dialog *Dialog // nil: one of the toolkit
}

// Measures of a dialog, in points.
const (
	dialogMargin = 12 // between it and the window's edges
	dialogPad    = 16 // between its edges and what is on it
	dialogGap    = 8  // above the buttons
)

// open is what lies above the windows on the screen, the topmost last. Only the
// window's goroutine touches it.
var open []*above

// lay puts a on top; where it lay before it lies no longer.
func lay(a *above) {
	lift(a)
	open = append(open, a)
}

func lift(a *above) { open = slices.DeleteFunc(open, func(o *above) bool { return o == a }) }

// Above is for what lies above the window and is no Dialog, such as a dialog of the
// toolkit: Escape calls escape until gone is called.
func Above(c fyne.Canvas, escape func()) (gone func()) {
	a := &above{canvas: c, escape: escape}
	lay(a)
	return func() { lift(a) }
}

// NewDialog returns a dialog over the window, as wide as wanted if there is room.
func NewDialog(w fyne.Window, title string, width float32, body fyne.CanvasObject) *Dialog {
	d := newDialog(w, title, width)
	d.body = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 2, 4), body)) // the borders of what is on it stay whole
	d.build()
	return d
}

// NewWholeDialog is NewDialog for a body that scrolls by itself and gives way where
// there is little room.
func NewWholeDialog(w fyne.Window, title string, width float32, body fyne.CanvasObject) *Dialog {
	d := newDialog(w, title, width)
	d.body, d.whole = body, true
	d.build()
	return d
}

func newDialog(w fyne.Window, title string, width float32) *Dialog {
	d := &Dialog{canvas: w.Canvas(), wish: width, title: Heading(title), note: container.NewStack(), foot: container.New(&footing{}), closed: func() {}}
	d.above = &above{canvas: w.Canvas(), escape: d.Hide, dialog: d}
	d.title.Wrapping = fyne.TextWrapWord // it may end with a name
	d.note.Hide()
	return d
}

func (d *Dialog) build() {
	d.popup = widget.NewModalPopUp(Turned(container.New(d, d.title, d.body, d.note, d.foot)), d.canvas)
}

// SetButtons puts buttons at the lower right, the one to press last.
func (d *Dialog) SetButtons(buttons []fyne.CanvasObject) {
	d.foot.Objects = buttons
	d.foot.Refresh()
}

// SetNote shows something between body and buttons that is always in sight; nil
// shows nothing.
func (d *Dialog) SetNote(o fyne.CanvasObject) {
	d.note.Objects = nil
	if o != nil {
		d.note.Objects = []fyne.CanvasObject{o}
	}
	Show(d.note, o != nil)
	d.Refresh()
}

// SetOnClosed is told when the dialog goes.
func (d *Dialog) SetOnClosed(closed func()) { d.closed = closed }

// SetOnEscape does something else than closing the dialog when a person wants out.
func (d *Dialog) SetOnEscape(escape func()) { d.above.escape = escape }

// SetOnSave says what saves what was written in the dialog.
func (d *Dialog) SetOnSave(save func()) { d.above.save = save }

// Show puts the dialog on the screen.
func (d *Dialog) Show() {
	lay(d.above)
	d.popup.Show()
}

// Hide takes it away.
func (d *Dialog) Hide() {
	lift(d.above)
	d.popup.Hide()
	d.closed()
}

// Refresh lays it out anew, after what is in it changed.
func (d *Dialog) Refresh() {
	d.foot.Refresh()
	d.popup.Resize(d.popup.MinSize())
	for _, o := range d.canvas.Overlays().List() {
		o.Refresh() // puts it into the middle
	}
}

// CloseTop closes what lies topmost above the canvas, or lets it ask first, and
// reports whether there was one.
func CloseTop(c fyne.Canvas) bool {
	a := topmost(c)
	if a != nil {
		a.escape()
	}
	return a != nil
}

// SaveTop saves what was written in what lies topmost above the canvas, where
// something can be written in it, and reports whether anything lies there.
func SaveTop(c fyne.Canvas) bool {
	a := topmost(c)
	if a != nil && a.save != nil {
		a.save()
	}
	return a != nil
}

// Covered reports whether something lies above the canvas that has to be answered
// or closed first.
func Covered(c fyne.Canvas) bool { return topmost(c) != nil }

func topmost(c fyne.Canvas) *above {
	if len(c.Overlays().List()) == 0 {
		return nil
	}
	for i := len(open) - 1; i >= 0; i-- {
		if open[i].canvas == c {
			return open[i]
		}
	}
	return nil
}

// MinSize is the size wanted, within the window.
func (d *Dialog) MinSize([]fyne.CanvasObject) fyne.Size {
	room := d.canvas.Size().SubtractWidthHeight(2*dialogMargin, 2*dialogMargin)
	content := d.content()
	widest := content.MinSize().Width
	for _, b := range d.foot.Objects {
		widest = max(widest, b.MinSize().Width)
	}
	width := min(room.Width, max(d.wish, widest+2*dialogPad))
	inner := width - 2*dialogPad
	content.Resize(fyne.NewSize(inner, content.Size().Height)) // a text's height is known once its width is
	height := d.around(inner) + content.MinSize().Height
	return fyne.NewSize(width, min(room.Height, height))
}

// content is what the body shows, without what scrolls it.
func (d *Dialog) content() fyne.CanvasObject {
	if s, ok := d.body.(*container.Scroll); ok && !d.whole {
		return s.Content
	}
	return d.body
}

// around is the height of everything but the body.
func (d *Dialog) around(inner float32) float32 {
	height := 2*dialogPad + heightAt(d.title, inner)
	if d.note.Visible() {
		d.note.Resize(fyne.NewSize(inner, d.note.MinSize().Height))
		height += d.note.MinSize().Height
	}
	if len(d.foot.Objects) > 0 {
		height += dialogGap + footHeight(d.foot.Objects, inner)
	}
	return height
}

// Layout gives the body what title and buttons leave.
func (d *Dialog) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	inner := size.Width - 2*dialogPad
	y := float32(dialogPad)
	place := func(o fyne.CanvasObject, height float32) {
		o.Move(fyne.NewPos(dialogPad, y))
		o.Resize(fyne.NewSize(inner, height))
		y += height
	}
	rest := size.Height - d.around(inner)
	place(d.title, d.title.MinSize().Height)
	place(d.body, max(0, rest))
	if d.note.Visible() {
		place(d.note, d.note.MinSize().Height)
	}
	y += dialogGap
	place(d.foot, footHeight(d.foot.Objects, inner))
}

// A footing puts buttons at the right, in as many lines as they need.
type footing struct{}

func (footing) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range visible(objects) {
		size = size.Max(o.MinSize())
	}
	return size
}

func (footing) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap, y := theme.Size(theme.SizeNamePadding), float32(0)
	for _, l := range footLines(objects, size.Width) {
		x := size.Width
		for _, b := range slices.Backward(l.objects) {
			width := buttonWidth(b, size.Width)
			x -= width
			b.Move(fyne.NewPos(x, y))
			b.Resize(fyne.NewSize(width, b.MinSize().Height))
			x -= gap
		}
		y += l.high + gap
	}
}

// leastButton is the least width of a dialog's button, in sizes of text.
const leastButton = 6.5

func buttonWidth(b fyne.CanvasObject, room float32) float32 {
	return min(room, max(b.MinSize().Width, leastButton*theme.Size(theme.SizeNameText)))
}

// footLines divides buttons into lines.
func footLines(objects []fyne.CanvasObject, room float32) []line {
	return linesOf(objects, room, func(b fyne.CanvasObject) float32 { return buttonWidth(b, room) })
}

func footHeight(objects []fyne.CanvasObject, room float32) (height float32) {
	for i, l := range footLines(objects, room) {
		if i > 0 {
			height += theme.Size(theme.SizeNamePadding)
		}
		height += l.high
	}
	return height
}
