package replicate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A countingStore counts what a run writes.
type countingStore struct {
	replicate.Store
	writes []string
}

func (s *countingStore) Pushed(ctx context.Context, p core.Push) error {
	s.writes = append(s.writes, "pushed")
	return s.Store.Pushed(ctx, p)
}

func (s *countingStore) AddLogs(ctx context.Context, rows []core.LogEntry) ([]core.LogEntry, error) {
	s.writes = append(s.writes, "log")
	return s.Store.AddLogs(ctx, rows)
}

func (s *countingStore) SaveRepository(ctx context.Context, r core.Repository) error {
	s.writes = append(s.writes, "repository")
	return s.Store.SaveRepository(ctx, r)
}

func (s *countingStore) Import(ctx context.Context, fn func(intake.Tx) error) error {
	return s.Store.Import(ctx, func(tx intake.Tx) error { return fn(countingTx{tx, s}) })
}

// A countingTx names the records that a transaction writes, or what is agreed about them.
type countingTx struct {
	intake.Tx
	of *countingStore
}

func (t countingTx) Put(ctx context.Context, rec *core.Record, c core.Change) error {
	t.of.writes = append(t.of.writes, "put "+string(rec.Resource)+" "+rec.UUID)
	return t.Tx.Put(ctx, rec, c)
}

func (t countingTx) Touch(ctx context.Context, rec *core.Record) error {
	t.of.writes = append(t.of.writes, "touch "+string(rec.Resource)+" "+rec.UUID)
	return t.Tx.Touch(ctx, rec)
}

func (t countingTx) SetBase(ctx context.Context, repo int64, rec *core.Record, seq int64) error {
	t.of.writes = append(t.of.writes, "base "+string(rec.Resource)+" "+rec.UUID)
	return t.Tx.SetBase(ctx, repo, rec, seq)
}

// writesOf returns what fn makes the laptop write about records.
func (w *world) writesOf(fn func()) []string {
	store := &countingStore{Store: w.db}
	w.engine.Store = store
	defer func() { w.engine.Store = w.db }()
	fn()
	return slices.DeleteFunc(store.writes, func(s string) bool { return !strings.Contains(s, " ") })
}

func TestARunWithNothingToDoWritesOnceAtItsEnd(t *testing.T) {
	w := newWorld(t, "org_office", "org_organisation", "pr_person")
	w.sync()
	w.pass(time.Hour)
	store := &countingStore{Store: w.db}
	w.engine.Store = store
	run := w.sync()
	if len(store.writes) != 0 {
		t.Errorf("it wrote for each table: %v", store.writes)
	}
	rows := w.logRows(run.ID)
	if len(rows) != 6 {
		t.Fatalf("%d rows in the log, want a pull and a push for each of three tables: %+v", len(rows), rows)
	}
	for _, table := range []core.Resource{"org_office", "org_organisation", "pr_person"} {
		if got := w.task(table).LastPush; got != core.MTimeOf(w.clock.Now()) {
			t.Errorf("%s: last push %s, want now", table, got)
		}
	}
}

func TestRowsThatWerePutOffStandBeforeThoseThatFollow(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	w.sync()
	w.offices(1)
	run := w.sync()
	var got []string
	for _, row := range w.logRows(run.ID) {
		got = append(got, row.Resource+" "+row.Mode)
	}
	want := []string{"org_organisation pull", "org_organisation push", "org_office pull", "org_office push"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// logRows returns the rows of a run, oldest first.
func (w *world) logRows(run string) []core.LogEntry {
	w.t.Helper()
	all, err := w.db.Log(w.t.Context(), storage.LogQuery{Run: run})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}
