package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A line is what stands side by side, with gaps of a padding between.
type line struct {
	objects    []fyne.CanvasObject
	long, high float32
}

// linesOf divides what is seen of the objects into lines of that room, one at least in each.
// wide says how wide each shall be.
func linesOf(objects []fyne.CanvasObject, room float32, wide func(fyne.CanvasObject) float32) (lines []line) {
	gap := theme.Size(theme.SizeNamePadding)
	for _, o := range visible(objects) {
		long := gap + wide(o)
		if n := len(lines); n == 0 || lines[n-1].long+long > room+0.5 {
			lines, long = append(lines, line{}), long-gap
		}
		l := &lines[len(lines)-1]
		l.objects = append(l.objects, o)
		l.long += long
		l.high = max(l.high, o.MinSize().Height)
	}
	return lines
}

// ownWidth is as wide as o needs.
func ownWidth(o fyne.CanvasObject) float32 { return o.MinSize().Width }
