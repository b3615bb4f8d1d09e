package presence

import (
	"os"

	"fyne.io/fyne/v2"
	"github.com/godbus/dbus/v5"
)

// bus opens a connection of our own to the session bus. Without an address in
// the environment godbus would start a stray dbus-launch, so that is looked at
// first.
func bus() (*dbus.Conn, bool) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return nil, false
	}
	conn, err := dbus.ConnectSessionBus()
	return conn, err == nil
}

// TrayHost reports whether somebody shows tray icons. A window that is hidden
// without one is lost (plain GNOME).
func TrayHost() bool {
	conn, ok := bus()
	if !ok {
		return false
	}
	defer conn.Close()
	const watcher = "org.kde.StatusNotifierWatcher"
	registered, err := conn.Object(watcher, "/StatusNotifierWatcher").GetProperty(watcher + ".IsStatusNotifierHostRegistered")
	if err != nil {
		return false
	}
	is, ok := registered.Value().(bool)
	return ok && is
}

// Notify shows a notification. It goes over a connection of its own: Fyne's tray
// icon stops watching for its host after the first signal of a notification on
// the shared one. title and body hold constant texts and numbers only.
func Notify(_ fyne.App, title, body string) {
	conn, ok := bus()
	if !ok {
		return
	}
	defer conn.Close()
	conn.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").Call("org.freedesktop.Notifications.Notify", 0,
		"Fieldsync", uint32(0), "", title, body, []string{}, map[string]dbus.Variant{}, int32(-1))
}
