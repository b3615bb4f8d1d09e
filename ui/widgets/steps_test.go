package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// Steps with long names go into several lines: while something is under way the window must not
// grow beyond the screen.
func TestStepsNeedNoMoreWidthThanTheLongestOfThem(t *testing.T) {
	test.NewTempApp(t)
	names := []string{"Connecting to it", "Fetching what is new", "Applying", "Sending ours", "Verifying"}
	longest := float32(0)
	for _, name := range names {
		longest = max(longest, NewSteps(name).MinSize().Width)
	}
	for _, centered := range []bool{false, true} {
		s := NewSteps(names...)
		s.Centered = centered
		page := Column(0, s)
		test.NewTempWindow(t, page)
		if got := s.MinSize().Width; got > longest+0.5 {
			t.Errorf("it needs %v, the longest %v", got, longest)
		}
		low, high := float32(0), float32(0)
		for _, size := range []struct {
			width float32
			high  *float32
		}{{longest + 20, &high}, {1200, &low}} {
			page.Resize(fyne.NewSize(size.width, 10))
			page.Resize(fyne.NewSize(size.width, page.MinSize().Height))
			*size.high = s.Size().Height
		}
		if high < 2*low {
			t.Errorf("in %v it is %v high, in 1200 %v", longest+20, high, low)
		}
	}
}
