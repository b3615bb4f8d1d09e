//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fieldsync/fieldsync/storage"
)

// looks are the times of what a person does in the record list, in milliseconds.
type looks struct {
	First, Deep, Sorted, Searched []float64
}

// readList is a program of its own: it opens a data folder and asks for the
// pages that the window asks for, and prints the looks.
func readList(ctx context.Context, dir string) error {
	db, err := storage.Open(ctx, storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	if err := db.IndexSearch(ctx); err != nil {
		return err
	}
	middle, err := middlePage(ctx, db)
	if err != nil {
		return err
	}
	var l looks
	for _, ask := range []struct {
		query storage.Query
		times *[]float64
	}{
		{storage.Query{}, &l.First},
		{storage.Query{After: middle}, &l.Deep},
		{storage.Query{Sort: "capacity"}, &l.Sorted}, {storage.Query{Sort: "contact", Desc: true}, &l.Sorted}, {storage.Query{Sort: "location_id"}, &l.Sorted},
		{storage.Query{Sort: storage.SortModified, Desc: true}, &l.Sorted},
		{storage.Query{Search: "goma wat"}, &l.Searched}, {storage.Query{Search: "4242"}, &l.Searched}, {storage.Query{Search: "foundation"}, &l.Searched},
	} {
		ask.query.Resource = masterTable
		for range 5 {
			start := time.Now()
			page, err := db.List(ctx, ask.query)
			if err != nil {
				return err
			}
			if len(page.Rows) == 0 {
				return fmt.Errorf("nothing found for %+v", ask.query)
			}
			*ask.times = append(*ask.times, float64(time.Since(start).Microseconds())/1000)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(l)
}

// middlePage is where the page in the middle of the list begins.
func middlePage(ctx context.Context, db *storage.DB) (string, error) {
	q := storage.Query{Resource: masterTable, Limit: 500}
	var starts []string
	for {
		page, err := db.List(ctx, q)
		if err != nil {
			return "", err
		}
		if page.Next == "" {
			return starts[len(starts)/2], nil
		}
		q.After = page.Next
		starts = append(starts, page.Next)
	}
}

// listing measures the record list of the node that was pulled into. The worst
// of the looks of a kind counts.
func (b *bench) listing(ctx context.Context) error {
	u, out, err := b.run(ctx, command{args: []string{b.self, "list", b.node.dir}})
	if err != nil {
		return err
	}
	var l looks
	if err := json.Unmarshal(out, &l); err != nil {
		return err
	}
	for _, r := range []row{
		{Work: "List: first page of " + b.many(), Value: spreadOf(l.First), Goal: 50},
		{Work: "List: page in the middle", Value: spreadOf(l.Deep), Goal: 50},
		{Work: "List: sorted by another column", Value: worst(l.Sorted), Goal: 200, Note: "the worst of four columns"},
		{Work: "List: search", Value: worst(l.Searched), Goal: 50, Note: "the worst of three searches, index up to date"},
	} {
		r.Unit, r.Memory = "ms", u.rss
		b.add(r)
	}
	return nil
}

// worst is the spread of the slowest kind of look; each was taken five times.
func worst(all []float64) (w spread) {
	for i := 0; i+5 <= len(all); i += 5 {
		if s := spreadOf(all[i : i+5]); s.Median > w.Median {
			w = s
		}
	}
	return w
}

// compactSize is how many bytes the records are as compact JSON. It writes them
// unless they are there.
func (b *bench) compactSize() (int64, error) {
	info, err := os.Stat(b.lines())
	if os.IsNotExist(err) {
		if err = newDataset(b.records, 1).writeJSON(b.lines()); err == nil {
			info, err = os.Stat(b.lines())
		}
	}
	if err != nil {
		return 0, err
	}
	return info.Size() - int64(b.records), nil // without the ends of the lines
}

// sizes measures the database with bases and search index beside the records as
// compact JSON.
func (b *bench) sizes(ctx context.Context) error {
	compact, err := b.compactSize()
	if err != nil {
		return err
	}
	if err := b.node.do(ctx, []string{"records", "search", "goma"}); err != nil {
		return err
	}
	size, err := b.node.size()
	if err != nil {
		return err
	}
	b.add(row{Work: "Database of " + b.many() + ", base and search included", Against: "compact JSON", Value: exactly(float64(size) / float64(compact)), Unit: "×", Goal: 1.5,
		Note: fmt.Sprintf("%s against %s", megabytes(size), megabytes(compact))})
	return nil
}
