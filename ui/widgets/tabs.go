package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Tabs are pages of which one is seen, with their names above.
type Tabs struct{ container.AppTabs }

// NewTabs returns tabs of which the first is open.
func NewTabs(items ...*container.TabItem) *Tabs {
	t := &Tabs{}
	t.Items = items
	t.BaseWidget.ExtendBaseWidget(t) // as the toolkit's own does: a later one may not let it be extended, which the tests of what begins at the right would tell
	return t
}

// Turn opens the tab that many places further, round and round. The keyboard goes along:
// on the tab that was open before it would go on changing what nobody sees.
func (t *Tabs) Turn(by int) {
	n := len(t.Items)
	if n == 0 {
		return
	}
	t.SelectIndex(((t.SelectedIndex()+by)%n + n) % n)
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Unfocus()
		if first := firstStop(t.Selected().Content); first != nil {
			c.Focus(first)
		}
	}
}

// CreateRenderer draws the names from the right where the window's language is written
// from there.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	r := t.AppTabs.CreateRenderer()
	if !rightToLeft.Load() {
		return r
	}
	turned := &tabsRenderer{r, t, canvas.NewRectangle(color.Transparent)}
	turned.Layout(t.Size())
	return turned
}

// A tabsRenderer turns what the toolkit draws, which makes the names anew each time that it
// places them, and has a line of its own below the one that is open: the toolkit's moves to
// where that would be otherwise.
type tabsRenderer struct {
	fyne.WidgetRenderer
	tabs *Tabs
	line *canvas.Rectangle
}

// tabParts are the toolkit's own, in its order.
const (
	tabBar = iota
	tabDivider
	tabLine
)

func (r *tabsRenderer) Objects() []fyne.CanvasObject {
	objects := append([]fyne.CanvasObject(nil), r.WidgetRenderer.Objects()...)
	objects[tabLine] = r.line
	return objects
}

func (r *tabsRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	objects := r.WidgetRenderer.Objects()
	for _, o := range objects {
		turn(o)
	}
	bar := objects[tabBar].(*fyne.Container)
	names := bar.Objects[0].(*fyne.Container)
	open := bar.Objects[len(bar.Objects)-1] // the menu of those that have no room
	at := fyne.Position{}
	if i := r.tabs.SelectedIndex(); i >= 0 && i < len(names.Objects) {
		open, at = names.Objects[i], names.Position()
	}
	r.line.FillColor = colorOf(r.tabs, theme.ColorNamePrimary)
	r.line.Move(fyne.NewPos(at.X+open.Position().X, objects[tabDivider].Position().Y))
	r.line.Resize(fyne.NewSize(open.Size().Width, theme.Size(theme.SizeNameSeparatorThickness)))
}

// Refresh places everything again: the toolkit's own does so, its way.
func (r *tabsRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.Layout(r.tabs.Size())
	r.line.Refresh()
}
