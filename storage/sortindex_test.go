package storage_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// large is more records than a list is sorted of without an index.
const large = 2100

func largeStore(t *testing.T) (db *storage.DB, recs []core.Record) {
	t.Helper()
	db, _ = storagetest.New(t)
	for i := range large {
		rec := storagetest.Organisation(i)
		rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("%c company %d", "aBcD"[i%4], i%7))})
		rec.Set(core.Field{Name: "budget", Value: core.Value{Kind: core.Integer, Str: strconv.Itoa(i * 37 % 1000)}})
		if i%10 == 0 {
			rec.Unset("budget")
		}
		rec.Deleted = i%100 == 7
		recs = append(recs, rec)
	}
	storagetest.Put(t, db, recs...)
	return db, recs
}

// listed pages through a list.
func listed(t *testing.T, db *storage.DB, q storage.Query) (uuids []string) {
	t.Helper()
	q.Resource, q.Limit = "org_organisation", 300
	for {
		page, err := db.List(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			uuids = append(uuids, r.Record.UUID)
		}
		if q.After = page.Next; q.After == "" {
			return uuids
		}
	}
}

func TestALargeListIsInOrder(t *testing.T) {
	db, recs := largeStore(t)
	byName := func(a, b *core.Record) int {
		return cmp.Compare(strings.ToLower(a.Value("name").Str), strings.ToLower(b.Value("name").Str))
	}
	byBudget := func(a, b *core.Record) int {
		number := func(r *core.Record) int {
			if n, err := strconv.Atoi(r.Value("budget").Str); err == nil {
				return n
			}
			return -1 // missing ones come first
		}
		return cmp.Compare(number(a), number(b))
	}
	for _, tt := range []struct {
		name  string
		query storage.Query
		order func(a, b *core.Record) int
		among func(r *core.Record) bool
	}{
		{"by name", storage.Query{}, byName, nil},
		{"by number", storage.Query{Sort: "budget"}, byBudget, nil},
		{"by name, of many that match a search", storage.Query{Search: "comp"}, byName, nil},
		{"by name, of all that have a letter", storage.Query{Search: "c"}, byName, nil},
		{"by name, of some that have a letter", storage.Query{Search: "b"}, byName,
			func(r *core.Record) bool { return strings.HasPrefix(r.Value("name").Str, "B") }},
		{"by name, of few that match a search", storage.Query{Search: "o77"}, byName,
			func(r *core.Record) bool { return strings.HasPrefix(r.Value("acronym").Str, "O77") }},
	} {
		for _, desc := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, " desc=", desc), func(t *testing.T) {
				var want []string
				sorted := make([]*core.Record, len(recs))
				for i := range recs {
					sorted[i] = &recs[i]
				}
				slices.SortStableFunc(sorted, tt.order)
				for _, r := range sorted {
					if !r.Deleted && (tt.among == nil || tt.among(r)) {
						want = append(want, r.UUID)
					}
				}
				if tt.query.Desc = desc; desc {
					slices.Reverse(want)
				}
				if got := listed(t, db, tt.query); !slices.Equal(got, want) {
					t.Errorf("%d records in another order than the %d wanted", len(got), len(want))
				}
			})
		}
	}
}

func TestAPageFurtherDownIsSoughtInTheIndex(t *testing.T) {
	db, _ := largeStore(t)
	for _, q := range []storage.Query{{}, {Desc: true}, {Sort: "budget"}, {Sort: "budget", Desc: true}, {Sort: "country"}, {Sort: storage.SortModified}, {Search: "comp"}} {
		q.Resource = "org_organisation"
		first, err := db.List(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		q.After = first.Next
		if plan := storage.ListPlan(t, db, q); !strings.HasPrefix(plan[0], "SEARCH r USING") || !strings.Contains(plan[0], "INDEX") {
			t.Errorf("%+v is found by %q: it reads all that comes before the page", q, plan)
		}
	}
}

func TestAnEditMovesARecordInALargeList(t *testing.T) {
	db, recs := largeStore(t)
	last := listed(t, db, storage.Query{})
	moved := recs[1000]
	moved.Set(core.Field{Name: "name", Value: core.Text("zz")})
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, &moved, core.Change{}) })
	got := listed(t, db, storage.Query{})
	if len(got) != len(last) || got[len(got)-1] != moved.UUID {
		t.Errorf("of %d records, %d before, the last is %s", len(got), len(last), got[len(got)-1])
	}
}

// An index that an older program made, which knew no letters but a to z, is made anew.
func TestALargeListIsSortedByLettersThoughAnOlderProgramHadAnIndex(t *testing.T) {
	db, recs := largeStore(t)
	accented := recs[1000]
	accented.Set(core.Field{Name: "name", Value: core.Text("Áá company")})
	storagetest.Put(t, db, accented)
	file, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.Dir(), "fieldsync.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Exec(`CREATE INDEX sort_r_org_organisation_name ON r_org_organisation (lower(ifnull(CAST(name AS TEXT), ''))) WHERE _deleted = 0`); err != nil {
		t.Fatal(err)
	}
	got := listed(t, db, storage.Query{})
	if at := slices.Index(got, accented.UUID); at < 1 || at > large/2 {
		t.Errorf("%q stands at %d of %d", accented.Title(), at, len(got))
	}
	if done, err := db.ReadySort(ctx, "org_organisation", []string{"name"}); !done || err != nil {
		t.Error(done, err)
	}
	same(t, []string{"sort_r_org_organisation_name"}, sortIndexes(t, db))
	q := storage.Query{Resource: "org_organisation"}
	if plan := storage.ListPlan(t, db, q); !strings.Contains(plan[0], "USING INDEX sort_r_org_organisation_name") {
		t.Errorf("the list is sorted by %q", plan)
	}
}

