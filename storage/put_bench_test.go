package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// inTx runs fn for each of the records, all in one transaction.
func inTx(b *testing.B, db *storage.DB, recs []core.Record, fn func(tx intake.Tx, rec *core.Record) error) {
	b.Helper()
	err := db.Import(ctx, func(tx intake.Tx) error {
		for i := range recs {
			if err := fn(tx, &recs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPut writes new rows.
func BenchmarkPut(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		recs := organisations(n)
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			db, _ := benchStore(b)
			b.StartTimer()
			inTx(b, db, recs, func(tx intake.Tx, rec *core.Record) error { return tx.Put(ctx, rec, core.Change{Rule: "create"}) })
		}
	})
}

// BenchmarkUpdate writes one field of rows that are here, and keeps what it
// replaces in the history.
func BenchmarkUpdate(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, _, recs := pulled(b, n)
		b.ReportAllocs()
		for version := 1; b.Loop(); version++ {
			inTx(b, db, recs, func(tx intake.Tx, rec *core.Record) error {
				changed := rec.Clone()
				changed.Set(core.Field{Name: "acronym", Value: core.Text(fmt.Sprint("V", version))})
				return tx.Put(ctx, &changed, core.Change{Rule: "edit", At: core.MTime(version)})
			})
		}
	})
}

// BenchmarkSetBase agrees with another repository on rows that are here.
func BenchmarkSetBase(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, _, recs := pulled(b, n)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			other := storagetest.Repository(b, db, fmt.Sprint("other ", i))
			b.StartTimer()
			inTx(b, db, recs, func(tx intake.Tx, rec *core.Record) error { return tx.SetBase(ctx, other.ID, rec, core.SeqCurrent) })
		}
	})
}

// BenchmarkHead looks whether records are here, and what was agreed on: each by
// itself, and page by page in the order of the index.
func BenchmarkHead(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, task, recs := pulled(b, n)
		links := make([]core.Link, n)
		for i := range recs {
			links[i] = recs[i].Link()
		}
		for _, expected := range []bool{false, true} {
			b.Run(fmt.Sprintf("expected=%t", expected), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					at := 0
					inTx(b, db, recs, func(tx intake.Tx, rec *core.Record) error {
						if expected && at%500 == 0 {
							if err := tx.Expect(ctx, task.RepositoryID, links[at:min(at+500, n)]); err != nil {
								return err
							}
						}
						at++
						head, err := tx.Head(ctx, task.RepositoryID, rec.Link())
						if err == nil && !head.HasBase {
							err = fmt.Errorf("%v has no base", rec.UUID)
						}
						return err
					})
				}
			})
		}
	})
}

// BenchmarkEdit is a person's change of one record, until it is on the disk.
func BenchmarkEdit(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, _, recs := pulled(b, n)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			rec := recs[i%n].Clone()
			rec.Set(core.Field{Name: "acronym", Value: core.Text(fmt.Sprint("V", i))})
			if _, changed, err := db.Edit(ctx, storage.EditRequest{Record: rec, By: "amina@example.org"}); err != nil || !changed {
				b.Fatal(changed, err)
			}
		}
	})
}
