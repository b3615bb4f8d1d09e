package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// ShowMenu shows a menu; its entries are drawn in the order of their script.
func ShowMenu(c fyne.Canvas, at fyne.Position, items ...*fyne.MenuItem) {
	widget.ShowPopUpMenuAtPosition(drawnMenu(items), c, at)
}

func drawnMenu(items []*fyne.MenuItem) *fyne.Menu {
	for _, item := range items {
		item.Label = Visual(item.Label)
	}
	return fyne.NewMenu("", items...)
}
