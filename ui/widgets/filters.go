package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Filters puts a search and what narrows it down further into one line. Where
// there is no room for that the last one stays beside the search, and the others go
// below, in as many lines as they need.
func Filters(search fyne.CanvasObject, others ...fyne.CanvasObject) *fyne.Container {
	return container.New(&filters{}, append([]fyne.CanvasObject{search}, others...)...)
}

type filters struct {
	height float32 // as last laid out; 0 before
}

// leastSearch is the least width of a search, in sizes of text.
const leastSearch = 12

func (f *filters) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range visible(objects) {
		size = size.Max(o.MinSize())
	}
	size.Height = max(size.Height, f.height)
	return size
}

func (f *filters) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects = visible(objects)
	if len(objects) == 0 {
		return
	}
	gap, search, others := theme.Size(theme.SizeNamePadding), objects[0], objects[1:]
	line, all := search.MinSize().Height, float32(0)
	for _, o := range others {
		line = max(line, o.MinSize().Height)
		all += o.MinSize().Width + gap
	}
	beside := others
	if least := leastSearch * theme.Size(theme.SizeNameText); len(others) > 0 && size.Width-all < least {
		beside = others[len(others)-1:]
		if size.Width-beside[0].MinSize().Width-gap < least {
			beside = nil
		}
	}
	x := size.Width
	for i := len(beside) - 1; i >= 0; i-- {
		width := beside[i].MinSize().Width
		x -= width
		beside[i].Move(fyne.NewPos(x, 0))
		beside[i].Resize(fyne.NewSize(width, line))
		x -= gap
	}
	search.Move(fyne.Position{})
	search.Resize(fyne.NewSize(x, line))
	y := float32(0)
	if below := others[:len(others)-len(beside)]; len(below) > 0 {
		y = f.below(below, line, size.Width)
	}
	f.height = y + line
}

// below puts what has no room beside the search into lines of their own, and
// returns the top of the last one.
func (f *filters) below(others []fyne.CanvasObject, line, room float32) (y float32) {
	gap := theme.Size(theme.SizeNamePadding)
	wide := func(o fyne.CanvasObject) float32 { return min(room, ownWidth(o)) }
	for _, l := range linesOf(others, room, wide) {
		y += line + gap
		x := float32(0)
		for _, o := range l.objects {
			o.Move(fyne.NewPos(x, y))
			o.Resize(fyne.NewSize(wide(o), line))
			x += wide(o) + gap
		}
	}
	return y
}
