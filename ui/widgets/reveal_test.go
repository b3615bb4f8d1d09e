package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// What comes into the place of something that was scrolled is seen from its top.
func TestWhatFollowsSomethingScrolledIsSeenFromItsTop(t *testing.T) {
	test.NewTempApp(t)
	page := container.NewStack(Gap(100, 600))
	around := container.NewVScroll(page)
	test.NewTempWindow(t, around).Resize(fyne.NewSize(300, 400))
	around.ScrollToBottom()
	page.Objects = []fyne.CanvasObject{Gap(100, 200)}
	page.Refresh()
	if around.Offset.Y == 0 {
		t.Fatal("the toolkit scrolls it back by itself")
	}
	FromTop(page)
	if around.Offset.Y != 0 {
		t.Errorf("it is scrolled by %v", around.Offset.Y)
	}
}
