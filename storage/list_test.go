package storage_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// titles lists all pages of a query.
func titles(t *testing.T, db *storage.DB, q storage.Query) (out []string) {
	t.Helper()
	for {
		page, err := db.List(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			out = append(out, r.Title)
		}
		if page.Next == "" {
			return out
		}
		q.After = page.Next
	}
}

func TestListsAreSortedAndPaged(t *testing.T) {
	db, _ := storagetest.New(t)
	for i, r := range []struct {
		name string
		year string
	}{{"beta", "1990"}, {"Alpha", "200"}, {"", ""}, {"gamma", "10"}, {"alpha", "1990"}, {"Éclair", "3"}} {
		rec := core.Record{Resource: "org_organisation", UUID: storagetest.UUID(i), Fields: []core.Field{field("name", core.String, r.name)}}
		if r.year != "" {
			rec.Set(field("year", core.Integer, r.year))
		}
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: rec}); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{1, 2, 50} {
		q := storage.Query{Resource: "org_organisation", Limit: limit}
		same(t, []string{"", "Alpha", "alpha", "beta", "Éclair", "gamma"}, titles(t, db, q))
		q.Sort = "year"
		same(t, []string{"", "Éclair", "gamma", "Alpha", "beta", "alpha"}, titles(t, db, q))
		q.Desc = true
		same(t, []string{"alpha", "beta", "Alpha", "gamma", "Éclair", ""}, titles(t, db, q))
		q.Sort = storage.SortModified
		same(t, 6, len(titles(t, db, q)))
	}
	if _, err := db.List(ctx, storage.Query{Resource: "org_organisation", After: "nonsense"}); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
}

func TestMarksTellWhatIsUnsentRefusedOrInConflict(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	for i := range 4 {
		storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(i))
	}
	for i, name := range []string{"unsent", "refused", "conflict"} {
		edit(t, l.DB, link(i), "name", name)
	}
	l.refuse(link(1), head(t, l.DB, l.repo.ID, link(1)).Seq)
	storagetest.Import(t, l.DB, func(tx intake.Tx) error {
		_, err := tx.AddConflict(ctx, core.Conflict{RepositoryID: l.repo.ID, Record: link(2)})
		return err
	})
	l.pushed()
	l.deliver(l.outgoing(1))
	edit(t, l.DB, link(0), "name", "unsent again")
	list := func(only storage.Mark) []string {
		return titles(t, l.DB, storage.Query{Resource: "org_organisation", Only: only})
	}
	same(t, []string{"conflict", "refused", "unsent again"}, list(storage.MarkUnsent))
	same(t, []string{"refused"}, list(storage.MarkRefused))
	same(t, []string{"conflict"}, list(storage.MarkConflict))
	page, err := l.List(ctx, storage.Query{Resource: "org_organisation"})
	if err != nil {
		t.Fatal(err)
	}
	var marks []string
	for _, r := range page.Rows {
		marks = append(marks, fmt.Sprint(r.Title, " ", r.Unsent, r.Refused, r.Conflict))
	}
	same(t, []string{"conflict true false true", "Organisation 00003 false false false", "refused true true false", "unsent again true false false"}, marks)
	for _, want := range page.Rows {
		if got, err := l.ListRow(ctx, want.Record.Link()); err != nil || got.Title != want.Title || got.Unsent != want.Unsent || got.Refused != want.Refused || got.Conflict != want.Conflict {
			t.Errorf("alone %+v %v, in the list %+v", got, err, want)
		}
	}
	if _, err := l.ListRow(ctx, link(9)); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a record that is not there: %v", err)
	}
	remove(t, l.DB, link(3))
	same(t, []string{"Organisation 00003"}, list(storage.MarkDeleted))
	same(t, 3, len(list(storage.MarkAny)))
	counts, err := l.Resources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []storage.ResourceCount{{Resource: "org_organisation", Records: 3, Deleted: 1}}, counts)
}

