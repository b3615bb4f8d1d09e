package records

import (
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Line is a record as a list shows it.
type Line struct {
	Link                      core.Link
	Title, Below              string
	Cells                     []string // what stands in a list's columns
	Unsent, Refused, Conflict bool
	Deleted                   bool
}

// belowFields is how many fields stand below a record's name, and belowLength
// how long one of them may be.
const (
	belowFields = 4
	belowLength = 48
)

// NewLine puts a row into words. schema may be empty.
func NewLine(row *Row, schema *core.Schema) Line {
	rec := &row.Record
	return Line{Link: rec.Link(), Title: words.Title(rec, schema), Below: below(rec, schema), Unsent: row.Unsent, Refused: row.Refused, Conflict: row.Conflict, Deleted: rec.Deleted}
}

// below lists the first fields that say something about the record.
func below(rec *core.Record, schema *core.Schema) string {
	title := words.Title(rec, schema)
	var parts []string
	for _, f := range rec.Fields {
		text := strings.TrimSpace(f.Display())
		switch {
		case len(parts) == belowFields:
			return strings.Join(parts, "  ·  ")
		case text == "" || strings.Contains(title, text) || title == words.Label(text) || words.Technical(core.FieldSchema{Name: f.Name}):
			continue
		case f.Text == "" && (f.Value.Kind == core.Reference || f.Value.Kind == core.References || f.Value.Kind == core.JSON || f.Value.Kind == core.Boolean):
			continue
		}
		if f.Text == "" && (f.Value.Kind == core.Integer || f.Value.Kind == core.Number) {
			text = words.Field(f.Name, schema) + " " + text
		}
		parts = append(parts, tr.Datum(words.Label(short(text))))
	}
	return strings.Join(parts, "  ·  ")
}

// short cuts a text to one line.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > belowLength {
		return string(r[:belowLength-1]) + "…"
	}
	return text
}

// leadIn is how much is told before the place where two long texts differ.
const leadIn = 16

// apart is short for two versions of a text: where they begin alike, both are shown from
// shortly before they part.
func apart(before, after string) (string, string) {
	b, a := []rune(strings.Join(strings.Fields(before), " ")), []rune(strings.Join(strings.Fields(after), " "))
	alike := 0
	for alike < min(len(b), len(a)) && b[alike] == a[alike] {
		alike++
	}
	from := alike - leadIn
	if alike+leadIn < belowLength || max(len(b), len(a)) <= belowLength {
		return short(before), short(after)
	}
	if blank := slices.Index(a[from:alike], ' '); blank >= 0 {
		from += blank + 1 // a whole word begins it
	}
	return "…" + short(string(b[from:])), "…" + short(string(a[from:]))
}

// ruleWords says in plain words why a version was replaced.
func ruleWords(c core.Change, peers []core.Repository) string {
	where := ""
	for _, r := range peers {
		if r.ID == c.Origin {
			where = r.Name
		}
	}
	switch rule, _, _ := strings.Cut(c.Rule, " "); rule {
	case "import":
		return tr.L("From a file, by {{.Who}}", tr.D{"Who": who(c)})
	case "edit", "create":
		return tr.L("Changed here by {{.Who}}", tr.D{"Who": who(c)})
	case "restore":
		return tr.L("Restored by {{.Who}}", tr.D{"Who": who(c)})
	case "refused":
		return tr.L("Kept by {{.Who}}, although it was deleted at the server", tr.D{"Who": who(c)})
	case "delete":
		return tr.L("Deleted by {{.Who}}", tr.D{"Who": who(c)})
	case "merge":
		return tr.L("Joined with a change from the server")
	case "rescued":
		return tr.L("Rescued from the damaged database")
	case "conflict":
		return tr.L("Decided between two versions")
	}
	if where != "" {
		return tr.L("Updated from {{.Where}}", tr.D{"Where": where})
	}
	return tr.L("Updated from the server")
}

func who(c core.Change) string {
	if c.By == "" {
		return tr.L("somebody")
	}
	return c.By
}
