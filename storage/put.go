package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// Put makes rec our version, with the next seq; see intake.Tx.
func (t *tx) Put(_ context.Context, rec *core.Record, change core.Change) error {
	tb, err := t.ensureTable(rec.Resource)
	if err != nil {
		return err
	}
	at, err := t.locate(tb, rec.Link())
	if err != nil {
		return err
	}
	if at.known() {
		old, err := t.find(rec.Link())
		if err != nil {
			return err
		}
		if err := t.replace(tb, &old, change); err != nil {
			return err
		}
		if rec.Master.IsZero() && !old.rec.Master.IsZero() {
			// It arrived by itself; what it belongs to is known nevertheless.
			whole := *rec
			whole.Master, whole.Alias = old.rec.Master, old.rec.Alias
			rec = &whole
		}
	}
	if err := t.noteRun(change.Run); err != nil {
		return err
	}
	t.seq++
	return t.write(tb, rec, t.seq, change.Origin, change.Content)
}

// replace keeps the version that is about to be replaced: in the history, and in
// the bases that relied on it being ours.
func (t *tx) replace(tb *table, old *row, change core.Change) error {
	t.blob = appendRecord(t.blob[:0], &old.rec)
	if change.At == 0 {
		change.At = t.now
	}
	repositories, err := t.allRepositories()
	if err != nil {
		return err
	}
	delivered, err := t.delivered(tb, old, repositories)
	if err != nil {
		return err
	}
	err = t.hot(`INSERT INTO history (resource_id, record_id, seq, hash, payload, run, rule, person, origin, at, undelivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tb.id, old.id, old.seq, old.hash[:], t.blob, change.Run, change.Rule, change.By, change.Origin, int64(change.At), number(!delivered))
	if err != nil {
		return err
	}
	for _, repo := range repositories {
		if repo == change.Origin {
			continue // SetBase follows with what it has now
		}
		err := t.hot(`UPDATE base SET payload = ?1 WHERE repository_id = ?2 AND resource_id = ?3 AND record_id = ?4 AND payload IS NULL AND hash = ?5`,
			t.blob, repo, tb.id, old.id, old.hash[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// delivered reports whether some repository is known to have had the version:
// it came from one, or was sent to one.
func (t *tx) delivered(tb *table, old *row, repositories []int64) (bool, error) {
	if old.origin != 0 {
		return true, nil
	}
	for _, repo := range repositories {
		_, has, err := t.first(`SELECT 1 FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ? AND seq >= ?`, repo, tb.id, old.id, old.seq)
		if has || err != nil {
			return has, err
		}
	}
	return false, nil
}

func (t *tx) allRepositories() ([]int64, error) {
	if t.repositories != nil {
		return t.repositories, nil
	}
	t.repositories = []int64{}
	err := each(t.ctx, t.q(), `SELECT id FROM repository`, nil, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		t.repositories = append(t.repositories, id)
		return err
	})
	return t.repositories, err
}

// write stores rec in its row; the record's place is known to locate. hash is its
// content's, or zero.
func (t *tx) write(tb *table, rec *core.Record, seq, origin int64, hash core.Hash) error {
	tb, err := t.ensureColumns(tb, rec)
	if err != nil {
		return err
	}
	var master *table
	if !rec.Master.IsZero() {
		if tb, master, err = t.ensureMaster(tb, rec.Master.Resource); err != nil {
			return err
		}
	}
	at, err := t.locate(tb, rec.Link())
	if err != nil {
		return err
	}
	tb, err = t.noteTargets(tb, rec)
	if err != nil {
		return err
	}
	delete(t.expected, rec.Link())
	t.found = nil
	if hash.IsZero() {
		hash = t.hasher.Sum(rec)
	}
	id, write := at.id, func(values []driver.Value) error { return t.do(tb.update, values...) }
	if id != 0 {
		if err := t.forgetDigests(tb, id); err != nil {
			return err
		}
	} else {
		if id, err = t.newID(tb, rec.UUID); err != nil {
			return err
		}
		write = func(values []driver.Value) error { return t.insertRow(tb, values) }
	}
	state := int64(stateLive)
	if rec.Deleted {
		state = stateDeleted
	}
	args := append(t.args[:0], id)
	args = t.appendBookkeeping(args, rec, seq, state, origin, master, hash)
	args, extra := tb.appendFields(args, rec, t.blob[:0])
	t.args, t.blob = args, extra
	if extra = appendExtraRecord(extra, rec); len(extra) > 0 {
		args[len(bookkeeping)] = extra
		t.blob = extra
	}
	if err := write(args); err != nil {
		return fmt.Errorf("write %s %s: %w", rec.Resource, rec.UUID, err)
	}
	t.last = place{link: rec.Link(), id: id, state: state, seq: seq, hash: hash, wrote: writtenOf(rec)}
	return nil
}

// written tells a version that was just written from any other one without
// looking at every field: Put is mostly followed by SetBase of the same version,
// and the hash of it is a good part of the work on a record.
type written struct {
	is         bool
	fields     *core.Field
	attrs      *core.Attr
	n, m       int
	unknown    string
	deleted    bool
	replacedBy string
}

func writtenOf(rec *core.Record) written {
	w := written{is: true, n: len(rec.Fields), m: len(rec.Attrs), unknown: rec.Unknown, deleted: rec.Deleted, replacedBy: rec.ReplacedBy}
	if w.n > 0 {
		w.fields = &rec.Fields[0]
	}
	if w.m > 0 {
		w.attrs = &rec.Attrs[0]
	}
	return w
}

// sum returns the hash of rec.
func (t *tx) sum(rec *core.Record) core.Hash {
	if t.last.link == rec.Link() && t.last.wrote == writtenOf(rec) {
		return t.last.hash
	}
	return t.hasher.Sum(rec)
}

// newID returns the next free _id of the table, for a record that is not in it yet.
func (t *tx) newID(tb *table, uuid string) (int64, error) {
	t.joins(tb, uuid)
	if _, ok := t.nextID[tb.id]; !ok {
		row, _, err := t.first("SELECT ifnull(max(_id), 0) FROM " + tb.sql)
		if err != nil {
			return 0, err
		}
		t.nextID[tb.id] = asInt(row[0])
	}
	t.nextID[tb.id]++
	return t.nextID[tb.id], nil
}

// appendBookkeeping appends the values of the columns in bookkeeping's order;
// _extra, the last, is left NULL.
func (t *tx) appendBookkeeping(args []driver.Value, rec *core.Record, seq, state, origin int64, master *table, hash core.Hash) []driver.Value {
	var masterID, masterUUID driver.Value
	if master != nil {
		masterID, masterUUID = master.id, t.uuidValue(rec.Master.UUID)
	}
	return append(args, t.uuidValue(rec.UUID), seq, int64(rec.MCI), int64(rec.CreatedOn), int64(rec.ModifiedOn),
		text(rec.CreatedBy), text(rec.ModifiedBy), text(rec.OwnedBy), text(rec.OwnedGroup),
		state, uuidValue(rec.ReplacedBy), masterID, masterUUID, text(rec.Alias), text(rec.URL), hash[:], origin, nil)
}

// text stores an empty text as NULL.
func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// appendFields appends the values of the field columns, and to extra what fits
// none of them.
func (t *table) appendFields(args []driver.Value, rec *core.Record, extra []byte) ([]driver.Value, []byte) {
	start := len(args)
	for range t.width {
		args = append(args, nil)
	}
	values := args[start:]
	guess, at := 0, 0 // fields mostly come in the order of the columns
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if guess >= len(t.columns) || t.columns[guess].field != f.Name {
			guess, at = t.offset(f.Name)
			if guess < 0 {
				extra = appendExtraField(extra, f)
				guess, at = 0, 0
				continue
			}
		}
		c := t.columns[guess]
		width := c.width()
		if values[at] == nil && c.write(values[at:at+width], f) {
			if len(f.Attrs) > 0 {
				extra = appendExtraFieldAttrs(extra, f)
			}
		} else {
			extra = appendExtraField(extra, f)
		}
		guess, at = guess+1, at+width
	}
	return args, extra
}

// offset returns the number of a field's column and where its values begin; -1
// if it has none.
func (t *table) offset(field string) (n, at int) {
	for i, c := range t.columns {
		if c.field == field {
			return i, at
		}
		at += c.width()
	}
	return -1, 0
}

// write puts a field into its column's values; false if it does not fit exactly.
func (c *column) write(v []driver.Value, f *core.Field) bool {
	value, ok := c.store(f.Value)
	if !ok || f.Text != "" && c.text == "" || f.Value.Aux != c.target && c.aux == "" {
		return false
	}
	if c.kind != f.Value.Kind && f.Value.Aux != c.target {
		return false
	}
	v[0] = value
	next := 1
	if c.text != "" {
		v[next] = text(f.Text)
		next++
	}
	if c.aux != "" && f.Value.Aux != c.target {
		v[next] = f.Value.Aux
	}
	return true
}

// noteTargets remembers where references point that leave their field's target.
func (t *tx) noteTargets(tb *table, rec *core.Record) (*table, error) {
	var err error
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if f.Value.Kind != core.Reference && f.Value.Kind != core.References {
			continue
		}
		if c := tb.byField[f.Name]; c != nil && c.target == f.Value.Aux {
			continue
		}
		if tb, err = t.noteTarget(tb, f.Value.Aux); err != nil {
			return nil, err
		}
	}
	return tb, nil
}

// Touch renews what is no content; see intake.Tx.
func (t *tx) Touch(_ context.Context, rec *core.Record) error {
	tb := t.catalog.tables[rec.Resource]
	if tb == nil {
		return core.ErrNotFound
	}
	old, err := t.find(rec.Link())
	if err != nil {
		return err
	}
	if old.state == stateAbsent {
		return core.ErrNotFound
	}
	whole := *rec
	if whole.Master.IsZero() {
		whole.Master, whole.Alias = old.rec.Master, old.rec.Alias
	}
	if whole.CreatedOn == 0 {
		whole.CreatedOn, whole.CreatedBy = old.rec.CreatedOn, old.rec.CreatedBy
	}
	if err := t.write(tb, &whole, old.seq, old.origin, core.Hash{}); err != nil {
		return err
	}
	return t.reindex(t.catalog.tables[rec.Resource], old.id, old.seq, &whole)
}
