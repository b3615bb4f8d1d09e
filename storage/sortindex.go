package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// A list of a large table is read in the order of an index on what it is sorted
// by. The index is made when somebody first sorts by that column: most columns
// are never sorted by, and every index makes every pull slower. Where that would take
// long, the window makes those of the columns that it shows beforehand (ReadySort).
const (
	sortIndexFrom  = 2000 // rows, from which on a table gets one
	maxSortIndexes = 4    // of a table; the oldest one goes, but never that of the names
	maxShown       = 8    // of a large one, if its list shows so many columns
	largeFrom      = 150_000
)

// A sortKey is what a list is sorted by.
type sortKey struct {
	expression string // of SQL, never NULL, with %[1]s before each column
	index      string // unquoted name; "" if the order needs none of its own
}

// of returns the expression for the table's alias in a query.
func (k sortKey) of(alias string) string { return fmt.Sprintf(k.expression, alias) }

// sortKey returns how a list is sorted by a field, SortModified, or "" for the
// field that names the records. Numbers are sorted as such, everything else by
// the letters of what is displayed (core/letters).
func (t *table) sortKey(field string) sortKey {
	if field == SortModified {
		return sortKey{expression: "%[1]s_modified_on"}
	}
	if field == "" {
		field = t.naming()
	}
	c := t.byField[field]
	if c == nil {
		return sortKey{expression: "%[1]s_id"}
	}
	k := sortKey{index: "sort_" + tableName(t.resource) + "_" + field}
	switch {
	case c.text != "":
		k.index += "_text" // the one on the values alone is of no more use
		k.expression = fmt.Sprintf("letters(ifnull(CAST(ifnull(%%[1]s%s, %%[1]s%s) AS TEXT), ''))", c.text, c.sql)
	case c.kind == core.Integer || c.kind == core.Number || c.kind == core.Boolean:
		k.expression = fmt.Sprintf("ifnull(CAST(%%[1]s%s AS REAL), -1e308)", c.sql)
	default:
		k.expression = fmt.Sprintf("letters(ifnull(CAST(%%[1]s%s AS TEXT), ''))", c.sql)
	}
	return k
}

// naming returns the field that names the records; "" if none does.
func (t *table) naming() string {
	for _, field := range core.TitleFields {
		if t.byField[field] != nil {
			return field
		}
	}
	return ""
}

// indexForSort makes the index that the query's order needs, unless somebody is
// writing: a list does not wait for a pull.
func (db *DB) indexForSort(ctx context.Context, q Query) error {
	if len(db.turn) > 0 {
		return nil
	}
	missing := false
	err := db.read(ctx, "list records", func(v *view) (err error) {
		missing, err = v.lacksSortIndex(q)
		return err
	})
	if err != nil || !missing {
		return err
	}
	err = db.inTx(ctx, "sort records", func(t *tx) error { return t.makeSortIndex(q) })
	if core.IsKind(err, core.StoreLocked) || core.IsKind(err, core.DiskFull) {
		db.log.Warn("A list is sorted without an index", "resource", q.Resource, "err", err)
		return nil
	}
	return err
}

// lacksSortIndex reports whether an index would help the query and is not there.
func (v *view) lacksSortIndex(q Query) (bool, error) {
	tb := v.catalog.tables[q.Resource]
	if tb == nil {
		return false, nil
	}
	k := tb.sortKey(q.Sort)
	if k.index == "" {
		return false, nil
	}
	if rows, err := v.lastID(tb); err != nil || rows < sortIndexFrom {
		return false, err
	}
	has, err := v.hasSortIndex(tb, k)
	return !has, err
}

// Large returns the resources whose tables are so large, or were, that it takes more
// than 200 ms to make an index when somebody sorts by its column.
func (db *DB) Large(ctx context.Context) (large []core.Resource, err error) {
	err = db.read(ctx, "list resources", func(v *view) error {
		for _, resource := range v.catalog.names() {
			last, err := v.lastID(v.catalog.tables[resource])
			if err != nil {
				return err
			}
			if last >= largeFrom {
				large = append(large, resource)
			}
		}
		return nil
	})
	return large, err
}

// lastID is the greatest number of a row.
func (v *view) lastID(tb *table) (last int64, err error) {
	err = v.q.QueryRowContext(v.ctx, "SELECT ifnull(max(_id), 0) FROM "+tb.sql).Scan(&last)
	return last, err
}

