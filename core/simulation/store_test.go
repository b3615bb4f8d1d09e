package simulation

import (
	"context"
	"database/sql"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// TestMain puts the databases into memory where there is a place for it: a
// simulation makes thousands, and none of them outlives it. What the operating
// system loses in a power cut is not its subject; the kill test uses a disk.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // small worlds that live for a moment
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		if dir, err := os.MkdirTemp("/dev/shm", "fieldsync-simulation-"); err == nil {
			_ = os.Setenv("TMPDIR", dir) // fails for an invalid name only
			code := m.Run()
			_ = os.RemoveAll(dir)
			os.Exit(code)
		}
	}
	os.Exit(m.Run())
}

// secrets is a keyring that outlives a process.
type secrets map[string]core.Secret

func (k secrets) Get(name string) (core.Secret, error) { return k[name], nil }
func (k secrets) Set(name string, s core.Secret) error { k[name] = s; return nil }
func (k secrets) Delete(name string) error             { delete(k, name); return nil }
func (k secrets) Where() string                        { return "a test" }

// template is an empty, migrated database: made once, copied for each store.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := storage.Open(context.Background(), storage.Options{Dir: dir, Secrets: secrets{}})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "fieldsync.db"))
})

// storeDir makes a data folder with an empty database whose node has that uuid.
func (s *simulation) storeDir(uuid string) string {
	content, err := template()
	s.must(err)
	dir := s.newDir()
	path := filepath.Join(dir, "fieldsync.db")
	s.must(os.WriteFile(path, content, 0o600))
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF")
	s.must(err)
	_, err = db.ExecContext(s.ctx, `UPDATE setting SET value = ? WHERE key = 'node.uuid'`, "urn:uuid:"+uuid)
	s.must(err)
	s.must(db.Close())
	return dir
}

func (s *simulation) newDir() string {
	dir, err := os.MkdirTemp(s.root, "")
	s.must(err)
	return dir
}

func (s *simulation) openStore(dir string, now func() time.Time, k secrets) *storage.DB {
	db, err := storage.Open(s.ctx, storage.Options{Dir: dir, Now: now, Secrets: k})
	s.must(err)
	return db
}

// hashOf hashes a password with the least that a hash can cost.
func hashOf(password string) string {
	key := argon2.IDKey([]byte(password), []byte("saltsaltsaltsalt"), 1, 8, 1, 32)
	return cheapHash + base64.RawStdEncoding.EncodeToString(key)
}

// must ends the test for trouble that no fault of a story explains.
func (s *simulation) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.replay())
	}
}
