package uitest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Texts returns everything that can be read on the topmost layer of the screen,
// each text whole, however it is broken into lines. What somebody wrote into an
// entry is not among it; what stands there as a hint is.
func Texts(c fyne.Canvas) (all []string) {
	readTexts(top(c), func(text string) {
		if text != "" {
			all = append(all, text)
		}
	})
	return all
}

func readTexts(o fyne.CanvasObject, tell func(string)) {
	if o == nil || !o.Visible() {
		return
	}
	if text, known := textOf(o); known {
		tell(text)
		return
	}
	for _, child := range childrenOf(o) {
		readTexts(child, tell)
	}
}

// textOf returns what stands on a widget; known is false for one that only holds
// others.
func textOf(o fyne.CanvasObject) (text string, known bool) {
	if e := entryOf(o); e != nil {
		return e.PlaceHolder, true
	}
	if l := labelOf(o); l != nil {
		return l.Text, true
	}
	if b := buttonOf(o); b != nil {
		return b.Text, true
	}
	if c := checkOf(o); c != nil {
		return c.Text, true
	}
	switch o := o.(type) {
	case *widgets.Link:
		return o.Text, true
	case *widgets.Choice:
		return o.Selected, true
	case *widgets.Chip:
		return o.Text(), true
	case *canvas.Text:
		return o.Text, true
	}
	return "", false
}
