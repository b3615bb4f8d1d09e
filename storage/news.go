package storage

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// fewNews is up to how many masters an export takes from the indexes, one by one. Of
// more it looks through the table in its order, which a pull without news would have
// it do for nothing, each time.
var fewNews = 1000

// findNews finds the masters that changed or came since the query's Since, or of which
// a component did, if they are few; e.few is false otherwise.
func (e *export) findNews(v *view, tb *table) (err error) {
	if e.few, err = e.fewChanged(v, tb); !e.few || err != nil {
		return err
	}
	var queries []string
	conditions, args := e.selections(v, tb)
	for _, condition := range conditions {
		queries = append(queries, "SELECT r._id FROM "+tb.sql+" r WHERE "+condition)
	}
	// Not UNION, for which SQLite would look through the tables in order. A master that is
	// found twice is named twice.
	return each(v.ctx, v.q, strings.Join(queries, " UNION ALL "), args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		e.news = append(e.news, strconv.FormatInt(id, 10))
		return err
	})
}

// fewChanged reports whether few rows changed or came, whoever has them: the indexes
// tell without a look at the rows.
func (e *export) fewChanged(v *view, tb *table) (few bool, err error) {
	var counts []string
	var args []any
	for _, of := range e.changing(v, tb) {
		for _, column := range []string{"_modified_on", "_seq"} {
			counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s >= ? LIMIT %d))", of.sql, column, fewNews+1))
		}
		args = append(args, int64(e.q.Since), e.sinceSeq)
	}
	err = v.q.QueryRowContext(v.ctx, "SELECT "+strings.Join(counts, " + ")+fmt.Sprintf(" <= %d", fewNews), args...).Scan(&few)
	return few, err
}

// changing are the tables by whose rows a master is news, its own first.
func (e *export) changing(v *view, tb *table) []*table {
	tables := []*table{tb}
	if !e.q.NoComponents {
		tables = append(tables, v.catalog.components(tb)...)
	}
	return tables
}

// selections returns the conditions by which rows r of tb are news: by themselves, or
// by a component.
func (e *export) selections(v *view, tb *table) (conditions []string, args []any) {
	for i, of := range e.changing(v, tb) {
		row, form := "r", "%s"
		if i > 0 {
			row, form = "c", fmt.Sprintf("r._uuid IN (SELECT c._master FROM %s c WHERE c._master_id = %d AND %%s)", of.sql, tb.id)
		}
		condition, with := e.selected(of, row)
		conditions, args = append(conditions, fmt.Sprintf(form, condition)), append(args, with...)
	}
	return conditions, args
}

// selected returns the condition by which a row is news: by when it changed or came,
// and by whether the peer has it as it stands here.
func (e *export) selected(of *table, row string) (condition string, args []any) {
	var conditions []string
	if e.q.Since != 0 {
		conditions = append(conditions, fmt.Sprintf("(%[1]s._modified_on >= ? OR %[1]s._seq >= ?)", row))
		args = append(args, int64(e.q.Since), e.sinceSeq)
	}
	if e.q.Except != 0 {
		conditions = append(conditions, fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM base b WHERE b.repository_id = ? AND b.resource_id = %d
AND b.record_id = %[2]s._id AND b.seq >= %[2]s._seq AND b.modified_on = %[2]s._modified_on)`, of.id, row))
		args = append(args, e.q.Except)
	}
	return strings.Join(conditions, " AND "), args
}
