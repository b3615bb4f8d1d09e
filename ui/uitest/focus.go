package uitest

import (
	"fmt"

	"fyne.io/fyne/v2"
)

// Unreached presses Tab until it is where it began, and returns what can be pressed
// or written into but was never stopped at.
func Unreached(c fyne.Canvas) (all []string) {
	reached := map[fyne.Focusable]bool{}
	stops(c, func(at fyne.Focusable) { reached[at] = true })
	walk(top(c), func(o fyne.CanvasObject) bool {
		if ListOf(o) != nil {
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

// Stops returns what Tab stops at.
func Stops(c fyne.Canvas) (all []fyne.Focusable) {
	stops(c, func(at fyne.Focusable) { all = append(all, at) })
	return all
}

// stops presses Tab until it is where it began, and calls fn at each stop.
func stops(c fyne.Canvas, fn func(fyne.Focusable)) {
	c.Unfocus()
	reached := map[fyne.Focusable]bool{}
	for range 2000 {
		c.FocusNext()
		now := c.Focused()
		if now == nil || reached[now] {
			break
		}
		reached[now] = true
		fn(now)
	}
	c.Unfocus()
}
