package presence

import (
	"context"
	"os"

	"github.com/godbus/dbus/v5"
)

// addressVariable names the session bus.
const addressVariable = "DBUS_SESSION_BUS_ADDRESS"

// HasBus reports whether there is a session bus: without one there can be neither
// tray icon nor notification.
func HasBus() bool {
	address := os.Getenv(addressVariable)
	return address != "" && address != noBus
}

// noBus is an address that leads nowhere.
const noBus = "disabled:"

// Prepare keeps libraries that use the session bus without looking for an address
// first from starting a stray dbus-launch. It is called once, before the window
// is made.
func Prepare() error {
	if os.Getenv(addressVariable) == "" {
		return os.Setenv(addressVariable, noBus)
	}
	return nil
}

// bus opens a connection of our own to the session bus; it ends with ctx at the
// latest. The shared one is Fyne's: its tray icon stops watching for its host
// after the first signal of a notification.
func bus(ctx context.Context) (*dbus.Conn, error) {
	if !HasBus() {
		return nil, dbus.ErrClosed
	}
	return dbus.ConnectSessionBus(dbus.WithContext(ctx))
}
