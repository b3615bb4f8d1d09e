package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// A title is never broken into many lines beside buttons that have room below it.
func TestWhatIsToldIsNotHigherThanWithTheButtonsBelow(t *testing.T) {
	test.NewTempApp(t)
	title, icon, button := Title("Everything is at the practice repository."), Gap(64, 64), Gap(140, 42)
	a := Actions(container.NewBorder(nil, nil, icon, nil, Wide(280, title)), button)
	test.NewTempWindow(t, a)
	beside := 0
	for width := float32(360); width < 1200; width += 20 {
		a.Resize(fyne.NewSize(width, 400))
		a.Resize(fyne.NewSize(width, a.MinSize().Height))
		if button.Position().Y < title.Size().Height-1 {
			beside++
			if high := title.MinSize().Height; high > 100 {
				t.Errorf("at %v the title is %v high, three lines, beside the button", width, high)
			}
		}
	}
	if beside == 0 {
		t.Error("the button never stands beside the title")
	}
}

// Buttons of several heights stand on one line.
func TestButtonsBelowHaveTheSameMiddle(t *testing.T) {
	test.NewTempApp(t)
	low, high, next := Gap(150, 20), Gap(150, 42), Gap(150, 30)
	a := Actions(Gap(300, 30), low, high, next)
	a.Resize(fyne.NewSize(320, a.MinSize().Height))
	a.Resize(fyne.NewSize(320, a.MinSize().Height))
	middle := func(o fyne.CanvasObject) float32 { return o.Position().Y + o.Size().Height/2 }
	if middle(low) != middle(high) || next.Position().Y < high.Position().Y+42 || next.Position().Y+30 != a.MinSize().Height {
		t.Errorf("the middles are at %v and %v; the third is at %v, in %v", middle(low), middle(high), next.Position().Y, a.MinSize().Height)
	}
}
