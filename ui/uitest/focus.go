package uitest

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Unreached presses Tab until it is where it began, and returns what can be pressed
// or written into but was never stopped at.
func Unreached(c fyne.Canvas) (all []string) {
	c.Unfocus()
	reached := map[fyne.Focusable]bool{}
	for range 2000 {
		c.FocusNext()
		now := c.Focused()
		if now == nil || reached[now] {
			break
		}
		reached[now] = true
	}
	c.Unfocus()
	walk(top(c), func(o fyne.CanvasObject) bool {
		if _, row := o.(*widget.List); row {
			if f := o.(fyne.Focusable); !reached[f] {
				all = append(all, "a list")
			}
			return false
		}
		f, ok := o.(fyne.Focusable)
		if d, off := o.(fyne.Disableable); !ok || off && d.Disabled() || reached[f] {
			return false
		}
		all = append(all, fmt.Sprintf("%T %s", o, pressed(o)))
		return false
	})
	return all
}
