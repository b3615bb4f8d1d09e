package conflicts

import (
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Side says whose value a field takes.
type Side int

// The sides; the zero value is not chosen yet.
const (
	Open Side = iota
	Mine
	Theirs
)

// A Choice is one field that differs between the two versions.
type Choice struct {
	Field        string
	Label        string
	Mine, Theirs string // for a person
	Clash        bool   // both sides changed it; otherwise only one did
	Side         Side
}

// longValue is how many characters are read in a column.
const longValue = 80

// long reports whether a value needs the whole width.
func (c Choice) long() bool {
	return max(utf8.RuneCountInString(c.Mine), utf8.RuneCountInString(c.Theirs)) > longValue
}

// A Question is a conflict as a person decides it.
type Question struct {
	Conflict         core.Conflict
	Title, Kind      string
	Where            string // the repository's name
	MineBy, TheirsBy Author
	// MineDeleted and TheirsDeleted: one side deleted what the other changed.
	MineDeleted, TheirsDeleted bool
	Choices                    []Choice
}

// An Author is who made a version, and when, as a person reads it.
type Author struct{ Who, When string }

// newQuestion lays a conflict out. What only one side changed is chosen already.
func newQuestion(c core.Conflict, schema *core.Schema, where string, when func(core.MTime) string) Question {
	q := Question{Conflict: c, Kind: words.One(c.Record.Resource, schema), Where: where, MineDeleted: c.Ours.Deleted, TheirsDeleted: c.Theirs.Deleted}
	named := &c.Ours
	if c.Ours.Deleted {
		named = &c.Theirs
	}
	if c.Base != nil && named.Title() == "" {
		named = c.Base
	}
	q.Title = words.Title(named, schema)
	q.MineBy, q.TheirsBy = author(&c.Ours, when), author(&c.Theirs, when)
	if q.MineDeleted || q.TheirsDeleted {
		return q
	}
	for _, name := range core.Differences(&c.Ours, &c.Theirs) {
		choice := Choice{Field: name, Label: words.Field(name, schema), Mine: shown(&c.Ours, name), Theirs: shown(&c.Theirs, name), Clash: true}
		if c.Base != nil {
			base := c.Base.Value(name)
			switch {
			case core.SameValue(base, c.Ours.Value(name)):
				choice.Clash, choice.Side = false, Theirs
			case core.SameValue(base, c.Theirs.Value(name)):
				choice.Clash, choice.Side = false, Mine
			}
		}
		if words.Technical(core.FieldSchema{Name: name}) && choice.Side == Open {
			choice.Side = Theirs // nothing a person could judge
		}
		q.Choices = append(q.Choices, choice)
	}
	return q
}

func author(rec *core.Record, when func(core.MTime) string) Author {
	a := Author{Who: rec.ModifiedBy}
	if !rec.ModifiedOn.IsZero() {
		a.When = when(rec.ModifiedOn)
	}
	return a
}

func shown(rec *core.Record, name string) string {
	f, _ := rec.Field(name)
	switch {
	case f.Text == "" && (f.Value.Kind == core.Reference || f.Value.Kind == core.References):
		return tr.L("another record")
	case f.Display() == "":
		return tr.L("(empty)")
	}
	return f.Display()
}

// Left counts the fields that wait for a choice.
func (q Question) Left() (n int) {
	for _, c := range q.Choices {
		if c.Side == Open {
			n++
		}
	}
	return n
}

// Verdict is the decision that the choices make, in the store's words: "ours",
// "theirs", or "both" with the mixture. All choices must be made.
func (q Question) Verdict() (winner string, mixed *core.Record) {
	mine, theirs := 0, 0
	rec := q.Conflict.Ours.Clone()
	for _, c := range q.Choices {
		if c.Side == Mine {
			mine++
			continue
		}
		theirs++
		if f, ok := q.Conflict.Theirs.Field(c.Field); ok {
			rec.Set(f)
		} else {
			rec.Unset(c.Field)
		}
	}
	switch {
	case theirs == 0:
		return "ours", nil
	case mine == 0:
		return "theirs", nil
	}
	return "both", &rec
}

func technical(f core.Field) bool { return words.Technical(core.FieldSchema{Name: f.Name}) }

func fieldLine(name, text string) string {
	return tr.L("{{.Field}}: {{.Value}}", tr.D{"Field": words.Field(name, nil), "Value": text})
}
