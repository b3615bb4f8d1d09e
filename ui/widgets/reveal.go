package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// reveal scrolls what has got the focus into sight: Tab leads on in a long form, and the
// toolkit lets it lead to where nobody sees it.
func reveal(o fyne.CanvasObject) {
	if o.Size().IsZero() {
		return
	}
	for _, s := range scrollsOf(o) {
		show(s, o)
	}
}

// FromTop scrolls what is around o back to its beginning: something else is in o now, which may
// need no scrolling, and the toolkit would leave it where the one before it was.
func FromTop(o fyne.CanvasObject) {
	for _, s := range scrollsOf(o) {
		s.ScrollToTop()
	}
}

// Put shows o, from its beginning, as all there is in a place.
func Put(place *fyne.Container, o fyne.CanvasObject) {
	place.Objects = []fyne.CanvasObject{o}
	place.Refresh()
	FromTop(place)
}

// scrollsOf returns what scrolls o up and down, the innermost first.
func scrollsOf(o fyne.CanvasObject) []*container.Scroll {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return nil
	}
	root := c.Content()
	if over := topmost(c); over != nil && over.dialog != nil {
		root = over.dialog.popup.Content
	}
	around, _ := scrollsAround(root, o)
	return around
}

// show scrolls so far that o is seen whole, with a little around it; of what is larger than
// there is room, its beginning, unless some of it is seen.
func show(s *container.Scroll, o fyne.CanvasObject) {
	driver, room := fyne.CurrentApp().Driver(), theme.Size(theme.SizeNameInnerPadding)
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s).Y
	below := top + o.Size().Height - s.Size().Height
	by := float32(0)
	switch {
	case top >= 0 && below <= 0, o.Size().Height > s.Size().Height && top < s.Size().Height && top+o.Size().Height > 0:
		return
	case top < 0, o.Size().Height > s.Size().Height:
		by = top - room
	default:
		by = below + room
	}
	s.ScrollToOffset(fyne.NewPos(s.Offset.X, s.Offset.Y+by))
}

// scrollsAround returns what scrolls o up and down in the tree, the innermost first, and
// whether o is there at all.
func scrollsAround(tree, o fyne.CanvasObject) (around []*container.Scroll, found bool) {
	if tree == o {
		return nil, true
	}
	if tree == nil || !tree.Visible() {
		return nil, false
	}
	for _, child := range heldBy(tree) {
		if around, found = scrollsAround(child, o); found {
			if s, ok := tree.(*container.Scroll); ok && s.Direction != container.ScrollHorizontalOnly {
				around = append(around, s)
			}
			return around, true
		}
	}
	return nil, false
}
