package widgets

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
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

// A date is never cut, and no room stays empty while another column is.
func TestAColumnIsAsWideAsItsTextsNeed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	g := &Grid{}
	NewGridHead(g).SetNames([]string{"Name", "Code", "Organisation", "Last changed"}, 0, false)
	row := []string{"Médecins du Large – Вербове", "OF012", "Institute of Hydrology and Weather Services", "14 Feb 2025 03:51"}
	g.Suit([][]string{row}, nil, func(i int) bool { return i == 3 })
	date := measure(row[3], 14, false)
	for _, width := range []float32{560, 700, 1000} {
		_, wide := g.places(width)
		if len(wide) != 4 || wide[3] < date {
			t.Fatalf("%v wide: %v, and a date needs %v", width, wide, date)
		}
		if sum := wide[0] + wide[1] + wide[2] + wide[3]; sum < width-20 {
			t.Errorf("%v wide: %v stay empty", width, width-sum)
		}
	}
}

// Of many dates of as many letters the widest one is not cut either.
func TestTheWidestDateHasRoom(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	g := &Grid{}
	NewGridHead(g).SetNames([]string{"Name", "Last changed"}, 0, false)
	var rows [][]string
	for i := range 40 {
		rows = append(rows, []string{strings.Repeat("Médecins du Large ", 8), fmt.Sprintf("%d Oct 11:%d", 11+i%18, 11+i)})
	}
	widest := "10 Aug 23:20"
	g.Suit(append(rows, []string{"Office", widest}), nil, func(i int) bool { return i == 1 })
	if _, wide := g.places(500); len(wide) != 2 || wide[1]-2*theme.Size(theme.SizeNameInnerPadding) < measure(widest, 14, false) {
		t.Errorf("got %v, and %q needs %v", wide, widest, measure(widest, 14, false))
	}
}

// By its first column a row is known: others are left out before little of that is seen.
func TestTheFirstColumnIsNotSqueezed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	g := &Grid{}
	NewGridHead(g).SetNames([]string{"Name", "Acronym", "Year founded", "Phone", "Last changed"}, 0, false)
	row := []string{"Institute of Hydrology", "IHRC", "1955", "+999 2 642 9333", "30 Mar 10:57"}
	g.Suit([][]string{row}, nil, func(i int) bool { return i > 1 })
	for width := float32(400); width < 800; width += 20 {
		if _, wide := g.places(width); wide[0] < measure("Institute of Hyd…", 14, true) {
			t.Errorf("%v wide: %v", width, wide)
		}
	}
}

// The name of a column whose texts are short stands on two lines before it is cut.
func TestTheNameOfAColumnStandsOnTwoLines(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	g := &Grid{}
	head := NewGridHead(g)
	head.SetNames([]string{"Name", "Acronym", "Year Founded", "Phone", "Last changed"}, 0, false)
	row := []string{"Institute of Hydrology", "IHRC", "1955", "+999 2 642 9333", "30 Mar 10:57"}
	g.Suit([][]string{row}, nil, func(i int) bool { return i > 1 })
	high := head.MinSize().Height
	for width, want := range map[float32]string{500: "Year\nFounded", 1400: "Year Founded"} {
		head.Resize(fyne.NewSize(width, high))
		test.WidgetRenderer(head).Layout(head.Size())
		cell := head.cells[2].(*headCell)
		test.WidgetRenderer(cell).Layout(cell.Size())
		if cell.label.Text != want {
			t.Errorf("%v wide: got %q, want %q", width, cell.label.Text, want)
		}
		if lines := cell.label.MinSize().Height - 2*theme.Size(theme.SizeNameInnerPadding); lines > high {
			t.Errorf("%v wide: the lines are %v high, and there is room for %v", width, lines, high)
		}
		if head.MinSize().Height != high {
			t.Error("the head became higher")
		}
	}
}

func TestACutTextEndsWithAnEllipsisAndFits(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: look.ChoiceLight})
	const size = 14
	for _, text := range []string{"Médecins du Large – Вербове", "Institute of Hydrology", "WWWWWWWWWWWWWWiiiiiiiiiiiiiiii", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"} {
		got := cut(text, 90, size, fyne.TextStyle{})
		if w := fyne.MeasureText(got, size, fyne.TextStyle{}).Width; w > 90 || !strings.HasSuffix(got, "…") {
			t.Errorf("%q is %v wide", got, w)
		}
	}
	if got := cut("Office", 90, size, fyne.TextStyle{}); got != "Office" {
		t.Errorf("a text that fits was cut to %q", got)
	}
}
