package app

import (
	stdlog "log"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatALibrarySaysGoesIntoTheTechnicalLog(t *testing.T) {
	dir := t.TempDir()
	_, closeLog := openLog(dir)
	stdlog.Print("Unsolicited response")
	if err := closeLog(); err != nil {
		t.Fatal(err)
	}
	stdlog.Print("said too late")
	text, err := os.ReadFile(filepath.Join(dir, "log", "fieldsync.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "Unsolicited response") || strings.Contains(string(text), "too late") {
		t.Errorf("the log has: %s", text)
	}
}
