package storage

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Sealed notes which of our present versions a repository has; see intake.Tx. A
// batch has hundreds: they are looked for and written many at a time.
func (t *tx) Sealed(ctx context.Context, sealed []core.Sealing, since int64) (others []core.Sealing, err error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if err := t.known(sealed[0].RepositoryID); err != nil {
		return nil, err
	}
	standing, err := t.standing(sealed, since)
	if err != nil {
		return nil, err
	}
	for i := range sealed {
		d := &sealed[i]
		at := standing[i]
		if at.id == 0 {
			others = append(others, *d)
			continue
		}
		if err := t.settleRefused(d.RepositoryID, d.Record); err != nil {
			return nil, err
		}
		delete(t.expected, d.Record)
		if err := t.putBase(d.RepositoryID, at.table, at.id, &baseRow{hash: d.Hash[:], modifiedOn: d.ModifiedOn, seq: at.seq, deleted: d.Deleted}); err != nil {
			return nil, err
		}
		if err := t.AddDelivery(ctx, d.Delivery); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// A stand is where a version stands that is ours at present.
type stand struct {
	table   *table
	id, seq int64 // 0: it is not ours any more
}

// standing finds the rows of the sealed versions that are still ours. Each version
// has a number of its own: a row that has the part's has its content, and the index
// by number tells, without a look at the row. Where few rows were given another number
// since the versions were read, it is asked for those alone.
func (t *tx) standing(sealed []core.Sealing, since int64) ([]stand, error) {
	out := make([]stand, len(sealed))
	var numbers map[*table][]int64
	var at map[rowKey]int
	for i := range sealed {
		tb, part := t.catalog.tables[sealed[i].Record.Resource], &sealed[i].Part
		if tb == nil || part.Row == 0 || part.Hash != sealed[i].Hash {
			continue
		}
		m, err := t.movedSince(tb, since)
		if err != nil {
			return nil, err
		}
		if m.many {
			if at == nil {
				numbers, at = make(map[*table][]int64), make(map[rowKey]int, len(sealed))
			}
			numbers[tb] = append(numbers[tb], part.Seq)
			at[rowKey{tb.id, part.Row}] = i
		} else if now, is := m.to[part.Row]; is && now == part.Seq || !is && part.Seq <= since {
			out[i] = stand{tb, part.Row, part.Seq}
		}
	}
	for tb, list := range numbers {
		err := t.numbered(tb, list, func(seq, id int64) {
			if i, ok := at[rowKey{tb.id, id}]; ok && sealed[i].Part.Seq == seq {
				out[i] = stand{tb, id, seq}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range out {
		if out[i].id != 0 {
			continue
		}
		var err error
		if out[i], err = t.standsAs(&sealed[i].Delivery); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// A moved is which rows of a table were given another number since one.
type moved struct {
	since, seq int64           // as the table was when seq was the last one given out
	to         map[int64]int64 // their numbers, by their ids
	many       bool            // they are more than are worth looking at, and not in to
}

// fewMoved is how many rows are looked at.
const fewMoved = 512

// movedSince finds them once in a transaction, as long as that gives out no number.
func (t *tx) movedSince(tb *table, since int64) (*moved, error) {
	m := t.moved[tb.id]
	if m != nil && m.since == since && m.seq == t.seq {
		return m, nil
	}
	m = &moved{since: since, seq: t.seq, to: make(map[int64]int64)}
	err := t.view().each("SELECT r._id, r._seq FROM "+tb.sql+" r WHERE r._seq > ? LIMIT ?", []any{since, fewMoved + 1}, func(v []driver.Value) error {
		m.to[asInt(v[0])] = asInt(v[1])
		return nil
	})
	if m.many = len(m.to) > fewMoved; m.many {
		m.to = nil
	}
	if t.moved == nil {
		t.moved = make(map[int64]*moved)
	}
	t.moved[tb.id] = m
	return m, err
}

// wideSpan is how many numbers of others may lie among those that are looked for, for each
// of them, so that one span of the index is read instead of each number by itself.
const wideSpan = 16

// numbered calls fn for the rows with these numbers, and maybe some between them. What was
// sent together has mostly been numbered together, too.
func (t *tx) numbered(tb *table, numbers []int64, fn func(seq, id int64)) error {
	found := func(v []driver.Value) error {
		fn(asInt(v[0]), asInt(v[1]))
		return nil
	}
	query := "SELECT r._seq, r._id FROM " + tb.sql + " r WHERE r._seq "
	first, last := slices.Min(numbers), slices.Max(numbers)
	if last-first < int64(wideSpan*len(numbers)) {
		return t.view().each(query+"BETWEEN ? AND ?", []any{first, last}, found)
	}
	list := make([]any, len(numbers))
	for i, n := range numbers {
		list[i] = n
	}
	return inLists(list, func(marks string, list []any) error { return t.view().each(query+"IN ("+marks+")", list, found) })
}

// standsAs looks for a version that was written since it was read, maybe as the same.
func (t *tx) standsAs(d *core.Delivery) (stand, error) {
	tb := t.catalog.tables[d.Record.Resource]
	if tb == nil {
		return stand{}, nil
	}
	at, err := t.locate(tb, d.Record)
	if err != nil || !at.known() || at.hash != d.Hash {
		return stand{}, err
	}
	return stand{tb, at.id, at.seq}, nil
}
