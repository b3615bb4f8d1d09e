//go:build !linux

package tray

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// DeskOf returns where the icon of the program can be put.
func DeskOf(app fyne.App) (Desk, bool) {
	desk, ok := app.(desktop.App)
	return desk, ok
}
