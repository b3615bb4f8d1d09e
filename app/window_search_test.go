//go:build !headless

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/storage"
)

// indexedStore notes what an indexer does.
type indexedStore struct {
	did    []string
	busy   bool // others write
	fail   error
	wanted chan storage.Order
}

func (s *indexedStore) IndexSearch(context.Context) error {
	s.did = append(s.did, "search")
	return s.fail
}

func (s *indexedStore) Large(context.Context) ([]core.Resource, error) {
	return []core.Resource{"org_office", "pr_person"}, nil
}

func (s *indexedStore) ReadySort(_ context.Context, r core.Resource, shown []string) (bool, error) {
	s.did = append(s.did, fmt.Sprint(r, shown))
	return !s.busy, s.fail
}

func (s *indexedStore) PlacesWanted() <-chan storage.Order { return s.wanted }

func (s *indexedStore) MakePlaces(_ context.Context, o storage.Order) error {
	s.did = append(s.did, fmt.Sprintf("places of %s by %q", o.Resource, o.Sort))
	return s.fail
}

func TestTheSearchIsBroughtUpToDateAndListsAreReadied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, events := &indexedStore{wanted: make(chan storage.Order, 1)}, new(event.Bus)
		x := newIndexer(events, store, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { x.serve(ctx); close(ended) }()
		synctest.Wait()
		after := func(what string, e event.Event, want ...string) {
			t.Helper()
			if e != nil {
				events.Emit(e)
			}
			synctest.Wait()
			if !slices.Equal(store.did, want) {
				t.Errorf("after %s: %v, want %v", what, store.did, want)
			}
			store.did = nil
		}
		names := []string{"org_office[]", "pr_person[]"}
		after("a run", event.RunFinished{Run: core.Run{ID: "a"}}, append(names, "search")...)
		after("a run that broke off", event.RunFinished{Run: core.Run{ID: "b"}, Problem: &core.Problem{Kind: core.Timeout}}, append(names, "search")...) // what came before counts
		after("a preview", event.RunFinished{Run: core.Run{ID: "c", DryRun: true}})
		after("a change", event.Changed{})
		after("a list was shown", event.ListShown{Resource: "pr_person", Columns: []string{"", "gender"}}, "pr_person[ gender]", `places of pr_person by ""`)
		after("a small one was", event.ListShown{Resource: "req_req", Columns: []string{""}})

		store.busy = true
		after("another choice of columns", event.ListShown{Resource: "pr_person", Columns: []string{"", "age"}}, "pr_person[ age]")
		time.Sleep(x.pause)
		after("some time, others still writing", nil, "pr_person[ age]")
		store.busy = false
		after("a run beside it", event.RunFinished{Run: core.Run{ID: "d"}}, "org_office[]", "pr_person[ age]", `places of pr_person by ""`, "search")
		time.Sleep(3 * x.pause)
		after("all was done", nil)

		store.wanted <- storage.Order{Resource: "pr_person", Sort: "age"}
		after("a search that missed them", nil, `places of pr_person by "age"`)
		store.wanted <- storage.Order{Resource: "req_req"}
		after("a search in a small list", nil)

		store.fail = errors.New("injected")
		after("trouble", event.RunFinished{Run: core.Run{ID: "e"}}, "org_office[]", "search") // it goes on
		time.Sleep(3 * x.pause)
		after("trouble, later", nil)
		store.wanted <- storage.Order{Resource: "pr_person"}
		after("trouble with places", nil, `places of pr_person by ""`)
		store.wanted <- storage.Order{Resource: "pr_person"}
		after("the next search", nil, `places of pr_person by ""`)
		cancel()
		<-ended
	})
}
