package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// fromTheRight has the window's language written from the right until the test ends.
func fromTheRight(t *testing.T) {
	t.Helper()
	SetRightToLeft(true)
	t.Cleanup(func() { SetRightToLeft(false) })
}

// leftOf is how far from the window's left edge a thing begins.
func leftOf(o fyne.CanvasObject) float32 {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).X
}

func rightOf(o fyne.CanvasObject) float32 { return leftOf(o) + o.Size().Width }

func TestWhatIsWrittenFromTheRightIsLaidOutFromThere(t *testing.T) {
	for _, tt := range []struct {
		name string
		put  func(first, second fyne.CanvasObject) fyne.CanvasObject
	}{
		{"a row", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Row(a, b) }},
		{"what is told and what can be done", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Actions(a, b) }},
		{"columns", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Columns(8, a, b) }},
		{"what flows", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Flow(a, b) }},
		{"two sides", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Sides(0.5, a, b) }},
		{"filters", func(a, b fyne.CanvasObject) fyne.CanvasObject { return Filters(a, b) }},
		{"deep below", func(a, b fyne.CanvasObject) fyne.CanvasObject {
			return container.NewStack(Scrolled(Column(4, Card(Row(a, b)))))
		}},
		{"in tabs", func(a, b fyne.CanvasObject) fyne.CanvasObject {
			return NewTabs(container.NewTabItem("One", Row(a, b)))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := Gap(60, 20), Gap(80, 20)
			w := test.NewTempWindow(t, nil)
			w.SetPadded(false)
			show := func() {
				w.SetContent(Turned[fyne.CanvasObject](container.NewStack(tt.put(a, b))))
				w.Resize(fyne.NewSize(700, 300))
			}
			show()
			first, second := [2]float32{leftOf(a), rightOf(a)}, [2]float32{leftOf(b), rightOf(b)}
			if first[0] >= second[0] {
				t.Fatalf("from the left: %v comes after %v", first, second)
			}
			fromTheRight(t)
			show()
			for range 3 { // once it was, it stays so
				w.Content().Refresh()
				w.Resize(fyne.NewSize(711, 300))
				w.Resize(fyne.NewSize(700, 300))
			}
			for i, o := range []fyne.CanvasObject{a, b} {
				was := [][2]float32{first, second}[i]
				if is := [2]float32{700 - rightOf(o), 700 - leftOf(o)}; is != was {
					t.Errorf("thing %d lies from %v to %v from the right edge, and lay from %v to %v from the left one", i+1, is[0], is[1], was[0], was[1])
				}
			}
		})
	}
}

// What comes into a container that is on the screen is turned, too.
func TestWhatIsPutInLaterIsTurned(t *testing.T) {
	fromTheRight(t)
	place := container.NewStack()
	w := test.NewTempWindow(t, Turned(place))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(400, 200))
	a, b := Gap(50, 20), Gap(70, 20)
	place.Objects = []fyne.CanvasObject{Row(a, b)}
	place.Refresh()
	if rightOf(a) != 400 || rightOf(b) >= leftOf(a) {
		t.Errorf("the first one ends at %v of 400, the second at %v, the first begins at %v", rightOf(a), rightOf(b), leftOf(a))
	}
}

// A box that is wider than it needs has its words beside it, and is pressed where it is seen.
func TestABoxIsPressedWhereItIsSeen(t *testing.T) {
	fromTheRight(t)
	c := NewCheck("Mail", nil)
	w := test.NewTempWindow(t, c)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(500, 40))
	c.Resize(fyne.NewSize(500, 40))
	c.Tapped(&fyne.PointEvent{Position: fyne.NewPos(20, 20)})
	if c.Checked {
		t.Error("it was ticked far beside its words")
	}
	c.Tapped(&fyne.PointEvent{Position: fyne.NewPos(485, 20)})
	if !c.Checked {
		t.Error("it was not ticked at its right end")
	}
	c.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(485, 20)}})
	c.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(10, 20)}})
	for _, o := range test.WidgetRenderer(c).Objects() {
		if text, ok := o.(*canvas.Text); ok && text.Position().X+text.Size().Width < 400 {
			t.Errorf("the words end at %v of 500", text.Position().X+text.Size().Width)
		}
	}
}

// The open tab's name has a line below it, and the first name stands at the right.
func TestTabsBeginAtTheRight(t *testing.T) {
	fromTheRight(t)
	tabs := NewTabs(container.NewTabItem("First", Gap(10, 10)), container.NewTabItem("Second one", Gap(10, 10)), container.NewTabItem("Third", Gap(10, 10)))
	w := test.NewTempWindow(t, Turned[fyne.CanvasObject](container.NewStack(tabs)))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(600, 200))
	r := test.WidgetRenderer(tabs)
	names := r.Objects()[tabBar].(*fyne.Container).Objects[0].(*fyne.Container)
	for open := range tabs.Items {
		tabs.SelectIndex(open)
		names = r.Objects()[tabBar].(*fyne.Container).Objects[0].(*fyne.Container)
		name, line := names.Objects[open], r.Objects()[tabLine]
		if line.Position().X != name.Position().X || line.Size().Width != name.Size().Width {
			t.Errorf("tab %d is at %v, %v wide, the line at %v, %v wide", open, name.Position().X, name.Size().Width, line.Position().X, line.Size().Width)
		}
	}
	if rightOf(names.Objects[0]) != 600 || leftOf(names.Objects[0]) <= leftOf(names.Objects[1]) {
		t.Errorf("the first name ends at %v of 600, and begins at %v, the second one at %v", rightOf(names.Objects[0]), leftOf(names.Objects[0]), leftOf(names.Objects[1]))
	}
	w.Resize(fyne.NewSize(180, 200)) // some names go into a menu
	tabs.SelectIndex(2)
	if line := r.Objects()[tabLine]; leftOf(line) > 60 {
		t.Errorf("the line below the menu begins at %v", leftOf(line))
	}
}

func TestARowOfATableBeginsAtTheRight(t *testing.T) {
	fromTheRight(t)
	g := &Grid{}
	g.SetColumns(3)
	g.MarkWidth = 60
	row := NewGridRow(g)
	row.Fill([]string{"a", "b", "c"}, Mark{Text: "new", Tone: Info})
	w := test.NewTempWindow(t, row)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(600, 40))
	row.Resize(fyne.NewSize(600, 40))
	row.Refresh()
	if rightOf(row.cells[0]) != 600 || leftOf(row.cells[0]) != rightOf(row.cells[1]) || leftOf(row.mark) > 60 {
		t.Errorf("the first column ends at %v and begins at %v, the second ends at %v, the mark begins at %v", rightOf(row.cells[0]), leftOf(row.cells[0]), rightOf(row.cells[1]), leftOf(row.mark))
	}
}
