package packrow_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// What file_part gives is the file to the letter, from any place and of any length; what is
// not in the file, or too much at once, is not given.
func TestAPartOfTheFileIsAsItLies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE r (x); INSERT INTO r SELECT randomblob(100000)`); err != nil {
		t.Fatal(err)
	}
	lies, err := os.ReadFile(filepath.Clean(path)) // nobody else has it open: no locks are lost
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ offset, length, gives int }{
		{0, len(lies), len(lies)}, {0, 1, 1}, {4095, 3, 3}, {len(lies) - 10, 100, 10}, {len(lies), 1, 0}, {len(lies) + 5, 1, 0}, {7, 0, 0}} {
		var part []byte
		if err := db.QueryRow(`SELECT file_part(?, ?)`, c.offset, c.length).Scan(&part); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if len(part) != c.gives || c.gives > 0 && !bytes.Equal(part, lies[c.offset:c.offset+c.gives]) {
			t.Errorf("%+v: %d bytes, or others than those of the file", c, len(part))
		}
	}
	for _, c := range [][2]int{{-1, 1}, {0, -1}, {0, 1<<20 + 1}} {
		var part []byte
		if err := db.QueryRow(`SELECT file_part(?, ?)`, c[0], c[1]).Scan(&part); err == nil {
			t.Errorf("%v: %d bytes, and no error", c, len(part))
		}
	}
}
