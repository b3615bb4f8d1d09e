package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// A window that was narrow leaves no gap below its head once it is wide.
func TestAHeadIsAsHighAsItsWidthNeeds(t *testing.T) {
	test.NewTempApp(t)
	body := Gap(10, 10)
	page := Headed(container.NewBorder(nil, nil, Gap(20, 20), nil, Flow(Gap(100, 30), Gap(100, 30))), body)
	for _, tt := range []struct{ width, top float32 }{{400, 34}, {150, 68}, {400, 34}, {150, 68}} {
		if page.Resize(fyne.NewSize(tt.width, 300)); body.Position().Y < tt.top || body.Position().Y > tt.top+10 {
			t.Errorf("at %v the body begins at %v, not %v", tt.width, body.Position().Y, tt.top)
		}
	}
}

// A mark beside a word stands at its height, not above it.
func TestWhatIsLowerThanItsLineStandsInTheMiddleOfIt(t *testing.T) {
	word, mark, below := Gap(60, 32), Gap(60, 28), Gap(100, 20)
	Flow(word, mark, below).Resize(fyne.NewSize(140, 100))
	if word.Position().Y != 0 || mark.Position().Y != 2 || below.Position().X != 0 || below.Position().Y < 32 {
		t.Errorf("the word is at %v, the mark at %v, what has no room beside them at %v", word.Position(), mark.Position(), below.Position())
	}
}
