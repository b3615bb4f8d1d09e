package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTheLogGoesOnWhileAnotherProgramHasItOpen(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "log", "fieldsync.log")
	if err := os.Mkdir(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, bytes.Repeat([]byte("full\n"), 1100_000), 0o600); err != nil { // more than 5 MiB
		t.Fatal(err)
	}
	other, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	log, stop := openLog(dir)
	log.Info("while it is open")
	if content, err := os.ReadFile(name); err != nil || !bytes.Contains(content, []byte("while it is open")) {
		t.Errorf("the line is missing: %v", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	log.Info("afterwards")
	if content, err := os.ReadFile(name); err != nil || !bytes.Contains(content, []byte("afterwards")) || len(content) > 1000 {
		t.Errorf("a new file was not begun: %d bytes, %v", len(content), err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}
