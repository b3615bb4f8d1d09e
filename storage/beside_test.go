package storage_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// twoCores has transactions write beside themselves, on whatever machine.
func twoCores(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// bulky is a record of which 32 are more than is gathered.
func bulky(i int, name string) *core.Record {
	return &core.Record{Resource: "test_thing", UUID: storagetest.UUID(i), MCI: 2, ModifiedOn: 77,
		Fields: []core.Field{field("name", core.String, name), field("comments", core.String, strings.Repeat("x", 8<<10))}}
}

func nameOf(db *storage.DB, i int) (string, error) {
	rec, err := db.Record(ctx, bulky(i, "").Link())
	if err != nil {
		return "", err
	}
	for _, f := range rec.Fields {
		if f.Name == "name" {
			return f.Value.Str, nil
		}
	}
	return "", nil
}

// What is being written beside a transaction is there for it as soon as it asks, and can be
// written again.
func TestATransactionSeesWhatIsWrittenBesideIt(t *testing.T) {
	twoCores(t)
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "peer").ID
	want, flights := make(map[int]string), 0
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for i := range 400 {
			want[i] = "first"
			rec := bulky(i, "first")
			if err := errors.Join(tx.Put(ctx, rec, core.Change{Rule: "create", Origin: repo}), tx.SetBase(ctx, repo, rec, core.SeqCurrent)); err != nil {
				return err
			}
			if !storage.WritesBeside(tx) {
				continue
			}
			flights++
			switch at := i - 5; flights % 3 {
			case 0:
				h, err := tx.Head(ctx, repo, bulky(at, "").Link())
				if err != nil || !h.Known || !h.HasBase || h.BaseHash != h.Hash {
					return fmt.Errorf("record %d: %+v, %w", at, h, err)
				}
			case 1:
				want[at] = fmt.Sprint("second ", i)
				if err := tx.Put(ctx, bulky(at, want[at]), core.Change{Rule: "update"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if flights < 9 {
		t.Errorf("%d times something was written beside the transaction", flights)
	}
	for i, wanted := range want {
		if got, err := nameOf(db, i); err != nil || got != wanted {
			t.Errorf("record %d is %q, not %q: %v", i, got, wanted, err)
		}
	}
}

// A connection serves one at a time: while a transaction is in the middle of reading what it
// gathers is written by itself, and so from then on if it was given the connection to keep.
func TestNothingIsWrittenBesideWhoeverReads(t *testing.T) {
	twoCores(t)
	for how, read := range map[string]func(intake.Tx, func() error) error{"asked": storage.ReadAsking, "kept": storage.ReadKeeping} {
		db, _ := storagetest.New(t)
		put := func(tx intake.Tx, from, n int) (beside int, err error) {
			for i := range n {
				if err := tx.Put(ctx, bulky(from+i, "x"), core.Change{Rule: "create"}); err != nil {
					return 0, err
				}
				if storage.WritesBeside(tx) {
					beside++
				}
			}
			return beside, nil
		}
		storagetest.Import(t, db, func(tx intake.Tx) error {
			if beside, err := put(tx, 0, 100); err != nil || beside == 0 {
				return fmt.Errorf("%s: before it reads, %d times: %w", how, beside, err)
			}
			rows := 0
			err := read(tx, func() error {
				rows++
				beside, err := put(tx, rows*100, 100)
				if beside > 0 {
					t.Errorf("%s: written beside who reads", how)
				}
				return err
			})
			if err != nil || rows != 3 {
				return fmt.Errorf("%s: %d rows, %w", how, rows, err)
			}
			beside, err := put(tx, 1000, 100)
			if kept := how == "kept"; kept != (beside == 0) {
				t.Errorf("%s: written beside it %d times afterwards", how, beside)
			}
			return err
		})
		for _, i := range []int{0, 100, 399, 1099} {
			if got, err := nameOf(db, i); err != nil || got != "x" {
				t.Errorf("%s: record %d is %q, %v", how, i, got, err)
			}
		}
	}
}

// A transaction that is given up while something is written beside it leaves nothing, and the
// next one has the connection to itself.
func TestATransactionGivenUpWhileWrittenBesideLeavesNothing(t *testing.T) {
	twoCores(t)
	db, _ := storagetest.New(t)
	reason := errors.New("given up")
	for how, end := range map[string]func() error{
		"error": func() error { return reason },
		"panic": func() error { panic(reason) },
	} {
		err := core.Caught(func() error {
			return db.Import(ctx, func(tx intake.Tx) error {
				for i := 0; !storage.WritesBeside(tx); i++ {
					if err := tx.Put(ctx, bulky(i, how), core.Change{Rule: "create"}); err != nil || i > 1000 {
						return fmt.Errorf("after %d: %w", i, err)
					}
				}
				return end()
			})
		})
		if bug := core.BugIn(err); !errors.Is(err, reason) && (bug == nil || bug.Value != reason) {
			t.Errorf("%s: %v", how, err)
		}
		if _, err := nameOf(db, 0); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("%s: there is one: %v", how, err)
		}
	}
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, bulky(0, "there"), core.Change{Rule: "create"}) })
	if got, err := nameOf(db, 0); err != nil || got != "there" {
		t.Errorf("%q, %v", got, err)
	}
}
