package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestAButtonIsPressedWithSpaceAndEnter(t *testing.T) {
	test.NewTempApp(t)
	pressed := 0
	b := NewButton("Sync", func() { pressed++ })
	test.NewTempWindow(t, b)
	for _, key := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyA} {
		b.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if pressed != 3 {
		t.Errorf("pressed %d times", pressed)
	}
	if b.Disable(); pressed != 3 {
		t.Errorf("pressed %d times", pressed)
	}
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if pressed != 3 {
		t.Error("a button that is switched off was pressed")
	}
}

func TestAFoldShowsAndHidesWhatIsInIt(t *testing.T) {
	test.NewTempApp(t)
	more := Text("more")
	f := NewFold("Details", more)
	test.NewTempWindow(t, f)
	shut := f.MinSize().Height
	if test.Tap(f.head); !more.Visible() || f.MinSize().Height <= shut {
		t.Errorf("open: visible %v, height %v, shut %v", more.Visible(), f.MinSize().Height, shut)
	}
	if test.Tap(f.head); more.Visible() || f.MinSize().Height != shut {
		t.Errorf("shut again: visible %v, height %v, before %v", more.Visible(), f.MinSize().Height, shut)
	}
}

// A text is marked with the mouse and copied; with the keyboard alone it is copied
// as a whole. Whatever else is pressed on it belongs to the window.
func TestAReadableTextIsMarkedAndCopied(t *testing.T) {
	app := test.NewTempApp(t)
	r := NewReadable("urn:uuid:4711 is here")
	w := test.NewTempWindow(t, r)
	w.Resize(fyne.NewSize(400, 60))
	w.Canvas().Capture() // the painter of the tests ends at a rectangle without a colour
	mark := test.WidgetRenderer(r).Objects()[0].(*marking)
	copied := func() string {
		app.Clipboard().SetContent("")
		mark.TypedShortcut(&fyne.ShortcutCopy{})
		return app.Clipboard().Content()
	}
	w.Canvas().Focus(mark)
	if got := copied(); got != r.Text {
		t.Errorf("with nothing marked it copied %q", got)
	}
	in := fyne.NewPos(20, 12) // in the first line
	mark.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: in}, Button: desktop.MouseButtonPrimary})
	mark.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(in.X+90, in.Y)}, Dragged: fyne.NewDelta(90, 0)})
	mark.DragEnd()
	if got := copied(); got == "" || got == r.Text || got != r.SelectedText() {
		t.Errorf("it marked %q and copied %q", r.SelectedText(), got)
	}
	if w.Canvas().Focused() != fyne.Focusable(mark) {
		t.Error("whoever marks does not have the keyboard there")
	}
	mark.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: in}, Button: desktop.MouseButtonPrimary})
	mark.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: in}, Button: desktop.MouseButtonPrimary})
	if r.SelectedText() != "" {
		t.Errorf("a click leaves %q marked", r.SelectedText())
	}
	r.SetText("something else")
	if got := copied(); got != "something else" {
		t.Errorf("it copied %q", got)
	}
}

// What is written from the right, or holds something that is, reads in its order where it can
// be copied, too; it is copied as a whole, as it was written.
func TestAReadableTextFromTheRightReadsInItsOrder(t *testing.T) {
	app := test.NewTempApp(t)
	SetRightToLeft(true)
	t.Cleanup(func() { SetRightToLeft(false) })
	for _, text := range []string{"الهاتف: +999 3 115 (المكتب)", "The server said “غير مسموح 12”"} {
		r := NewReadable(text)
		w := test.NewTempWindow(t, r)
		w.Resize(fyne.NewSize(400, 60))
		w.Canvas().Capture()
		var drawn []string
		var mark *marking
		for _, o := range test.WidgetRenderer(r).Objects() {
			switch o := o.(type) {
			case *canvas.Text:
				drawn = append(drawn, o.Text)
			case *marking:
				mark = o
			}
		}
		if len(drawn) != 1 || drawn[0] != Visual(text) {
			t.Errorf("%q is drawn as %q", text, drawn)
		}
		if mark == nil {
			t.Fatal("it cannot be copied")
		}
		w.Canvas().Focus(mark)
		in := fyne.NewPos(20, 12)
		mark.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: in}, Button: desktop.MouseButtonPrimary})
		mark.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(in.X+90, in.Y)}, Dragged: fyne.NewDelta(90, 0)})
		mark.DragEnd()
		mark.TypedShortcut(&fyne.ShortcutCopy{})
		if got := app.Clipboard().Content(); got != text {
			t.Errorf("of %q it copied %q", text, got)
		}
	}
	plain := NewReadable("Created here")
	if test.NewTempWindow(t, plain); len(test.WidgetRenderer(plain).Objects()) == 0 {
		t.Error("a text from the left is not drawn")
	}
	plain.SetText("أُنشئ هنا 12")
	if o, ok := test.WidgetRenderer(plain).Objects()[1].(*canvas.Text); !ok || o.Text != Visual("أُنشئ هنا 12") {
		t.Errorf("a text that became one from the right is drawn as %v", test.WidgetRenderer(plain).Objects())
	}
}

// Escape closes what was opened last, whether the dialog is of this package or not.
func TestEscapeClosesWhatLiesOnTop(t *testing.T) {
	test.NewTempApp(t)
	w := test.NewTempWindow(t, Text("page"))
	below := NewDialog(w, "below", 300, Text("text"))
	below.Show()
	foreign := test.NewTempWindow(t, Text("another window"))
	NewDialog(foreign, "elsewhere", 300, Text("text")).Show()
	closed := 0
	over := newDialog(w, "over", 200)
	over.body = Text("over")
	over.build()
	over.popup.Show() // as the toolkit's own dialogs are
	var gone func()
	gone = Above(w.Canvas(), func() { closed++; over.popup.Hide(); gone() })
	if !CloseTop(w.Canvas()) || closed != 1 || len(w.Canvas().Overlays().List()) != 1 {
		t.Fatalf("closed %d times, %d above the window", closed, len(w.Canvas().Overlays().List()))
	}
	if !CloseTop(w.Canvas()) || len(w.Canvas().Overlays().List()) != 0 {
		t.Error("the dialog below is still there")
	}
	if CloseTop(w.Canvas()) {
		t.Error("there was nothing to close")
	}
}
