package widgets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// What is wrong is seen without scrolling, however many answers there are.
func TestWhatFailedStandsFirstOnceAllIsKnown(t *testing.T) {
	w := test.NewTempApp(t).NewWindow("")
	c := widgets.NewChecks()
	w.SetContent(c.Content())
	w.Resize(fyne.NewSize(600, 800))
	for i := range 12 {
		c.Answer(i != 9, i == 11, fmt.Sprintf("check %d", i), "so it is")
	}
	c.Conclude(func(failed, noted int) string { return fmt.Sprintf("%d failed, %d noted", failed, noted) })
	said := slices.DeleteFunc(uitest.Texts(w.Canvas()), func(s string) bool { return s == "so it is" })
	if want := []string{"1 failed, 1 noted", "check 9", "check 11", "check 0"}; !slices.Equal(said[:4], want) || len(said) != 13 {
		t.Errorf("got %q, want %q first", said, want)
	}
	c.RemoveAll()
	if c.Conclude(func(int, int) string { return "nothing was asked" }); len(uitest.Texts(w.Canvas())) != 0 {
		t.Error("a test that was not made is summed up")
	}
}

// The answers of one test begin at the same place: where one name is too wide for that, all of
// them stand below their names.
func TestAllAnswersOfATestStandAlike(t *testing.T) {
	w := test.NewTempApp(t).NewWindow("")
	c := widgets.NewChecks()
	w.SetContent(c.Content())
	for width := float32(120); width < 700; width += 20 {
		w.Resize(fyne.NewSize(width, 400))
		c.RemoveAll()
		var lefts []float32
		for _, name := range []string{"Links", "Order of the changes"} {
			c.Answer(true, false, name, "Answer to "+name)
		}
		uitest.Find(w.Canvas(), func(o fyne.CanvasObject) bool {
			if l, ok := o.(*widgets.Label); ok && strings.HasPrefix(l.Text, "Answer") {
				lefts = append(lefts, l.Position().X)
			}
			return false
		})
		if len(lefts) != 2 || lefts[0] != lefts[1] {
			t.Errorf("at %v the answers begin at %v", width, lefts)
		}
		if name := widgets.Strong("Order of the changes").MinSize().Width; len(lefts) > 0 && lefts[0] > name+20 {
			t.Errorf("at %v the answers begin at %v, though the widest name ends at %v", width, lefts[0], name)
		}
	}
}
