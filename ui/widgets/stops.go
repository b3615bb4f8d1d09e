package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Stops returns what Tab stops at on something, in the order in which it stands there.
func Stops(o fyne.CanvasObject) (all []fyne.Focusable) {
	if o == nil || !o.Visible() {
		return nil
	}
	if f, ok := o.(fyne.Focusable); ok {
		if d, off := o.(fyne.Disableable); !off || !d.Disabled() {
			all = append(all, f)
		}
	}
	for _, child := range heldBy(o) {
		all = append(all, Stops(child)...)
	}
	return all
}

// firstStop returns what Tab stops at first on something; nil if there is nothing.
func firstStop(o fyne.CanvasObject) fyne.Focusable {
	if all := Stops(o); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Holds reports whether something stands on something else, to be seen or not.
func Holds(tree, o fyne.CanvasObject) bool {
	if tree == nil || tree == o {
		return tree != nil
	}
	for _, child := range heldBy(tree) {
		if Holds(child, o) {
			return true
		}
	}
	return false
}

// SaidOn returns the words on a button, a box to tick or a link; "" for what has none of its
// own.
func SaidOn(f fyne.Focusable) string {
	switch f := f.(type) {
	case *Button:
		return f.Text
	case *Check:
		return f.Text
	case *Link:
		return f.Text
	}
	return ""
}

// heldBy is what stands on something, as far as the keyboard goes there.
func heldBy(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case *container.Scroll:
		return []fyne.CanvasObject{o.Content}
	case *Tabs:
		if t := o.Selected(); t != nil {
			return []fyne.CanvasObject{t.Content}
		}
	case *Panel:
		return []fyne.CanvasObject{o.Content}
	case *Field:
		return []fyne.CanvasObject{o.control}
	case *Fold:
		return []fyne.CanvasObject{o.head, o.more}
	case *SelectEntry:
		return []fyne.CanvasObject{o.ActionItem}
	case *GridHead:
		return o.cells
	case *Readable:
		if o.marking != nil {
			return []fyne.CanvasObject{o.marking}
		}
	}
	return nil
}
