package core

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whatever is written into the log as a sentence can be told in another language.
func TestEverySentenceOfTheLogIsKnown(t *testing.T) {
	found := 0
	for _, dir := range []string{"replicate", "intake", "responder", "schedule", "../storage", "../app"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") {
				found += checkLogged(t, name)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d sentences found: the test looks in the wrong places", found)
	}
}

// checkLogged looks at every literal that becomes the message of a log entry.
func checkLogged(t *testing.T, name string) (found int) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	check := func(e ast.Expr) {
		for _, text := range wordsIn(e) {
			found++
			if !slices.ContainsFunc(logged, func(known string) bool { return strings.Contains(known, text) }) {
				t.Errorf("%s writes %q into the log, which is not in logged.go", name, text)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if strings.HasSuffix(nameOf(n.Type), "LogEntry") {
				for _, e := range n.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok && nameOf(pair.Key) == "Message" {
						check(pair.Value)
					}
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "Message" && nameOf(s.X) != "m" && i < len(n.Rhs) {
					check(n.Rhs[i])
				}
			}
		}
		return true
	})
	return found
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// wordsIn returns the literals in an expression that have words in them.
func wordsIn(e ast.Expr) (all []string) {
	letters := regexp.MustCompile(`[a-z]{3}`)
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && letters.MatchString(text) {
				all = append(all, strings.TrimSpace(text))
			}
		}
		return true
	})
	return all
}

func TestASentenceOfTheLogIsHeard(t *testing.T) {
	for text, want := range map[string]Saying{
		"No data to send": Say("No data to send"),
		"Records delivered: 3 of 1,204; refused: 2":                             Say("Records delivered: %d of %d; refused: %d", 3, 1204, 2),
		"Data imported successfully (2 received, 2 new)":                        Say("Data imported successfully (%s)", "2 received, 2 new"),
		"Compared record by record: 4 of 5 records are the same, different: 1.": Say("Compared record by record: %s", "4 of 5 records are the same, different: 1."),
	} {
		got, ok := Heard(text)
		if !ok || got.Words != want.Words || !slices.Equal(got.Values, want.Values) {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	if got, ok := Heard("The roof leaks."); ok {
		t.Errorf("heard %+v", got)
	}
}

func TestCountsAreReadAsTheyAreWritten(t *testing.T) {
	for _, want := range []Counts{{}, {Received: 9, Created: 3, Kept: 4, Conflicts: 2}, {Sent: 5, Delivered: 4, Refused: 1, Quarantined: 7}} {
		if got, ok := ParseCounts(want.String()); !ok || got != want {
			t.Errorf("%q: %+v, %v", want, got, ok)
		}
	}
	for _, text := range []string{"", "3 apples", "new 3", "-1 new"} {
		if got, ok := ParseCounts(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestASayingIsSaidInAnotherLanguageWithWhatIsInIt(t *testing.T) {
	s := Say("%s: %q is wrong (line %d).", Say("Repository %d", 2), "x", 7)
	if got := s.String(); got != `Repository 2: "x" is wrong (line 7).` {
		t.Errorf("in English: %s", got)
	}
	french := func(s string) string {
		return map[string]string{"%s: %q is wrong (line %d).": "ligne %[3]d : %[2]q est faux, %[1]s", "Repository %d": "dépôt %d"}[s]
	}
	if got := s.In(french); got != `ligne 7 : "x" est faux, dépôt 2` {
		t.Errorf("in French: %s", got)
	}
}
