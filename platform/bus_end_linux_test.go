package platform

import (
	"errors"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"

	"github.com/godbus/dbus/v5"

	"github.com/fieldsync/fieldsync/core/schedule"
)

// A bus that ends before anybody listens to it is gone like any other: it is looked for
// again.
func TestABusThatEndsBeforeItIsListenedToIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer there.Close()
		conn, err := dbus.NewConn(here)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		w := &Watcher{Log: slog.New(slog.DiscardHandler), tell: func(schedule.Surroundings) {}}
		ended := make(chan error, 1)
		go func() { ended <- w.heed(t.Context(), conn) }()
		synctest.Wait()
		select {
		case err := <-ended:
			if !errors.Is(err, dbus.ErrClosed) {
				t.Errorf("got %v", err)
			}
		default:
			t.Error("it is waited for for ever")
		}
	})
}
