package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// benchSizes are the numbers of records that stand in the benchmarks' names.
var benchSizes = []int{1000, 10_000}

func eachSize(b *testing.B, fn func(b *testing.B, n int)) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) { fn(b, n) })
	}
}

// benchStore is a store with a repository and a task for organisations.
func benchStore(b *testing.B) (*storage.DB, core.Task) {
	b.Helper()
	db, _ := storagetest.New(b)
	repo := storagetest.Repository(b, db, "hub")
	return db, storagetest.Task(b, db, repo.ID, "org_organisation")
}

// pull imports records in pages of 500 by the rules of a task, as a run does.
func pull(b *testing.B, db *storage.DB, task core.Task, recs []core.Record) {
	b.Helper()
	rules := intake.Rules{Repository: task.RepositoryID, Run: "r", Peer: "hub", Now: core.MTime(1 << 40),
		Rules: core.Rules{Strategy: task.Strategy, Update: task.Update, Conflict: task.Conflict, Merge: task.Merge}}
	for start := 0; start < len(recs); start += 500 {
		err := db.Import(ctx, func(tx intake.Tx) error {
			for i := start; i < min(start+500, len(recs)); i++ {
				rec := recs[i].Clone()
				if _, err := intake.Apply(ctx, tx, &rules, &rec); err != nil {
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

// pulled is a store that has n organisations from a repository, and its task.
func pulled(b *testing.B, n int) (*storage.DB, core.Task, []core.Record) {
	b.Helper()
	db, task := benchStore(b)
	recs := organisations(n)
	pull(b, db, task, recs)
	return db, task, recs
}

// BenchmarkImport is a first pull.
func BenchmarkImport(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		recs := organisations(n)
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			db, task := benchStore(b)
			b.StartTimer()
			pull(b, db, task, recs)
		}
	})
}

// BenchmarkImportUnchanged is the same pull once more.
func BenchmarkImportUnchanged(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, task, recs := pulled(b, n)
		b.ReportAllocs()
		for b.Loop() {
			pull(b, db, task, recs)
		}
	})
}

// BenchmarkImportUpdates is a pull of records that all have changed.
func BenchmarkImportUpdates(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, task, recs := pulled(b, n)
		b.ReportAllocs()
		for version := 1; b.Loop(); version++ {
			for i := range recs {
				recs[i].Set(core.Field{Name: "acronym", Value: core.Text(fmt.Sprint(version, "-", i))})
				recs[i].ModifiedOn++
			}
			pull(b, db, task, recs)
		}
	})
}

