package storage_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// gappedStore has a large table in whose order a word stands in the first records
// and in the last ones; in between it is rare.
func gappedStore(t *testing.T) (db *storage.DB, withWord []string) {
	t.Helper()
	db, _ = storagetest.New(t)
	var recs []core.Record
	for i := range 6 * large {
		rec := storagetest.Organisation(i)
		rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("%06d", i*7919%(6*large)))})
		at := i * 7919 % (6 * large)
		if at < 700 || at > 6*large-900 || at%1500 == 0 {
			rec.Set(core.Field{Name: "comments", Value: core.Text("Żywiec: quartiers, vérifié")})
		}
		recs = append(recs, rec)
	}
	storagetest.Put(t, db, recs...)
	slices.SortFunc(recs, func(a, b core.Record) int { return strings.Compare(a.Title(), b.Title()) })
	for i := range recs {
		if strings.HasPrefix(recs[i].Value("comments").Str, "Ż") {
			withWord = append(withWord, recs[i].UUID)
		}
	}
	return db, withWord
}

// forgetWords empties the search index behind the store's back.
func forgetWords(t *testing.T, db *storage.DB) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.Dir(), "fieldsync.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Exec(`INSERT INTO search (search) VALUES ('delete-all')`); err != nil {
		t.Fatal(err)
	}
}

// Pages of a search that come by looking at the records and pages that come by the
// index are of one list.
func TestASearchPagesThroughWhatIsFoundInDifferentWays(t *testing.T) {
	db, want := gappedStore(t)
	for _, typed := range []string{"quartiers", "Zyw quart", "q", "z q", "VERIFIE", "q zzz", "z vérif"} {
		for _, desc := range []bool{false, true} {
			for _, limit := range []int{40, 61, 200} {
				t.Run(fmt.Sprint(typed, " desc=", desc, " limit=", limit), func(t *testing.T) {
					expected := slices.Clone(want)
					if desc {
						slices.Reverse(expected)
					}
					if typed == "q zzz" {
						expected = nil
					}
					var got []string
					q := storage.Query{Resource: "org_organisation", Search: typed, Desc: desc, Limit: limit}
					for {
						page, err := db.List(ctx, q)
						if err != nil {
							t.Fatal(err)
						}
						for _, r := range page.Rows {
							got = append(got, r.Record.UUID)
						}
						if q.After = page.Next; q.After == "" {
							break
						}
					}
					if !slices.Equal(got, expected) {
						t.Errorf("%d records were found, %d wanted, or in another order", len(got), len(expected))
					}
				})
			}
		}
	}
	// That it did come in different ways: without the index there is what is looked
	// for all the same, and where the records with the word are rare it ends.
	forgetWords(t, db)
	q := storage.Query{Resource: "org_organisation", Search: "q", Limit: 61}
	first, err := db.List(ctx, q)
	if err != nil || len(first.Rows) != q.Limit || first.Rows[0].Record.UUID != want[0] {
		t.Fatalf("the first page needs the index: %d rows, %v", len(first.Rows), err)
	}
	found := 0
	for q.After = first.Next; q.After != ""; {
		page, err := db.List(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		found, q.After = found+len(page.Rows), page.Next
	}
	if found > 700 {
		t.Errorf("%d records were found without the index: no page has come by it", found)
	}
}

// While somebody writes, the index lags behind. Then, too, what stands in a record is
// what finds it.
func TestASearchFindsWhatTheIndexHasNotSeen(t *testing.T) {
	db, recs := largeStore(t)
	search := func(typed string) (found []string) {
		t.Helper()
		page, err := db.List(ctx, storage.Query{Resource: "org_organisation", Search: typed})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			found = append(found, r.Title)
		}
		return found
	}
	same(t, []string(nil), search("krankenhaus")) // the index is up to date now
	changed, before := recs[100].Clone(), recs[100].Value("acronym").Str
	had := len(search(before))
	changed.Set(core.Field{Name: "name", Value: core.Text("Krankenhaus")})
	changed.Set(core.Field{Name: "acronym", Value: core.Text("KH")})
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, &changed, core.Change{}) })
	storagetest.Import(t, db, func(intake.Tx) error { // nobody brings it up to date meanwhile
		same(t, []string{"Krankenhaus"}, search("krank"))
		same(t, []string{"Krankenhaus"}, search("k kra"))
		same(t, had-1, len(search(before)))
		return nil
	})
}

func TestASearchAmongTheMarked(t *testing.T) {
	db, _ := storagetest.New(t)
	for i, name := range []string{"Croix Rouge", "Croissant Rouge", "Médecins"} {
		edit(t, db, link(i), "name", name)
	}
	remove(t, db, link(1))
	search := func(typed string, only storage.Mark) []string {
		return titles(t, db, storage.Query{Resource: "org_organisation", Search: typed, Only: only})
	}
	same(t, []string{"Croix Rouge"}, search("cro rouge", storage.MarkAny))
	same(t, []string{"Croissant Rouge"}, search("cro rouge", storage.MarkDeleted))
	same(t, []string(nil), search("médecins", storage.MarkDeleted))
}