func TestTheSearchFindsWordsAsPeopleTypeThem(t *testing.T) {
	db, _ := storagetest.New(t)
	add := func(n int, name string) {
		t.Helper()
		edit(t, db, link(n), "name", name)
	}
	add(1, "Croix-Rouge Française")
	add(2, "Médecins Sans Frontières")
	add(3, "Красный Крест")
	add(4, "Red \"Crescent\" Society")
	search := func(typed string) []string {
		return titles(t, db, storage.Query{Resource: "org_organisation", Search: typed})
	}
	for typed, want := range map[string][]string{
		"francaise": {"Croix-Rouge Française"}, "MEDEC": {"Médecins Sans Frontières"}, "rouge croix": {"Croix-Rouge Française"},
		"крес": {"Красный Крест"}, `crescent"`: {"Red \"Crescent\" Society"}, "croix médecins": nil, "name:": nil, "AND": nil,
	} {
		if got := search(typed); !slices.Equal(got, want) {
			t.Errorf("search for %q: %q, want %q", typed, got, want)
		}
	}
	same(t, 4, len(search(`"*-`)))

	add(2, "Doctors")
	same(t, []string(nil), search("médecins"))
	same(t, []string{"Doctors"}, search("doct"))
	remove(t, db, link(2))
	same(t, []string(nil), search("doct"))
	rec, _ := db.Record(ctx, link(3))
	rec.Set(core.Field{Name: "country", Value: core.Text("RU"), Text: "Россия"})
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Touch(ctx, &rec) })
	same(t, []string{"Красный Крест"}, search("россия"))
	rows, err := db.Search(ctx, "red", 10)
	if err != nil || len(rows) != 1 || rows[0].Record.UUID != storagetest.UUID(4) {
		t.Errorf("%v %v", rows, err)
	}
}

