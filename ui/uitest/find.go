// Package uitest finds things in a window as a person would: by what is written
// on them. It is for tests.
package uitest

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// walk calls fn for everything visible below o until it returns true.
func walk(o fyne.CanvasObject, fn func(fyne.CanvasObject) bool) bool {
	if o == nil || !o.Visible() {
		return false
	}
	if fn(o) {
		return true
	}
	for _, c := range childrenOf(o) {
		if walk(c, fn) {
			return true
		}
	}
	return false
}

// childrenOf are what an object is made of.
func childrenOf(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	}
	return nil
}

// tops are the layers of a canvas, the topmost first: what is below an overlay
// cannot be reached.
func top(c fyne.Canvas) fyne.CanvasObject {
	if o := c.Overlays().Top(); o != nil {
		return o
	}
	return c.Content()
}

// Find returns the first visible object for which fn is true.
func Find(c fyne.Canvas, fn func(fyne.CanvasObject) bool) (found fyne.CanvasObject) {
	walk(top(c), func(o fyne.CanvasObject) bool {
		if fn(o) {
			found = o
		}
		return found != nil
	})
	return found
}

// FindIn is Find below o.
func FindIn(o fyne.CanvasObject, fn func(fyne.CanvasObject) bool) (found fyne.CanvasObject) {
	walk(o, func(o fyne.CanvasObject) bool {
		if fn(o) {
			found = o
		}
		return found != nil
	})
	return found
}

// SaysIn reports whether a text of exactly these words stands below o.
func SaysIn(o fyne.CanvasObject, text string) bool {
	return FindIn(o, func(o fyne.CanvasObject) bool {
		l := labelOf(o)
		return l != nil && l.Text == text
	}) != nil
}

// Button returns the visible button with that text, or nil.
func Button(c fyne.Canvas, text string) *widget.Button {
	return buttonOf(Find(c, func(o fyne.CanvasObject) bool {
		b := buttonOf(o)
		return b != nil && (b.Text == text || b.Text == widgets.Visual(text))
	}))
}

// Says reports whether the text stands anywhere on the screen.
func Says(c fyne.Canvas, text string) bool {
	return Find(c, func(o fyne.CanvasObject) bool {
		l := labelOf(o)
		return l != nil && strings.Contains(l.Text, text)
	}) != nil
}

// Entries returns the visible entries, in the order they stand.
func Entries(c fyne.Canvas) (all []*widget.Entry) {
	walk(top(c), func(o fyne.CanvasObject) bool {
		if e := entryOf(o); e != nil {
			all = append(all, e)
		}
		return false
	})
	return all
}

// Row presses the first visible row of a list on which a text begins with the
// one given, and reports whether there was one.
func Row(c fyne.Canvas, text string) bool {
	return rowWhere(c, func(l string) bool { return strings.HasPrefix(l, text) })
}

// RowWith is Row for a text that stands anywhere in the row.
func RowWith(c fyne.Canvas, text string) bool {
	return rowWhere(c, func(l string) bool { return strings.Contains(l, text) })
}

func rowWhere(c fyne.Canvas, is func(string) bool) bool {
	var row fyne.Tappable
	walk(top(c), func(o fyne.CanvasObject) bool {
		if ListOf(o) == nil {
			return false
		}
		return walk(o, func(listed fyne.CanvasObject) bool {
			if t, ok := listed.(fyne.Tappable); ok && listed != o {
				if walk(listed, func(o fyne.CanvasObject) bool {
					if item, ok := o.(*widgets.Item); ok && is(item.First()) {
						return true // whose label may be cut
					}
					l := labelOf(o)
					return l != nil && is(l.Text)
				}) {
					row = t
				}
			}
			return row != nil
		})
	})
	if row != nil {
		row.Tapped(&fyne.PointEvent{})
	}
	return row != nil
}

// Panel returns the smallest visible panel that can be pressed and on which the
// text stands, or nil.
func Panel(c fyne.Canvas, text string) (found *widgets.Panel) {
	walk(top(c), func(o fyne.CanvasObject) bool {
		p, ok := o.(*widgets.Panel)
		if ok && p.OnTapped != nil && walk(p.Content, func(o fyne.CanvasObject) bool {
			l := labelOf(o)
			return l != nil && l.Text == text
		}) {
			found = p
		}
		return false
	})
	return found
}

// Entry returns the entry below the label of that text, or nil. A star after the
// label does not count.
func Entry(c fyne.Canvas, label string) (found *widget.Entry) {
	if f := Field(c, label); f != nil {
		walk(f, func(o fyne.CanvasObject) bool {
			found = entryOf(o)
			return found != nil
		})
	}
	return found
}

// Field returns the field with that label, or nil. A star after it does not count.
func Field(c fyne.Canvas, label string) (found *widgets.Field) {
	walk(top(c), func(o fyne.CanvasObject) bool {
		f, ok := o.(*widgets.Field)
		if ok && strings.TrimSuffix(f.Label(), " *") == label {
			found = f
		}
		return found != nil
	})
	return found
}

// Check returns the visible box with that text, or nil.
func Check(c fyne.Canvas, text string) (found *widget.Check) {
	Find(c, func(o fyne.CanvasObject) bool {
		if b := checkOf(o); b != nil && b.Text == text {
			found = b
		}
		return found != nil
	})
	return found
}

// Icon returns the first visible button that has no words but that picture, or nil.
func Icon(c fyne.Canvas, icon fyne.Resource) *widget.Button {
	return buttonOf(Find(c, func(o fyne.CanvasObject) bool {
		b := buttonOf(o)
		return b != nil && b.Text == "" && b.Icon != nil && b.Icon.Name() == icon.Name() && !b.Disabled()
	}))
}
