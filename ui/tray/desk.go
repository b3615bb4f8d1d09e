package tray

import (
	"errors"
	"net"

	"fyne.io/fyne/v2"
	"github.com/godbus/dbus/v5"
)

// A Desk is where an icon with a menu can be put.
type Desk interface {
	SetSystemTrayIcon(fyne.Resource)
	SetSystemTrayMenu(*fyne.Menu)
}

// A starter is a Desk that has to be told when the program's loop begins and when it
// has ended.
type starter interface {
	Start()
	End()
}

// lost reports whether what the library of the icon panics with is that the
// connection to the desktop has ended.
func lost(r any) bool {
	err, ok := r.(error)
	var broken *net.OpError
	return ok && (errors.Is(err, dbus.ErrClosed) || errors.As(err, &broken))
}
