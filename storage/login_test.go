package storage_test

import (
	"context"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// A slowKeyring is one that a person must unlock first: while a password is being
// stored, others go on reading the store.
type slowKeyring struct {
	storage.Secrets
	meanwhile func()
}

func (s *slowKeyring) Set(name string, secret core.Secret) error {
	s.meanwhile()
	return s.Secrets.Set(name, secret)
}

func openWithKeyring(t *testing.T) (*storage.DB, *slowKeyring) {
	dir := t.TempDir()
	ring := &slowKeyring{storage.NewFileSecrets(dir), func() {}}
	db, err := storage.Open(ctx, storage.Options{Dir: dir, Secrets: ring})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, ring
}

// A scheduler that looks every few seconds took a repository whose password was
// still on its way into the keyring for one without a password, and waited for
// five minutes.
func TestARepositoryIsNeverSeenBeforeItsPassword(t *testing.T) {
	db, ring := openWithKeyring(t)
	looks := 0
	ring.meanwhile = func() {
		looks++
		list, err := db.Repositories(ctx)
		if err != nil {
			t.Error(err)
		}
		for _, r := range list {
			if r.Username != "" && r.Password == "" || r.ProxyPassword == "" {
				t.Errorf("%s is seen without its passwords", r.Name)
			}
		}
	}
	added, err := db.AddRepository(ctx, core.Repository{Name: "hub", URL: "https://hub.example.org/eden", Username: "ada", Password: "one", Proxy: "http://ada:two@proxy.example.org:1"})
	if err != nil || looks != 2 {
		t.Fatal(looks, err)
	}
	got, err := db.Repository(ctx, added.ID)
	if err != nil || got.Password.Reveal() != "one" || got.ProxyPassword.Reveal() != "two" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := db.AddRepository(ctx, core.Repository{Name: "HUB", Username: "ada", Password: "three"}); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("a name that is taken: %v", err)
	}
	if list, err := db.Repositories(ctx); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestANewPasswordIsAChangeThatTheSchedulerSees(t *testing.T) {
	db, ring := openWithKeyring(t)
	r, err := db.AddRepository(ctx, core.Repository{Name: "hub", URL: "https://hub.example.org/eden", Username: "ada", Password: "one"})
	if err != nil {
		t.Fatal(err)
	}
	changes := func() int64 {
		t.Helper()
		a, err := db.Agenda(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return a.Repositories[0].PasswordChanges
	}
	before := changes()
	ring.meanwhile = func() {
		if changes() != before {
			t.Error("the change is told before the password is there")
		}
	}
	r.Password = "two"
	if r, err = db.UpdateRepository(ctx, r); err != nil || changes() == before || r.PasswordChanges != changes() {
		t.Errorf("a new password: %d to %d, %v", before, changes(), err)
	}
	before = changes()
	r.AcceptPush = true
	if _, err = db.UpdateRepository(ctx, r); err != nil || changes() != before {
		t.Errorf("another change counts as a new password: %d to %d, %v", before, changes(), err)
	}
	r.Name, r.Password = " ", "three"
	if _, err = db.UpdateRepository(ctx, r); !core.IsKind(err, core.InvalidSetting) {
		t.Error(err)
	}
	if got, err := db.Repository(ctx, r.ID); err != nil || got.Password.Reveal() != "two" {
		t.Errorf("a refused change changed the password: %v", err)
	}
}

// A run that began with the former password ends after the new one was entered.
func TestAnOldRunDoesNotStopARepositoryWithANewPassword(t *testing.T) {
	db, _ := openWithKeyring(t)
	old, err := db.AddRepository(ctx, core.Repository{Name: "hub", URL: "https://hub.example.org/eden", Username: "ada", Password: "one"})
	if err != nil {
		t.Fatal(err)
	}
	changed := old
	changed.Password = "two"
	if changed, err = db.UpdateRepository(ctx, changed); err != nil {
		t.Fatal(err)
	}
	stopped := func(r core.Repository) string {
		t.Helper()
		r.Stopped = "hub refused the user name or password."
		if err := db.SaveRepository(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		got, err := db.Repository(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.Stopped
	}
	if why := stopped(old); why != "" {
		t.Errorf("stopped by a run with the old password: %s", why)
	}
	if why := stopped(changed); why == "" {
		t.Error("a run with the new password cannot stop it")
	}
}

// Nor does one that began with the former address or account, and it has registered nobody at another
// address.
func TestAnOldRunDoesNotStopARepositoryAtANewAddress(t *testing.T) {
	for what, change := range map[string]func(*core.Repository){
		"another address": func(r *core.Repository) { r.URL = "https://new.example.org/eden" },
		"another account": func(r *core.Repository) { r.Username = "grace" },
	} {
		t.Run(what, func(t *testing.T) {
			db, _ := openWithKeyring(t)
			old, err := db.AddRepository(ctx, core.Repository{Name: "hub", URL: "https://hub.example.org/eden", Username: "ada", Password: "one"})
			if err != nil {
				t.Fatal(err)
			}
			changed := old
			change(&changed)
			if changed, err = db.UpdateRepository(ctx, changed); err != nil {
				t.Fatal(err)
			}
			ends := func(r core.Repository) core.Repository {
				t.Helper()
				r.Stopped, r.Registered, r.RegisteredAs = "hub refused the user name or password.", 5, "ada"
				if _, err := db.FinishRun(ctx, core.Ending{Run: core.Run{ID: core.NewUUID(), Repository: r.ID}, Repository: r}); err != nil {
					t.Fatal(err)
				}
				got, err := db.Repository(ctx, r.ID)
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			if got := ends(old); got.Stopped != "" || got.URL != old.URL && (got.Registered != 0 || got.RegisteredAs != "") {
				t.Errorf("after a run from before it is %+v", got)
			}
			if got := ends(changed); got.Stopped == "" || got.Registered != 5 {
				t.Errorf("after a run of now it is %+v", got)
			}
		})
	}
}
