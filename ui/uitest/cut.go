package uitest

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Cut returns what is shown in part only: texts, buttons, boxes and lists that
// need more width than they have, words broken in the middle of a paragraph, and
// what stands over the right edge of the screen or of the part that scrolls up and
// down, or over the left edge of the screen. A line that ends in an ellipsis by itself is not among them.
func Cut(c fyne.Canvas) (all []string) {
	look(top(c), 0, c.Size().Width, func(o fyne.CanvasObject, left, edge float32) {
		text, need := needs(o)
		switch room := o.Size().Width; {
		case text == "":
		case need > room+1:
			all = append(all, fmt.Sprintf("%q needs %.0f points and has %.0f", text, need, room))
		case left+need > edge+1:
			all = append(all, fmt.Sprintf("%q ends at %.0f, beyond %.0f", text, left+need, edge))
		case left < -1:
			all = append(all, fmt.Sprintf("%q begins at %.0f", text, left))
		}
	})
	return all
}

// look calls fn for everything visible, with its left edge and the right edge of
// what shows it.
func look(o fyne.CanvasObject, left, edge float32, fn func(o fyne.CanvasObject, left, edge float32)) {
	if o == nil || !o.Visible() {
		return
	}
	fn(o, left, edge)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case *container.Scroll:
		if o.Direction == container.ScrollVerticalOnly {
			edge = min(edge, left+o.Size().Width)
		} else {
			edge = left + max(edge-left, o.Content.MinSize().Width)
		}
		children = []fyne.CanvasObject{o.Content}
	case fyne.Widget:
		if text, _ := needs(o); text == "" {
			children = test.WidgetRenderer(o).Objects()
		}
	}
	for _, child := range children {
		look(child, left+child.Position().X, edge, fn)
	}
}

// needs returns what is written on o, and the width it needs; "" for something
// that is not read.
func needs(o fyne.CanvasObject) (text string, width float32) {
	if l := labelOf(o); l != nil {
		return l.Text, labelNeeds(l)
	}
	if b := buttonOf(o); b != nil {
		return b.Text, o.MinSize().Width
	}
	if c := checkOf(o); c != nil {
		return c.Text, o.MinSize().Width
	}
	switch o := o.(type) {
	case *widgets.Choice:
		return o.Selected, o.MinSize().Width
	case *widgets.Chip:
		return o.Text(), o.MinSize().Width
	}
	return "", 0
}

func labelNeeds(l *widget.Label) float32 {
	if l.Truncation != fyne.TextTruncateOff {
		return 0
	}
	pad := 2 * theme.Size(theme.SizeNameInnerPadding)
	if l.Wrapping == fyne.TextWrapOff {
		return l.MinSize().Width
	}
	size := l.SizeName
	if size == "" {
		size = theme.SizeNameText
	}
	widest := float32(0)
	for word := range strings.FieldsSeq(l.Text) {
		if len(word) < longWord {
			widest = max(widest, fyne.MeasureText(word, theme.Size(size), l.TextStyle).Width)
		}
	}
	return widest + pad
}

// longWord is how long a word is (in bytes) that may be broken: an address or a
// fingerprint.
const longWord = 20
