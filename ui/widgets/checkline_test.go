package widgets_test

import (
	"fmt"
	"slices"
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
