package core

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whatever we give ourselves as the reason to set a record aside or to keep it back is
// known as ours: it is not quoted as the server's words, and told in the person's language.
func TestEveryReasonOfOurOwnIsKnown(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("replicate", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range reasonsIn(file) {
			found++
			if !slices.ContainsFunc(slices.Concat(unsentReasons, asideReasons), func(known string) bool { return strings.Contains(known, text) }) {
				t.Errorf("%s gives the reason %q, which is not in reason.go", name, text)
			}
		}
	}
	if found < 9 {
		t.Errorf("only %d reasons found: the test looks in the wrong places", found)
	}
}

// reasonsIn returns what is given as a reason: to refuse, to leave a file out, or as one of
// the constants for it.
func reasonsIn(file *ast.File) (all []string) {
	constants := []string{"notAllowed", "notOriginator", "storeTrouble"}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name := nameOf(n.Fun); name == "refuse" || name == "setAside" {
				for _, arg := range n.Args {
					all = append(all, wordsIn(arg)...)
				}
			}
		case *ast.AssignStmt:
			if nameOf(n.Lhs[0]) == "left" {
				all = append(all, wordsIn(n.Rhs[0])...)
			}
		case *ast.ValueSpec:
			if slices.Contains(constants, n.Names[0].Name) {
				all = append(all, wordsIn(n.Values[0])...)
			}
		}
		return true
	})
	return all
}

func TestAReasonIsOursOrTheServersWords(t *testing.T) {
	for reason, want := range map[string]struct{ own, keptBack bool }{
		"It was not sent: the strategy of this table does not allow to delete records.":                      {true, true},
		"The file map.png was not sent: it has 12 MiB, and at most 10 MiB can be sent. Everything else was.": {true, true},
		"The server did not take: phone, fax.":                                                               {true, false},
		"The server kept its own version.":                                                                   {true, false},
		(&Problem{Kind: ServerFault, Subject: "Headquarters"}).Message():                                     {true, false},
		"Phone: invalid number": {},
		"Record is not shared":  {}, // like a sentence of the log, and no reason of ours
		"":                      {},
	} {
		q := Quarantine{Outgoing: true, Reason: reason}
		if own, kept := q.OwnWords(), q.KeptBack(); own != want.own || kept != want.keptBack {
			t.Errorf("%q: ours %v, kept back %v; want %+v", reason, own, kept, want)
		}
	}
}
