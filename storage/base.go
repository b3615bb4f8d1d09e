package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// SetBase notes that the repository has version rec; see intake.Tx. For a record
// that is not here a row is made that stands for it, so that the next comparison
// with the repository knows what it has. A refusal of a version that the
// repository has by now is forgotten.
func (t *tx) SetBase(_ context.Context, repo int64, rec *core.Record, seq int64) error {
	if err := t.known(repo); err != nil {
		return err
	}
	tb, err := t.ensureTable(rec.Resource)
	if err != nil {
		return err
	}
	at, err := t.locate(tb, rec.Link())
	if err != nil {
		return err
	}
	if at.id == 0 {
		if err := t.makeAbsent(tb, rec.Link()); err != nil {
			return err
		}
		at = &t.last
	}
	if seq == core.SeqCurrent {
		seq = at.seq
	}
	if at.known() && seq >= at.seq {
		if err := t.settleRefused(repo, at.link); err != nil {
			return err
		}
	}
	hash := t.sum(rec)
	b := baseRow{hash: hash[:], modifiedOn: rec.ModifiedOn, seq: seq, deleted: rec.Deleted, digest: rec.Digest}
	if !at.known() || hash != at.hash || seq == core.SeqNone { // it may belong to another record than ours does
		t.blob = appendRecord(t.blob[:0], rec)
		b.payload = t.blob
	}
	return t.writeBase(tb, at, repo, b)
}

// writeBase stores the base of the record that lies at that place, soon.
func (t *tx) writeBase(tb *table, at *place, repo int64, b baseRow) error {
	delete(t.expected, at.link)
	return t.putBase(repo, tb, at.id, &b)
}

// putBase writes a base.
var putBase = insertion(9, `INSERT INTO base (repository_id, resource_id, record_id, hash, modified_on, seq, deleted, payload, digest) VALUES `,
	` ON CONFLICT DO UPDATE SET hash = excluded.hash, modified_on = excluded.modified_on, seq = excluded.seq, deleted = excluded.deleted,
payload = excluded.payload, digest = excluded.digest`)

func (t *tx) putBase(repo int64, tb *table, id int64, b *baseRow) error {
	g := t.gather(putBase, tb.id)
	r := &g.rows
	r.Int(1, repo)
	r.Int(2, tb.id)
	r.Int(3, id)
	r.Blob(4, b.hash)
	r.Int(5, int64(b.modifiedOn))
	r.Int(6, b.seq)
	r.Int(7, number(b.deleted))
	if b.payload != nil {
		r.Blob(8, b.payload)
	}
	if !b.digest.IsZero() {
		r.Blob(9, b.digest[:])
	}
	return t.gathers(g)
}

// makeAbsent adds a row for a record that is not here.
func (t *tx) makeAbsent(tb *table, l core.Link) error {
	id, err := t.newID(tb, l.UUID)
	if err != nil {
		return err
	}
	err = t.hot(fmt.Sprintf(`INSERT INTO %s (_id, _uuid, _seq, _mci, _created_on, _modified_on, _deleted, _hash, _origin) VALUES (?, ?, 0, 0, 0, 0, ?, x'', 0)`, tb.sql),
		id, uuidValue(l.UUID), int64(stateAbsent))
	t.last = place{link: l, id: id, state: stateAbsent}
	return err
}

