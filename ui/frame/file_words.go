package frame

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// overwrite is what the toolkit asks before a file is replaced, up to the file's name.
const overwrite = "Are you sure you want to overwrite the file\n"

// speak says in the person's language what the toolkit's dialog for files has in English
// alone, where its translations do not reach: the places at its left, and what it asks
// when one of its buttons is pressed.
func (h *Host) speak() {
	files := h.Window.Canvas().Overlays().Top()
	within(held(files), func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *container.Split:
			o.SetOffset(placesPart)
		case *widget.List:
			fill := o.UpdateItem
			o.UpdateItem = func(id widget.ListItemID, item fyne.CanvasObject) {
				fill(id, item)
				within(item, reword)
			}
			o.Refresh()
		case *widget.Button:
			press := o.OnTapped
			o.OnTapped = func() {
				press()
				if asked := h.Window.Canvas().Overlays().Top(); asked != nil && asked != files {
					within(held(asked), reword)
					held(asked).Refresh() // as high as the new words need
				}
			}
		}
	})
}

// placesPart is how much of the dialog's width the places have: the toolkit's own is that of
// the English words.
const placesPart = 0.25

// held is the pop-up in a layer over the window. The layer's type is the toolkit's own;
// a renderer asked of it would move what it shows.
func held(layer fyne.CanvasObject) fyne.CanvasObject {
	v := reflect.Indirect(reflect.ValueOf(layer))
	if v.Kind() != reflect.Struct {
		return layer
	}
	content := v.FieldByName("Content")
	if !content.IsValid() {
		return layer
	}
	if o, ok := content.Interface().(fyne.CanvasObject); ok {
		return o
	}
	return layer
}

// within calls do for everything that o is made of.
func within(o fyne.CanvasObject, do func(fyne.CanvasObject)) {
	do(o)
	switch o := o.(type) {
	case *widget.PopUp:
		within(o.Content, do)
	case *container.Split:
		within(o.Leading, do)
		within(o.Trailing, do)
	case *fyne.Container:
		for _, c := range o.Objects {
			within(c, do)
		}
	}
}

// reword gives a label of the toolkit's its words in the person's language.
func reword(o fyne.CanvasObject) {
	if l, ok := o.(*widget.Label); ok {
		if words := inOwnWords(l.Text); words != l.Text {
			l.SetText(words)
		}
	}
}

func inOwnWords(text string) string {
	if name, ok := strings.CutPrefix(text, overwrite); ok {
		return widgets.Visual(tr.L("There is a file of this name already. What is in it will be lost:")) + "\n" + strings.TrimSuffix(name, "?")
	}
	switch text {
	case "Home":
		return tr.L("Home folder")
	case "Computer":
		return tr.L("Computer")
	case "Desktop":
		return tr.L("Desktop")
	case "Documents":
		return tr.L("Documents")
	case "Downloads":
		return tr.L("Downloads")
	case "Movies", "Videos":
		return tr.L("Videos")
	case "Music":
		return tr.L("Music")
	case "Pictures":
		return tr.L("Pictures")
	case "Overwrite?":
		return tr.L("Replace the file?")
	case "Cannot overwrite":
		return tr.L("That did not work")
	case "Files cannot replace a directory,\ncheck the file name and try again":
		return widgets.Visual(tr.L("This is the name of a folder. Choose another name."))
	}
	return text
}
