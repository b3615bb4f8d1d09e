package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func TestADialogIsNeverLargerThanItsWindow(t *testing.T) {
	w := test.NewTempWindow(t, widget.NewLabel(""))
	for _, size := range []fyne.Size{fyne.NewSize(1280, 720), fyne.NewSize(640, 360), fyne.NewSize(320, 240)} {
		w.Resize(size)
		d := NewDialog(w, "A title that has no room at all in a small window", 620, Text(strings.Repeat("many words ", 300)))
		later, now := NewButton("Do this later, when there is time", d.Hide), NewButton("Do it now", nil)
		d.SetButtons([]fyne.CanvasObject{later, now})
		d.Show()
		if got := d.popup.Size(); got.Width > size.Width || got.Height > size.Height {
			t.Errorf("on %v it has %v", size, got)
		}
		for _, b := range []*Button{later, now} {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b).Add(b.Size())
			if at.X > size.Width || at.Y > size.Height || b.Size().Width < b.MinSize().Width {
				t.Errorf("on %v the button %q ends at %v and has %v", size, b.Text, at, b.Size())
			}
		}
		if !CloseTop(w.Canvas()) || w.Canvas().Overlays().Top() != nil {
			t.Error("it does not close")
		}
	}
	if CloseTop(w.Canvas()) {
		t.Error("there is nothing to close any more")
	}
}

func TestADialogIsAsHighAsItsText(t *testing.T) {
	w := test.NewTempWindow(t, widget.NewLabel(""))
	w.Resize(fyne.NewSize(1280, 720))
	body := Text("A short sentence.")
	d := NewDialog(w, "Title", 400, body)
	d.Show()
	before := d.popup.Size()
	if before.Height > 140 || before.Width != 400 {
		t.Errorf("it has %v for one line", before)
	}
	closed := false
	d.SetOnClosed(func() { closed = true })
	d.SetNote(Text(strings.Repeat("What is wrong is told below, and the dialog grows. ", 5)))
	if d.popup.Size().Height <= before.Height {
		t.Error("it does not grow with what is told")
	}
	if d.Hide(); !closed {
		t.Error("nobody is told that it went")
	}
}

// A title ends with a name, and the name is what a person goes by.
func TestTheTitleOfADialogIsNotCut(t *testing.T) {
	w := test.NewTempWindow(t, widget.NewLabel(""))
	w.Resize(fyne.NewSize(640, 360))
	d := NewDialog(w, "How to go on with the headquarters of the relief society", 300, Text("A short sentence."))
	d.Show()
	for _, o := range test.WidgetRenderer(d.title).Objects() {
		if text, ok := o.(*canvas.Text); ok && strings.Contains(text.Text, "…") {
			t.Errorf("it ends in %q", text.Text)
		}
	}
	if one := Heading("x").MinSize().Height; d.title.Size().Height <= one || d.title.Position().Y+d.title.Size().Height > d.body.Position().Y {
		t.Errorf("it has %v, where a line has %v; the body begins at %v", d.title.Size(), one, d.body.Position())
	}
}
