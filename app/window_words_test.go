//go:build !headless

package app

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// Marks around every translated piece of text.
const (
	markBegin = "⟦"
	markEnd   = "⟧"
)

var (
	placeToFill = regexp.MustCompile(`\{\{\.\w+\}\}|%(?:\[\d\])?[sqd]`)
	markedPiece = regexp.MustCompile(markBegin + `[^` + markEnd + `]*(?:` + markEnd + `|$)`)
)

// marked puts marks around all words of a text, and leaves its places to fill.
func marked(text string) string {
	var b strings.Builder
	rest := text
	for {
		at := placeToFill.FindStringIndex(rest)
		piece := rest
		if at != nil {
			piece = rest[:at[0]]
		}
		if strings.ContainsFunc(piece, unicode.IsLetter) {
			piece = markBegin + piece + markEnd
		}
		b.WriteString(piece)
		if at == nil {
			return b.String()
		}
		b.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
}

// untranslated are words that are the same in every language: names, Eden's own
// terms in the details of the log, examples of what a machine reads.
var untranslated = []string{"Fieldsync", "Ctrl + 1 … 6", "Ctrl + F", "Ctrl + N", "Ctrl + S", "Ctrl + Page Down", "Esc", "Tab", "F1", "F5",
	"pull", "push", "register", "none", "import", "send", "receive", "outgoing", "incoming", "request registration", "success", "warning", "error", "fatal",
	"NEWER", "ASK", "THIS", "OTHER", "MASTER",
	"https://hub.example.org/eden", "http://proxy.example.org:3128", "laptop.example.org", ".name__like=Red*", "name__like=Red"}

// Everything that a person reads is in the person's language, whatever layer worded
// it: in a made-up language every translated piece is marked, and what is not marked
// must be data.
func TestNothingIsSaidInEnglishOnly(t *testing.T) {
	restore, err := tr.Pretend(marked)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
	w := newWalk(newGuide(t))
	data := w.data()
	read := 0
	w.everywhere(func(place string) { read += w.understands(place, data) })
	if read < 1000 {
		t.Errorf("only %d texts were read", read)
	}
}

// The first start, and what goes wrong in it.
func TestTheFirstStartIsNotInEnglishOnly(t *testing.T) {
	restore, err := tr.Pretend(marked)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
	g := newGuide(t)
	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"fieldsync": 1, "colour": "red", "repositories": [{"name": "", "url": "nowhere", "passwort": "x", "resources": [{"table": "Nö", "mode": "fly"}],
		"schedule": [{"every": "soon"}]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	data := []string{wrong, "colour", "passwort", "nowhere", "Nö", "fly", "soon", "none", "fieldsync, proxy, language, repositories", build.Version, "Headquarters",
		"name, url, username, proxy, authority, resources, schedule", "30m", "24h", "missing.json", "create, update, delete, merge", "pull, push, both"}
	read := g.understands("start", data)
	g.tap(tr.L("Connect"))
	read += g.understands("connect", data)
	g.tap(tr.L("Next"))
	read += g.understands("connect, without an address", data)
	g.tap(tr.L("Back"))
	g.window.OpenSetup(wrong)
	g.sees(markBegin + "Repository ")
	read += g.understands("a setup file with faults", data)
	g.window.OpenSetup(filepath.Join(t.TempDir(), "missing.json"))
	read += g.understands("a setup file that is not there", append(data, t.TempDir()))
	g.closeToast()
	g.window.Fyne().Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	read += g.understands("keys", data)
	if read < 60 {
		t.Errorf("only %d texts were read", read)
	}
}

// understands fails for every text on the screen that is neither translated nor
// data, and returns how many it read.
func (g *guide) understands(place string, data []string) (read int) {
	g.Helper()
	for _, text := range uitest.Texts(g.window.Fyne().Canvas()) {
		read++
		for _, rest := range markedPiece.Split(text, -1) {
			if !known(rest, data) {
				g.Errorf("%s: %q is not translated in %q", place, rest, text)
			}
		}
	}
	return read
}

// between is what may stand between two data: signs, numbers, times, uuids.
var between = regexp.MustCompile(`\s*[·;“”()~]\s*|[.,]\s+|(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d[\d:,.]*\b`)

// known reports whether a text has no words, or is data.
func known(text string, data []string) bool {
	isData := func(part string) bool {
		part = strings.TrimFunc(part, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		return !strings.ContainsFunc(part, unicode.IsLetter) || slices.Contains(untranslated, part) ||
			slices.ContainsFunc(data, func(d string) bool { return strings.Contains(d, part) })
	}
	return isData(text) || !slices.ContainsFunc(between.Split(text, -1), func(part string) bool { return !isData(part) })
}

// data are all texts that came from a server or a person, in no particular order.
func (w *walk) data() (all []string) {
	ctx := w.Context()
	counts, err := w.node.Store.(replica).DB.Resources(ctx)
	if err != nil {
		w.Fatal(err)
	}
	for _, c := range counts {
		all = append(all, string(c.Resource))
		for _, rec := range w.school.running.Records(c.Resource) {
			all = append(all, textsOf(rec)...)
		}
	}
	for _, rec := range []core.Record{w.person, w.office, w.clash} {
		here, err := w.node.Store.Record(ctx, rec.Link())
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, textsOf(here)...)
	}
	repository, err := w.node.Store.Repository(ctx, 1)
	node, nodeErr := w.node.Store.Node(ctx)
	if err != nil || nodeErr != nil {
		w.Fatal(err, nodeErr)
	}
	return append(all, repository.Name, repository.URL, repository.Username, repository.UUID, node.UUID, node.Name, w.node.Dir, "maya@example.org",
		"Title", "Number", "uuid", "titles.csv", "Borehole driller", "Logistician", // of the file to import
		refusal, refusalDetails, "Amina Haddad", "Tomás Peña", "Olena Bondar", "Sunita Gurung", "Chen Meiling", // of the practice server
		strings.NewReplacer("\n\n", "\n\n", "\n", " ").Replace(build.Licence), build.Version, runtime.Version())
}

func textsOf(rec core.Record) (all []string) {
	all = append(all, rec.UUID, rec.Title(), rec.ModifiedBy, rec.CreatedBy)
	for _, f := range rec.Fields {
		all = append(all, f.Value.Str, f.Text)
	}
	return all
}
