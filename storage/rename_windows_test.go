package storage

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAFileThatAScannerLooksAtIsReplacedAMomentLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.age")
	if err := writePrivate(path, []byte("before")); err != nil {
		t.Fatal(err)
	}
	scanner, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".moved"); err == nil {
		t.Fatal("the file is not in use")
	}
	time.AfterFunc(100*time.Millisecond, func() { _ = scanner.Close() })
	if err := writePrivate(path, []byte("after")); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "after" {
		t.Errorf("%q, %v", content, err)
	}
}
