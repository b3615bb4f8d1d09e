package storage

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// listChunk is how many values stand in one list of a statement.
const listChunk = 512

// An ahead is what is needed to put a chunk of unsent parts together, read with a
// few statements instead of several for each part. What it does not have is
// asked for singly.
type ahead struct {
	rows  map[core.Link]*row // nil: it is not here
	bases map[rowKey]*baseRow
	below map[belowKey][]row // also of records without components
}

// A rowKey names a row by its table and id.
type rowKey struct{ table, id int64 }

// A belowKey names the components of a record in one table.
type belowKey struct {
	master core.Link
	table  int64
}

// lookAhead reads everything about the parts: their rows, the masters above
// them, all components of those, and the bases of all.
func (o *outgoing) lookAhead(parts []part) error {
	o.ahead = ahead{rows: make(map[core.Link]*row, 2*len(parts)), bases: make(map[rowKey]*baseRow, 2*len(parts)), below: make(map[belowKey][]row, 2*len(parts))}
	clear(o.firsts)
	ids := make(map[*table][]any)
	for _, p := range parts {
		ids[p.table] = append(ids[p.table], p.id)
	}
	for tb, list := range ids {
		if err := o.readAhead(tb, "r._id", list); err != nil {
			return err
		}
	}
	if err := o.mastersAhead(); err != nil {
		return err
	}
	tops := make(map[*table][]*row)
	seen := make(map[core.Link]bool)
	for _, p := range parts {
		top, err := o.top(p.link)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if l := top.rec.Link(); !seen[l] {
			seen[l] = true
			tb := o.catalog.tables[l.Resource]
			tops[tb] = append(tops[tb], &top)
		}
	}
	for tb, list := range tops {
		if err := o.componentsAhead(tb, list, 0); err != nil {
			return err
		}
	}
	return o.basesAhead()
}

// readAhead reads the rows whose column is one of the values.
func (o *outgoing) readAhead(tb *table, column string, values []any) error {
	return inLists(values, func(list string, values []any) error {
		return o.rows(tb, "WHERE "+column+" IN ("+list+")", values, func(r *row) error {
			found := *r
			o.ahead.rows[r.rec.Link()] = &found
			return nil
		})
	})
}

// mastersAhead reads the masters of all rows, up to the top.
func (o *outgoing) mastersAhead() error {
	for range maxDepth {
		missing := make(map[*table][]any)
		for _, r := range o.ahead.rows {
			if r == nil || r.rec.Master.IsZero() {
				continue
			}
			if _, known := o.ahead.rows[r.rec.Master]; known {
				continue
			}
			o.ahead.rows[r.rec.Master] = nil // until it is found
			if tb := o.catalog.tables[r.rec.Master.Resource]; tb != nil {
				missing[tb] = append(missing[tb], uuidValue(r.rec.Master.UUID))
			}
		}
		if len(missing) == 0 {
			return nil
		}
		for tb, uuids := range missing {
			if err := o.readAhead(tb, "r._uuid", uuids); err != nil {
				return err
			}
		}
	}
	return nil
}

// componentsAhead reads the components of masters, which are rows of tb, and
// theirs.
func (o *outgoing) componentsAhead(tb *table, masters []*row, depth int) error {
	if len(masters) == 0 || depth == maxDepth {
		return nil
	}
	uuids := make([]any, 0, len(masters))
	for _, m := range masters {
		uuids = append(uuids, uuidValue(m.rec.UUID))
	}
	for _, c := range o.componentTables(tb) {
		for _, m := range masters {
			o.ahead.below[belowKey{m.rec.Link(), c.id}] = nil
		}
		var found []*row
		err := inLists(uuids, func(list string, uuids []any) error {
			where := fmt.Sprintf("WHERE r._master IN (%s) AND r._master_id = %d AND r._deleted <> 2 ORDER BY r._id", list, tb.id)
			return o.rows(c, where, uuids, func(r *row) error {
				key := belowKey{r.rec.Master, c.id}
				o.ahead.below[key] = append(o.ahead.below[key], *r)
				one := *r
				o.ahead.rows[r.rec.Link()] = &one
				found = append(found, &one)
				return nil
			})
		})
		if err != nil {
			return err
		}
		if err := o.componentsAhead(c, found, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// basesAhead reads the bases of all rows.
func (o *outgoing) basesAhead() error {
	ids := make(map[int64][]any)
	for _, r := range o.ahead.rows {
		if r != nil {
			tb := o.catalog.tables[r.rec.Resource].id
			ids[tb] = append(ids[tb], r.id)
			o.ahead.bases[rowKey{tb, r.id}] = nil // until it is found
		}
	}
	for tb, list := range ids {
		err := inLists(list, func(list string, ids []any) error {
			query := fmt.Sprintf(`SELECT record_id, hash, modified_on, seq, deleted, payload FROM base WHERE repository_id = %d AND resource_id = %d AND record_id IN (%s)`, o.repo, tb, list)
			return o.each(query, ids, func(v []driver.Value) error {
				o.ahead.bases[rowKey{tb, asInt(v[0])}] = &baseRow{hash: asBlob(v[1]), modifiedOn: core.MTime(asInt(v[2])), seq: asInt(v[3]),
					deleted: asInt(v[4]) != 0, payload: asBlob(v[5])}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// find is view.find, from what was read ahead if it is there.
func (o *outgoing) find(l core.Link) (row, error) {
	r, known := o.ahead.rows[l]
	switch {
	case !known:
		return o.view.find(l)
	case r == nil:
		return row{}, core.ErrNotFound
	}
	return *r, nil
}

// baseOf is view.baseRow, from what was read ahead if it is there.
func (o *outgoing) baseOf(tb *table, id int64) (baseRow, error) {
	b, known := o.ahead.bases[rowKey{tb.id, id}]
	switch {
	case !known:
		return o.baseRow(o.repo, tb, id)
	case b == nil:
		return baseRow{}, core.ErrNotFound
	}
	return *b, nil
}

// componentsOf returns the components in table c of a record in table tb.
func (o *outgoing) componentsOf(tb, c *table, l core.Link) (rows []row, err error) {
	if rows, known := o.ahead.below[belowKey{l, c.id}]; known {
		return rows, nil
	}
	err = o.rows(c, `WHERE r._master = ? AND r._master_id = ? AND r._deleted <> 2 ORDER BY r._id`, []any{uuidValue(l.UUID), tb.id}, func(r *row) error {
		rows = append(rows, *r)
		return nil
	})
	return rows, err
}

// inLists hands the values on in lists for a statement. Their lengths are powers
// of two, with the last value repeated, so that there are few statements to
// prepare.
func inLists(values []any, fn func(list string, values []any) error) error {
	for len(values) > 0 {
		part := values[:min(len(values), listChunk)]
		values = values[len(part):]
		size := 1
		for size < len(part) {
			size *= 2
		}
		full := make([]any, size)
		for i := range full {
			full[i] = part[min(i, len(part)-1)]
		}
		if err := fn(marks(size), full); err != nil {
			return err
		}
	}
	return nil
}
