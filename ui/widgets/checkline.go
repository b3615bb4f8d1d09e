package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// CheckLine is one answer of a test: a sign, the name of the question, the
// answer in a sentence.
func CheckLine(ok bool, name, answer string) fyne.CanvasObject {
	tone := Success
	if !ok {
		tone = Danger
	}
	left := container.NewHBox(widget.NewIcon(tone.Icon()), Wide(180, Strong(name)))
	return container.NewBorder(nil, nil, container.NewVBox(left), nil, Muted(answer))
}