// BenchmarkList is what a person does in the record list.
func BenchmarkList(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, task, _ := pulled(b, n)
		if err := db.IndexSearch(ctx); err != nil {
			b.Fatal(err)
		}
		first, err := db.List(ctx, storage.Query{Resource: task.Resource, Limit: n / 2})
		if err != nil {
			b.Fatal(err)
		}
		for _, bb := range []struct {
			name string
			q    storage.Query
		}{
			{"first page by name", storage.Query{}}, {"page in the middle", storage.Query{After: first.Next}},
			{"by another field", storage.Query{Sort: "acronym"}},
			{"by time of change", storage.Query{Sort: storage.SortModified, Desc: true}}, {"one word", storage.Query{Search: "00999"}},
			{"a prefix", storage.Query{Search: "organ"}}, {"unsent", storage.Query{Only: storage.MarkUnsent}},
		} {
			b.Run(bb.name, func(b *testing.B) {
				bb.q.Resource = task.Resource
				for b.Loop() {
					if _, err := db.List(ctx, bb.q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkSearch looks for words in all tables.
func BenchmarkSearch(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, _, _ := pulled(b, n)
		if err := db.IndexSearch(ctx); err != nil {
			b.Fatal(err)
		}
		for _, words := range []string{"organ", "kenya 00999", "00999"} {
			b.Run(words, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if found, err := db.Search(ctx, words, 50); err != nil || len(found) == 0 {
						b.Fatal(len(found), err)
					}
				}
			})
		}
	})
}

// BenchmarkIndexSearch fills the search after a pull.
func BenchmarkIndexSearch(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		recs := organisations(n)
		for b.Loop() {
			b.StopTimer()
			db, task := benchStore(b)
			pull(b, db, task, recs)
			b.StartTimer()
			if err := db.IndexSearch(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDiffering lays a peer's inventory beside what was agreed.
func BenchmarkDiffering(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, task, recs := pulled(b, n)
		lines := make([]core.InventoryLine, n)
		for i := range recs {
			lines[i] = core.InventoryLine{Link: recs[i].Link(), ModifiedOn: recs[i].ModifiedOn}
		}
		lines[n/2].ModifiedOn++
		b.ReportAllocs()
		for b.Loop() {
			differ, missing, _, err := db.Differing(ctx, task, nil, func(add func([]core.InventoryLine) error) error { return add(lines) })
			if err != nil || len(differ) != 1 || len(missing) != 0 {
				b.Fatal(len(differ), len(missing), err)
			}
		}
	})
}

// BenchmarkExport is what a peer is given: by pages, each record with components,
// of a table whose records came on one day and of one that an import gave one
// stamp.
func BenchmarkExport(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		for _, stamps := range []int{400, 1} {
			b.Run(fmt.Sprintf("stamps=%d", stamps), func(b *testing.B) {
				db, task := benchStore(b)
				recs := organisations(n)
				for i := range recs {
					recs[i].ModifiedOn = core.MTime(1 + i%stamps)
					if i%3 == 0 {
						recs[i].Components = []core.Record{storagetest.Contact(i, recs[i].Link())}
					}
				}
				pull(b, db, task, recs)
				b.ReportAllocs()
				var document []byte
				for b.Loop() {
					for start := 0; start < n; start += 2000 {
						q := responder.ExportQuery{Resource: task.Resource, Deleted: true, Start: start, Limit: 2000}
						_, err := db.ExportElements(ctx, q, &worn{}, func(_ string, element func([]byte) ([]byte, error)) (err error) {
							document, err = element(document[:0])
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	})
}

// BenchmarkPush is what a push of new records asks of the store, every third with
// a component: what is unsent, batch by batch, and that each of them was sealed.
func BenchmarkPush(b *testing.B) {
	eachPush(b, func(b *testing.B, db *storage.DB, other core.Task, want int) {
		sent, since := 0, lastSeq(b, db)
		eachBatch(b, db, other, func(batch []core.Sealing) {
			seal(b, db, batch, since)
			sent += len(batch)
		})
		if sent != want {
			b.Fatalf("%d of %d were sent", sent, want)
		}
	})
}

// BenchmarkOutgoing reads what is unsent, with the components.
func BenchmarkOutgoing(b *testing.B) {
	eachPush(b, func(b *testing.B, db *storage.DB, other core.Task, want int) {
		found := 0
		eachBatch(b, db, other, func(batch []core.Sealing) { found += len(batch) })
		if found != want {
			b.Fatalf("%d of %d are unsent", found, want)
		}
	})
}

// BenchmarkSealed notes what was read before as sealed.
func BenchmarkSealed(b *testing.B) {
	eachPush(b, func(b *testing.B, db *storage.DB, other core.Task, _ int) {
		b.StopTimer()
		var batches [][]core.Sealing
		eachBatch(b, db, other, func(batch []core.Sealing) { batches = append(batches, batch) })
		since := lastSeq(b, db)
		b.StartTimer()
		for _, batch := range batches {
			seal(b, db, batch, since)
		}
	})
}

// BenchmarkUnsent counts what is unsent, as the window does.
func BenchmarkUnsent(b *testing.B) {
	eachSize(b, func(b *testing.B, n int) {
		db, resource, want := pushStore(b, n)
		other := lacking(b, db, resource)
		b.ReportAllocs()
		for b.Loop() {
			counts, err := db.Unsent(ctx)
			if err != nil || counts[other.RepositoryID] != want {
				b.Fatalf("%d of %d are unsent: %v", counts[other.RepositoryID], want, err)
			}
		}
	})
}

// eachPush runs fn with a repository that lacks all records; want is how many
// there are with their components.
func eachPush(b *testing.B, fn func(b *testing.B, db *storage.DB, other core.Task, want int)) {
	eachSize(b, func(b *testing.B, n int) {
		db, resource, want := pushStore(b, n)
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			other := lacking(b, db, resource)
			b.StartTimer()
			fn(b, db, other, want)
			b.StopTimer()
			if err := db.DeleteRepository(ctx, other.RepositoryID); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
}

// pushStore has n records, every third with a component.
func pushStore(b *testing.B, n int) (db *storage.DB, resource core.Resource, want int) {
	b.Helper()
	db, task := benchStore(b)
	recs := organisations(n)
	want = n
	for i := 0; i < n; i += 3 {
		recs[i].Components = []core.Record{storagetest.Contact(i, recs[i].Link())}
		want++
	}
	pull(b, db, task, recs)
	return db, task.Resource, want
}

// lacking is a task of a repository that lacks everything.
func lacking(b *testing.B, db *storage.DB, resource core.Resource) core.Task {
	b.Helper()
	return storagetest.Task(b, db, storagetest.Repository(b, db, "other").ID, resource)
}

// eachBatch reads what is unsent as it would be sealed, batch by batch.
func eachBatch(b *testing.B, db *storage.DB, task core.Task, fn func(batch []core.Sealing)) {
	b.Helper()
	var lending core.Lending
	for after := int64(0); ; {
		out, next, err := db.Outgoing(ctx, task, core.MTime(1<<40), after, 400, &lending)
		if err != nil {
			b.Fatal(err)
		}
		var batch []core.Sealing
		for i := range out {
			for l, part := range out[i].Parts.All() {
				batch = append(batch, core.Sealing{Delivery: core.Delivery{RepositoryID: task.RepositoryID, Run: "r", Record: l, Title: "T", Hash: part.Hash}, Part: part})
			}
		}
		fn(batch)
		if after = next; next == 0 {
			return
		}
	}
}

func lastSeq(b *testing.B, db *storage.DB) int64 {
	b.Helper()
	seq, err := db.Seq(ctx)
	if err != nil {
		b.Fatal(err)
	}
	return seq
}

// seal notes a batch as sealed.
func seal(b *testing.B, db *storage.DB, batch []core.Sealing, since int64) {
	b.Helper()
	err := db.Import(ctx, func(tx intake.Tx) error {
		others, err := tx.Sealed(ctx, batch, since)
		if len(others) > 0 {
			return fmt.Errorf("%v is not as it was", others[0].Record)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
