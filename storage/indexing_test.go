package storage

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// motley is a record with fields of every kind, also such as fit no column. Some are
// deleted.
func motley(r *rand.Rand, n int) core.Record {
	rec := core.Record{Resource: []core.Resource{"org_organisation", "gis_location"}[n%2], UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", n), Deleted: r.IntN(9) == 0}
	words := func() string { return fmt.Sprintf("Wörd%d Ñandú-%d", r.IntN(50), r.IntN(9)) }
	for i, v := range []core.Value{
		core.Text(words()), core.Text(""), {Kind: core.Integer, Str: fmt.Sprint(r.IntN(5000) - 2500)}, {Kind: core.Number, Str: fmt.Sprint(r.Float64() * 90)},
		{Kind: core.Number, Str: "1e400"}, {Kind: core.Boolean, Str: "true"}, {Kind: core.Bare, Str: "2026-03-01"}, {Kind: core.JSON, Str: `["json"]`},
		core.RefTo("gis_location", "urn:uuid:00000000-0000-4000-8000-000000000001"), core.RefTo("gis_location", "not a uuid"),
		{Kind: core.File, Str: "https://example.org/f", Aux: "report.pdf"}, {Kind: core.Null},
	} {
		f := core.Field{Name: fmt.Sprintf("field_%d", i), Value: v}
		if r.IntN(2) == 0 {
			f.Text = words()
		}
		switch r.IntN(6) {
		case 0:
			continue
		case 1:
			f.Text = v.Str
		case 2:
			f.Value = core.Text(words()) // the column may be for another kind
		}
		rec.Fields = append(rec.Fields, f)
	}
	return rec
}

// Whatever fields the records have, and in whatever order they are made, changed and
// deleted: every word of a record as it stands is in the index, at its place, and no other.
func TestTheIndexHasTheWordsOfTheRecordsAsTheyStand(t *testing.T) {
	const all = 2 * (2*indexChunk + 500) // of two tables
	dir, r := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	db, err := Open(t.Context(), Options{Dir: dir, Secrets: NewFileSecrets(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, step := range []struct {
		name    string
		changed []int
	}{{"at first", r.Perm(all)}, {"a third of them changed", r.Perm(all)[:all/3]}, {"some new, some changed", []int{all, 7, all + 1, 8, 9, all - 1}}} {
		err := db.Import(t.Context(), func(tx intake.Tx) error {
			for _, n := range step.changed {
				rec := motley(r, n)
				if err := tx.Put(t.Context(), &rec, core.Change{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = db.IndexSearch(t.Context())
		}
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		words, missing, wrong := compareIndex(t, db)
		if words < 10*all || missing > 0 || wrong > 0 {
			t.Errorf("%s: of %d words of the records %d are not in the index; it has %d that are in none", step.name, words, missing, wrong)
		}
	}
}

// compareIndex lays the index beside one that is made of the whole records, one by one.
func compareIndex(t *testing.T, db *DB) (words, missing, wrong int) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.dir, databaseName)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.SetMaxOpenConns(1) // what is temporary is that connection's
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := file.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`PRAGMA temp_store = MEMORY`)
	exec(`CREATE VIRTUAL TABLE temp.expected USING fts5 (words, content='', tokenize='unicode61 remove_diacritics 2')`)
	exec(`BEGIN`)
	err = db.read(t.Context(), "test", func(v *view) error {
		for _, tb := range v.catalog.tables {
			err := v.rows(tb, `WHERE r._deleted = 0`, nil, func(r *row) error {
				exec(`INSERT INTO temp.expected (rowid, words) VALUES (?, ?)`, searchID(tb, r.id), searchWords(&r.rec))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	exec(`COMMIT`)
	exec(`CREATE VIRTUAL TABLE temp.have USING fts5vocab (main, search, instance)`)
	exec(`CREATE VIRTUAL TABLE temp.want USING fts5vocab (temp, expected, instance)`)
	err = file.QueryRow(`SELECT (SELECT count(*) FROM want), (SELECT count(*) FROM (SELECT * FROM want EXCEPT SELECT * FROM have)),
		(SELECT count(*) FROM (SELECT * FROM have EXCEPT SELECT * FROM want))`).Scan(&words, &missing, &wrong)
	if err != nil {
		t.Fatal(err)
	}
	return words, missing, wrong
}

// Whoever waits to write is let in after a chunk.
func TestIndexingEndsItsTransactionWhenSomebodyWaits(t *testing.T) {
	db := opened(t)
	const all = 2*indexChunk + 10
	err := db.Import(t.Context(), func(tx intake.Tx) error {
		for n := range all {
			rec := core.Record{Resource: "org_organisation", UUID: fmt.Sprint(n)}
			if err := tx.Put(t.Context(), &rec, core.Change{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var x indexing
	indexed := func() (n int) {
		t.Helper()
		err := db.inTx(t.Context(), "test", func(t *tx) error { return x.index(t, "org_organisation") })
		if err == nil {
			err = db.readers.QueryRow(`SELECT count(*) FROM search_docsize`).Scan(&n)
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	db.awaiting.Add(1)
	if n := indexed(); n != indexChunk {
		t.Errorf("%d records indexed while somebody waits, want %d", n, indexChunk)
	}
	db.awaiting.Add(-1)
	for last := indexChunk; last < all; { // on a slow machine it may end before
		n := indexed()
		if n <= last {
			t.Fatalf("%d records indexed after %d", n, last)
		}
		last = n
	}
	if behind, err := db.indexBehind(t.Context()); err != nil || len(behind) > 0 {
		t.Errorf("%v is not indexed: %v", behind, err)
	}
}
