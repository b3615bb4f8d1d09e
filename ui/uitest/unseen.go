package uitest

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Unseen stops at everything that Tab stops at, and returns what nobody sees there: it stands
// beyond the edges of the screen, or of what would have to be scrolled. Of what is larger than
// that some is to be seen.
func Unseen(c fyne.Canvas) (all []string) {
	stops(c, func(at fyne.Focusable) {
		o, ok := at.(fyne.CanvasObject)
		if !ok {
			return
		}
		y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
		from, to := shownOf(top(c), o, 0, c.Size().Height)
		height := o.Size().Height
		if larger := height > to-from; larger && (y >= to || y+height <= from) || !larger && (y < from-1 || y+height > to+1) {
			all = append(all, fmt.Sprintf("%T %s stands from %.0f to %.0f, and %.0f to %.0f is seen", at, pressed(o), y, y+height, from, to))
		}
	})
	return all
}

// shownOf is what of the screen, from top to bottom, shows what scrolls around o.
func shownOf(tree, o fyne.CanvasObject, from, to float32) (float32, float32) {
	inFrom, inTo := from, to
	var look func(at fyne.CanvasObject, from, to float32) bool
	look = func(at fyne.CanvasObject, from, to float32) bool {
		if at == nil || !at.Visible() {
			return false
		}
		if at == o {
			inFrom, inTo = from, to
			return true
		}
		if s, ok := at.(*container.Scroll); ok && s.Direction != container.ScrollHorizontalOnly {
			y := fyne.CurrentApp().Driver().AbsolutePositionForObject(s).Y
			from, to = max(from, y), min(to, y+s.Size().Height)
		}
		for _, child := range childrenOf(at) {
			if look(child, from, to) {
				return true
			}
		}
		return false
	}
	look(tree, from, to)
	return inFrom, inTo
}
