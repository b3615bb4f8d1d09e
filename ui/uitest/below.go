package uitest

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// leastLines is how many lines of text a part that scrolls, or a list, shows at
// least: with less nobody can read in it.
const leastLines = 4

// Below returns what stands beyond the lower edge of the screen without a way to
// scroll there, and parts that scroll but show too little.
func Below(c fyne.Canvas) (all []string) {
	lookDown(top(c), 0, c.Size().Height, false, func(o fyne.CanvasObject, y, edge float32, scrolls bool) {
		if name := pressed(o); name != "" && !scrolls && y+o.Size().Height > edge+1 {
			all = append(all, fmt.Sprintf("%s ends at %.0f, beyond %.0f", name, y+o.Size().Height, edge))
		}
		need := float32(0)
		switch o := o.(type) {
		case *container.Scroll:
			need = min(o.Content.MinSize().Height, leastLines*1.4*theme.Size(theme.SizeNameText))
			if o.Direction == container.ScrollHorizontalOnly {
				need = 0
			}
		case *widgets.List:
			if o.Length != nil && o.Length() > 0 {
				need = leastLines * 1.4 * theme.Size(theme.SizeNameText)
			}
		}
		room := o.Size().Height
		if !scrolls {
			room = min(room, edge-y)
		}
		if need > 0 && room+1 < need {
			all = append(all, fmt.Sprintf("a %T shows %.0f points, too few to read in", o, room))
		}
	})
	return all
}

// Hidden returns what stands beyond the lower edge of the screen until somebody scrolls.
func Hidden(c fyne.Canvas) (all []string) {
	lookDown(top(c), 0, c.Size().Height, false, func(o fyne.CanvasObject, y, _ float32, _ bool) {
		if name := pressed(o); name != "" && y+o.Size().Height > c.Size().Height {
			all = append(all, fmt.Sprintf("%s ends at %.0f, beyond %.0f", name, y+o.Size().Height, c.Size().Height))
		}
	})
	return all
}

// pressed names what somebody wants to press or write into; "" for anything else.
func pressed(o fyne.CanvasObject) string {
	if e := entryOf(o); e != nil {
		return fmt.Sprintf("the entry %q", e.Text+e.PlaceHolder)
	}
	if b := buttonOf(o); b != nil {
		if b.Text == "" && b.Icon != nil {
			return "the button " + b.Icon.Name()
		}
		return fmt.Sprintf("the button %q", b.Text)
	}
	if c := checkOf(o); c != nil {
		return fmt.Sprintf("the box %q", c.Text)
	}
	return ""
}

// lookDown calls fn for everything visible, with its upper edge, the lower edge of
// what shows it, and whether that can be scrolled.
func lookDown(o fyne.CanvasObject, y, edge float32, scrolls bool, fn func(o fyne.CanvasObject, y, edge float32, scrolls bool)) {
	if o == nil || !o.Visible() {
		return
	}
	fn(o, y, edge, scrolls)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case *container.Scroll:
		if o.Direction != container.ScrollHorizontalOnly {
			edge, scrolls = min(edge, y+o.Size().Height), true
		}
		children = []fyne.CanvasObject{o.Content}
	case *widgets.List, *widget.List:
		return // its rows are its own
	case fyne.Widget:
		if pressed(o) == "" {
			children = test.WidgetRenderer(o).Objects()
		}
	}
	for _, child := range children {
		lookDown(child, y+child.Position().Y, edge, scrolls, fn)
	}
}
