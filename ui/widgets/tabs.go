package widgets

import "fyne.io/fyne/v2/container"

// TurnTabs opens the tab that many places further, round and round.
func TurnTabs(tabs *container.AppTabs, by int) {
	if n := len(tabs.Items); n > 0 {
		tabs.SelectIndex(((tabs.SelectedIndex()+by)%n + n) % n)
	}
}
