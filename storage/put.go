package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
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
	revived := false
	if at.known() {
		old, err := t.find(rec.Link())
		if err != nil {
			return err
		}
		revived = old.rec.Deleted && !rec.Deleted
		if err := t.replace(tb, &old, rec, change); err != nil {
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
	if err := t.write(tb, rec, t.seq, change.Origin, change.Content); err != nil {
		return err
	}
	switch {
	case rec.Deleted:
		return t.closeBuried(rec)
	case revived:
		return t.tellAgain(rec.Link(), change)
	}
	return nil
}

// tellAgain makes what lives below a record that comes back unsent, where it does not name that
// one itself: what is sent while its master is deleted goes by itself, and nobody hears whose it
// is. What a repository shows below the record is agreed on again with that.
func (t *tx) tellAgain(master core.Link, change core.Change) error {
	below, err := t.view().components(master, false)
	if err != nil {
		return err
	}
	for i := range below {
		c, err := t.find(below[i].Link())
		if err != nil {
			return err
		}
		named := slices.ContainsFunc(c.rec.Fields, func(f core.Field) bool { return f.Links(master) })
		if named || !c.rec.Resource.BelongsTo(master.Resource) {
			continue
		}
		change.Rule, change.Origin, change.Content = "its master came back", c.origin, c.hash
		if err := t.Put(t.ctx, &c.rec, change); err != nil {
			return err
		}
	}
	return nil
}

// replace keeps the version that is about to be replaced: in the history, and in
// the bases that relied on it being ours.
func (t *tx) replace(tb *table, old *row, rec *core.Record, change core.Change) error {
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
		if repo == change.Origin && rec.Master == old.rec.Master {
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
	err := t.ask(func(q querier) error {
		return each(t.ctx, q, `SELECT id FROM repository`, nil, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			t.repositories = append(t.repositories, id)
			return err
		})
	})
	return t.repositories, err
}

// known ends what is written for a repository that was removed in the meantime: nobody could
// answer a question about it any more.
func (t *tx) known(repo int64) error {
	repositories, err := t.allRepositories()
	if err == nil && !slices.Contains(repositories, repo) {
		err = &core.Problem{Kind: core.Cancelled, Err: errRemoved}
	}
	return err
}

var errRemoved = errors.New("the repository was removed meanwhile")

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
	t.touched = t.touched || seq <= t.seqBefore
	if hash.IsZero() {
		hash = t.hasher.Sum(rec)
	}
	now := place{link: rec.Link(), id: at.id, state: stateLive, seq: seq, hash: hash, wrote: writtenOf(rec)}
	if rec.Deleted {
		now.state = stateDeleted
	}
	if now.id != 0 {
		err = t.rewrite(tb, &now, rec, origin, master)
	} else {
		err = t.insert(tb, &now, rec, origin, master)
	}
	if err != nil {
		return fmt.Errorf("write %s %s: %w", rec.Resource, rec.UUID, err)
	}
	t.last = now
	return nil
}

// insert gives the record a row, written soon.
func (t *tx) insert(tb *table, at *place, rec *core.Record, origin int64, master *table) (err error) {
	if at.id, err = t.newID(tb, rec.UUID); err != nil {
		return err
	}
	g := t.gather(tb.insert, tb.id)
	g.uuids = append(g.uuids, rec.UUID)
	t.putRow(&g.rows, tb, at, rec, origin, master)
	return t.gathers(g)
}

// rewrite writes the record's row anew, at once.
func (t *tx) rewrite(tb *table, at *place, rec *core.Record, origin int64, master *table) error {
	if err := t.forgetDigests(tb, at.id); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	g := t.gather(tb.update, tb.id)
	t.putRow(&g.rows, tb, at, rec, origin, master)
	if err := t.gathers(g); err != nil {
		return err
	}
	return t.flush()
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

// putRow gives the parameters of tb.insert and tb.update their values.
func (t *tx) putRow(r *packrow.Rows, tb *table, at *place, rec *core.Record, origin int64, master *table) {
	r.Int(putID, at.id)
	uuidParameter(r, putUUID, rec.UUID)
	r.Int(putSeq, at.seq)
	r.Int(putMCI, int64(rec.MCI))
	r.Int(putCreatedOn, int64(rec.CreatedOn))
	r.Int(putModifiedOn, int64(rec.ModifiedOn))
	textParameter(r, putCreatedBy, rec.CreatedBy)
	textParameter(r, putModifiedBy, rec.ModifiedBy)
	textParameter(r, putOwnedBy, rec.OwnedBy)
	textParameter(r, putOwnedGroup, rec.OwnedGroup)
	r.Int(putState, at.state)
	uuidParameter(r, putReplacedBy, rec.ReplacedBy)
	if master != nil {
		r.Int(putMasterID, master.id)
		uuidParameter(r, putMaster, rec.Master.UUID)
	}
	textParameter(r, putAlias, rec.Alias)
	textParameter(r, putURL, rec.URL)
	r.Blob(putHash, at.hash[:])
	r.Int(putOrigin, origin)
	t.blob = appendExtraRecord(tb.putFields(r, rec, t.blob[:0]), rec)
	if len(t.blob) > 0 {
		r.Blob(putExtra, t.blob)
	}
}

// textParameter gives a parameter the text; an empty one is stored as NULL.
func textParameter(r *packrow.Rows, parameter int, s string) {
	if s != "" {
		r.Text(parameter, s)
	}
}

// putFields gives the parameters of the field columns their values, and appends to extra
// what fits none of them.
func (t *table) putFields(r *packrow.Rows, rec *core.Record, extra []byte) []byte {
	var there [maxFields/64 + 1]uint64 // the columns that have their value
	guess, at := 0, 0                  // fields mostly come in the order of the columns
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
		word, bit := guess/64, uint64(1)<<(guess%64)
		if there[word]&bit == 0 && c.put(r, putField+at, f) {
			there[word] |= bit
			if len(f.Attrs) > 0 {
				extra = appendExtraFieldAttrs(extra, f)
			}
		} else {
			extra = appendExtraField(extra, f)
		}
		guess, at = guess+1, at+c.width()
	}
	return extra
}

// offset returns the number of a field's column and where its parameters begin; -1
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
