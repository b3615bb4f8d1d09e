package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// CheckLine is one answer of a test: a sign, the name of the question, the
// answer in a sentence.
func CheckLine(ok, warning bool, name, answer string) fyne.CanvasObject {
	tone := Success
	switch {
	case !ok:
		tone = Danger
	case warning:
		tone = Warning
	}
	return container.NewBorder(nil, nil, container.NewVBox(container.New(layout.NewCustomPaddedLayout(8, 0, 4, 0), widget.NewIcon(tone.Icon()))), nil, container.New(&sides{portion: 0.4, below: -10}, Strong(name), Muted(answer)))
}
