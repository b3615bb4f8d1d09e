package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/look"
)

// A NavItem is an entry of the navigation: icon, word, number. It can be reached
// with Tab and pressed with Enter or Space.
type NavItem struct {
	widget.BaseWidget

	OnTapped func()

	label                      *Label
	icon                       *Icon
	badge                      *Chip
	selected, hovered, focused bool
	compact                    bool
}

var (
	_ fyne.Tappable      = (*NavItem)(nil)
	_ fyne.Focusable     = (*NavItem)(nil)
	_ desktop.Hoverable  = (*NavItem)(nil)
	_ desktop.Cursorable = (*NavItem)(nil)
)

// NewNavItem returns an entry without a number.
func NewNavItem(icon fyne.Resource, text string, tapped func()) *NavItem {
	n := &NavItem{OnTapped: tapped, label: NewLabel(text), icon: NewIcon(icon), badge: NewChip("", Warning)}
	n.ExtendBaseWidget(n)
	return n
}

// SetBadge shows a number, or none for "".
func (n *NavItem) SetBadge(text string) {
	if text == n.badge.Text() {
		return
	}
	n.badge.Set(text, Warning)
	n.Refresh() // a longer one needs more room
}

// Badge returns the number shown.
func (n *NavItem) Badge() string { return n.badge.Text() }

// SetSelected marks the entry as the page that is shown.
func (n *NavItem) SetSelected(on bool) {
	n.selected = on
	n.label.TextStyle.Bold = on
	n.Refresh()
}

// SetCompact puts the word below the icon, in small letters, or beside it.
func (n *NavItem) SetCompact(on bool) {
	if n.compact == on {
		return
	}
	n.compact = on
	n.label.SizeName, n.label.Alignment = theme.SizeNameText, begin()
	if on {
		n.label.SizeName, n.label.Alignment = theme.SizeNameCaptionText, fyne.TextAlignCenter
	}
	n.label.Refresh()
	n.Refresh()
}

// Margins of an entry: at its edges, and above and below in the compact form.
const (
	navMargin  = 4
	navCompact = 3
)

// Width returns how wide the entry has to be in either form, whether it is the
// page that is shown or not.
func (n *NavItem) Width(compact bool) float32 {
	pad := theme.Size(theme.SizeNameInnerPadding)
	if compact {
		word, marked := measure(n.label.Text, theme.Size(theme.SizeNameCaptionText), true)+2*navMargin, float32(0)
		if !n.badge.Hidden {
			marked = n.icon.MinSize().Width + n.badge.MinSize().Width
		}
		return max(word, marked)
	}
	width := measure(n.label.Text, theme.Size(theme.SizeNameText), true) + 2*pad + n.icon.MinSize().Width + 3*navMargin
	if !n.badge.Hidden {
		width += n.badge.MinSize().Width + navMargin
	}
	return width
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
	if handOnKey(n, e) {
		return
	}
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
	r := &navRenderer{item: n, back: canvas.NewRectangle(nil)}
	r.paint()
	return r
}

type navRenderer struct {
	item *NavItem
	back *canvas.Rectangle
}

func (r *navRenderer) Destroy() {}

func (r *navRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.item.icon, r.item.label, r.item.badge}
}

func (r *navRenderer) MinSize() fyne.Size {
	n := r.item
	height := n.label.MinSize().Height
	if n.compact {
		height += n.icon.MinSize().Height + 2*navCompact - 2*theme.Size(theme.SizeNameInnerPadding)
	}
	return fyne.NewSize(n.Width(n.compact), height)
}

func (r *navRenderer) Layout(size fyne.Size) {
	n := r.item
	icon, label, badge, pad := n.icon.MinSize(), n.label.MinSize(), n.badge.MinSize(), theme.Size(theme.SizeNameInnerPadding)
	r.back.Resize(size)
	n.icon.Resize(icon)
	n.badge.Resize(badge)
	if n.compact {
		left := (size.Width - icon.Width) / 2
		if !n.badge.Hidden {
			left = max(0, min(left, size.Width-badge.Width-icon.Width)) // a long number moves it
		}
		n.icon.Move(fyne.NewPos(left, navCompact))
		n.label.Move(fyne.NewPos(-pad, navCompact+icon.Height-pad))
		n.label.Resize(fyne.NewSize(size.Width+2*pad, label.Height))
		n.badge.Move(fyne.NewPos(left+icon.Width, -chipMargin))
		return
	}
	n.icon.Move(fyne.NewPos(2*navMargin, (size.Height-icon.Height)/2))
	n.label.Move(fyne.NewPos(2*navMargin+icon.Width, (size.Height-label.Height)/2))
	n.label.Resize(fyne.NewSize(size.Width-2*navMargin-icon.Width, label.Height))
	n.badge.Move(fyne.NewPos(size.Width-badge.Width-navMargin, (size.Height-badge.Height)/2))
	turnRound(size, n.icon, n.label, n.badge)
}

func (r *navRenderer) Refresh() {
	r.paint()
	r.Layout(r.item.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
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
