//go:build !headless

package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/storage"
)

// An indexer brings the search up to date after every run, and readies large lists for
// being sorted. Both happen by themselves when somebody wants them, but for the 100,000
// records of a first pull the search takes several seconds, and an index to sort a
// million by takes one, for which a person would have to wait. For those who search in a
// large list it has the store find the places of its records, when they look at it and
// when a search has missed them.
type indexer struct {
	events *event.Bus
	store  indexed
	log    *slog.Logger
	heard  chan struct{}
	pause  time.Duration // until it tries again what had to give way to others

	mu    sync.Mutex // guards what was heard
	ran   bool
	lists map[core.Resource][]string

	names   bool                       // lists are to be readied for being sorted by names
	columns map[core.Resource][]string // and by their columns
}

// indexed is what the indexer needs of the store: see storage.DB.
type indexed interface {
	IndexSearch(ctx context.Context) error
	Large(ctx context.Context) ([]core.Resource, error)
	ReadySort(ctx context.Context, r core.Resource, shown []string) (done bool, err error)
	PlacesWanted() <-chan storage.Order
	MakePlaces(ctx context.Context, o storage.Order) error
}

func newIndexer(events *event.Bus, store indexed, log *slog.Logger) *indexer {
	return &indexer{events: events, store: store, log: log, heard: make(chan struct{}, 1), pause: 10 * time.Second,
		lists: make(map[core.Resource][]string), columns: make(map[core.Resource][]string)}
}

// serve indexes until ctx ends.
func (x *indexer) serve(ctx context.Context) {
	defer x.events.Subscribe(x.hear)()
	for {
		var again <-chan time.Time
		if x.names || len(x.columns) > 0 {
			again = time.After(x.pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-x.heard:
		case <-again:
		case order := <-x.store.PlacesWanted():
			if err := core.Careful(x.log, "places", func() error { return x.findPlaces(ctx, order) }); unexpected(ctx, err) {
				x.log.Warn("Places in a list not found", "err", err) // the next search tells of it again
			}
			continue
		}
		ran := x.take()
		if err := core.Careful(x.log, "sorting", func() error { return x.readyLists(ctx) }); unexpected(ctx, err) {
			x.log.Warn("Lists not readied for being sorted", "err", err)
			x.names = false
			clear(x.columns)
		}
		if !ran {
			continue
		}
		if err := core.Careful(x.log, "search", func() error { return x.store.IndexSearch(ctx) }); unexpected(ctx, err) {
			x.log.Warn("Search not brought up to date", "err", err) // the next search tries again
		}
	}
}

// unexpected reports whether err is another one than that of the end.
func unexpected(ctx context.Context, err error) bool {
	return err != nil && !core.IsKind(err, core.Cancelled) && ctx.Err() == nil
}

// take takes over what was heard, and reports whether there was a run.
func (x *indexer) take() (ran bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ran, x.ran = x.ran, false
	x.names = x.names || ran
	maps.Copy(x.columns, x.lists)
	clear(x.lists)
	return ran
}

// readyLists readies the lists of large tables: all of them for their names, which every
// list begins with, and those that a person has looked at for their columns. What had to
// give way to others stays to be done; after an error nothing does.
func (x *indexer) readyLists(ctx context.Context) error {
	if !x.names && len(x.columns) == 0 {
		return nil
	}
	done := true
	large, err := x.store.Large(ctx)
	for _, resource := range large {
		columns, looked := x.columns[resource]
		if err == nil && done && (x.names || looked) {
			done, err = x.store.ReadySort(ctx, resource, columns)
			if looked && done && err == nil {
				err = x.store.MakePlaces(ctx, storage.Order{Resource: resource})
			}
		}
	}
	if done || err != nil {
		x.names = false
		clear(x.columns)
	}
	return err
}

// findPlaces finds the places of a large list's records.
func (x *indexer) findPlaces(ctx context.Context, o storage.Order) error {
	large, err := x.store.Large(ctx)
	if err != nil || !slices.Contains(large, o.Resource) {
		return err
	}
	return x.store.MakePlaces(ctx, o)
}

func (x *indexer) hear(e event.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := e.(type) {
	case event.RunFinished:
		if e.Run.DryRun {
			return
		}
		x.ran = true
	case event.ListShown:
		x.lists[e.Resource] = e.Columns
	default:
		return
	}
	select {
	case x.heard <- struct{}{}:
	default: // it is going to look anyway
	}
}
