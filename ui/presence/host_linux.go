package presence

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
)

const (
	// settle is how long a panel that has just started may take to call itself a
	// host.
	settle = 300 * time.Millisecond
	// again is how often a bus that is gone is looked for.
	again = 30 * time.Second
)

// WatchHost tells whether somebody shows tray icons, at once and whenever that
// changes, until ctx ends. A window that is hidden without one is lost (plain
// GNOME).
func WatchHost(ctx context.Context, tell func(there bool)) {
	for {
		followHost(ctx, tell)
		if ctx.Err() != nil {
			return
		}
		tell(false)
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// followHost returns when the bus is gone.
func followHost(ctx context.Context, tell func(bool)) {
	conn, err := bus(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)},
		{dbus.WithMatchInterface(watcher)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return
		}
	}
	heedHost(ctx, conn, tell)
}

// heedHost returns when the connection is gone. That may be before it listens, and nobody
// closes the channel of its signals then.
func heedHost(ctx context.Context, conn *dbus.Conn, tell func(bool)) {
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	is := hosted(ctx, conn)
	tell(is)
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-conn.Context().Done():
			return
		case _, open := <-signals:
			if !open {
				return
			}
			timer.Reset(settle)
			continue
		case <-timer.C:
		}
		if now := hosted(ctx, conn); now != is {
			is = now
			tell(is)
		}
	}
}

// hosted asks whether a host is registered, without starting anything.
func hosted(ctx context.Context, conn *dbus.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var v dbus.Variant
	call := conn.Object(watcher, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered")
	if call.Store(&v) != nil {
		return false
	}
	is, ok := v.Value().(bool)
	return ok && is
}
