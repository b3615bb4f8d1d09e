package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

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
	if e, ok := t.expected[l]; ok {
		t.last = e.place(l)
		return &t.last, nil
	}
	row, ok, err := t.lookFor(tb, tb.locate, l.UUID)
	if err != nil {
		return nil, err
	}
	t.last = place{link: l}
	if ok {
		t.last.fill(row)
	}
	return &t.last, nil
}

// Knows reports whether a record of any table has that uuid; see intake.Tx.
func (t *tx) Knows(_ context.Context, uuid string) (bool, error) {
	for r, tb := range t.catalog.tables {
		if at, err := t.locate(tb, core.Link{Resource: r, UUID: uuid}); err != nil || at.known() {
			return err == nil, err
		}
	}
	return false, nil
}

func (p *place) fill(row []driver.Value) {
	p.id, p.state, p.seq = asInt(row[0]), asInt(row[1]), asInt(row[2])
	copy(p.hash[:], asBlob(row[3]))
}

// head reads a row of table.head: the place, and what a Head has of it.
func (p *place) head(row []driver.Value) (h core.Head) {
	p.fill(row)
	if !p.known() {
		return h
	}
	h.Known, h.Deleted = true, p.state == stateDeleted
	h.Hash, h.Seq = p.hash, p.seq
	h.ModifiedOn, h.MCI, h.Origin = core.MTime(asInt(row[4])), int(asInt(row[5])), asInt(row[6])
	h.HasMaster = asInt(row[7]) != 0
	return h
}

// Head returns the short view of a record towards one repository.
func (t *tx) Head(_ context.Context, repo int64, l core.Link) (core.Head, error) {
	var h core.Head
	if e, ok := t.expected[l]; ok && t.expectedBy == repo {
		t.last = e.place(l)
		open, err := t.openConflicts(repo)
		if e != nil {
			h = e.head
		}
		h.OpenConflict = open[l]
		return h, err
	}
	tb := t.catalog.tables[l.Resource]
	if tb == nil {
		return h, nil
	}
	row, ok, err := t.lookFor(tb, tb.head, l.UUID)
	if err != nil {
		return h, err
	}
	t.last = place{link: l}
	if ok {
		h = t.last.head(row)
		if err := t.headBase(&h, repo, tb); err != nil {
			return h, err
		}
	}
	open, err := t.openConflicts(repo)
	h.OpenConflict = open[l]
	return h, err
}

// lookFor runs tb.head or tb.locate, unless it is known that nothing is found.
func (t *tx) lookFor(tb *table, p *phrase, uuid string) (row []driver.Value, ok bool, err error) {
	if absent, err := t.certainlyAbsent(tb, uuid); absent || err != nil {
		return nil, false, err
	}
	if t.isGathered(tb, uuid) {
		if err := t.flush(); err != nil {
			return nil, false, err
		}
	}
	return t.look(p, t.uuidValue(uuid))
}

// headBase adds the base of the record located last. A statement of its own is
// several times faster than a join: most of a join's cost is in starting it.
func (t *tx) headBase(h *core.Head, repo int64, tb *table) error {
	row, ok, err := t.first(`SELECT hash, modified_on, seq FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, tb.id, t.last.id)
	if err != nil || !ok {
		return err
	}
	fillBase(h, row)
	return nil
}

// fillBase reads hash, modified_on and seq of a base.
func fillBase(h *core.Head, row []driver.Value) {
	h.HasBase = true
	copy(h.BaseHash[:], asBlob(row[0]))
	h.BaseModifiedOn, h.BaseSeq = core.MTime(asInt(row[1])), asInt(row[2])
}

// An expected is what Head and locate will say of a record.
type expected struct {
	id, state, seq int64
	hash           core.Hash
	head           core.Head
}

func (e *expected) place(l core.Link) place {
	if e == nil {
		return place{link: l}
	}
	return place{link: l, id: e.id, state: e.state, seq: e.seq, hash: e.hash}
}

// Expect looks the records up together: one statement for hundreds, which finds
// them in the order of the index. What is written meanwhile is looked up again.
func (t *tx) Expect(_ context.Context, repo int64, links []core.Link) error {
	t.expectedBy = repo
	if t.expected == nil {
		t.expected = make(map[core.Link]*expected, len(links))
	}
	clear(t.expected)
	uuids := make(map[*table][]any)
	for _, l := range links {
		t.expected[l] = nil
		if tb := t.catalog.tables[l.Resource]; tb != nil {
			uuids[tb] = append(uuids[tb], uuidValue(l.UUID))
		}
	}
	for tb, list := range uuids {
		if err := t.expect(repo, tb, list); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) expect(repo int64, tb *table, uuids []any) error {
	query := fmt.Sprintf(`SELECT r._id, r._deleted, r._seq, r._hash, r._modified_on, r._mci, r._origin, r._master IS NOT NULL, r._uuid, b.hash, b.modified_on, b.seq
FROM %s r LEFT JOIN base b ON b.repository_id = %d AND b.resource_id = %d AND b.record_id = r._id WHERE r._uuid IN `, tb.sql, repo, tb.id)
	return inLists(uuids, func(list string, uuids []any) error {
		return t.view().each(query+"("+list+")", uuids, func(row []driver.Value) error {
			var p place
			h := p.head(row)
			e := &expected{id: p.id, state: p.state, seq: p.seq, hash: p.hash, head: h}
			if row[9] != nil {
				fillBase(&e.head, row[9:])
			}
			t.expected[core.Link{Resource: tb.resource, UUID: uuidText(row[8])}] = e
			return nil
		})
	})
}

// openConflicts returns the links in open conflict with the repository. They are
// read once a transaction: there are few, and every decision asks.
func (t *tx) openConflicts(repo int64) (map[core.Link]bool, error) {
	if open, ok := t.conflicts[repo]; ok {
		return open, nil
	}
	var open map[core.Link]bool
	err := t.ask(func(q querier) (err error) {
		open, err = openConflicts(t.ctx, q, repo)
		return err
	})
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
	err := each(brief(ctx), q, `SELECT resource, uuid FROM conflict WHERE repository_id = ? AND winner = ''`, []any{repo}, func(rows *sql.Rows) error {
		var l core.Link
		err := rows.Scan(&l.Resource, &l.UUID)
		open[l] = true
		return err
	})
	return open, err
}
