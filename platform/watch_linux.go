package platform

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/fieldsync/fieldsync/core/schedule"
)

// What is asked on the system bus. Each may be absent.
const (
	networkManager = "org.freedesktop.NetworkManager"
	networkPath    = dbus.ObjectPath("/org/freedesktop/NetworkManager")
	powerProfiles  = "net.hadess.PowerProfiles"
	profilesPath   = dbus.ObjectPath("/net/hadess/PowerProfiles")
	upower         = "org.freedesktop.UPower"
	devicePath     = dbus.ObjectPath("/org/freedesktop/UPower/devices/DisplayDevice")
	upowerPath     = dbus.ObjectPath("/org/freedesktop/UPower")
	logind         = "org.freedesktop.login1"
	propertiesFace = "org.freedesktop.DBus.Properties"
)

// againEvery is how often a system bus that is absent, or was lost, is tried.
const againEvery = time.Minute

// watchSystem listens on the system bus until ctx ends. Only that bus: the
// library starts a stray dbus-launch for a session bus without an address.
func (w *Watcher) watchSystem(ctx context.Context) {
	for {
		if err := w.listen(ctx); err != nil {
			w.Log.Debug("System bus", "err", err)
		}
		w.update(func(s *schedule.Surroundings) { // nobody tells any more
			s.Connectivity, s.Metered, s.Saver = schedule.ConnectivityUnknown, false, false
		})
		timer := time.NewTimer(againEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// listen asks once and then follows the signals, until the bus is gone.
func (w *Watcher) listen(ctx context.Context) error {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchObjectPath(networkPath), dbus.WithMatchInterface(propertiesFace)},
		{dbus.WithMatchObjectPath(profilesPath), dbus.WithMatchInterface(propertiesFace)},
		{dbus.WithMatchObjectPath(upowerPath), dbus.WithMatchInterface(propertiesFace)},
		{dbus.WithMatchObjectPath(devicePath), dbus.WithMatchInterface(propertiesFace)},
		{dbus.WithMatchInterface(logind + ".Manager"), dbus.WithMatchMember("PrepareForSleep")},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, networkManager)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	return w.heed(ctx, conn)
}

// heed follows what the bus says until ctx or the connection ends. That may be gone before
// it listens, and nobody closes the channel of its signals then.
func (w *Watcher) heed(ctx context.Context, conn *dbus.Conn) error {
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	w.ask(ctx, conn)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-conn.Context().Done():
			return dbus.ErrClosed
		case s, ok := <-signals:
			if !ok {
				return dbus.ErrClosed
			}
			w.signal(ctx, conn, s)
		}
	}
}

func (w *Watcher) signal(ctx context.Context, conn *dbus.Conn, s *dbus.Signal) {
	if s.Name == logind+".Manager.PrepareForSleep" {
		if begins, ok := first(s.Body).(bool); ok && !begins {
			w.update(func(s *schedule.Surroundings) { s.Wakes++ })
		}
		return
	}
	w.ask(ctx, conn)
}

func first(body []any) any {
	if len(body) == 0 {
		return nil
	}
	return body[0]
}

// ask reads everything anew; what nobody answers stays unknown.
func (w *Watcher) ask(ctx context.Context, conn *dbus.Conn) {
	connectivity, _ := property[uint32](ctx, conn, networkManager, networkPath, networkManager+".Connectivity")
	metered, _ := property[uint32](ctx, conn, networkManager, networkPath, networkManager+".Metered")
	profile, _ := property[string](ctx, conn, powerProfiles, profilesPath, powerProfiles+".ActiveProfile")
	onBattery, _ := property[bool](ctx, conn, upower, upowerPath, upower+".OnBattery")
	warning, _ := property[uint32](ctx, conn, upower, devicePath, upower+".Device.WarningLevel")
	w.update(func(s *schedule.Surroundings) {
		s.Connectivity = connectivityOf(connectivity)
		s.Metered = metered == meteredYes || metered == meteredGuessYes
		s.Saver = profile == "power-saver" && onBattery || onBattery && warning >= warningLow
	})
}

// Values of NetworkManager's and UPower's interfaces.
const (
	meteredYes      = 1
	meteredGuessYes = 3
	warningLow      = 3
)

// connectivityOf reads NMConnectivityState.
func connectivityOf(n uint32) schedule.Connectivity {
	switch n {
	case 1:
		return schedule.ConnectivityNone
	case 2:
		return schedule.ConnectivityPortal
	case 3:
		return schedule.ConnectivityLimited
	case 4:
		return schedule.ConnectivityFull
	}
	return schedule.ConnectivityUnknown
}

// property reads one property without starting the service that has it.
func property[T any](ctx context.Context, conn *dbus.Conn, service string, path dbus.ObjectPath, name string) (value T, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var v dbus.Variant
	dot := len(name) - 1
	for name[dot] != '.' {
		dot--
	}
	call := conn.Object(service, path).CallWithContext(ctx, propertiesFace+".Get", dbus.FlagNoAutoStart, name[:dot], name[dot+1:])
	if call.Store(&v) != nil {
		return value, false
	}
	value, ok = v.Value().(T)
	return value, ok
}
