package uitest

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// What WCAG 2 asks of the contrast of texts, and of large ones and icons; and from
// which size on a text is large, in points.
const (
	leastText, leastShape = 4.5, 3
	large, largeBold      = 24, 18.6
)

// Faint returns the texts and icons on the topmost layer of the screen that stand
// out too little from what was painted below them, and how many it looked at. What
// is switched off may be faint.
func Faint(c fyne.Canvas) (all []string, seen int) {
	whole := painted{area{fyne.Position{}, c.Size()}, theme.Color(theme.ColorNameBackground)}
	f := &faint{paint: []painted{whole}}
	f.look(top(c), fyne.Position{}, whole.area)
	return f.all, f.seen
}

// An area is a part of the screen.
type area struct {
	at   fyne.Position
	size fyne.Size
}

func (a area) holds(p fyne.Position) bool {
	in := p.Subtract(a.at)
	return in.X >= 0 && in.Y >= 0 && in.X <= a.size.Width && in.Y <= a.size.Height
}

// A painted area has a colour.
type painted struct {
	area
	color color.Color
}

type faint struct {
	paint []painted // the lowest first
	all   []string
	seen  int
}

// look walks in the order in which everything is painted; what lies outside of
// window is not seen.
func (f *faint) look(o fyne.CanvasObject, at fyne.Position, window area) {
	if o == nil || !o.Visible() {
		return
	}
	if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
		return
	}
	switch o := o.(type) {
	case *container.Scroll:
		window = area{at, o.Size()}
	case *canvas.Rectangle:
		if o.FillColor != nil {
			f.paint = append(f.paint, painted{area{at, o.Size()}, o.FillColor})
		}
	case *canvas.Text:
		if strings.TrimSpace(o.Text) != "" {
			least := float64(leastText)
			if o.TextSize >= large || o.TextSize >= largeBold && o.TextStyle.Bold {
				least = leastShape
			}
			f.judge(fmt.Sprintf("%q", o.Text), o.Color, o, at, window, least)
		}
	case *canvas.Image:
		icon, ok := o.Resource.(fyne.ThemedResource)
		switch {
		case !ok:
		case icon.ThemeColorName() == theme.ColorNameBackground, icon.ThemeColorName() == theme.ColorNameInputBackground: // the inside of a box to tick
			f.paint = append(f.paint, painted{area{at, o.Size()}, theme.Color(icon.ThemeColorName())})
		default:
			f.judge("the icon "+icon.Name(), theme.Color(icon.ThemeColorName()), o, at, window, leastShape)
		}
	}
	for _, child := range childrenOf(o) {
		f.look(child, at.Add(child.Position()), window)
	}
}

// judge compares with what shines through at the middle of what is looked at.
func (f *faint) judge(what string, ink color.Color, o fyne.CanvasObject, at fyne.Position, window area, least float64) {
	middle := at.AddXY(min(o.Size().Width, o.MinSize().Width)/2, o.Size().Height/2)
	if !window.holds(middle) {
		return
	}
	ground := f.paint[0].color
	for _, p := range f.paint[1:] {
		if p.holds(middle) {
			ground = Over(p.color, ground)
		}
	}
	f.seen++
	if got := Contrast(ink, ground); got < least {
		f.all = append(f.all, fmt.Sprintf("%s has a contrast of %.2f, less than %.1f (%v on %v)", what, got, least, ink, ground))
	}
}
