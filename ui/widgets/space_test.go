package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
)

// What needs more than its part gets it from the others, as long as these have what they need.
func TestTilesGiveWayToOneThatNeedsMore(t *testing.T) {
	for _, tt := range []struct {
		room, widest float32
		want         [3]float32 // how wide each is
		stacked      bool
	}{
		{320, 50, [3]float32{100, 100, 100}, false},
		{320, 160, [3]float32{70, 70, 160}, false},
		{320, 220, [3]float32{40, 40, 220}, false},
		{320, 222, [3]float32{40, 38, 222}, false},
		{320, 250, [3]float32{320, 320, 320}, true},
	} {
		tiles := []fyne.CanvasObject{Gap(40, 10), Gap(20, 10), Gap(tt.widest, 10)}
		c := Tiles(10, tiles...)
		c.Resize(fyne.NewSize(tt.room, 30))
		for i, o := range tiles {
			if o.Size().Width != tt.want[i] {
				t.Errorf("in %v, where one needs %v, number %d is %v wide, not %v", tt.room, tt.widest, i+1, o.Size().Width, tt.want[i])
			}
		}
		if below := tiles[2].Position().Y > 0; below != tt.stacked {
			t.Errorf("in %v, where one needs %v, the last stands below: %v", tt.room, tt.widest, below)
		}
	}
}

// What is chosen in a list takes of its width what it needs before it goes below.
func TestTwoSidesStandSideBySideWhereThereIsRoomForBoth(t *testing.T) {
	for _, tt := range []struct {
		room, least, right float32
		left               float32 // how wide the left one is
		stacked            bool
	}{
		{614, 200, 200, 360, false},
		{614, 200, 300, 300, false},
		{614, 200, 400, 200, false},
		{614, 200, 401, 614, true},
	} {
		left, right := Gap(tt.least, 10), Gap(tt.right, 10)
		c := Sides(0.6, left, right)
		c.Resize(fyne.NewSize(tt.room, 100))
		if below := right.Position().Y > 0; left.Size().Width != tt.left || below != tt.stacked {
			t.Errorf("in %v, of which the right one needs %v, the left one is %v wide, and the other one below it: %v", tt.room, tt.right, left.Size().Width, below)
		}
	}
}

// On a low screen a picture gives way to what is below it, which is to be pressed.
func TestAPictureIsShownWhereThereIsRoomForIt(t *testing.T) {
	picture, below := Gap(84, 84), Gap(200, 300)
	c := Pictured(400, picture, below)
	if c.MinSize().Height != 300 {
		t.Errorf("with the picture, which may be left out, %v are needed", c.MinSize().Height)
	}
	for _, tt := range []struct {
		high, top float32
		shown     bool
	}{{300, 0, false}, {389, 44.5, false}, {390, 90, true}, {500, 145, true}} {
		c.Resize(fyne.NewSize(600, tt.high))
		if picture.Visible() != tt.shown || below.Position().Y != tt.top {
			t.Errorf("in %v the picture is seen: %v, and the rest begins at %v, not %v", tt.high, picture.Visible(), below.Position().Y, tt.top)
		}
	}
}

// A page that scrolls has the same margins as one that does not: narrow where there is little room.
func TestAllPagesBeginAtTheSameEdge(t *testing.T) {
	for _, tt := range []struct{ wide, left float32 }{{700, 10}, {800, 26}} {
		scrolled, whole := Gap(100, 100), Gap(100, 100)
		page := Page(scrolled).(*fyne.Container)
		for _, o := range []fyne.CanvasObject{page, Framed(whole)} {
			o.Resize(fyne.NewSize(tt.wide, 600))
		}
		left := page.Objects[0].Position().X + scrolled.Position().X
		if left != tt.left || whole.Position().X != tt.left {
			t.Errorf("in %v one begins at %v, the other one at %v", tt.wide, left, whole.Position().X)
		}
	}
}

// The bar of what scrolls stands at the right in every language, beside what is scrolled.
func TestThereIsRoomBesideTheBar(t *testing.T) {
	for _, fromRight := range []bool{false, true} {
		SetRightToLeft(fromRight)
		t.Cleanup(func() { SetRightToLeft(false) })
		o := Gap(100, 10)
		c := Turned(BesideBar(0, 0, 8, o).(*fyne.Container))
		c.Resize(fyne.NewSize(200, 10))
		if x, end := o.Position().X, o.Position().X+o.Size().Width; x != 0 || end != 192 {
			t.Errorf("from the right: %v; it stands from %v to %v", fromRight, x, end)
		}
	}
}
