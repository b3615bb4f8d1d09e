package simulation

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	named    = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	promises = regexp.MustCompile(`(?m)^\| (\d+) \|[^|]+\|.*` + "`Test")
)

// What a page of docs says is shown must be shown: each test it names exists, and
// docs/reliability.md has one for each of the 25 promises.
func TestTheTestsThatAPageNamesExist(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testsBelow(t, root)
	var page []byte
	for _, name := range pages {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(text, -1) {
			if test := string(m[1]); !tests[test] {
				t.Errorf("%s names %s, which is no test", filepath.Base(name), test)
			}
		}
		if filepath.Base(name) == "reliability.md" {
			page = text
		}
	}
	kept := map[string]bool{} // a promise may have several rows
	for _, m := range promises.FindAllSubmatch(page, -1) {
		kept[string(m[1])] = true
	}
	if len(kept) != 25 {
		t.Errorf("%d promises have a test, want all 25", len(kept))
	}
}

// testsBelow lists the tests in a folder's source, whatever their build tags.
func testsBelow(t *testing.T, root string) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
