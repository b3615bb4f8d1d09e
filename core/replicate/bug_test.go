package replicate_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A buggy store panics at one of its calls, as long as it is broken.
type buggy struct {
	*storage.DB
	at     string
	broken atomic.Bool
	holds  atomic.Int32    // so many calls of it before
	after  <-chan struct{} // and until this is closed; nil: at once
}

func (b *buggy) call(name string) {
	if name == b.at && b.broken.Load() && b.holds.Add(-1) < 0 {
		if b.after != nil {
			<-b.after
		}
		panic("injected: a bug in " + name)
	}
}

func (b *buggy) Import(ctx context.Context, fn func(intake.Tx) error) error {
	return b.DB.Import(ctx, func(tx intake.Tx) error {
		err := fn(tx)
		b.call("Import") // all of it was written
		return err
	})
}

func (b *buggy) Recognise(repo int64) func(context.Context, []core.Sighting) error {
	ask := b.DB.Recognise(repo)
	return func(ctx context.Context, s []core.Sighting) error { b.call("Recognise"); return ask(ctx, s) }
}

func (b *buggy) Outgoing(ctx context.Context, task core.Task, now core.MTime, after int64, limit int, lending *core.Lending) ([]core.Outgoing, int64, error) {
	if after > 0 { // read ahead, or for a document that is under way
		b.call("Outgoing")
	}
	return b.DB.Outgoing(ctx, task, now, after, limit, lending)
}

func (b *buggy) Tasks(ctx context.Context, repo int64) ([]core.Task, error) {
	b.call("Tasks")
	return b.DB.Tasks(ctx, repo)
}

func (b *buggy) BearWitness(ctx context.Context, token string) error {
	b.call("BearWitness")
	return b.DB.BearWitness(ctx, token)
}

// A bug in any goroutine of a run ends the run, which says so, and not the program; what
// is unsent stays so, and the next run goes on.
func TestABugEndsTheRunAndNotTheProgram(t *testing.T) {
	for _, at := range []string{"Import", "Recognise", "Outgoing", "Tasks", "BearWitness"} {
		t.Run(at, func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			if err := n.db.Share(t.Context(), "org_office", true); err != nil {
				t.Fatal(err)
			}
			w.offices(3)
			w.sync()
			w.pass(time.Hour)
			w.change(office(1), "name", "Changed there")
			for i := 10; i < 40; i++ {
				w.edit(office(i), set("name", "Made here"))
			}
			broken := &buggy{DB: w.db, at: at}
			broken.broken.Store(true)
			w.engine.Store = broken
			run, err := w.run(replicate.Options{})
			if !core.IsKind(err, core.Internal) || run.Result != core.ResultError || run.Finished == 0 {
				t.Errorf("got %v, %+v", err, run)
			}
			if message := core.AsProblem(err).Sentence(); run.Message != message {
				t.Errorf("the run says %q", run.Message)
			}
			entries, err := w.db.Log(t.Context(), storage.LogQuery{})
			if err != nil || len(entries) == 0 || entries[0].Run != run.ID || entries[0].Result != core.ResultError || entries[0].Message != run.Message {
				t.Errorf("the log says %+v, %v", entries[:min(1, len(entries))], err)
			}
			broken.broken.Store(false)
			w.sync()
			w.agree(office(1), "name", "Changed there")
			for i := 10; i < 40; i++ {
				w.agree(office(i), "name", "Made here")
			}
			w.quiet()
		})
	}
}

// The same where the bug shows while a document is written that is under way.
func TestABugInADocumentThatIsUnderWayEndsTheRun(t *testing.T) {
	w, n := newNodes(t, "org_office")
	if err := n.db.Share(t.Context(), "org_office", true); err != nil {
		t.Fatal(err)
	}
	w.sync()
	for i := 1; i < 60; i++ {
		w.edit(office(i), set("name", "Made here"))
	}
	broken := &buggy{DB: w.db, at: "Outgoing"}
	broken.broken.Store(true)
	broken.holds.Store(3) // one is read ahead, with which the document begins
	w.engine.Store = broken
	long, began := context.WithTimeout(t.Context(), time.Minute)
	broken.after = long.Done()
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method == http.MethodPost && r.ContentLength < 0 {
			began()
		}
		return false
	})
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.Internal) || !errors.Is(long.Err(), context.Canceled) || run.Delivered == 0 {
		t.Fatalf("got %v, %s, a long document: %v", err, run.Counts, long.Err())
	}
	broken.broken.Store(false)
	n.meddle(nil)
	w.sync()
	for i := 1; i < 60; i++ {
		w.agree(office(i), "name", "Made here")
	}
	w.quiet()
}

// What a person asks of a server beside any run ends in a problem, too, and the log has
// the stack.
func TestABugBesideARunIsAProblem(t *testing.T) {
	w, _ := newNodes(t, "org_office")
	w.sync()
	var said strings.Builder
	w.engine.Log = slog.New(slog.NewTextHandler(&said, nil))
	w.engine.Connect = func(core.Repository, core.Node) (replicate.Peer, error) { panic("injected: a bug in a peer") }
	for what, do := range map[string]func() error{
		"register":    func() error { _, err := w.engine.Register(t.Context(), w.repo); return err },
		"older state": func() error { _, err := w.engine.OlderState(t.Context(), w.repo); return err },
	} {
		said.Reset()
		if err := do(); !core.IsKind(err, core.Internal) || !strings.Contains(said.String(), "TestABugBesideARun") {
			t.Errorf("%s: %v; the log says %q", what, err, said.String())
		}
	}
}
