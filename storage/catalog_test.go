package storage

import (
	"context"
	"slices"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// While a process opens the store another one adds a table, in the midst of the reading
// of the catalog: the one that opens sees all of that table or nothing.
func TestTheCatalogIsThatOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	worker, opening := openPlain(t, dir), openPlain(t, dir)
	conn := opening.writer.conn
	for _, at := range []string{"resource", "field", "component", "target"} {
		added := core.Resource("added_" + at)
		err := conn.Raw(func(c any) error {
			var once bool
			c.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(op int, what, _, _ string) int {
				if op == sqlite3.SQLITE_READ && what == at && !once {
					once = true
					addTable(t, worker, added)
				}
				return sqlite3.SQLITE_OK
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		seen, err := glanceAtCatalog(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		tb := seen.tables[added]
		if whole := tb != nil && len(tb.columns) == columnsOf(t, worker, added); whole != (seen.version == worker.catalog.Load().version) || tb != nil && !whole {
			t.Errorf("added while %s was read: it is seen as %+v at version %d", at, tb, seen.version)
		}
		if columnsOf(t, worker, added) == 0 {
			t.Errorf("%s was not added meanwhile", added)
		}
		if all := openPlain(t, dir).catalog.Load().names(); !slices.Contains(all, added) {
			t.Errorf("whoever opens later sees %v", all)
		}
	}
}

func openPlain(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Dir: dir, Secrets: NewFileSecrets(dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// addTable stores the first record of a resource.
func addTable(t *testing.T, db *DB, r core.Resource) {
	t.Helper()
	rec := core.Record{Resource: r, UUID: core.NewUUID(), CreatedOn: 1_700_000_000, ModifiedOn: 1_700_000_000}
	rec.Set(core.Field{Name: "name", Value: core.Text("x")})
	err := db.Import(context.Background(), func(tx intake.Tx) error { return tx.Put(context.Background(), &rec, core.Change{}) })
	if err != nil {
		t.Error(err)
	}
}

// columnsOf counts the columns that are stored of a table.
func columnsOf(t *testing.T, db *DB, r core.Resource) (n int) {
	t.Helper()
	query := `SELECT count(*) FROM field f JOIN resource r ON r.id = f.resource_id WHERE r.name = ?`
	if err := db.readers.QueryRowContext(t.Context(), query, string(r)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
