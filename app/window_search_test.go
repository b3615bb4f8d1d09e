//go:build !headless

package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

func TestTheSearchIsBroughtUpToDateAfterEveryRun(t *testing.T) {
	events, indexed := new(event.Bus), make(chan struct{}, 8)
	x := newIndexer(events, func(context.Context) error {
		indexed <- struct{}{}
		return errors.New("injected") // it goes on
	}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { x.serve(ctx); close(ended) }()
	wait := func(what string) {
		t.Helper()
		select {
		case <-indexed:
		case <-time.After(10 * time.Second):
			t.Fatalf("not after %s", what)
		}
	}
	x.hear(event.RunFinished{Run: core.Run{ID: "a"}})
	wait("a run")
	x.hear(event.RunFinished{Run: core.Run{ID: "b"}, Problem: &core.Problem{Kind: core.Timeout}}) // what came before it broke off counts
	wait("a run that broke off")
	x.hear(event.RunFinished{Run: core.Run{ID: "c", DryRun: true}})
	x.hear(event.Changed{})
	cancel()
	<-ended
	if len(x.runs)+len(indexed) > 0 {
		t.Error("indexed without a run")
	}
}
