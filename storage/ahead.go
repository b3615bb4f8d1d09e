package storage

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// listChunk is how many values stand in one list of a statement.
const listChunk = 512

// A based is a row with what the repository last had of it, and what is known of it
// while it is put together with others.
type based struct {
	row
	base *agreed // nil: nothing
	body body    // of the record, if it has one

	found  bool     // it carries a part
	first  int64    // of the master that it is: its gathering.first, once that is known
	below  []*based // its components, by table and id
	looked bool     // below was read
}

// An agreed is of a base what has to be known to send what is newer.
type agreed struct {
	seq     int64
	payload []byte // nil: the content is that of our version
}

const (
	// basedBlock is how many rows are made at a time: 15 KB.
	basedBlock = 32
	// componentBlock is how many components are.
	componentBlock = 32
)

// An ahead is what is needed to put a chunk of unsent parts together, read with a
// few statements instead of several for each part. What it does not have is
// asked for singly.
type ahead struct {
	masters map[core.Link]*based // nil: it is not here
	byID    map[rowKey]*based
	tops    [maxDepth]map[core.Link]*based // see at
}

// begin forgets everything.
func (a *ahead) begin(parts int) {
	a.masters, a.byID = emptied(a.masters, parts), emptied(a.byID, parts)
}

// at returns a map for the masters at a depth.
func (a *ahead) at(depth, n int) map[core.Link]*based {
	a.tops[depth] = emptied(a.tops[depth], n)
	return a.tops[depth]
}

// emptied returns the map with nothing in it, or one for n if there is none.
func emptied[K comparable, V any](m map[K]V, n int) map[K]V {
	if m == nil {
		return make(map[K]V, n)
	}
	clear(m)
	return m
}

// A rowKey names a row by its table and id.
type rowKey struct{ table, id int64 }