func TestATableHasFewIndexesForSorting(t *testing.T) {
	db, _ := largeStore(t)
	for _, field := range []string{"", "budget", "acronym", "country", "year", "website", "budget"} {
		if _, err := db.List(ctx, storage.Query{Resource: "org_organisation", Sort: field}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"sort_r_org_organisation_budget", "sort_r_org_organisation_name", "sort_r_org_organisation_website", "sort_r_org_organisation_year"}
	if got := sortIndexes(t, db); !slices.Equal(got, want) {
		t.Errorf("the indexes are %v; want that of the names, with which every list begins, and the last three", got)
	}
}

func sortIndexes(t *testing.T, db *storage.DB) (names []string) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.Dir(), "fieldsync.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := file.Query(`SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'sort%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// What a list shows can be sorted by at once: its columns have their indexes, and none
// goes for another one that is shown.
func TestTheColumnsOfAListAreReadiedForSorting(t *testing.T) {
	db, _ := largeStore(t)
	ready := func(shown ...string) []string {
		t.Helper()
		if done, err := db.ReadySort(ctx, "org_organisation", shown); !done || err != nil {
			t.Fatalf("done %v, %v", done, err)
		}
		return sortIndexes(t, db)
	}
	const prefix = "sort_r_org_organisation_"
	indexes := func(fields ...string) (names []string) {
		for _, field := range append(fields, "name") {
			names = append(names, prefix+field)
		}
		slices.Sort(names)
		return names
	}
	same(t, indexes("acronym", "country_text", "year", "budget", "website"), ready("acronym", "country", storage.SortModified, "year", "budget", "website"))
	same(t, indexes("acronym", "country_text", "comments", "region_id_text", "year", "budget", "website"), ready("acronym", "country", "comments", "region_id", "year", "budget", "website"))
	same(t, indexes("acronym", "country_text", "comments", "region_id_text", "year", "budget", "website"), ready()) // after a run
	same(t, 4, len(ready("budget")))
	same(t, indexes("budget", "country_text", "website"), ready("budget", "country", "website", "no_such_field"))
	if done, err := db.ReadySort(ctx, "no_table", []string{"name"}); !done || err != nil {
		t.Errorf("a table that is not there: %v %v", done, err)
	}
}

// To ready a list for sorting must not keep anybody from writing.
func TestWhoeverWritesNeedNotWaitForAListToBeReadied(t *testing.T) {
	db, recs := largeStore(t)
	for i := range recs { // an index of 40 MB takes its time
		recs[i].Set(core.Field{Name: "comments", Value: core.Text(strings.Repeat(fmt.Sprintf("%05d ", i*7919%large), 3000))})
	}
	storagetest.Put(t, db, recs...)
	storagetest.Import(t, db, func(intake.Tx) error {
		if done, err := db.ReadySort(ctx, "org_organisation", []string{"comments"}); done || err != nil {
			t.Errorf("while somebody writes: done %v, %v", done, err)
		}
		return nil
	})
	repo := storagetest.Repository(t, db, "a")
	end, err := db.LockRun(ctx, repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := db.ReadySort(ctx, "org_organisation", []string{"comments"}); done || err != nil {
		t.Errorf("during a run: done %v, %v", done, err)
	}
	end()
	if done, err := db.ReadySort(ctx, "org_organisation", nil); !done || err != nil {
		t.Fatal(done, err)
	}
	interrupted := false
	for attempt := 0; !interrupted; attempt++ {
		result := make(chan bool)
		go func() {
			done, err := db.ReadySort(ctx, "org_organisation", []string{"comments"})
			if err != nil {
				t.Error(err)
			}
			result <- done
		}()
		storage.AwaitWriter(db)
		edit(t, db, link(3), "acronym", fmt.Sprint("at once ", attempt))
		if interrupted = !<-result; interrupted {
			break
		}
		if attempt == 10 { // a busy machine may let the other one end before
			t.Fatal("edits wait until the list is readied")
		}
		if _, err := db.ReadySort(ctx, "org_organisation", []string{"acronym", "country", "year"}); err != nil {
			t.Fatal(err) // in place of that of the comments
		}
		if _, err := db.ReadySort(ctx, "org_organisation", []string{"website"}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, []string{"sort_r_org_organisation_name"}, sortIndexes(t, db))
	if done, err := db.ReadySort(ctx, "org_organisation", []string{"comments"}); !done || err != nil {
		t.Errorf("called again: %v %v", done, err)
	}
	same(t, []string{"sort_r_org_organisation_comments", "sort_r_org_organisation_name"}, sortIndexes(t, db))
	if rec, err := db.Record(ctx, link(3)); err != nil || !strings.HasPrefix(rec.Value("acronym").Str, "at once") {
		t.Errorf("the edit: %v %v", rec.Value("acronym"), err)
	}
}
