package replicate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A notingStore tells in which order is noted what is sent, and what was delivered.
type notingStore struct {
	*storage.DB
	noted []string
	fail  int // the Import of that number fails; 0: none
}

func (s *notingStore) Sending(ctx context.Context, repo int64, list []core.Sending, more bool) error {
	beside := ""
	if more {
		beside = " more"
	}
	s.noted = append(s.noted, fmt.Sprintf("%d%s sent", len(list), beside))
	return s.DB.Sending(ctx, repo, list, more)
}

func (s *notingStore) Import(ctx context.Context, fn func(intake.Tx) error) error {
	s.noted = append(s.noted, "delivered")
	if s.fail--; s.fail == 0 {
		return &core.Problem{Op: "import", Kind: core.DiskFull}
	}
	return s.DB.Import(ctx, fn)
}

// noting makes long documents of 15 records, three batches each, and watches what is noted.
func (w *world) noting() *notingStore {
	store := &notingStore{DB: w.db}
	w.engine.Store, w.engine.Tuning.InTurn, w.engine.Tuning.Stream = store, true, 15
	return store
}

func TestALongDocumentIsNotedWhileTheNextOneIsSent(t *testing.T) {
	w, n := newOffices(t, 43)
	store := w.noting()
	if run := w.sync(); run.Sent != 43 || run.Delivered != 43 {
		t.Fatalf("%s\n%s", run.Counts, w.logs())
	}
	want := []string{
		"5 sent", "delivered", // a batch
		"5 sent", "5 more sent", "5 more sent", // the first long document
		"5 more sent", "delivered", "5 sent", "5 more sent", "5 more sent", // the second one, and that the first is there
		"5 more sent", "delivered", "5 sent", "3 more sent", "delivered", // the last one
	}
	if !slices.Equal(store.noted, want) {
		t.Errorf("noted\n%q, want\n%q", store.noted, want)
	}
	w.allThere(n, 43)
	for l, times := range w.receipts() {
		if times != 1 {
			t.Errorf("%d receipts of %v", times, l)
		}
	}
	w.engine.Store = w.db
	w.quiet()
}

// What was sealed is noted, whatever happens to the document after it.
func TestWhatWasSealedIsNotedThoughTheNextDocumentBreaks(t *testing.T) {
	for _, after := range []int{0, 500, 6000} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			w, n := newOffices(t, 43)
			w.engine.Tuning.Stream = 15
			streams := 0
			n.atStream(func(_ http.ResponseWriter, r *http.Request, answer http.Handler) bool {
				if streams++; streams == 1 {
					return false
				}
				part := io.LimitReader(r.Body, int64(after))
				r.Body = io.NopCloser(io.MultiReader(part, brokenOff{false}))
				answer.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			})
			run, err := w.run(replicate.Options{})
			there, countErr := n.db.Alive(t.Context(), "org_office")
			if err == nil || countErr != nil || there < 20 || run.Delivered != there || len(w.receipts()) != there {
				t.Fatalf("%s, %v, %v; %d there, %d receipts\n%s", run.Counts, err, countErr, there, len(w.receipts()), w.logs())
			}
			n.meddle(nil)
			if run := w.sync(); run.Sent != 43-there || run.Delivered != 43-there {
				t.Errorf("%d were there, then %s\n%s", there, run.Counts, w.logs())
			}
			w.allThere(n, 43)
			w.quiet()
		})
	}
}

// An edit that comes between the answer and what is noted of it is no more lost than one
// while the document is written.
func TestAnEditBeforeALongDocumentIsNotedIsNotLost(t *testing.T) {
	for _, at := range []int{5, 6} { // while the answer is waited for, and when the next document has begun
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			w, n := newOffices(t, 43)
			w.engine.Tuning.InTurn, w.engine.Tuning.Stream = true, 15
			store := &hookedStore{DB: w.db, at: at, do: func() {
				w.edit(office(8), set("name", "edited"))
				w.edit(office(9), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
			}}
			w.engine.Store = store
			if run := w.sync(); run.Refused != 0 || run.Conflicts != 0 {
				t.Errorf("%s\n%s", run.Counts, w.logs())
			}
			w.engine.Store = w.db
			w.sync()
			w.agree(office(8), "name", "edited")
			if there, is := n.Get(office(9)); !is || !there.Deleted {
				t.Errorf("the deletion did not arrive: %+v", there)
			}
			w.quiet()
		})
	}
}

// What could not be noted, for want of room, is asked for by the next run.
func TestALongDocumentThatCannotBeNotedStaysUnsent(t *testing.T) {
	w, n := newOffices(t, 43)
	w.noting().fail = 2
	run, err := w.run(replicate.Options{})
	proved := len(w.receipts())
	if !core.IsKind(err, core.DiskFull) || proved > 10 || run.Delivered != proved { // a batch, and what arrived of the document that broke off
		t.Fatalf("%s, %v, %d receipts\n%s", run.Counts, err, proved, w.logs())
	}
	w.engine.Store = w.db
	if run := w.sync(); run.Delivered != 43-proved || !strings.Contains(w.logs(), "sent and found there") {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	w.allThere(n, 43)
	w.quiet()
}
