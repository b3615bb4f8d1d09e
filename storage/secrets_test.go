package storage_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestNoPasswordLiesReadableInTheDataFolder(t *testing.T) {
	db, _ := storagetest.New(t)
	const planted, proxy, inURL = "pl4nted-password", "pl4nted-proxy", "pl4nted-in-url"
	r, err := db.AddRepository(ctx, core.Repository{Name: "hub", URL: "https://hub.example.org", Username: "ada", Password: planted, ProxyPassword: proxy})
	if err != nil {
		t.Fatal(err)
	}
	r.Proxy = "http://ada:" + inURL + "@proxy.example.org:3128"
	if r, err = db.UpdateRepository(ctx, r); err != nil {
		t.Fatal(err)
	}
	got, err := db.Repository(ctx, r.ID)
	if err != nil || got.Password.Reveal() != planted || got.ProxyPassword.Reveal() != inURL || strings.Contains(got.Proxy, inURL) {
		t.Errorf("%+v %v", got, err)
	}
	err = filepath.WalkDir(db.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, s := range []string{planted, proxy, inURL} {
			if bytes.Contains(content, []byte(s)) {
				t.Errorf("%s holds %s", path, s)
			}
		}
		if info, _ := d.Info(); strings.HasPrefix(d.Name(), "secrets") && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.DeleteRepository(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	if s, err := storage.NewFileSecrets(db.Dir()).Get("repository/1/password"); err != nil || s != "" {
		t.Errorf("the password outlived its repository: %v", err)
	}
}

func TestFileSecretsComeBackAndGo(t *testing.T) {
	dir := t.TempDir()
	for name, value := range map[string]core.Secret{"a": "one", "b": "zwei ü \x00"} {
		if err := storage.NewFileSecrets(dir).Set(name, value); err != nil {
			t.Fatal(err)
		}
		got, err := storage.NewFileSecrets(dir).Get(name)
		if err != nil || got.Reveal() != value.Reveal() {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := storage.NewFileSecrets(dir)
	if err := s.Delete("a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete("never there"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get("a"); err != nil || got != "" {
		t.Errorf("%v %v", got, err)
	}
}

// The window is open while a command changes a password.
func TestAPasswordThatAnotherProcessChangedCounts(t *testing.T) {
	dir := t.TempDir()
	window, command := storage.NewFileSecrets(dir), storage.NewFileSecrets(dir)
	for _, value := range []core.Secret{"one", "two"} {
		if err := command.Set("a", value); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := window.Get("a"); err != nil || got.Reveal() != value.Reveal() {
				t.Errorf("%q, %v, want %q", got.Reveal(), err, value.Reveal())
			}
		}
	}
}

// Several commands are started at once, as in a script that sets up several servers.
func TestPasswordsThatAreStoredAtOnceAreAllKept(t *testing.T) {
	for range 5 {
		dir, names := t.TempDir(), []string{"a", "b", "c", "d", "e", "f"}
		begin, errs := make(chan struct{}), make(chan error, len(names))
		for _, name := range names {
			process := storage.NewFileSecrets(dir)
			go func() {
				<-begin
				errs <- process.Set(name, core.Secret(name))
			}()
		}
		close(begin)
		for range names {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		for _, name := range names {
			if got, err := storage.NewFileSecrets(dir).Get(name); err != nil || got.Reveal() != name {
				t.Errorf("%s is %q, %v", name, got.Reveal(), err)
			}
		}
	}
}

// An emptied file, as a power cut can leave one, is not one without passwords.
func TestAnEmptiedFileOfPasswordsIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secrets.age"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := storage.NewFileSecrets(dir)
	if got, err := s.Get("a"); err == nil {
		t.Errorf("%q and no error", got.Reveal())
	}
	if err := s.Set("a", "one"); err == nil {
		t.Error("it was written over")
	}
}
