package storage

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/fieldsync/fieldsync/core"
	"github.com/google/uuid"
)

// before returns the program's migrations up to one.
func before(t *testing.T, last string) fstest.MapFS {
	t.Helper()
	files, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name >= last {
			continue
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: data}
	}
	return all
}

// Receipts of before uuids were kept as bytes say the same, in the same order, whatever
// the uuids look like, and are found by their run beside those of today.
func TestReceiptsComeThroughTheMigrationToTheLetter(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	if err := migrateTo(path, before(t, "0021")); err != nil {
		t.Fatal(err)
	}
	run := uuid.NewString()
	plain := core.NewUUID()
	delivered := []core.Delivery{
		{Run: run, Record: core.Link{Resource: "org_office", UUID: plain}},
		{Run: run, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:0C78412E-547C-4148-9005-000000000000"}}, // capitals are another text
		{Run: run, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:0c78412e-547c-4148-9005-00000000000g"}},
		{Run: "of an older Fieldsync", Record: core.Link{Resource: "org_office", UUID: "0c78412e-547c-4148-9005-000000000000"}}, // no URN
		{Run: run, Record: core.Link{Resource: "org_office", UUID: "HQ/office:7"}},
	}
	old, err := sql.Open("sqlite3", dataSource(path, writing))
	if err != nil {
		t.Fatal(err)
	}
	for i := range delivered {
		d := &delivered[i]
		d.ID, d.RepositoryID, d.At, d.Title, d.ModifiedOn, d.Hash = int64(i+1), 1, core.MTime(1000-i), "Office", core.MTime(900), core.Hash{byte(i)}
		if _, err := old.Exec(`INSERT INTO delivery (repository_id, run, at, resource, uuid, title, deleted, modified_on, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			d.RepositoryID, d.Run, int64(d.At), string(d.Record.Resource), d.Record.UUID, d.Title, false, int64(d.ModifiedOn), d.Hash[:]); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	today := core.Delivery{ID: 6, RepositoryID: 1, Run: run, At: 2000, Record: core.Link{Resource: "org_office", UUID: plain}, Title: "Office", ModifiedOn: 1900, Hash: core.Hash{9}}
	if err := db.inTx(ctx, "deliver", func(t *tx) error { return t.AddDelivery(ctx, today) }); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query DeliveryQuery
		want  []core.Delivery
	}{
		"all":            {DeliveryQuery{}, append(slices.Clone(delivered), today)},
		"of a run":       {DeliveryQuery{Run: run}, []core.Delivery{delivered[0], delivered[1], delivered[2], delivered[4], today}},
		"of no uuid":     {DeliveryQuery{Run: "of an older Fieldsync"}, delivered[3:4]},
		"of a time":      {DeliveryQuery{Since: 998, Until: 1000}, delivered[1:3]},
		"of nobody":      {DeliveryQuery{Repository: 2}, nil},
		"of a server":    {DeliveryQuery{Repository: 1, Since: 2000}, []core.Delivery{today}},
		"of no such run": {DeliveryQuery{Run: uuid.NewString()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []core.Delivery
			if err := db.Deliveries(ctx, c.query, func(d core.Delivery) error { got = append(got, d); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%+v\ninstead of\n%+v", got, c.want)
			}
		})
	}
	var bytes int
	if err := db.readers.QueryRow(`SELECT count(*) FROM delivery WHERE typeof(run) = 'blob' AND typeof(uuid) = 'blob' AND length(uuid) = 16`).Scan(&bytes); err != nil || bytes != 2 {
		t.Errorf("%d are kept as bytes: %v", bytes, err)
	}
}
