package storage

import (
	"strings"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
)

// The search index is one full-text table for all resources. Writing to it costs
// more than writing the record, so a pull does not wait for it: a table's rows
// beyond resource.indexed are put into the index when somebody searches, those with
// the lowest seq first. So no change is missed, and none indexed twice.

// searchID is the name of a record in the full-text table.
func searchID(tb *table, id int64) int64 { return tb.id<<40 | id }

// reindex renews the words of a record whose seq has not changed.
func (t *tx) reindex(tb *table, id, seq int64, rec *core.Record) error {
	row, _, err := t.first(`SELECT indexed FROM resource WHERE id = ?`, tb.id)
	if err != nil || seq > asInt(row[0]) {
		return err
	}
	if rec.Deleted {
		return t.hot(indexNone.text, searchID(tb, id))
	}
	return t.hot(indexAgain.text, searchID(tb, id), searchWords(rec))
}

// searchWords is what a person may look a record up by: what is displayed of its
// fields.
func searchWords(rec *core.Record) string { return string(appendWords(nil, rec)) }

// appendWords appends them to words.
func appendWords(words []byte, rec *core.Record) []byte {
	for i := range rec.Fields {
		f := &rec.Fields[i]
		switch f.Value.Kind {
		case core.Null, core.Boolean:
			continue
		case core.Reference, core.References, core.JSON:
			if f.Text == "" {
				continue
			}
		}
		words = append(words, f.Display()...)
		if f.Text != "" && f.Value.Kind == core.String && f.Value.Str != f.Text {
			words = append(append(words, ' '), f.Value.Str...)
		}
		words = append(words, '\n')
	}
	return words
}

// matchQuery turns what a person types into a full-text query: every word must
// begin a word of the record. "" if there is no word in it.
func matchQuery(typed string) string {
	words := typedWords(typed)
	for i, w := range words {
		words[i] = `"` + w + `"*`
	}
	return strings.Join(words, " ")
}

func typedWords(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
}
