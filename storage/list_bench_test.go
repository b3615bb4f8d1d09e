package storage_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// manyRecords is how many records BenchmarkListOfMany asks among:
// $FIELDSYNC_LIST_RECORDS, or 100,000.
func manyRecords() int {
	if n, err := strconv.Atoi(os.Getenv("FIELDSYNC_LIST_RECORDS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// BenchmarkListOfMany asks a large store for what the window's list asks. The
// store is built once.
func BenchmarkListOfMany(b *testing.B) {
	n := manyRecords()
	db, task := benchStore(b)
	const chunk = 10_000
	for first := 0; first < n; first += chunk {
		recs := make([]core.Record, min(chunk, n-first))
		for i := range recs {
			recs[i] = storagetest.Organisation(first + i)
			recs[i].ModifiedOn += core.MTime((first + i) * 7919 % 1_000_003)
			recs[i].Set(core.Field{Name: "capacity", Value: core.Value{Kind: core.Integer, Str: strconv.Itoa((first + i) * 31 % 5000)}})
			recs[i].Set(core.Field{Name: "comments", Value: core.Text(fmt.Sprintf("Distribution %d of the week in ward %d", (first+i)*17%n, i%97))})
		}
		pull(b, db, task, recs)
	}
	if err := db.IndexSearch(ctx); err != nil {
		b.Fatal(err)
	}
	middle := middleOf(b, db)
	for _, bb := range []struct {
		name string
		q    storage.Query
	}{
		{"first page", storage.Query{}},
		{"page in the middle", storage.Query{After: middle}},
		{"last page", storage.Query{Desc: true}},
		{"sorted by number", storage.Query{Sort: "capacity"}},
		{"sorted by text backwards", storage.Query{Sort: "comments", Desc: true}},
		{"sorted by last change", storage.Query{Sort: storage.SortModified, Desc: true}},
		{"one letter", storage.Query{Search: "d"}},
		{"a word of every record", storage.Query{Search: "distribution"}},
		{"a word and a number", storage.Query{Search: "ward 42"}},
		{"a word of few", storage.Query{Search: "00999"}},
		{"unsent", storage.Query{Only: storage.MarkUnsent}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.q.Resource = "org_organisation"
			for b.Loop() {
				if _, err := db.List(ctx, bb.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// middleOf is where the page in the middle of the list begins.
func middleOf(b *testing.B, db *storage.DB) string {
	b.Helper()
	q := storage.Query{Resource: "org_organisation", Limit: 1000}
	for range manyRecords() / 2 / q.Limit {
		page, err := db.List(ctx, q)
		if err != nil {
			b.Fatal(err)
		}
		q.After = page.Next
	}
	return q.After
}