// lookAhead reads everything about the parts besides themselves: the masters above
// them, and all components of those.
func (o *outgoing) lookAhead(parts []part) error {
	o.ahead.begin(len(parts))
	rows := make([]*based, len(parts))
	for i, p := range parts {
		rows[i] = p.based
		o.remember(p.table, p.based)
	}
	if err := o.mastersAhead(rows); err != nil {
		return err
	}
	tops := make(map[*table][]*based)
	for _, r := range rows {
		top, err := o.top(r)
		if err != nil {
			return err
		}
		if !top.found {
			top.found = true
			tb := o.catalog.tables[top.rec.Resource]
			tops[tb] = append(tops[tb], top)
		}
	}
	for tb, list := range tops {
		if err := o.componentsAhead(tb, list, 0); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps a row for those that belong to it: those below it ask for it by its
// link, that above it by its id.
func (o *outgoing) remember(tb *table, r *based) {
	if len(o.componentTables(tb)) > 0 {
		o.ahead.masters[r.rec.Link()] = r
	}
	if len(tb.masters) > 0 {
		o.ahead.byID[rowKey{tb.id, r.id}] = r
	}
}

// mastersAhead reads the masters of the rows, up to the top.
func (o *outgoing) mastersAhead(rows []*based) error {
	for range maxDepth {
		missing := make(map[*table][]any)
		for _, r := range rows {
			if r.rec.Master.IsZero() {
				continue
			}
			if _, known := o.ahead.masters[r.rec.Master]; known {
				continue
			}
			o.ahead.masters[r.rec.Master] = nil // until it is found
			if tb := o.catalog.tables[r.rec.Master.Resource]; tb != nil {
				missing[tb] = append(missing[tb], uuidValue(r.rec.Master.UUID))
			}
		}
		if len(missing) == 0 {
			return nil
		}
		rows = rows[:0:0]
		for tb, uuids := range missing {
			err := o.basedIn(tb, "r._uuid", uuids, func(r *based) error {
				o.remember(tb, r)
				o.ahead.masters[r.rec.Link()] = r
				rows = append(rows, r)
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// componentsAhead finds the components of masters, which are rows of tb, and
// theirs. Most of them are parts themselves and need not be read again: the index by
// master tells which there are.
func (o *outgoing) componentsAhead(tb *table, masters []*based, depth int) error {
	if len(masters) == 0 || depth == maxDepth {
		return nil
	}
	for _, m := range masters {
		m.looked, m.below = true, m.below[:0]
	}
	tables := o.componentTables(tb)
	if len(tables) == 0 {
		return nil
	}
	uuids := make([]any, 0, len(masters))
	at := o.ahead.at(depth, len(masters))
	for _, m := range masters {
		if at[m.rec.Link()] == nil {
			uuids = append(uuids, uuidValue(m.rec.UUID))
		}
		at[m.rec.Link()] = m
	}
	for _, c := range tables {
		found, err := o.componentsIn(c, uuids)
		if err != nil {
			return err
		}
		belong := found[:0]
		for _, r := range found {
			if m := at[r.rec.Master]; m != nil && r.state != stateAbsent {
				m.below = append(m.below, r)
				belong = append(belong, r)
			}
		}
		if err := o.componentsAhead(c, belong, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// componentsIn returns the rows of c whose master has one of the uuids, by id, and maybe
// others.
func (o *outgoing) componentsIn(c *table, uuids []any) (found []*based, err error) {
	var missing []any
	have := func(id int64) {
		if r := o.ahead.byID[rowKey{c.id, id}]; r != nil {
			found = append(found, r)
		} else {
			missing = append(missing, id)
		}
	}
	if err = o.componentIDs(c, uuids, have); err != nil {
		return nil, err
	}
	err = o.basedIn(c, "r._id", missing, func(r *based) error {
		found = append(found, r)
		return nil
	})
	slices.SortFunc(found, func(a, b *based) int { return cmp.Compare(a.id, b.id) })
	return slices.CompactFunc(found, func(a, b *based) bool { return a.id == b.id }), err
}

// componentIDs calls fn with the number of each row of c whose master has one of the uuids,
// and maybe with others.
func (o *outgoing) componentIDs(c *table, uuids []any, fn func(id int64)) error {
	known, err := o.kin.of(o.view, c, len(uuids))
	if err != nil {
		return err
	}
	if known == nil {
		return joinLists(uuids, func(list string, uuids []any) error {
			return o.each("SELECT r._id FROM "+list+" m CROSS JOIN "+c.sql+" r WHERE r._master = m.column1", uuids, func(v []driver.Value) error {
				fn(asInt(v[0]))
				return nil
			})
		})
	}
	for _, uuid := range uuids {
		o.ids = known.below(o.ids[:0], masterKey(uuid))
		for _, id := range o.ids {
			fn(id)
		}
	}
	return nil
}

// selectBased is the beginning of a query for rows r of the table with their bases b, whose
// first argument is the room's. For a row behind the last one that has a base none is
// looked for: new records are, all of them.
func (o *outgoing) selectBased(tb *table) string {
	of := fmt.Sprintf("repository_id = %d AND resource_id = %d", o.repo, tb.id)
	return fmt.Sprintf(`SELECT %s, r._seq, b.seq, b.payload FROM %s r
LEFT JOIN base b ON %s AND record_id = CASE WHEN r._id <= (SELECT max(record_id) FROM base WHERE %[3]s) THEN r._id END`, tb.selectList.into, tb.sql, of)
}

// fill reads a row of selectBased.
func (o *outgoing) fill(tb *table, v []driver.Value) (*based, error) {
	var err error
	if o.columns, err = tb.selectList.unpack(o.columns, o.room, v); err != nil {
		return nil, fmt.Errorf("%s: %w", tb.resource, err)
	}
	r := o.lent.row()
	r.notes(tb, o.columns)
	if b := v[len(v)-2:]; b[0] != nil {
		r.base = &agreed{seq: asInt(b[0]), payload: asBlob(b[1])}
	}
	if o.bodies && o.embody(tb, r, v) {
		return r, nil
	}
	return r, tb.read(o.catalog, &o.arena, o.columns, &r.rec)
}

// based calls fn for the rows that the rest of the query ("WHERE …", with r for the
// table) selects.
func (o *outgoing) based(tb *table, rest string, args []any, fn func(*based) error) error {
	return o.each(o.selectBased(tb)+" "+rest, slices.Insert(slices.Clone(args), 0, any(o.room.Argument())), func(v []driver.Value) error {
		r, err := o.fill(tb, v)
		if err != nil {
			return err
		}
		return fn(r)
	})
}

// basedIn calls fn for the rows whose column is one of the values.
func (o *outgoing) basedIn(tb *table, column string, values []any, fn func(*based) error) error {
	return inLists(values, func(list string, values []any) error {
		return o.based(tb, "WHERE "+column+" IN ("+list+")", values, fn)
	})
}

// find returns a master, from what was read ahead if it is there; core.ErrNotFound.
func (o *outgoing) find(l core.Link) (found *based, err error) {
	found, known := o.ahead.masters[l]
	if tb := o.catalog.tables[l.Resource]; !known && tb != nil {
		err = o.based(tb, "WHERE r._uuid = ?", []any{uuidValue(l.UUID)}, func(r *based) error {
			found = r
			return nil
		})
	}
	if err == nil && found == nil {
		err = core.ErrNotFound
	}
	return found, err
}

// componentsOf returns the components of r, a row of tb.
func (o *outgoing) componentsOf(tb *table, r *based) ([]*based, error) {
	if !r.looked {
		if err := o.componentsAhead(tb, []*based{r}, 0); err != nil {
			return nil, err
		}
	}
	return r.below, nil
}

// inLists hands the values on in lists for a statement. Their lengths are powers
// of two, with the last value repeated, so that there are few statements to
// prepare.
func inLists(values []any, fn func(list string, values []any) error) error {
	for part := range slices.Chunk(values, listChunk) {
		full := paddedList(part, part[len(part)-1])
		if err := fn(marks(len(full)), full); err != nil {
			return err
		}
	}
	return nil
}

// joinLists hands the values on in lists to join a table to: SQLite takes one after the
// other, where for IN it would first put them into an index of its own. Each comes as often
// as it stands there, with NULL behind the last one.
func joinLists(values []any, fn func(list string, values []any) error) error {
	for part := range slices.Chunk(values, listChunk) {
		full := paddedList(part, nil)
		if err := fn("(VALUES (?)"+strings.Repeat(",(?)", len(full)-1)+")", full); err != nil {
			return err
		}
	}
	return nil
}

// joinNumbers is joinLists for numbers of rows.
func joinNumbers(ids []int64, fn func(list string, ids []any) error) error {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	return joinLists(values, fn)
}

// paddedList brings a list to the next power of two.
func paddedList(values []any, with any) []any {
	size := 1
	for size < len(values) {
		size *= 2
	}
	full := make([]any, size)
	for i := copy(full, values); i < size; i++ {
		full[i] = with
	}
	return full
}
