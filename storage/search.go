package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
)

// The search index is one full-text table for all resources. Writing to it costs
// more than writing the record, so a pull does not wait for it: a table's rows
// beyond resource.indexed are put into the index when somebody searches, those with
// the lowest seq first. So no change is missed, and none indexed twice.

// indexChunk is how many records are indexed in one transaction.
const indexChunk = 2000

// searchID is the name of a record in the full-text table.
func searchID(tb *table, id int64) int64 { return tb.id<<40 | id }

// reindex renews the words of a record whose seq has not changed.
func (t *tx) reindex(tb *table, id, seq int64, rec *core.Record) error {
	row, _, err := t.first(`SELECT indexed FROM resource WHERE id = ?`, tb.id)
	if err != nil || seq > asInt(row[0]) {
		return err
	}
	return t.index(tb, id, rec)
}

func (t *tx) index(tb *table, id int64, rec *core.Record) error {
	if err := t.hot(`DELETE FROM search WHERE rowid = ?`, searchID(tb, id)); err != nil || rec.Deleted {
		return err
	}
	return t.hot(`INSERT INTO search (rowid, words) VALUES (?, ?)`, searchID(tb, id), searchWords(rec))
}

// searchWords is what a person may look a record up by: what is displayed of its
// fields.
func searchWords(rec *core.Record) string {
	var b strings.Builder
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
		b.WriteString(f.Display())
		if f.Text != "" && f.Value.Kind == core.String && f.Value.Str != f.Text {
			b.WriteString(" " + f.Value.Str)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// IndexSearch brings the full-text search up to date. A search does so by itself;
// calling it after a run makes the next search quick.
func (db *DB) IndexSearch(ctx context.Context) error {
	for {
		behind, err := db.indexBehind(ctx)
		if err != nil || len(behind) == 0 {
			return err
		}
		for _, resource := range behind {
			if err := db.inTx(ctx, "index", func(t *tx) error { return t.indexTable(resource) }); err != nil {
				return err
			}
		}
	}
}

// indexBehind lists the tables with rows that the index has not seen.
func (db *DB) indexBehind(ctx context.Context) (behind []core.Resource, err error) {
	err = db.read(ctx, "index", func(v *view) error {
		for resource, tb := range v.catalog.tables {
			var is bool
			err := v.q.QueryRowContext(ctx, fmt.Sprintf(`SELECT ifnull((SELECT max(_seq) FROM %s), 0) > indexed FROM resource WHERE id = ?`, tb.sql), tb.id).Scan(&is)
			if err != nil {
				return err
			}
			if is {
				behind = append(behind, resource)
			}
		}
		return nil
	})
	return behind, err
}

// indexTable indexes the next chunk of a table: what changed first, in the order of
// the full-text table's rows. Whenever a row comes that lies before the last one,
// FTS5 writes a segment of its own for what came so far, and has one more to merge.
func (t *tx) indexTable(resource core.Resource) error {
	tb := t.catalog.tables[resource]
	ids, last, err := t.nextToIndex(tb)
	if err != nil {
		return err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	err = t.view().rows(tb, `WHERE r._id IN (SELECT value FROM json_each(?)) ORDER BY r._id`, []any{string(list)}, func(r *row) error {
		return t.index(tb, r.id, &r.rec)
	})
	if err != nil {
		return err
	}
	return t.exec(`UPDATE resource SET indexed = ? WHERE id = ?`, last, tb.id)
}

// nextToIndex lists the records of a table that changed first after what is in the
// index, and the seq of the last of them.
func (t *tx) nextToIndex(tb *table) (ids []int64, last int64, err error) {
	if err := t.q().QueryRowContext(t.ctx, `SELECT indexed FROM resource WHERE id = ?`, tb.id).Scan(&last); err != nil {
		return nil, 0, err
	}
	query := fmt.Sprintf(`SELECT _id, _seq FROM %s WHERE _seq > ? ORDER BY _seq LIMIT ?`, tb.sql)
	err = t.view().each(query, []any{last, indexChunk}, func(values []driver.Value) error {
		ids, last = append(ids, asInt(values[0])), asInt(values[1])
		return nil
	})
	return ids, last, err
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
