package translations

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
)

var update = flag.Bool("update", false, "add missing texts to en.json and drop unused ones")

// The English file is what translators start from: every text of the window is
// in it, texts that depend on a number in both forms, and nothing else.
func TestEveryTextOfTheWindowIsInTheTranslationFile(t *testing.T) {
	used := usedTexts(t)
	have := map[string]any{}
	data, err := os.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &have); err != nil {
		t.Fatal(err)
	}
	if *update {
		writeTexts(t, used, have)
		return
	}
	for text, plural := range used {
		entry, ok := have[text]
		if _, forms := entry.(map[string]any); !ok || forms != plural {
			t.Errorf("%q is missing or has the wrong form; run go test ./ui/translations -update", text)
		}
	}
	for text := range have {
		if _, ok := used[text]; !ok {
			t.Errorf("%q is in the file but nowhere in the window", text)
		}
	}
}

// usedTexts finds every literal given to L and N (true) below ui, and the plain
// names in the tables of package words.
func usedTexts(t *testing.T) map[string]bool {
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/cli/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				noteCall(n, used)
			case *ast.ValueSpec:
				if file.Name.Name == "words" && len(n.Names) == 1 && (n.Names[0].Name == "tables" || n.Names[0].Name == "fields" || n.Names[0].Name == "labels") {
					noteValues(n.Values[0].(*ast.CompositeLit), used)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	noteSentences(t, used)
	for _, text := range slices.Concat(core.Sentences(), core.LogSentences(), fyneTexts) {
		used[text] = false
	}
	return used
}

// noteSentences finds what the layers below word themselves: the second argument
// of Invalid, a Problem's Words, sayings.
func noteSentences(t *testing.T, used map[string]bool) {
	for _, dir := range []string{"../../core", "../../storage", "../../platform", "../../app"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					switch {
					case (named(n.Fun, "Invalid") || named(n.Fun, "unreadable")) && len(n.Args) > 1:
						noteText(n.Args[1], used)
					case (named(n.Fun, "Say") || named(n.Fun, "wrong") || named(n.Fun, "cellWrong")) && len(n.Args) > 0:
						noteText(n.Args[0], used)
					case named(n.Fun, "say") && len(n.Args) > 2: // of storage's doctor
						noteText(n.Args[2], used)
					}
				case *ast.ValueSpec:
					if len(n.Names) == 1 && n.Names[0].Name == "ailments" {
						noteAilments(n.Values[0], used)
					}
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Words" {
						noteText(n.Value, used)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func named(fn ast.Expr, name string) bool {
	switch fn := fn.(type) {
	case *ast.SelectorExpr:
		return fn.Sel.Name == name
	case *ast.Ident:
		return fn.Name == name
	}
	return false
}

// noteAilments finds what storage says of what it can mend: the second text of each.
func noteAilments(list ast.Expr, used map[string]bool) {
	for _, e := range list.(*ast.CompositeLit).Elts {
		noteText(e.(*ast.CompositeLit).Elts[1], used)
	}
}

// noteText notes a whole literal; one that something is joined to cannot be
// translated, and of one without a word nothing can be.
func noteText(e ast.Expr, used map[string]bool) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if text, err := strconv.Unquote(lit.Value); err == nil && strings.ContainsFunc(placeInText.ReplaceAllString(text, ""), unicode.IsLetter) {
			used[text] = false
		}
	}
}

func noteCall(call *ast.CallExpr, used map[string]bool) {
	name, plural := "", false
	switch fn := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := fn.X.(*ast.Ident); ok && x.Name == "tr" && (fn.Sel.Name == "L" || fn.Sel.Name == "N") {
			name, plural = fn.Sel.Name, fn.Sel.Name == "N"
		}
	case *ast.Ident:
		switch fn.Name {
		case "add": // words.Outcome's own
			plural = true
			name = "N"
		case "L": // this package's own
			name = "L"
		}
	}
	if name == "" {
		return
	}
	for _, arg := range call.Args {
		if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				used[text] = plural
			}
			return
		}
	}
}

func noteValues(lit *ast.CompositeLit, used map[string]bool) {
	for _, e := range lit.Elts {
		ast.Inspect(e.(*ast.KeyValueExpr).Value, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(s.Value)
				used[text] = false
			}
			return true
		})
	}
}

func writeTexts(t *testing.T, used map[string]bool, have map[string]any) {
	out := map[string]any{}
	for text, plural := range used {
		old, ok := have[text]
		_, forms := old.(map[string]any)
		switch {
		case ok && forms == plural:
			out[text] = old
		case plural:
			out[text] = map[string]any{"one": text, "other": text}
		default:
			out[text] = text
			if english := fyneEnglish[text]; english != "" {
				out[text] = english
			}
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("en.json", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range slices.Sorted(func(yield func(string) bool) {
		for text, plural := range used {
			if m, ok := out[text].(map[string]any); plural && ok && m["one"] == m["other"] && !yield(text) {
				return
			}
		}
	}) {
		t.Logf("same for one and many: %q", text)
	}
}

// fyneEnglish are the English words for Fyne's keys that are none.
var fyneEnglish = map[string]string{"file.name": "Name", "file.parent": "Parent", "monday": "Monday", "monday.short": "Mon", "tuesday": "Tuesday",
	"tuesday.short": "Tue", "wednesday": "Wednesday", "wednesday.short": "Wed", "thursday": "Thursday", "thursday.short": "Thu", "friday": "Friday",
	"friday.short": "Fri", "saturday": "Saturday", "saturday.short": "Sat", "sunday": "Sunday", "sunday.short": "Sun"}
