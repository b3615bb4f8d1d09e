package storage

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Sealed notes which of our present versions a repository has; see intake.Tx. A
// batch has hundreds: they are looked for and written many at a time.
func (t *tx) Sealed(ctx context.Context, sealed []core.Sealing) (others []core.Sealing, err error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if err := t.known(sealed[0].RepositoryID); err != nil {
		return nil, err
	}
	standing, err := t.standing(sealed)
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
// by number tells, without a look at the row.
func (t *tx) standing(sealed []core.Sealing) ([]stand, error) {
	out := make([]stand, len(sealed))
	numbers := make(map[*table][]int64)
	at := make(map[rowKey]int, len(sealed))
	for i := range sealed {
		tb, part := t.catalog.tables[sealed[i].Record.Resource], &sealed[i].Part
		if tb != nil && part.Row != 0 && part.Hash == sealed[i].Hash {
			numbers[tb] = append(numbers[tb], part.Seq)
			at[rowKey{tb.id, part.Row}] = i
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
