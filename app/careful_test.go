//go:build !headless

package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// buggyPeer has a bug wherever it is asked.
type buggyPeer struct{ replicate.Peer }

func (buggyPeer) Probe(context.Context) (replicate.Identity, error) {
	panic("injected: a bug in a probe")
}

func (buggyPeer) Pull(context.Context, replicate.PullRequest, func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	panic("injected: a bug in a pull")
}

func TestABugInAPeerThatTheWindowAsksIsAProblem(t *testing.T) {
	var said strings.Builder
	p := carefulPeer{buggyPeer{}, slog.New(slog.NewTextHandler(&said, nil))}
	if _, err := p.Probe(t.Context()); !core.IsKind(err, core.Internal) || !strings.Contains(said.String(), "buggyPeer.Probe") {
		t.Errorf("%v; the log says %q", err, said.String())
	}
	if _, err := p.Pull(t.Context(), replicate.PullRequest{}, nil); !core.IsKind(err, core.Internal) || !strings.Contains(said.String(), "buggyPeer.Pull") {
		t.Errorf("%v; the log says %q", err, said.String())
	}
}

// buggyIndex has a bug in bringing the search up to date, once.
type buggyIndex struct {
	indexedStore
	once sync.Once
}

func (b *buggyIndex) IndexSearch(ctx context.Context) error {
	b.once.Do(func() { panic("injected: a bug in the search") })
	return b.indexedStore.IndexSearch(ctx)
}

func TestTheIndexerOutlivesABug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		store, events := &buggyIndex{}, new(event.Bus)
		x := newIndexer(events, store, slog.New(slog.NewTextHandler(&said, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { x.serve(ctx); close(ended) }()
		for range 2 {
			synctest.Wait()
			events.Emit(event.RunFinished{Run: core.Run{ID: "a"}})
			time.Sleep(time.Minute)
		}
		cancel()
		<-ended
		if n := strings.Count(strings.Join(store.did, " "), "search"); n != 1 || !strings.Contains(said.String(), "IndexSearch") {
			t.Errorf("did %v; the log says %q", store.did, said.String())
		}
	})
}

// buggyTables is a store with a bug where a repository is looked up, once.
type buggyTables struct {
	cli.Store
	asked atomic.Int32
}

func (s *buggyTables) Repository(context.Context, int64) (core.Repository, error) {
	if s.asked.Add(1) == 1 {
		panic("injected: a bug in a look-up")
	}
	return core.Repository{}, core.ErrNotFound
}

func TestTheLearnerOutlivesABug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		store, events := &buggyTables{}, new(event.Bus)
		l := newLearner(&cli.Node{Store: store, Events: events, Log: slog.New(slog.NewTextHandler(&said, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { l.serve(ctx); close(ended) }()
		for range 2 {
			synctest.Wait()
			events.Emit(event.RunFinished{Run: core.Run{ID: "a", Repository: 1}})
		}
		synctest.Wait()
		cancel()
		<-ended
		if n := store.asked.Load(); n != 2 || !strings.Contains(said.String(), "buggyTables") {
			t.Errorf("asked %d times; the log says %q", n, said.String())
		}
	})
}

// A bug in what one further start says leaves the next one heard.
func TestFurtherStartsAreHeardAfterABug(t *testing.T) {
	var said strings.Builder
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "locks"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		hearStarts(ctx, slog.New(slog.NewTextHandler(&said, nil)), dir, func(message string) {
			if message == "first" {
				panic("injected: a bug in a summons")
			}
			heard <- message
		})
	}()
	for _, message := range []string{"first", "second"} {
		if err := platform.Ring(ctx, dir, message); err != nil {
			t.Errorf("%s: %v", message, err)
		}
	}
	if message := <-heard; message != "second" {
		t.Errorf("heard %q", message)
	}
	cancel()
	<-ended
	if !strings.Contains(said.String(), "injected: a bug in a summons") {
		t.Errorf("the log says %q", said.String())
	}
}