// hasSortIndex reports whether the index is there as it would be made now: there may be
// one that sorts as an older program did.
func (v *view) hasSortIndex(tb *table, k sortKey) (has bool, err error) {
	err = v.q.QueryRowContext(v.ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ? AND sql = ?)`, k.index, tb.createSortIndex(k)).Scan(&has)
	return has, err
}

// ReadySort makes the indexes that sort a large list by the columns which it shows, and
// by the names, so that nobody waits for one: in a table of a million records each
// takes a second. There are more of them than when people sort only if more columns are
// shown, and as long as they are; no index goes that is of one of those. done is false if
// others were writing or wanted to: then it has given way to them, and is to be called
// again.
func (db *DB) ReadySort(ctx context.Context, r core.Resource, shown []string) (done bool, err error) {
	for _, field := range append([]string{""}, shown...) {
		q := Query{Resource: r, Sort: field}
		missing := false
		err := db.read(ctx, "list records", func(v *view) (err error) {
			missing, err = v.lacksSortIndex(q)
			return err
		})
		if err != nil {
			return false, err
		}
		if !missing {
			continue
		}
		if done, err := db.aside(ctx, "sort records", func(t *tx) error { return t.readySortIndex(q, shown) }); !done {
			return false, err
		}
	}
	if len(shown) == 0 { // it is not known what a list shows
		return true, nil
	}
	return db.dropUnused(ctx, r, shown)
}

// dropUnused removes the indexes of columns that a list no longer shows, as far as there
// are more than when people sort: each makes every change dearer.
func (db *DB) dropUnused(ctx context.Context, r core.Resource, shown []string) (done bool, err error) {
	var goes []string
	err = db.read(ctx, "list records", func(v *view) error {
		tb := v.catalog.tables[r]
		if tb == nil {
			return nil
		}
		all, err := v.sortIndexes(tb)
		unused := tb.notShown(all, shown)
		goes = unused[:max(0, min(len(unused), len(all)-maxSortIndexes))]
		return err
	})
	if err != nil || len(goes) == 0 {
		return err == nil, err
	}
	return db.aside(ctx, "sort records", func(t *tx) error {
		for _, index := range goes {
			if _, err := t.w.conn.ExecContext(t.ctx, "DROP INDEX IF EXISTS "+quote(index)); err != nil {
				return err
			}
		}
		return nil
	})
}

// readySortIndex makes the index, in place of one of a column that is not shown if the
// table has as many as it may have.
func (t *tx) readySortIndex(q Query, shown []string) error {
	missing, old, err := t.lackingSortIndex(q)
	if err != nil || missing == "" {
		return err
	}
	tb := t.catalog.tables[q.Resource]
	if len(old) >= maxSortIndexes {
		switch unused := tb.notShown(old, shown); {
		case len(unused) > 0:
			if err := t.exec("DROP INDEX " + quote(unused[0])); err != nil {
				return err
			}
		case len(old) >= maxShown:
			return nil
		}
	}
	_, err = t.w.conn.ExecContext(t.ctx, missing) // it ends when it has to give way
	return err
}

// notShown are those of the indexes that sort by columns which a list does not show.
func (t *table) notShown(indexes, shown []string) []string {
	stay := []string{t.sortKey("").index}
	for _, field := range shown {
		stay = append(stay, t.sortKey(field).index)
	}
	return slices.DeleteFunc(slices.Clone(indexes), func(index string) bool { return slices.Contains(stay, index) })
}

// createSortIndex is the statement that makes the index of a key.
func (t *table) createSortIndex(k sortKey) string {
	return fmt.Sprintf("CREATE INDEX %s ON %s (%s) WHERE _deleted = 0", quote(k.index), t.sql, k.of(""))
}

func (t *tx) makeSortIndex(q Query) error {
	missing, old, err := t.lackingSortIndex(q)
	if err != nil || missing == "" {
		return err
	}
	names := t.catalog.tables[q.Resource].sortKey("").index // every list begins with it
	goes := slices.DeleteFunc(slices.Clone(old), func(index string) bool { return index == names })
	if len(old) >= maxSortIndexes {
		if err := t.exec("DROP INDEX " + quote(goes[0])); err != nil {
			return err
		}
	}
	return t.exec(missing)
}

// lackingSortIndex returns the statement that makes the index a list lacks, "" if it lacks
// none, and the other indexes of the table. One of the same name, which sorts as an older
// program did, is removed.
func (t *tx) lackingSortIndex(q Query) (missing string, others []string, err error) {
	lacks, err := t.view().lacksSortIndex(q)
	if err != nil || !lacks {
		return "", nil, err
	}
	tb := t.catalog.tables[q.Resource]
	k := tb.sortKey(q.Sort)
	if others, err = t.view().sortIndexes(tb); err != nil {
		return "", nil, err
	}
	if at := slices.Index(others, k.index); at >= 0 {
		others = slices.Delete(others, at, at+1)
		err = t.exec("DROP INDEX " + quote(k.index))
	}
	return tb.createSortIndex(k), others, err
}

// sortIndexes are those of a table, the oldest first.
func (v *view) sortIndexes(tb *table) (names []string, err error) {
	err = each(v.ctx, v.q, `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND name LIKE 'sort\_%' ESCAPE '\' ORDER BY rowid`,
		[]any{tableName(tb.resource)}, func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			names = append(names, name)
			return err
		})
	return names, err
}
