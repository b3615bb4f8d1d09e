package storage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// nest reads the components of the rows of the chunk from first on, and those of the
// components.
func (e *export) nest(v *view, tb *table, first, depth int) error {
	tables := v.catalog.components(tb)
	if len(tables) == 0 || depth == maxDepth {
		return nil
	}
	var masters []int
	for i := range e.rows[first:] {
		if !e.rows[first+i].deleted {
			masters = append(masters, first+i)
		}
	}
	for _, c := range tables {
		found := len(e.rows)
		for part := range slices.Chunk(masters, exportChunk) {
			if err := e.componentsOf(v, tb, c, part); err != nil {
				return err
			}
		}
		if err := e.nest(v, c, found, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// componentsOf reads the components in c of those rows of tb, those of one master together,
// in the order of their ids.
func (e *export) componentsOf(v *view, tb, c *table, masters []int) error {
	known, err := e.kin.of(v, c, len(masters))
	switch {
	case err != nil:
		return err
	case known != nil:
		return e.componentsByID(v, tb, c, masters, known)
	}
	return e.componentsByMaster(v, tb, c, masters)
}

// below is the condition for components r of masters in tb.
func (e *export) below(tb *table) string {
	return fmt.Sprintf(" AND r._master_id = %d AND r._deleted IN (0, %d)", tb.id, number(e.q.Deleted))
}

// componentsByMaster finds them in the index by master. There is no ORDER BY to say in which
// order: for a CROSS JOIN SQLite takes one uuid after the other, and however it finds the
// rows of one, in the index by master or without, they come by id. IN would put the uuids
// into an index of their own first.
func (e *export) componentsByMaster(v *view, tb, c *table, masters []int) error {
	last := 0
	return e.read(v, c, "(VALUES (?)"+strings.Repeat(",(?)", exportChunk-1)+") m CROSS JOIN ", "WHERE r._master = m.column1"+e.below(tb), e.keys.list(e.rows, masters), func(row exportRow, head []packrow.Value) error {
		if matches, err := e.matches(v, &row); err != nil || !matches {
			return err
		}
		for range masters {
			if e.rows[masters[last]].uuid == head[atMaster] {
				e.give(masters[last], row)
				return nil
			}
			last = (last + 1) % len(masters)
		}
		return fmt.Errorf("%s: a component of a record that was not asked for", c.resource)
	})
}

// componentsByID reads the rows that are known to belong to the masters, or to others with
// the same hash. They come as they are asked for.
func (e *export) componentsByID(v *view, tb, c *table, masters []int, known *kin) error {
	e.ids, e.owners = e.ids[:0], e.owners[:0]
	for _, m := range masters {
		e.ids = known.below(e.ids, e.rows[m].uuid.Str())
		for len(e.owners) < len(e.ids) {
			e.owners = append(e.owners, m)
		}
	}
	next := 0
	return joinNumbers(e.ids, func(list string, ids []any) error {
		return e.read(v, c, list+" m CROSS JOIN ", "WHERE r._id = m.column1"+e.below(tb), ids, func(row exportRow, head []packrow.Value) error {
			for e.ids[next] != head[atID].Int() {
				next++ // it is another master's, or deleted
			}
			master := e.owners[next]
			next++
			if e.rows[master].uuid != head[atMaster] {
				return nil
			}
			matches, err := e.matches(v, &row)
			if err == nil && matches {
				e.give(master, row)
			}
			return err
		})
	})
}

// give adds a component to a master.
func (e *export) give(master int, row exportRow) {
	at := len(e.rows)
	e.rows = append(e.rows, row)
	m := &e.rows[master]
	if m.first == 0 {
		m.first = at
	} else {
		e.rows[m.last].next = at
	}
	m.last = at
}

// masterKeys are the arguments by which components are found: the uuids of up to
// exportChunk masters, and NULL, which is nobody's master. Sixteen bytes each lie where those
// of the chunk before lay.
type masterKeys struct {
	bytes [16 * exportChunk]byte
	cells [exportChunk]any // of bytes
	args  [exportChunk]any
}

func (k *masterKeys) list(rows []exportRow, masters []int) []any {
	clear(k.args[:])
	for i, m := range masters {
		uuid := &rows[m].uuid
		if uuid.Type != packrow.Blob || len(uuid.Str()) != 16 {
			k.args[i] = uuid.Driver()
			continue
		}
		if k.cells[i] == nil {
			k.cells[i] = k.bytes[16*i : 16*i+16 : 16*i+16]
		}
		copy(k.bytes[16*i:], uuid.Str())
		k.args[i] = k.cells[i]
	}
	return k.args[:]
}
