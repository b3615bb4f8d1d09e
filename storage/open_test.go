package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func open(dir string) (*storage.DB, error) {
	return storage.Open(ctx, storage.Options{Dir: dir, Secrets: storage.NewFileSecrets(dir)})
}

// raw runs SQL on the database behind the store's back.
func raw(t *testing.T, dir, query string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "fieldsync.db"))
	if err == nil {
		_, err = db.Exec(query)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheNodeKeepsItsIdentity(t *testing.T) {
	dir := t.TempDir()
	var first core.Node
	for i := range 3 {
		db, err := open(dir)
		if err != nil {
			t.Fatal(err)
		}
		n, err := db.Node(ctx)
		if err != nil || !strings.HasPrefix(n.UUID, "urn:uuid:") || n.Name == "" {
			t.Fatalf("%+v %v", n, err)
		}
		if i == 0 {
			first = n
		}
		same(t, first.UUID, n.UUID)
		if err := db.SetSetting(ctx, "node.uuid", "other"); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("the UUID was set: %v", err)
		}
		n.UUID, n.Name, n.Proxy = "other", "Laptop 7", "http://ada:s3cret-proxy@proxy.example.org:3128"
		if err := db.SaveNode(ctx, n); err != nil {
			t.Fatal(err)
		}
		n, _ = db.Node(ctx)
		same(t, core.Node{UUID: first.UUID, Name: "Laptop 7", Proxy: "http://ada@proxy.example.org:3128"}, n)
		if p, err := db.NodeProxyPassword(ctx); err != nil || p.Reveal() != "s3cret-proxy" {
			t.Errorf("proxy password: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheDataFolderIsItsOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "fieldsync.db"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		// Windows protects the profile folder as a whole, not by modes.
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

func TestWhatWasStoredIsThereAfterReopening(t *testing.T) {
	dir := t.TempDir()
	clock := &storagetest.Clock{}
	db, err := storage.Open(ctx, storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		t.Fatal(err)
	}
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, db, storagetest.Repository(t, db, "a").ID, rec, storagetest.Contact(1, rec.Link()))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = storagetest.Open(t, dir, clock)
	got, err := db.Record(ctx, rec.Link())
	if err != nil || sameRecord(rec, got) != "" {
		t.Errorf("%v %s", err, sameRecord(rec, got))
	}
	comps, err := db.Components(ctx, rec.Link())
	same(t, 1, len(comps))
	edit(t, db, link(1), "name", "after reopening")
	if seq, _ := db.Seq(ctx); seq != 3 || err != nil {
		t.Errorf("seq %d, want 3: %v", seq, err)
	}
}

func TestANewerDatabaseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	db, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, dir, `INSERT INTO migration (version_id, is_applied) VALUES (9999, 1)`)
	if _, err := open(dir); !core.IsKind(err, core.StoreTooNew) {
		t.Errorf("got %v", err)
	}
}

func TestADamagedDatabaseIsNamedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fieldsync.db")
	garbage := []byte(strings.Repeat("this is no database. ", 500))
	if err := os.WriteFile(path, garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(dir); !core.IsKind(err, core.StoreDamaged) {
		t.Errorf("got %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(garbage) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestAFolderThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := open(filepath.Join(file, "data"))
	if p := core.AsProblem(err); p == nil || p.Kind != core.FileUnreadable || !strings.Contains(p.Message(), "data") {
		t.Errorf("got %v", err)
	}
}

func TestABackupIsCompleteAndChecked(t *testing.T) {
	db, clock := storagetest.New(t)
	rec := edit(t, db, link(1), "name", "One")
	dir := t.TempDir()
	path := filepath.Join(dir, "fieldsync.db")
	if err := db.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(ctx, path); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("a backup over another file: %v", err)
	}
	copied := storagetest.Open(t, dir, clock)
	got, err := copied.Record(ctx, rec.Link())
	if err != nil || sameRecord(rec, got) != "" {
		t.Errorf("%v", err)
	}
}

func TestALockedDatabaseIsNamed(t *testing.T) {
	db, _ := storagetest.New(t)
	other, err := sql.Open("sqlite3", filepath.Join(db.Dir(), "fieldsync.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	storage.SetBusyTimeout(t, db, 50*time.Millisecond)
	conn, err := other.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	if err := db.SetSetting(ctx, "a", "b"); !core.IsKind(err, core.StoreLocked) {
		t.Errorf("got %v", err)
	}
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := db.SetSetting(ctx, "a", "b"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAFullDiskLosesNothingThatWasStored(t *testing.T) {
	db, _ := storagetest.New(t)
	before := edit(t, db, link(1), "name", "before")
	unlimit := storage.LimitPages(t, db, 20)
	big := core.Record{Resource: "org_organisation", UUID: "big", Fields: []core.Field{field("comments", core.String, strings.Repeat("x", 1<<20))}}
	_, _, err := db.Edit(ctx, storage.EditRequest{Record: big})
	if !core.IsKind(err, core.DiskFull) {
		t.Errorf("got %v", err)
	}
	unlimit()
	if _, err := db.Record(ctx, big.Link()); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("half of it was written: %v", err)
	}
	got, err := db.Record(ctx, before.Link())
	if err != nil || sameRecord(before, got) != "" {
		t.Errorf("what was there before: %v", err)
	}
	if _, _, err := db.Edit(ctx, storage.EditRequest{Record: big}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAnotherProcessesColumnsAreSeen(t *testing.T) {
	one, clock := storagetest.New(t)
	two := storagetest.Open(t, one.Dir(), clock)
	edit(t, one, link(1), "name", "One")
	edit(t, two, link(1), "acronym", "O")
	edit(t, one, link(1), "motto", "M")
	for _, db := range []*storage.DB{one, two} {
		rec, err := db.Record(ctx, link(1))
		if err != nil || len(rec.Fields) != 3 {
			t.Errorf("%v %v", rec.Fields, err)
		}
	}
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	db, _ := storagetest.New(t)
	edit(t, db, link(1), "name", "before")
	storagetest.Import(t, db, func(tx intake.Tx) error {
		rec := storagetest.Organisation(1)
		rec.Set(field("a_new_column", core.String, "x"))
		if err := tx.Put(ctx, &rec, core.Change{}); err != nil {
			return err
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					got, err := db.Record(ctx, link(1))
					if err != nil || got.Title() != "before" {
						t.Errorf("%q %v", got.Title(), err)
					}
					if _, err := db.List(ctx, storage.Query{Resource: "org_organisation", Search: "before"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		return nil
	})
	if got, _ := db.Record(ctx, link(1)); got.Title() != "Organisation 00001" {
		t.Errorf("afterwards %q", got.Title())
	}
}

func TestManyWritersTakeTurns(t *testing.T) {
	db, _ := storagetest.New(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				if _, _, err := db.Edit(ctx, storage.EditRequest{Record: core.Record{Resource: "org_office", UUID: storagetest.UUID(i*10 + j),
					Fields: []core.Field{field("name", core.String, "x")}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	n, err := db.Alive(ctx, "org_office")
	if seq, _ := db.Seq(ctx); n != 80 || seq != 80 || err != nil {
		t.Errorf("%d records, seq %d, %v", n, seq, err)
	}
}

func TestACancelledImportIsRolledBack(t *testing.T) {
	db, _ := storagetest.New(t)
	cancelled, cancel := context.WithCancel(ctx)
	err := db.Import(cancelled, func(tx intake.Tx) error {
		rec := storagetest.Organisation(1)
		err := tx.Put(cancelled, &rec, core.Change{})
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n, _ := db.Alive(ctx, "org_organisation"); n != 0 {
		t.Errorf("%d records", n)
	}
}

func TestOneRunAtATimeWorksOnARepository(t *testing.T) {
	one, clock := storagetest.New(t)
	two := storagetest.Open(t, one.Dir(), clock)
	repo := storagetest.Repository(t, one, "hub")
	unlock, err := one.LockRun(ctx, repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*storage.DB{one, two} {
		_, err := db.LockRun(ctx, repo.ID)
		if p := core.AsProblem(err); p == nil || p.Kind != core.AlreadyRunning || p.Subject != "hub" {
			t.Errorf("got %v", err)
		}
	}
	other, err := two.LockRun(ctx, repo.ID+1)
	if err != nil {
		t.Fatalf("another repository: %v", err)
	}
	other()
	unlock()
	again, err := two.LockRun(ctx, repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	again()
	release, err := storage.LockInstance(one.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.LockInstance(one.Dir()); !core.IsKind(err, core.StoreLocked) {
		t.Errorf("got %v", err)
	}
	release()
}
