package uitest

import (
	"image/color"
	"math"
	"testing"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, tt := range []struct {
		ink, ground color.Color
		want        float64
	}{
		{color.Black, color.White, 21},
		{color.White, color.Black, 21},
		{color.White, color.White, 1},
		{color.Gray{0x77}, color.White, 4.48},
		{color.NRGBA{R: 0xff, A: 0xff}, color.White, 4.00},
		{color.NRGBA{A: 0x80}, color.White, 3.98}, // half black on white is grey
	} {
		if got := Contrast(tt.ink, tt.ground); math.Abs(got-tt.want) > 0.03 {
			t.Errorf("%v on %v: %.2f, want %.2f", tt.ink, tt.ground, got, tt.want)
		}
	}
}
