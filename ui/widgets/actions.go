package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Actions puts what can be done at the right of what is told. Where that would
// leave too little room for the words, or make them higher than both are one below the
// other, the buttons go below, in as many lines as they need.
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
	a.below = len(buttons) > 0 && a.squeezed(told, buttons, size.Width, size.Width-right)
	if a.below {
		height := heightAt(told, size.Width)
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

// squeezed reports whether what is told has too little room in beside, the part of the width
// that the buttons leave.
func (a *actions) squeezed(told fyne.CanvasObject, buttons []fyne.CanvasObject, width, beside float32) bool {
	if beside < max(told.MinSize().Width, leastTold*theme.Size(theme.SizeNameText)) {
		return true
	}
	return heightAt(told, beside) > heightAt(told, width)+a.flow(buttons, 0, width, nil)
}

// heightAt returns how high o is at that width: a text's height is known once its width is.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	return o.MinSize().Height
}

// flow puts the buttons one after the other, each at the middle of its line, and returns the
// height they need.
func (a *actions) flow(buttons []fyne.CanvasObject, top, width float32, place func(fyne.CanvasObject, fyne.Position)) (height float32) {
	gap := theme.Size(theme.SizeNamePadding)
	for _, l := range linesOf(buttons, width, ownWidth) {
		x, y := float32(0), height+gap
		for _, b := range l.objects {
			min := b.MinSize()
			if place != nil {
				place(b, fyne.NewPos(x, top+y+(l.high-min.Height)/2))
			}
			x += min.Width + gap
		}
		height = y + l.high
	}
	return height
}
