package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/fieldsync/fieldsync/core"
)

// A place is where a record lies: its row, and what a write needs to know of it.
type place struct {
	link  core.Link
	id    int64 // 0: there is no row
	state int64
	seq   int64
	hash  core.Hash
	wrote written // what hash was computed of, if this transaction wrote it
}

func (p *place) known() bool { return p.id != 0 && p.state != stateAbsent }

// locate finds a record's row. The place is the transaction's own and valid
// until the next call.
func (t *tx) locate(tb *table, l core.Link) (*place, error) {
	if t.last.link == l {
		return &t.last, nil
	}
	row, ok, err := t.first(tb.locate, uuidValue(l.UUID))
	if err != nil {
		return nil, err
	}
	t.last = place{link: l}
	if ok {
		t.last.fill(row)
	}
	return &t.last, nil
}

func (p *place) fill(row []driver.Value) {
	p.id, p.state, p.seq = asInt(row[0]), asInt(row[1]), asInt(row[2])
	copy(p.hash[:], asBlob(row[3]))
}

// Head returns the short view of a record towards one repository.
func (t *tx) Head(_ context.Context, repo int64, l core.Link) (core.Head, error) {
	var h core.Head
	tb := t.catalog.tables[l.Resource]
	if tb == nil {
		return h, nil
	}
	row, ok, err := t.first(tb.head, uuidValue(l.UUID))
	if err != nil {
		return h, err
	}
	t.last = place{link: l}
	if ok {
		t.last.fill(row)
		if t.last.known() {
			h.Known = true
			h.Deleted = t.last.state == stateDeleted
			h.Hash, h.Seq = t.last.hash, t.last.seq
			h.ModifiedOn, h.MCI, h.Origin = core.MTime(asInt(row[4])), int(asInt(row[5])), asInt(row[6])
			h.HasMaster = asInt(row[7]) != 0
		}
		if err := t.headBase(&h, repo, tb); err != nil {
			return h, err
		}
	}
	open, err := t.openConflicts(repo)
	h.OpenConflict = open[l]
	return h, err
}

// headBase adds the base of the record located last. A statement of its own is
// several times faster than a join: most of a join's cost is in starting it.
func (t *tx) headBase(h *core.Head, repo int64, tb *table) error {
	row, ok, err := t.first(`SELECT hash, modified_on, seq FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, tb.id, t.last.id)
	if err != nil || !ok {
		return err
	}
	h.HasBase = true
	copy(h.BaseHash[:], asBlob(row[0]))
	h.BaseModifiedOn, h.BaseSeq = core.MTime(asInt(row[1])), asInt(row[2])
	return nil
}

// openConflicts returns the links in open conflict with the repository. They are
// read once a transaction: there are few, and every decision asks.
func (t *tx) openConflicts(repo int64) (map[core.Link]bool, error) {
	if open, ok := t.conflicts[repo]; ok {
		return open, nil
	}
	open, err := openConflicts(t.ctx, t.q(), repo)
	if err != nil {
		return nil, err
	}
	if t.conflicts == nil {
		t.conflicts = make(map[int64]map[core.Link]bool)
	}
	t.conflicts[repo] = open
	return open, nil
}

func openConflicts(ctx context.Context, q querier, repo int64) (map[core.Link]bool, error) {
	open := make(map[core.Link]bool)
	err := each(ctx, q, `SELECT resource, uuid FROM conflict WHERE repository_id = ? AND winner = ''`, []any{repo}, func(rows *sql.Rows) error {
		var l core.Link
		err := rows.Scan(&l.Resource, &l.UUID)
		open[l] = true
		return err
	})
	return open, err
}
