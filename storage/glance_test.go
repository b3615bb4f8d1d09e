package storage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestThePersonsLanguageIsKnownWithoutTheDatabase(t *testing.T) {
	dir := t.TempDir()
	if got := storage.Glance(ctx, dir); got != (core.Preferences{}) {
		t.Errorf("an empty folder: %+v", got)
	}
	db := storagetest.Open(t, dir, storagetest.NewClock())
	want := core.Preferences{Language: "ne", Look: "dark", TextSize: 125}
	if err := db.SavePreferences(ctx, want); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SafetyCopy(ctx, storage.BackupDaily); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := storage.Glance(ctx, dir); got != want {
		t.Errorf("from the database: %+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "fieldsync.db"), []byte("nothing of a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := storage.Glance(ctx, dir); got != want {
		t.Errorf("from the copy: %+v", got)
	}
}
