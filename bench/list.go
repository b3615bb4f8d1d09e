//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/storage"
)

// looks are the times of what a person does in the record list, in milliseconds,
// and how long it took to bring the search up to date, to ready the columns, and to
// find the records' places.
type looks struct {
	First, Deep, Fresh, Hidden, Sorted, Searched, Letter, Unplaced, Far, Changed []float64
	Indexed, Readied, Placed                                                     float64 // seconds; the last two are 0 where that is not done
}

// shown are the columns that the window shows of these records by itself.
var shown = []string{"", "acronym", "address", "capacity", storage.SortModified}

// looksOfAKind is how often each page is asked for.
const looksOfAKind = 5

// readList is a program of its own: it opens a data folder and asks for the
// pages that the window asks for, and prints the looks.
func readList(ctx context.Context, dir string) error {
	db, err := storage.Open(ctx, storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	var l looks
	start := time.Now()
	if err := db.IndexSearch(ctx); err != nil {
		return err
	}
	l.Indexed = time.Since(start).Seconds()
	if err := l.ready(ctx, db); err != nil {
		return err
	}
	middle, err := middlePage(ctx, db)
	if err != nil {
		return err
	}
	for _, column := range shown[1:4] { // nobody has sorted by them yet
		if err := look(ctx, db, storage.Query{Sort: column}, 1, &l.Fresh); err != nil {
			return err
		}
	}
	columns := []storage.Query{{Sort: "contact", Desc: true}, {Sort: "location_id"}, {Sort: "year"}}
	for _, q := range columns {
		if err := look(ctx, db, q, 1, &l.Hidden); err != nil {
			return err
		}
	}
	for _, q := range append(columns, storage.Query{Sort: storage.SortModified, Desc: true}) {
		if err := look(ctx, db, q, looksOfAKind, &l.Sorted); err != nil {
			return err
		}
	}
	for _, words := range []string{"goma wat", "4242", "foundation"} {
		if err := look(ctx, db, storage.Query{Search: words}, looksOfAKind, &l.Searched); err != nil {
			return err
		}
	}
	if err := look(ctx, db, storage.Query{Search: "o"}, looksOfAKind, &l.Letter); err != nil {
		return err
	}
	if err := look(ctx, db, lastTwentieth, looksOfAKind, &l.Far); err != nil {
		return err
	}
	err = errors.Join(look(ctx, db, storage.Query{}, looksOfAKind, &l.First), look(ctx, db, storage.Query{After: middle}, looksOfAKind, &l.Deep))
	if err == nil {
		err = l.afterChanges(ctx, db)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(l)
}

// lastTwentieth looks for a word that one in twenty records has, the last ones of the list.
var lastTwentieth = storage.Query{Search: "vavuniya"}

// ready does what the window does in the background for the list that a person looks at.
func (l *looks) ready(ctx context.Context, db *storage.DB) error {
	large, err := db.Large(ctx)
	if err != nil || !slices.Contains(large, masterTable) {
		return err
	}
	start := time.Now()
	done, err := db.ReadySort(ctx, masterTable, shown)
	if l.Readied = time.Since(start).Seconds(); err == nil && !done {
		err = errors.New("somebody else writes")
	}
	if err != nil {
		return err
	}
	for range looksOfAKind { // as it is until the window knows the places
		if err := lookOnce(ctx, db, lastTwentieth, &l.Unplaced); err != nil {
			return err
		}
	}
	start = time.Now()
	err = db.MakePlaces(ctx, storage.Order{Resource: masterTable})
	l.Placed = time.Since(start).Seconds()
	return err
}

// afterChanges searches right after a person has changed a record.
func (l *looks) afterChanges(ctx context.Context, db *storage.DB) error {
	page, err := db.List(ctx, storage.Query{Resource: masterTable, Limit: looksOfAKind})
	if err != nil {
		return err
	}
	for i := range page.Rows {
		if err := change(ctx, db, page.Rows[i].Record); err != nil {
			return err
		}
		if err := lookOnce(ctx, db, lastTwentieth, &l.Changed); err != nil {
			return err
		}
	}
	return nil
}

// look asks for a page so often. In between, what the window does then is done.
func look(ctx context.Context, db *storage.DB, q storage.Query, times int, took *[]float64) error {
	for range times {
		if err := lookOnce(ctx, db, q, took); err != nil {
			return err
		}
		if err := findPlaces(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

func lookOnce(ctx context.Context, db *storage.DB, q storage.Query, took *[]float64) error {
	q.Resource = masterTable
	start := time.Now()
	page, err := db.List(ctx, q)
	if err != nil {
		return err
	}
	*took = append(*took, float64(time.Since(start).Microseconds())/1000)
	if len(page.Rows) == 0 {
		return fmt.Errorf("nothing found for %+v", q)
	}
	return nil
}

// findPlaces finds the places of the records in the order that was looked at last, if
// the list is large and they are not known.
func findPlaces(ctx context.Context, db *storage.DB) error {
	select {
	case order := <-db.PlacesWanted():
		large, err := db.Large(ctx)
		if err != nil || !slices.Contains(large, order.Resource) {
			return err
		}
		return db.MakePlaces(ctx, order)
	default:
		return nil
	}
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

// listing measures the record list of the node that was pulled into.
func (b *bench) listing(ctx context.Context) error { return b.listOf(ctx, b.node, place{}) }

// listOf measures a node's record list. The worst of the looks of a kind counts.
func (b *bench) listOf(ctx context.Context, n *node, at place) error {
	u, out, err := b.run(ctx, command{args: append(slices.Clone(at.under), b.self, "list", n.dir), env: at.env})
	if err != nil {
		return err
	}
	var l looks
	if err := json.Unmarshal(out, &l); err != nil {
		return err
	}
	list := "List of " + b.many() + at.suffix + ": "
	for _, r := range []row{
		{Work: list + "first page", Value: spreadOf(l.First), Goal: 50},
		{Work: list + "page in the middle", Value: spreadOf(l.Deep), Goal: 50},
		{Work: list + "sorted by another column", Value: worst(l.Sorted), Goal: 200, Note: "the worst of four columns"},
		{Work: list + "search", Value: worst(l.Searched), Goal: 50, Note: "the worst of three searches, index up to date"},
		{Work: list + "search for one letter", Value: spreadOf(l.Letter), Goal: 50, Note: "it is in every record"},
		{Work: list + "search for what its last twentieth has", Value: spreadOf(l.Far), Goal: 50, Note: "a word with which those names begin"},
		{Work: list + "search for that right after a change", Value: spreadOf(l.Changed), Goal: 50, Note: "what was changed is indexed first"},
		{Work: list + "search for that before the places of the records are known", Value: spreadOf(l.Unplaced), Goal: 50, Note: "until the window has found them, when the list is looked at"},
		{Work: list + "sorted by a column for the first time", Value: spreadOf(l.Fresh), Goal: 200, Runs: len(l.Fresh), Note: l.fresh()},
		{Work: list + "sorted by a column that it does not show, for the first time", Value: spreadOf(l.Hidden), Goal: 200, Runs: len(l.Hidden), Note: "it makes the index; three columns"},
		{Work: list + "search brought up to date", Value: exactly(l.Indexed), Unit: "s", Runs: 1, Note: "by the window, after the first pull"},
		{Work: list + "columns readied for sorting", Value: exactly(l.Readied), Unit: "s", Runs: 1, Note: "by the window, when the list is looked at"},
		{Work: list + "places of the records found", Value: exactly(l.Placed), Unit: "s", Runs: 1, Note: "by the window, when the list is looked at, for the first time or after many changes"},
	} {
		if r.Value.Median == 0 {
			continue // it is not done
		}
		r.Memory = u.rss
		if r.Unit == "" {
			r.Unit = "ms"
		}
		if r.Runs == 0 {
			r.Runs = looksOfAKind
		}
		b.add(r)
	}
	return nil
}

// fresh says what happens when a person sorts by a column that the list shows.
func (l *looks) fresh() string {
	if l.Readied > 0 {
		return "the three that the list shows; the window has made the indexes"
	}
	return "the three that the list shows; it makes the index"
}

// worst is the spread of the slowest kind of look.
func worst(all []float64) (w spread) {
	for kind := range slices.Chunk(all, looksOfAKind) {
		if s := spreadOf(kind); s.Median > w.Median {
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
	b.add(row{Work: "Database of " + b.many() + ", base and search included", Against: "compact JSON", Value: exactly(float64(size) / float64(compact)), Unit: "×", Goal: 1.5, Runs: 1,
		Note: fmt.Sprintf("%s against %s", megabytes(size), megabytes(compact))})
	return nil
}
