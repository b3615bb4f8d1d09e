package cli

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// buggyUpkeep has a bug in the upkeep, once.
type buggyUpkeep struct {
	Store
	calls atomic.Int32
}

func (s *buggyUpkeep) Upkeep(context.Context) error {
	if s.calls.Add(1) == 1 {
		panic("injected: a bug in the upkeep")
	}
	return errors.New("no room")
}

// A bug in the upkeep is in the log, and it is tried again.
func TestTheUpkeepOutlivesABug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		store := &buggyUpkeep{}
		n := &Node{Store: store, Log: slog.New(slog.NewTextHandler(&said, nil))}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- Upkeep(ctx, n) }()
		time.Sleep(time.Minute + 2*upkeepEvery)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		if n := store.calls.Load(); n < 2 || !strings.Contains(said.String(), "buggyUpkeep") || !strings.Contains(said.String(), "no room") {
			t.Errorf("tried %d times; the log says %q", n, said.String())
		}
	})
}
