package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Actions puts what can be done at the right of what is told. Where that would
// leave too little room for the words the buttons go below, in as many lines as
// they need.
func Actions(told fyne.CanvasObject, buttons ...fyne.CanvasObject) *fyne.Container {
	return container.New(&actions{}, append([]fyne.CanvasObject{told}, buttons...)...)
}

type actions struct {
	below bool // as last laid out
	width float32
}

// leastTold is the least width of what is told, in sizes of text.
const leastTold = 20

func (a *actions) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	told, buttons := objects[0].MinSize(), visible(objects[1:])
	size = told
	for _, b := range buttons {
		size = size.Max(b.MinSize())
	}
	if a.below {
		size.Height = told.Height + a.flow(buttons, 0, a.width, nil)
	}
	return size
}

func (a *actions) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	told, buttons := objects[0], visible(objects[1:])
	gap := theme.Size(theme.SizeNamePadding)
	right := float32(0)
	for _, b := range buttons {
		right += b.MinSize().Width + gap
	}
	a.width = size.Width
	a.below = len(buttons) > 0 && size.Width-right < max(told.MinSize().Width, leastTold*theme.Size(theme.SizeNameText))
	if a.below {
		told.Resize(fyne.NewSize(size.Width, told.MinSize().Height))
		height := told.MinSize().Height // a text's height is known once its width is
		told.Resize(fyne.NewSize(size.Width, height))
		a.flow(buttons, height, size.Width, func(b fyne.CanvasObject, at fyne.Position) { b.Move(at); b.Resize(b.MinSize()) })
		return
	}
	told.Resize(fyne.NewSize(size.Width-right, size.Height))
	x := size.Width - right + gap
	for _, b := range buttons {
		min := b.MinSize()
		b.Move(fyne.NewPos(x, (size.Height-min.Height)/2))
		b.Resize(min)
		x += min.Width + gap
	}
}

// flow puts the buttons one after the other and returns the height they need.
func (a *actions) flow(buttons []fyne.CanvasObject, top, width float32, place func(fyne.CanvasObject, fyne.Position)) (height float32) {
	gap := theme.Size(theme.SizeNamePadding)
	x, y, line := float32(0), gap, float32(0)
	for _, b := range buttons {
		min := b.MinSize()
		if x > 0 && x+min.Width > width {
			x, y, line = 0, y+line+gap, 0
		}
		if place != nil {
			place(b, fyne.NewPos(x, top+y))
		}
		x += min.Width + gap
		line = max(line, min.Height)
	}
	return y + line
}
