package storage

import "testing"

// opened returns an empty store, closed at the end, for tests of what only this package sees.
// Others use storagetest.
func opened(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Dir: t.TempDir(), Secrets: NewFileSecrets(t.TempDir())})
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
