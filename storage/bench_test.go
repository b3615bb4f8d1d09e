package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// pull imports n organisations in pages of 500 as a run does: Head, Put, SetBase.
func pull(b *testing.B, db *storage.DB, repo int64, recs []core.Record) {
	b.Helper()
	for start := 0; start < len(recs); start += 500 {
		err := db.Import(ctx, func(tx intake.Tx) error {
			for i := start; i < min(start+500, len(recs)); i++ {
				rec := &recs[i]
				if _, err := tx.Head(ctx, repo, rec.Link()); err != nil {
					return err
				}
				if err := tx.Put(ctx, rec, core.Change{Run: "r", Rule: "create", Origin: repo}); err != nil {
					return err
				}
				if err := tx.SetBase(ctx, repo, rec, core.SeqCurrent); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func organisations(n int) []core.Record {
	recs := make([]core.Record, n)
	for i := range recs {
		recs[i] = storagetest.Organisation(i)
	}
	return recs
}

func BenchmarkFirstPull10000(b *testing.B) {
	recs := organisations(10_000)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		db, _ := storagetest.New(b)
		repo, err := db.AddRepository(ctx, core.Repository{Name: "hub"})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		pull(b, db, repo.ID, recs)
	}
}

func BenchmarkSecondPull10000Updates(b *testing.B) {
	db, _ := storagetest.New(b)
	repo, err := db.AddRepository(ctx, core.Repository{Name: "hub"})
	if err != nil {
		b.Fatal(err)
	}
	recs := organisations(10_000)
	pull(b, db, repo.ID, recs)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for i := range recs {
			recs[i].Set(core.Field{Name: "acronym", Value: core.Text(fmt.Sprint(n, "-", i))})
		}
		pull(b, db, repo.ID, recs)
	}
}

func BenchmarkReading10000(b *testing.B) {
	db, _ := storagetest.New(b)
	repo, err := db.AddRepository(ctx, core.Repository{Name: "hub"})
	if err != nil {
		b.Fatal(err)
	}
	pull(b, db, repo.ID, organisations(10_000))
	if _, err := db.AddTask(ctx, core.NewTask(repo.ID, "org_organisation")); err != nil {
		b.Fatal(err)
	}
	first, err := db.List(ctx, storage.Query{Resource: "org_organisation"})
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name string
		q    storage.Query
	}{
		{"first page by name", storage.Query{}}, {"next page by name", storage.Query{After: first.Next}},
		{"by time of change", storage.Query{Sort: storage.SortModified, Desc: true}}, {"one word", storage.Query{Search: "09999"}},
		{"a prefix", storage.Query{Search: "organ"}}, {"unsent", storage.Query{Only: storage.MarkUnsent}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.q.Resource = "org_organisation"
			if err := db.IndexSearch(ctx); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := db.List(ctx, bb.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("index the search", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			recs := organisations(2000)
			for i := range recs {
				recs[i].UUID += fmt.Sprint("-", b.Elapsed())
			}
			pull(b, db, repo.ID, recs)
			b.StartTimer()
			if err := db.IndexSearch(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
