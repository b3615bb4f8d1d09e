//go:build !linux

package presence

import "fyne.io/fyne/v2"

// TrayHost reports whether somebody shows tray icons: Windows and macOS always do.
func TrayHost() bool { return true }

// Notify shows a notification. title and body hold constant texts and numbers
// only: on Windows they pass through a PowerShell command.
func Notify(app fyne.App, title, body string) {
	app.SendNotification(fyne.NewNotification(title, body))
}
