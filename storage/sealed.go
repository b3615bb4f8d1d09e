package storage

import (
	"context"
	"database/sql/driver"

	"github.com/fieldsync/fieldsync/core"
)

// Sealed notes which of our present versions a repository has; see intake.Tx. A
// batch has hundreds: they are looked for and written many at a time.
func (t *tx) Sealed(_ context.Context, sealed []core.Sealing) (others []core.Sealing, err error) {
	standing, err := t.standing(sealed)
	if err != nil {
		return nil, err
	}
	bases, deliveries := make([]driver.Value, 0, baseRows.width*len(sealed)), make([]driver.Value, 0, deliveryRows.width*len(sealed))
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
		bases = appendBase(bases, d.RepositoryID, at.table, at.id, &baseRow{hash: d.Hash[:], modifiedOn: d.ModifiedOn, seq: at.seq, deleted: d.Deleted})
		deliveries = appendDelivery(deliveries, &d.Delivery)
	}
	if err := t.insert(baseRows, bases); err != nil {
		return nil, err
	}
	return others, t.insert(deliveryRows, deliveries)
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
	numbers := make(map[*table][]any)
	at := make(map[rowKey]int, len(sealed))
	for i := range sealed {
		tb, part := t.catalog.tables[sealed[i].Record.Resource], &sealed[i].Part
		if tb != nil && part.Row != 0 && part.Hash == sealed[i].Hash {
			numbers[tb] = append(numbers[tb], part.Seq)
			at[rowKey{tb.id, part.Row}] = i
		}
	}
	for tb, list := range numbers {
		err := inLists(list, func(list string, numbers []any) error {
			return t.view().each("SELECT r._seq, r._id FROM "+tb.sql+" r WHERE r._seq IN ("+list+")", numbers, func(v []driver.Value) error {
				if i, ok := at[rowKey{tb.id, asInt(v[1])}]; ok && sealed[i].Part.Seq == asInt(v[0]) {
					out[i] = stand{tb, asInt(v[1]), asInt(v[0])}
				}
				return nil
			})
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