// Base returns the version last agreed with the repository; core.ErrNotFound.
func (t *tx) Base(_ context.Context, repo int64, l core.Link) (core.Record, error) {
	tb := t.catalog.tables[l.Resource]
	if tb == nil {
		return core.Record{}, core.ErrNotFound
	}
	if e, ok := t.expected[l]; ok && t.expectedBy == repo && (e == nil || !e.head.HasBase) {
		return core.Record{}, core.ErrNotFound
	}
	at, err := t.locate(tb, l)
	if err != nil {
		return core.Record{}, err
	}
	v, ok, err := t.first(`SELECT hash, modified_on, seq, deleted, payload FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, tb.id, at.id)
	if err == nil && !ok {
		err = core.ErrNotFound
	}
	if err != nil {
		return core.Record{}, err
	}
	b := baseRow{hash: asBlob(v[0]), modifiedOn: core.MTime(asInt(v[1])), seq: asInt(v[2]), deleted: asInt(v[3]) != 0, payload: asBlob(v[4])}
	ours, err := t.find(l)
	if err != nil {
		return core.Record{}, err
	}
	return t.view().baseRecord(b, &ours)
}

// Base returns the version last agreed with the repository; core.ErrNotFound if
// there is none.
func (db *DB) Base(ctx context.Context, repo int64, l core.Link) (rec core.Record, err error) {
	err = db.read(ctx, "read base", func(v *view) error {
		rec, err = v.base(repo, l)
		return err
	})
	return rec, err
}

func (v *view) base(repo int64, l core.Link) (core.Record, error) {
	ours, err := v.find(l)
	if err != nil {
		return core.Record{}, err
	}
	b, err := v.baseRow(repo, v.catalog.tables[l.Resource], ours.id)
	if err != nil {
		return core.Record{}, err
	}
	return v.baseRecord(b, &ours)
}

// A baseRow is a row of the table base.
type baseRow struct {
	hash       []byte
	modifiedOn core.MTime
	seq        int64
	deleted    bool
	payload    []byte
	digest     core.Digest // only to be written
}

// baseRow returns the base of a row; core.ErrNotFound.
func (v *view) baseRow(repo int64, tb *table, id int64) (baseRow, error) {
	var b baseRow
	err := v.q.QueryRowContext(v.ctx, `SELECT hash, modified_on, seq, deleted, payload FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ?`,
		repo, tb.id, id).Scan(&b.hash, &b.modifiedOn, &b.seq, &b.deleted, &b.payload)
	return b, notFound(err)
}

// baseRecord returns the version a base speaks of, given our present one. Its
// stamp is the one agreed on: a payload may have been saved from our version,
// which had the same content with another stamp.
func (v *view) baseRecord(b baseRow, ours *row) (rec core.Record, err error) {
	switch {
	case b.payload != nil:
		rec, err = decodeRecord(b.payload)
	case bytes.Equal(b.hash, ours.hash[:]) && ours.state != stateAbsent:
		rec = ours.rec.Clone()
	default:
		rec, err = v.former(v.catalog.tables[ours.rec.Resource], ours.id, core.Hash(b.hash))
	}
	rec.ModifiedOn = b.modifiedOn
	return rec, err
}

// former returns the version with that content from the history;
// core.ErrNotFound.
func (v *view) former(tb *table, id int64, h core.Hash) (core.Record, error) {
	var blob []byte
	err := v.q.QueryRowContext(v.ctx, `SELECT payload FROM history WHERE resource_id = ? AND record_id = ? AND hash = ? ORDER BY id DESC LIMIT 1`,
		tb.id, id, h[:]).Scan(&blob)
	if err != nil {
		return core.Record{}, notFound(err)
	}
	return decodeRecord(blob)
}

// VersionByHash returns a former or the present version with this content;
// core.ErrNotFound.
func (t *tx) VersionByHash(_ context.Context, l core.Link, h core.Hash) (core.Record, error) {
	ours, err := t.find(l)
	if err != nil {
		return core.Record{}, err
	}
	if ours.state != stateAbsent && ours.hash == h {
		return ours.rec, nil
	}
	v, tb := t.view(), t.catalog.tables[l.Resource]
	rec, err := v.former(tb, ours.id, h)
	if !errors.Is(err, core.ErrNotFound) {
		return rec, err
	}
	var blob []byte
	err = v.q.QueryRowContext(v.ctx, `SELECT b.payload FROM repository r JOIN base b ON b.repository_id = r.id AND b.resource_id = ? AND b.record_id = ?
WHERE b.hash = ? AND b.payload IS NOT NULL LIMIT 1`, tb.id, ours.id, h[:]).Scan(&blob)
	if err != nil {
		return core.Record{}, notFound(err)
	}
	return decodeRecord(blob)
}

// Since returns the versions of the record that we had after seq and have replaced
// since, oldest first.
func (t *tx) Since(_ context.Context, l core.Link, seq int64) (out []core.Record, err error) {
	ours, err := t.find(l)
	if err != nil {
		return nil, err
	}
	v := t.view()
	past, err := v.versions(`WHERE resource_id = ? AND record_id = ? AND seq > ? ORDER BY id`, t.catalog.tables[l.Resource].id, ours.id, seq)
	for i := range past {
		out = append(out, past[i].Record)
	}
	return out, err
}
