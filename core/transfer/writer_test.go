package transfer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
)

// occupied are the ways in which a file cannot be replaced on this system.
var occupied = map[string]func(t *testing.T, path string){
	"a folder has the name": func(t *testing.T, path string) {
		if err := os.MkdirAll(filepath.Join(path, "in it"), 0o700); err != nil {
			t.Fatal(err)
		}
	},
}

func TestAFileThatCannotBeReplacedIsNamedAndNothingIsLeft(t *testing.T) {
	for name, occupy := range occupied {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "offices.csv")
			occupy(t, path)
			err := transfer.Replace(path, func(w io.Writer) error { _, err := io.WriteString(w, "name\n"); return err })
			var p *core.Problem
			if !errors.As(err, &p) || p.Kind != core.FileUnreadable || !strings.HasPrefix(p.Message(), "The file "+path+" cannot be written.") {
				t.Errorf("got %v", err)
			}
			if in, err := os.ReadDir(filepath.Dir(path)); err != nil || len(in) != 1 {
				t.Errorf("%v, %v", in, err)
			}
		})
	}
}
