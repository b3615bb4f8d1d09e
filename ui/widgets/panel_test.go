package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/look"
)

func TestAPanelThatCanBePressedIsReachedByTheKeyboard(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	pressed := 0
	still, live := Card(widget.NewLabel("still")), Card(widget.NewLabel("live"))
	live.OnTapped = func() { pressed++ }
	w := test.NewWindow(container.NewVBox(still, live))
	defer w.Close()
	w.Canvas().FocusNext()
	if w.Canvas().Focused() != fyne.Focusable(live) {
		t.Fatalf("the keyboard is at %v", w.Canvas().Focused())
	}
	live.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	live.TypedKey(&fyne.KeyEvent{Name: fyne.KeyA})
	if pressed != 1 {
		t.Errorf("pressed %d times", pressed)
	}
}

func TestColumnsWithoutRoomAreLeftOutFromTheRight(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	g := &Grid{MarkWidth: 100}
	g.SetColumns(5)
	for _, tt := range []struct {
		width float32
		shown int
	}{{1200, 5}, {500, 3}, {120, 1}} {
		left, wide := g.places(tt.width)
		if len(left) != tt.shown {
			t.Errorf("%v wide: %d columns, want %d", tt.width, len(left), tt.shown)
		}
		if last := len(left) - 1; last > 0 && left[last]+wide[last] > tt.width-g.MarkWidth+0.5 {
			t.Errorf("%v wide: the columns run into the mark", tt.width)
		}
	}
}

func TestACutTextEndsWithAnEllipsisAndFits(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	const size = 14
	for _, text := range []string{"Médecins du Large – Вербове", "Institute of Hydrology", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"} {
		got := cut(text, 90, size, fyne.TextStyle{})
		if w := fyne.MeasureText(got, size, fyne.TextStyle{}).Width; w > 95 || got == text {
			t.Errorf("%q is %v wide", got, w)
		}
	}
	if got := cut("Office", 90, size, fyne.TextStyle{}); got != "Office" {
		t.Errorf("a text that fits was cut to %q", got)
	}
}