// What changed is found whatever its order, and costs no segment of the index for
// each record.
func TestTheSearchFollowsChangesInAnyOrder(t *testing.T) {
	const all = 300
	db, _ := storagetest.New(t)
	for n := range all {
		edit(t, db, link(n), "name", fmt.Sprintf("Shelter %03d", n))
	}
	index := func() (segments int) {
		t.Helper()
		if err := db.IndexSearch(ctx); err != nil {
			t.Fatal(err)
		}
		file, err := sql.Open("sqlite3", filepath.Join(db.Dir(), "fieldsync.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := file.QueryRow(`SELECT count(DISTINCT segid) FROM search_idx`).Scan(&segments); err != nil {
			t.Fatal(err)
		}
		return segments
	}
	before := index()
	for n := all - 1; n >= 0; n-- {
		edit(t, db, link(n), "name", fmt.Sprintf("Clinic %03d", n))
	}
	if after := index(); after > before+1 {
		t.Errorf("%d segments became %d", before, after)
	}
	for typed, want := range map[string][]string{"shelter": nil, "clinic 007": {"Clinic 007"}, "299": {"Clinic 299"}} {
		if got := titles(t, db, storage.Query{Resource: "org_organisation", Search: typed}); !slices.Equal(got, want) {
			t.Errorf("search for %q: %q, want %q", typed, got, want)
		}
	}
}

func export(t *testing.T, db *storage.DB, q responder.ExportQuery) (out []string) {
	t.Helper()
	n, err := db.Export(ctx, q, func(rec *core.Record) error {
		name := rec.Title()
		if rec.Deleted {
			name = "deleted"
		}
		if q.Bare {
			name = fmt.Sprint(len(rec.Fields))
		}
		for _, c := range rec.Components {
			name += "/" + c.Title()
		}
		out = append(out, name)
		return nil
	})
	if err != nil || n != len(out) {
		t.Errorf("%d masters, %v", n, err)
	}
	return out
}

func TestAnExportIsOrderedPagedAndFiltered(t *testing.T) {
	db, clock := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	const all = 450
	for i := range all {
		rec := storagetest.Organisation(i)
		rec.ModifiedOn = core.MTime(10_000 - i)
		storagetest.Pull(t, db, a.ID, rec)
	}
	q := responder.ExportQuery{Resource: "org_organisation"}
	whole := export(t, db, q)
	if len(whole) != all || whole[0] != "Organisation 00449" || whole[449] != "Organisation 00000" {
		t.Fatalf("%d: %s … %s", len(whole), whole[0], whole[len(whole)-1])
	}
	var paged []string
	for start := 0; start < all; start += 77 {
		q.Start, q.Limit = start, 77
		paged = append(paged, export(t, db, q)...)
	}
	same(t, whole, paged)
	q.Start, q.Limit = 300, 2 // no page ended here
	same(t, whole[300:302], export(t, db, q))
	q.Start, q.Limit = 301, 3 // the last one of the page before comes again
	same(t, whole[301:304], export(t, db, q))

	q = responder.ExportQuery{Resource: "org_organisation", UUIDs: []string{storagetest.UUID(3), storagetest.UUID(5), "unknown"}}
	same(t, []string{"Organisation 00005", "Organisation 00003"}, export(t, db, q))
	q = responder.ExportQuery{Resource: "org_organisation", Filters: []core.Filter{{Query: "~.name__like=*0011*"}}, Start: 2, Limit: 3}
	same(t, []string{"Organisation 00117", "Organisation 00116", "Organisation 00115"}, export(t, db, q))
	q.Start = 5 // the page after that one
	same(t, []string{"Organisation 00114", "Organisation 00113", "Organisation 00112"}, export(t, db, q))
	q.Filters[0].Query = "~.name__like=*0012*"
	same(t, []string{"Organisation 00124", "Organisation 00123", "Organisation 00122"}, export(t, db, q))
	q = responder.ExportQuery{Resource: "org_organisation", Since: 9_998}
	same(t, all, len(export(t, db, q))) // all of them arrived after that time

	clock.Add(3600e9)
	since := core.MTimeOf(clock.Now())
	late := storagetest.Organisation(1000)
	late.ModifiedOn = 1
	storagetest.Pull(t, db, a.ID, late, storagetest.Contact(1, link(7)))
	remove(t, db, link(9))
	q = responder.ExportQuery{Resource: "org_organisation", Since: since}
	same(t, []string{"Organisation 01000", "Organisation 00007/+254700000001"}, export(t, db, q))
	q.Deleted = true
	same(t, []string{"Organisation 01000", "Organisation 00007/+254700000001", "deleted"}, export(t, db, q))
	q.NoComponents = true
	same(t, []string{"Organisation 01000", "deleted"}, export(t, db, q))
	q.Deleted, q.Bare = false, true
	same(t, []string{"0"}, export(t, db, q))
	same(t, []string(nil), export(t, db, responder.ExportQuery{Resource: "no_table"}))
}

// An import gives a whole table one stamp: each record still comes once, whatever
// else has an earlier or a later one.
func TestAnExportOfManyWithOneStamp(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	stamps := []core.MTime{10, 20, 20, 20, 20, 20, 30}
	var recs []core.Record
	for i := range 1000 {
		rec := storagetest.Organisation(i)
		rec.ModifiedOn = stamps[i%len(stamps)]
		recs = append(recs, rec)
	}
	storagetest.Pull(t, db, a.ID, recs...)
	slices.SortStableFunc(recs, func(a, b core.Record) int { return int(a.ModifiedOn - b.ModifiedOn) })
	var want []string
	for i := range recs {
		want = append(want, recs[i].Title())
	}
	q := responder.ExportQuery{Resource: "org_organisation"}
	same(t, want, export(t, db, q))
	var paged []string
	for q.Limit = 123; q.Start < len(recs); q.Start += q.Limit {
		paged = append(paged, export(t, db, q)...)
	}
	same(t, want, paged)
}
