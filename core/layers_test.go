package core_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/fieldsync/fieldsync"

// layers says who may not import whom. A folder stands for everything below it.
// Tests are free: a run is tested on the real store.
var layers = []struct {
	name   string
	folder string
	deny   []string
}{
	{"core knows neither ui nor storage, no window and no database", "core",
		[]string{module + "/ui", module + "/storage", "fyne.io", "database/sql", "github.com/mattn/go-sqlite3"}},
	{"storage knows no ui and no window", "storage", []string{module + "/ui", "fyne.io"}},
	{"platform knows no ui, no store and no window", "platform", []string{module + "/ui", module + "/storage", "fyne.io", "database/sql"}},
	{"ui reaches the store only through interfaces", "ui", []string{module + "/storage", "database/sql"}},
	{"commands run without a window", "ui/cli", []string{module + "/storage", "database/sql", "fyne.io"}},
}

// pure lists what package core itself may not touch: it does no I/O.
var pure = []string{"os", "net/http", "net", "sync"}

func TestLayers(t *testing.T) {
	root := moduleRoot(t)
	for _, rule := range layers {
		t.Run(rule.name, func(t *testing.T) {
			eachImport(t, root, rule.folder, func(file, path string) {
				if !strings.HasSuffix(file, "_test.go") && denied(path, rule.deny) {
					t.Errorf("%s imports %s", file, path)
				}
			})
		})
	}
	t.Run("package core itself does no input or output", func(t *testing.T) {
		eachImport(t, root, "core", func(file, path string) {
			if filepath.Dir(file) == "core" && !strings.HasSuffix(file, "_test.go") && slices.Contains(pure, path) {
				t.Errorf("%s imports %s", file, path)
			}
		})
	})
}

func denied(path string, deny []string) bool {
	for _, d := range deny {
		if path == d || strings.HasPrefix(path, d+"/") {
			return true
		}
	}
	return false
}

// eachImport hands every import of every Go file below folder to fn, with the
// file relative to root.
func eachImport(t *testing.T, root, folder string, fn func(file, path string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			fn(rel, path)
		}
		seen++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatalf("no Go file below %s", folder)
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("go.mod was not found above the test")
		}
		dir = parent
	}
}
