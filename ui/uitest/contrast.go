package uitest

import (
	"image/color"
	"math"
)

// Contrast is how well a colour stands out from the ground below it, from 1 (not at
// all) to 21 (black on white), as WCAG 2 defines it. What is transparent of either
// shows what is below: ink over ground, ground over black.
func Contrast(ink, ground color.Color) float64 {
	a, b := luminance(Over(ink, ground)), luminance(ground)
	if a < b {
		a, b = b, a
	}
	return (a + 0.05) / (b + 0.05)
}

// Over is the colour that is seen where ink lies over ground.
func Over(ink, ground color.Color) color.Color {
	r, g, b, a := ink.RGBA() // premultiplied, to 65535
	gr, gg, gb, _ := ground.RGBA()
	mix := func(i, g uint32) uint8 { return uint8((i + g*(0xffff-a)/0xffff) >> 8) }
	return color.NRGBA{R: mix(r, gr), G: mix(g, gg), B: mix(b, gb), A: 0xff}
}

// luminance is how bright an opaque colour looks, from 0 to 1.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
