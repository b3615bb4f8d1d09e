package replicate_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// A watchedStore tells from where on batches are read.
type watchedStore struct {
	*storage.DB
	mu    sync.Mutex
	after []int64
	begun chan int64 // the same, for who waits
}

func (s *watchedStore) Outgoing(ctx context.Context, task core.Task, now core.MTime, after int64, limit int, lending *core.Lending) ([]core.Outgoing, int64, error) {
	out, next, err := s.DB.Outgoing(ctx, task, now, after, limit, lending)
	s.mu.Lock()
	s.after = append(s.after, after)
	s.mu.Unlock()
	select {
	case s.begun <- after:
	default:
	}
	return out, next, err
}

// repeated counts the places from which a batch was read more than once.
func (s *watchedStore) repeated() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	times := make(map[int64]int)
	for _, a := range s.after {
		if times[a]++; times[a] == 2 {
			n++
		}
	}
	return n
}

func watched(w *world) *watchedStore {
	s := &watchedStore{DB: w.db, begun: make(chan int64, 100)}
	w.engine.Store = s
	return s
}

func isPush(r *http.Request) bool {
	return r.Method == http.MethodPost && !strings.Contains(r.URL.Path, "register")
}

// The hub does not answer the first batch before the next one is being read.
func TestTheNextBatchIsReadWhileOneIsUnderWay(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.sync()
	store := watched(w)
	for i := 1; i <= 12; i++ { // of 5 each
		w.edit(office(i), set("name", "New"))
	}
	var once sync.Once
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if isPush(r) {
			once.Do(func() {
				for {
					select {
					case after := <-store.begun:
						if after > 0 {
							return
						}
					case <-time.After(10 * time.Second):
						t.Error("nothing is read while a batch is under way")
						return
					}
				}
			})
		}
		return false
	})
	if run := w.sync(); run.Sent != 12 || run.Delivered != 12 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	if again := store.repeated(); again != 0 {
		t.Errorf("%d batches were read twice: %v", again, store.after)
	}
	for i := 1; i <= 12; i++ {
		w.agree(office(i), "name", "New")
	}
	w.quiet()
}

// What was read ahead is used only if the batch before it was settled by seals alone.
func TestWhatWasReadBeforeAnythingElseHappenedIsReadAgain(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.sync()
	store := watched(w)
	for i := 1; i <= 12; i++ {
		w.edit(office(i), set("name", "New"))
	}
	n.meddle(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if !isPush(r) {
			return false
		}
		withBody(r, strings.Replace(bodyOf(r), office(3).UUID, "urn:uuid:another", 1)) // it does not arrive under its name
		answer.ServeHTTP(rw, r)
		return true
	})
	if run := w.sync(); run.Sent != 12 || run.Delivered != 11 || run.Refused != 1 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	if store.repeated() == 0 {
		t.Errorf("nothing was read again: %v", store.after)
	}
}

// An edit of a record that was read and not yet sent goes out with the next push, and
// what was agreed on is what was sent.
func TestAnEditOfWhatWasReadAheadIsNotLost(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.sync()
	for i := 1; i <= 12; i++ {
		w.edit(office(i), set("name", "New"))
	}
	store := watched(w)
	var once sync.Once
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if isPush(r) {
			once.Do(func() {
				for after := int64(0); after == 0; {
					after = <-store.begun
				}
				w.edit(office(7), set("name", "Newer"))
			})
		}
		return false
	})
	w.sync()
	w.sync()
	w.agree(office(7), "name", "Newer")
	w.quiet()
}
