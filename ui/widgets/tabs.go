package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// TurnTabs opens the tab that many places further, round and round. The keyboard goes along:
// on the tab that was open before it would go on changing what nobody sees.
func TurnTabs(tabs *container.AppTabs, by int) {
	n := len(tabs.Items)
	if n == 0 {
		return
	}
	tabs.SelectIndex(((tabs.SelectedIndex()+by)%n + n) % n)
	if c := fyne.CurrentApp().Driver().CanvasForObject(tabs); c != nil {
		c.Unfocus()
		if first := firstStop(tabs.Selected().Content); first != nil {
			c.Focus(first)
		}
	}
}
