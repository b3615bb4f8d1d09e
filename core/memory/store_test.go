package memory_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newStore() *memory.Store {
	return memory.New(core.Node{UUID: "urn:uuid:node"}, func() time.Time { return noon })
}

func office(uuid, name string) core.Record {
	rec := core.Record{Resource: "org_office", UUID: uuid, ModifiedOn: 1e9}
	rec.Set(core.Field{Name: "name", Value: core.Text(name)})
	return rec
}

func contact(uuid, master, value string) core.Record {
	rec := core.Record{Resource: "pr_contact", UUID: uuid, ModifiedOn: 1e9, Master: core.Link{Resource: "org_office", UUID: master}}
	rec.Set(core.Field{Name: "value", Value: core.Text(value)})
	return rec
}

func put(t *testing.T, s *memory.Store, records ...core.Record) {
	t.Helper()
	err := s.Import(t.Context(), func(tx intake.Tx) error {
		for i := range records {
			if err := tx.Put(t.Context(), &records[i], core.Change{At: core.MTimeOf(noon)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// everything is all that can be seen of a store, for comparison.
func everything(t *testing.T, s *memory.Store) []any {
	t.Helper()
	var seen []any
	for _, resource := range []core.Resource{"org_office", "pr_contact"} {
		_, err := s.Export(t.Context(), responder.ExportQuery{Resource: resource, Deleted: true}, func(rec *core.Record) error {
			seen = append(seen, *rec)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seq, err := s.Seq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := s.Tasks(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	seen = append(seen, seq, tasks, s.Conflicts(), s.Quarantined())
	err = s.Import(t.Context(), func(tx intake.Tx) error {
		for _, uuid := range []string{"a", "b"} {
			head, err := tx.Head(t.Context(), 1, core.Link{Resource: "org_office", UUID: uuid})
			seen = append(seen, head)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// doEverything uses each method of a transaction that writes.
func doEverything(ctx context.Context, tx intake.Tx) error {
	a, b, part := office("a", "A2"), office("b", "B"), contact("p", "b", "moved")
	link := a.Link()
	_, err := tx.AddConflict(ctx, core.Conflict{RepositoryID: 1, Record: link})
	return errors.Join(err,
		tx.Put(ctx, &a, core.Change{Origin: 1}), tx.Put(ctx, &b, core.Change{}), tx.Put(ctx, &part, core.Change{}),
		tx.Touch(ctx, &a), tx.SetBase(ctx, 1, &a, core.SeqCurrent),
		tx.AddQuarantine(ctx, core.Quarantine{RepositoryID: 1, Record: link, Reason: "again"}),
		tx.AddQuarantine(ctx, core.Quarantine{RepositoryID: 1, Record: b.Link()}),
		tx.ClearQuarantine(ctx, 1, link, false),
		tx.SetCheckpoint(ctx, core.Task{ID: 1}, core.Checkpoint{Start: 7}, 1e9))
}

func filled(t *testing.T) *memory.Store {
	t.Helper()
	s := newStore()
	s.SaveTask(core.NewTask(1, "org_office"))
	put(t, s, office("a", "A"), contact("p", "a", "1"))
	err := s.Import(t.Context(), func(tx intake.Tx) error {
		return tx.AddQuarantine(t.Context(), core.Quarantine{RepositoryID: 1, Record: core.Link{Resource: "org_office", UUID: "a"}, Since: 5})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnImportThatFailsLeavesNoTrace(t *testing.T) {
	s := filled(t)
	before := everything(t, s)
	fault := errors.New("injected")
	err := s.Import(t.Context(), func(tx intake.Tx) error {
		if err := doEverything(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	if after := everything(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

func TestAnImportThatPanicsOrIsCancelledLeavesNoTrace(t *testing.T) {
	s := filled(t)
	before := everything(t, s)
	func() {
		defer func() { _ = recover() }()
		_ = s.Import(t.Context(), func(tx intake.Tx) error {
			_ = doEverything(t.Context(), tx)
			panic("injected")
		})
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Import(ctx, func(tx intake.Tx) error {
		cancel()
		return doEverything(context.WithoutCancel(ctx), tx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if after := everything(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

func TestAnImportThatSucceedsIsThere(t *testing.T) {
	s := filled(t)
	if err := s.Import(t.Context(), func(tx intake.Tx) error { return doEverything(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	err := s.Import(t.Context(), func(tx intake.Tx) error {
		link := core.Link{Resource: "org_office", UUID: "a"}
		head, err := tx.Head(t.Context(), 1, link)
		if err != nil || !head.Known || !head.HasBase || head.Seq != 3 || head.BaseSeq != 3 || head.Origin != 1 || !head.OpenConflict {
			t.Errorf("head %+v, %v", head, err)
		}
		first := office("a", "A")
		old, err := tx.VersionByHash(t.Context(), link, first.Hash())
		if err != nil || old.Title() != "A" {
			t.Errorf("the former version: %+v, %v", old, err)
		}
		if _, err := tx.Base(t.Context(), 2, link); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("another repository's base: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := s.Tasks(t.Context(), 1)
	if err != nil || tasks[0].Checkpoint.Start != 7 || tasks[0].LastPull != 1e9 {
		t.Errorf("task %+v, %v", tasks, err)
	}
	if q := s.Quarantined(); len(q) != 1 || q[0].Record.UUID != "b" {
		t.Errorf("quarantine %+v", q)
	}
}

func TestQuarantineCountsItsAttempts(t *testing.T) {
	s := filled(t)
	err := s.Import(t.Context(), func(tx intake.Tx) error {
		return tx.AddQuarantine(t.Context(), core.Quarantine{RepositoryID: 1, Record: core.Link{Resource: "org_office", UUID: "a"}, Since: 9, Reason: "still"})
	})
	if q := s.Quarantined(); err != nil || len(q) != 1 || q[0].Attempts != 2 || q[0].Since != 5 || q[0].Reason != "still" {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestComponentsTravelInTheirMaster(t *testing.T) {
	s := filled(t)
	export := func(q responder.ExportQuery) []core.Record {
		var all []core.Record
		q.Resource = "org_office"
		if _, err := s.Export(t.Context(), q, func(rec *core.Record) error {
			all = append(all, *rec)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := export(responder.ExportQuery{}); len(got) != 1 || len(got[0].Components) != 1 {
		t.Fatalf("%+v", got)
	}
	if got := export(responder.ExportQuery{NoComponents: true}); len(got[0].Components) != 0 {
		t.Errorf("%+v", got)
	}
	gone := contact("p", "a", "")
	gone.Fields, gone.Deleted = nil, true
	put(t, s, gone)
	if got := export(responder.ExportQuery{}); len(got[0].Components) != 0 {
		t.Errorf("a deleted component: %+v", got)
	}
	if got := export(responder.ExportQuery{Deleted: true, Since: core.MTimeOf(noon)}); len(got) != 1 || len(got[0].Components) != 1 {
		t.Errorf("a deleted component is news of its master: %+v", got)
	}
}

func TestRecordsThatAreEachOthersComponentsDoNoHarm(t *testing.T) {
	s := newStore()
	a, b := office("a", "A"), office("b", "B")
	a.Master, b.Master = b.Link(), a.Link()
	put(t, s, a, b)
	n, err := s.Export(t.Context(), responder.ExportQuery{Resource: "org_office"}, func(rec *core.Record) error {
		if len(rec.Components) != 1 || len(rec.Components[0].Components) != 0 {
			t.Errorf("%+v", rec)
		}
		return nil
	})
	if n != 2 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestWhatIsReadIsACopy(t *testing.T) {
	s := filled(t)
	link := core.Link{Resource: "org_office", UUID: "a"}
	rec, err := s.Record(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	rec.Fields[0].Value = core.Text("scribbled")
	if again, err := s.Record(t.Context(), link); err != nil || again.Title() != "A" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestTheLogIsBounded(t *testing.T) {
	s := newStore()
	for range 6000 {
		if _, err := s.AddLog(t.Context(), core.LogEntry{}); err != nil {
			t.Fatal(err)
		}
	}
	log := s.Log()
	if len(log) > 5000 || log[len(log)-1].ID != 6000 {
		t.Errorf("%d rows, the last is %d", len(log), log[len(log)-1].ID)
	}
}
