package presence

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/godbus/dbus/v5"
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
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan struct{})
		go func() {
			heedHost(ctx, conn, func(bool) {})
			close(ended)
		}()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Error("it is waited for for ever")
		}
	})
}
