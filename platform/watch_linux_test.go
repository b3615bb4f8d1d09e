package platform

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core/schedule"
)

// busConfig is a system bus on which everybody may do everything.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=PATH</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

// bus starts a system bus of the test's own and returns a connection to it.
func bus(t *testing.T) *dbus.Conn {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Fatalf("the tests need dbus-daemon (make deps-test): %v", err)
	}
	dir, err := os.MkdirTemp("", "fs") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket, config := filepath.Join(dir, "bus"), filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(busConfig, "PATH", socket)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "--config-file="+config, "--nofork", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+socket)
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// export answers for a service with properties, as the real one does.
func export(t *testing.T, conn *dbus.Conn, service string, path dbus.ObjectPath, face string, values map[string]any) *prop.Properties {
	t.Helper()
	props := make(map[string]*prop.Prop)
	for name, v := range values {
		props[name] = &prop.Prop{Value: v, Writable: true, Emit: prop.EmitTrue}
	}
	p, err := prop.Export(conn, path, prop.Map{face: props})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatTheSystemBusTells(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn := bus(t)
	defer conn.Close()
	network := export(t, conn, networkManager, networkPath, networkManager, map[string]any{"Connectivity": uint32(4), "Metered": uint32(4)})
	profile := export(t, conn, powerProfiles, profilesPath, powerProfiles, map[string]any{"ActiveProfile": "balanced"})
	export(t, conn, upower, upowerPath, upower, map[string]any{"OnBattery": true})

	ctx, stop := context.WithCancel(context.Background())
	told := make(chan schedule.Surroundings, 100)
	ended := make(chan error, 1)
	w := &Watcher{}
	go func() { ended <- w.Watch(ctx, func(s schedule.Surroundings) { told <- s }) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	until := func(what string, is func(schedule.Surroundings) bool) {
		t.Helper()
		deadline := time.After(10 * time.Second)
		for {
			select {
			case s := <-told:
				if is(s) {
					return
				}
			case <-deadline:
				t.Fatalf("not told: %s", what)
			}
		}
	}
	until("connected", func(s schedule.Surroundings) bool {
		return s.Connectivity == schedule.ConnectivityFull && !s.Metered && !s.Saver
	})
	network.SetMust(networkManager, "Connectivity", uint32(2))
	until("a portal", func(s schedule.Surroundings) bool { return s.Connectivity == schedule.ConnectivityPortal })
	network.SetMust(networkManager, "Metered", uint32(1))
	until("metered", func(s schedule.Surroundings) bool { return s.Metered })
	profile.SetMust(powerProfiles, "ActiveProfile", "power-saver")
	until("the battery saver", func(s schedule.Surroundings) bool { return s.Saver })
	if err := conn.Emit("/org/freedesktop/login1", logind+".Manager.PrepareForSleep", false); err != nil {
		t.Fatal(err)
	}
	until("a wake", func(s schedule.Surroundings) bool { return s.Wakes == 1 })
	if _, err := conn.ReleaseName(networkManager); err != nil {
		t.Fatal(err)
	}
	until("that nobody tells any more", func(s schedule.Surroundings) bool {
		return s.Connectivity == schedule.ConnectivityUnknown && !s.Metered
	})
}

func TestWithoutASystemBusTheInterfacesAreEnough(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "absent"))
	ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer stop()
	var last schedule.Surroundings
	if err := (&Watcher{}).Watch(ctx, func(s schedule.Surroundings) { last = s }); err != nil {
		t.Fatal(err)
	}
	if last.Connectivity != schedule.ConnectivityUnknown || strings.Join(last.Networks, "\n") != strings.Join(networks(), "\n") {
		t.Errorf("%+v, want the networks %v", last, networks())
	}
}

// A bug in listening to the bus ends that alone: the interfaces are looked at as before.
func TestABugInListeningToTheBusEndsOnlyThat(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	conn := bus(t)
	defer conn.Close()
	export(t, conn, networkManager, networkPath, networkManager, map[string]any{"Connectivity": uint32(4), "Metered": uint32(1)})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var said strings.Builder
	told, ended := make(chan struct{}), make(chan error, 1)
	w := &Watcher{Log: slog.New(slog.NewTextHandler(&said, nil))}
	go func() {
		ended <- w.Watch(ctx, func(s schedule.Surroundings) {
			if s.Metered {
				close(told)
				panic("injected: a bug in telling what the bus says")
			}
		})
	}()
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Fatal("the bus was not heard")
	}
	select {
	case err := <-ended:
		t.Errorf("all of it ended: %v", err)
	default:
	}
	stop()
	if err := <-ended; err != nil || !strings.Contains(said.String(), "injected: a bug in telling") {
		t.Errorf("it ended with %v; the log says %q", err, said.String())
	}
}
