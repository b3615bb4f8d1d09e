package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/look"
)

// A NavItem is an entry of the navigation: icon, word, number. It can be reached
// with Tab and pressed with Enter or Space.
type NavItem struct {
	widget.BaseWidget

	OnTapped func()

	label                      *widget.Label
	icon                       *widget.Icon
	badge                      *Chip
	selected, hovered, focused bool
}

var (
	_ fyne.Tappable      = (*NavItem)(nil)
	_ fyne.Focusable     = (*NavItem)(nil)
	_ desktop.Hoverable  = (*NavItem)(nil)
	_ desktop.Cursorable = (*NavItem)(nil)
)

// NewNavItem returns an entry without a number.
func NewNavItem(icon fyne.Resource, text string, tapped func()) *NavItem {
	n := &NavItem{OnTapped: tapped, label: widget.NewLabel(text), icon: widget.NewIcon(icon), badge: NewChip("", Warning)}
	n.ExtendBaseWidget(n)
	return n
}

// SetBadge shows a number, or none for "".
func (n *NavItem) SetBadge(text string) { n.badge.Set(text, Warning) }

// Badge returns the number shown.
func (n *NavItem) Badge() string { return n.badge.Text() }

// SetSelected marks the entry as the page that is shown.
func (n *NavItem) SetSelected(on bool) {
	n.selected = on
	n.label.TextStyle.Bold = on
	n.Refresh()
}

// Tapped presses the entry.
func (n *NavItem) Tapped(*fyne.PointEvent) {
	if n.OnTapped != nil {
		n.OnTapped()
	}
}

// FocusGained shows that the keyboard is here.
func (n *NavItem) FocusGained() { n.focused = true; n.Refresh() }

// FocusLost shows that it no longer is.
func (n *NavItem) FocusLost() { n.focused = false; n.Refresh() }

// TypedRune does nothing.
func (n *NavItem) TypedRune(rune) {}

// TypedKey presses the entry on Enter and Space.
func (n *NavItem) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeySpace {
		n.Tapped(nil)
	}
}

// MouseIn lights the entry up.
func (n *NavItem) MouseIn(*desktop.MouseEvent) { n.hovered = true; n.Refresh() }

// MouseMoved does nothing.
func (n *NavItem) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes the light away.
func (n *NavItem) MouseOut() { n.hovered = false; n.Refresh() }

// Cursor is a hand.
func (n *NavItem) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer draws the entry.
func (n *NavItem) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(nil)
	row := container.NewBorder(nil, nil, container.NewHBox(Gap(4, 0), n.icon), container.NewHBox(n.badge, Gap(6, 0)), n.label)
	r := &navRenderer{WidgetRenderer: widget.NewSimpleRenderer(container.New(layout.NewStackLayout(), back, row)), item: n, back: back}
	r.paint()
	return r
}

type navRenderer struct {
	fyne.WidgetRenderer
	item *NavItem
	back *canvas.Rectangle
}

func (r *navRenderer) Refresh() {
	r.paint()
	r.WidgetRenderer.Refresh()
}

func (r *navRenderer) paint() {
	n := r.item
	r.back.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	r.back.StrokeWidth = 0
	r.back.Hidden = false
	switch {
	case n.selected:
		r.back.FillColor = colorOf(n, look.ColorCurrent)
	case n.hovered || n.focused:
		r.back.FillColor = colorOf(n, theme.ColorNameHover)
	default:
		r.back.Hidden = true
	}
	if n.focused {
		r.back.StrokeWidth, r.back.StrokeColor = 2, colorOf(n, theme.ColorNamePrimary)
	}
}
