package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"filippo.io/age"
	"github.com/zalando/go-keyring"

	"github.com/fieldsync/fieldsync/core"
)

// Secrets keeps passwords outside the database. Get returns "" for a name that
// was never set; Delete of one is no error.
type Secrets interface {
	Get(name string) (core.Secret, error)
	Set(name string, s core.Secret) error
	Delete(name string) error
	// Where says in a few words where the passwords lie, for the settings page.
	Where() string
}

// openSecrets returns the operating system's keyring if it works, else the
// encrypted file in the data folder.
func openSecrets(ctx context.Context, db *DB) (Secrets, error) {
	node, err := db.Node(ctx)
	if err != nil {
		return nil, err
	}
	ring := keyringSecrets{prefix: node.UUID + "/"}
	if ring.works() {
		return ring, nil
	}
	return NewFileSecrets(db.dir), nil
}

// keyringService is the name under which passwords stand in the keyring.
const keyringService = "Fieldsync"

// keyringSecrets keeps passwords in the operating system's keyring. Every data
// folder has names of its own there.
type keyringSecrets struct{ prefix string }

// works tries the keyring. Without a session bus it is not even asked on Linux:
// the D-Bus library would start one.
func (k keyringSecrets) works() bool {
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return false
	}
	_, err := keyring.Get(keyringService, k.prefix+"probe")
	return err == nil || errors.Is(err, keyring.ErrNotFound)
}

func (k keyringSecrets) Get(name string) (core.Secret, error) {
	s, err := keyring.Get(keyringService, k.prefix+name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", nil
	}
	return core.Secret(s), err
}

func (k keyringSecrets) Set(name string, s core.Secret) error {
	return keyring.Set(keyringService, k.prefix+name, s.Reveal())
}

func (k keyringSecrets) Delete(name string) error {
	if err := keyring.Delete(keyringService, k.prefix+name); !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

func (k keyringSecrets) Where() string { return "the keyring of the operating system" }

// fileSecrets keeps passwords in an encrypted file, its key in another file
// beside it, both readable for their owner alone. That protects a copy or backup of
// the one file, and against a glance into it. It does not protect against somebody
// who can read the whole data folder as its owner: such a person has the key too.
type fileSecrets struct {
	dir string

	mu     sync.Mutex // guards the file (reading, changing and writing are one step) and the rest
	sealed []byte     // the file as it was read last; nil: not yet
	opened map[string]string
}

// NewFileSecrets returns Secrets in an encrypted file in dir.
func NewFileSecrets(dir string) Secrets { return &fileSecrets{dir: dir} }

func (f *fileSecrets) path() string    { return filepath.Join(f.dir, "secrets.age") }
func (f *fileSecrets) keyPath() string { return filepath.Join(f.dir, "secrets.key") }

func (f *fileSecrets) Where() string { return "an encrypted file in the data folder" }

func (f *fileSecrets) Get(name string) (core.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.load()
	return core.Secret(all[name]), err
}

func (f *fileSecrets) Set(name string, s core.Secret) error {
	return f.change(func(all map[string]string) { all[name] = s.Reveal() })
}

func (f *fileSecrets) Delete(name string) error {
	return f.change(func(all map[string]string) { delete(all, name) })
}

func (f *fileSecrets) change(fn func(map[string]string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.lock()()
	all, err := f.load()
	if err != nil {
		return err
	}
	all = maps.Clone(all)
	fn(all)
	return f.save(all)
}

// lock waits until no other process changes the passwords, or makes the key.
func (f *fileSecrets) lock() (unlock func()) {
	lock, err := newLock(f.dir, "secrets.lock")
	if err == nil {
		err = lock.Lock()
	}
	if err != nil { // a file system without locks
		return func() {}
	}
	return func() { _ = lock.Unlock() }
}

// identity returns the key, made at the first use.
func (f *fileSecrets) identity() (*age.X25519Identity, error) {
	text, err := os.ReadFile(f.keyPath())
	if err == nil {
		return age.ParseX25519Identity(string(bytes.TrimSpace(text)))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	return id, writePrivate(f.keyPath(), []byte(id.String()+"\n"))
}

// load returns all passwords; nobody may change the map. A file that is the same as
// before is not decrypted again: it takes longer than most questions to the database.
func (f *fileSecrets) load() (map[string]string, error) {
	sealed, err := os.ReadFile(f.path())
	if errors.Is(err, os.ErrNotExist) {
		return make(map[string]string), nil
	}
	if err != nil {
		return nil, err
	}
	if f.sealed != nil && bytes.Equal(sealed, f.sealed) {
		return f.opened, nil
	}
	id, err := f.identity()
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, fmt.Errorf("decrypt passwords: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("decrypt passwords: %w", err)
	}
	all := make(map[string]string)
	if err := json.Unmarshal(plain, &all); err != nil {
		return nil, err
	}
	f.sealed, f.opened = sealed, all
	return all, nil
}

func (f *fileSecrets) save(all map[string]string) error {
	id, err := f.identity()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, id.Recipient())
	if err != nil {
		return err
	}
	if _, err := w.Write(plain); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return writePrivate(f.path(), sealed.Bytes())
}

// writePrivate replaces a file as a whole, readable for its owner alone.
func writePrivate(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(temp.Name()))
	}
	return nil
}

func passwordName(repo int64) string      { return fmt.Sprintf("repository/%d/password", repo) }
func proxyPasswordName(repo int64) string { return fmt.Sprintf("repository/%d/proxy", repo) }

// SecretsWhere says where the passwords lie.
func (db *DB) SecretsWhere() string { return db.secrets.Where() }

func (db *DB) getSecret(ctx context.Context, name string) (core.Secret, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s, err := db.secrets.Get(name)
	return s, problem("read password", err)
}

// setSecret stores a secret, or removes it if it is empty.
func (db *DB) setSecret(ctx context.Context, name string, s core.Secret) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s == "" {
		return problem("remove password", db.secrets.Delete(name))
	}
	return problem("store password", db.secrets.Set(name, s))
}

func (db *DB) fillSecrets(ctx context.Context, r *core.Repository) (err error) {
	if r.Password, err = db.getSecret(ctx, passwordName(r.ID)); err != nil {
		return err
	}
	r.ProxyPassword, err = db.getSecret(ctx, proxyPasswordName(r.ID))
	return err
}

func (db *DB) storeSecrets(ctx context.Context, r core.Repository) error {
	if err := db.setSecret(ctx, passwordName(r.ID), r.Password); err != nil {
		return err
	}
	return db.setSecret(ctx, proxyPasswordName(r.ID), r.ProxyPassword)
}

func (db *DB) deleteSecrets(ctx context.Context, repo int64) error {
	return db.storeSecrets(ctx, core.Repository{ID: repo})
}
