package transfer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
)

func TestAFileThatCannotBeReplacedIsNamedAndNothingIsLeft(t *testing.T) {
	for name, occupy := range map[string]func(t *testing.T, path string){
		"a folder has the name": func(t *testing.T, path string) {
			if err := os.MkdirAll(filepath.Join(path, "in it"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"it is open in another program": func(t *testing.T, path string) {
			if runtime.GOOS != "windows" {
				t.Skip("only Windows keeps an open file from being replaced")
			}
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = f.Close() })
		},
	} {
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
