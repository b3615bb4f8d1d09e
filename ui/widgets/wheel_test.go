package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// The mouse's wheel goes on through a form over its fields, and through a long text first.
func TestTheWheelScrollsAFormOverItsFields(t *testing.T) {
	test.NewTempApp(t)
	line, choice, text := NewEntry(), NewSelectEntry(), NewMultiLineEntry()
	line.SetText(strings.Repeat("a line that is longer than its field, ", 9))
	text.SetText(strings.Repeat("line\n", 20))
	form := container.NewVScroll(Column(4, line, choice, text, Gap(10, 900)))
	w := test.NewTempWindow(t, form)
	w.Resize(fyne.NewSize(300, 200))
	for name, e := range map[string]fyne.Widget{"a line": line, "a choice": choice} {
		form.ScrollToTop()
		last := lastOn(e)
		last.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -20)})
		if form.Offset.Y != 20 {
			t.Errorf("over %s the form stands at %v", name, form.Offset.Y)
		}
	}
	form.ScrollToTop()
	over := lastOn(text)
	over.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -2000)})
	if form.Offset.Y != 0 {
		t.Errorf("over a long text the form stands at %v before its end", form.Offset.Y)
	}
	over.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -20)})
	if form.Offset.Y != 20 {
		t.Errorf("after the end of a long text the form stands at %v", form.Offset.Y)
	}
}

// lastOn is what of a widget hears the wheel: what lies on top.
func lastOn(w fyne.Widget) (top fyne.Scrollable) {
	for _, o := range test.WidgetRenderer(w).Objects() {
		if s, ok := o.(fyne.Scrollable); ok {
			top = s
		}
	}
	return top
}
