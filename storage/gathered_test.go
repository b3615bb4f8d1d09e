package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Whatever a transaction asks for, it sees what it has written itself: a record is found,
// written again, and read, while it and others are gathered to be written together.
func TestATransactionSeesWhatItGathers(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "peer").ID
	record := func(i int, name string) *core.Record {
		return &core.Record{Resource: "test_thing", UUID: storagetest.UUID(i), MCI: 2, ModifiedOn: 77, Fields: []core.Field{field("name", core.String, name)}}
	}
	want := make(map[int]string)
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for i := range 40 {
			want[i] = "first"
			rec := record(i, "first")
			if err := errors.Join(tx.Put(ctx, rec, core.Change{Rule: "create", Origin: repo}), tx.SetBase(ctx, repo, rec, core.SeqCurrent)); err != nil {
				return err
			}
			if i%8 == 7 { // some are gathered now
				h, err := tx.Head(ctx, repo, record(i-2, "").Link())
				if err != nil || !h.Known || !h.HasBase || h.BaseHash != h.Hash {
					return fmt.Errorf("record %d: %+v, %w", i-2, h, err)
				}
			}
			if i%8 == 3 {
				want[i-1] = fmt.Sprint("second ", i)
				if err := tx.Put(ctx, record(i-1, want[i-1]), core.Change{Rule: "update"}); err != nil {
					return err
				}
				if got, err := tx.Record(ctx, record(i-1, "").Link()); err != nil || got.Fields[0].Value.Str != want[i-1] {
					return fmt.Errorf("record %d: %+v, %w", i-1, got, err)
				}
			}
		}
		return nil
	})
	for i, name := range want {
		got, err := db.Record(ctx, record(i, "").Link())
		if err != nil {
			t.Fatal(err)
		}
		if got.Fields[0].Value.Str != name {
			t.Errorf("record %d: %q, not %q", i, got.Fields[0].Value.Str, name)
		}
	}
}

// A transaction whose rows could not be written is not committed, also if whoever made the
// call that wrote them did not hear of it; the next one finds nothing of it.
func TestRowsThatCouldNotBeWrittenSpoilTheirTransaction(t *testing.T) {
	db, _ := storagetest.New(t)
	record := func(i int) *core.Record {
		return &core.Record{Resource: "test_thing", UUID: storagetest.UUID(i), MCI: 2, ModifiedOn: 77,
			Fields: []core.Field{field("name", core.String, strings.Repeat("x", 1000))}}
	}
	put := func(from, n int, trouble func(error) error) error {
		return db.Import(ctx, func(tx intake.Tx) error {
			for i := range n {
				if err := tx.Put(ctx, record(from+i), core.Change{Rule: "create"}); err != nil {
					return trouble(err)
				}
			}
			return nil
		})
	}
	tell := func(err error) error { return err }
	if err := put(0, 1, tell); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{50, 1000} { // written by the commit, and before it
		for name, trouble := range map[string]func(makeRoom func()) func(error) error{
			"told":      func(func()) func(error) error { return tell },
			"swallowed": func(makeRoom func()) func(error) error { return func(error) error { makeRoom(); return nil } },
		} {
			makeRoom := storage.LimitPages(t, db, 10)
			if err := put(1, n, trouble(makeRoom)); !core.IsKind(err, core.DiskFull) {
				t.Errorf("%d records, %s: %v", n, name, err)
			}
			makeRoom()
			if _, err := db.Record(ctx, record(1).Link()); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("%d records, %s: there is one, %v", n, name, err)
			}
		}
	}
	if err := put(1, 1000, tell); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Record(ctx, record(1000).Link()); err != nil {
		t.Error(err)
	}
}
