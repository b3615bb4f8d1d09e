package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// A sending is a version on its way: every version has a number of its own, by which it is
// found in its row or in the record's history.
type sending struct {
	resource, row, seq, modifiedOn int64
}

// Sending notes what is on its way to a repository; see replicate.Store. Where there is no
// other one, the disk is not waited for: what a power failure loses of it counts only if
// another is added before the next run.
func (db *DB) Sending(ctx context.Context, repo int64, list []core.Sending, more bool) error {
	note := db.inTxUnwaited
	if others, err := db.HasOthers(ctx, repo); err != nil {
		return err
	} else if others {
		note = db.inTx
	}
	return note(ctx, "note what is sent", func(t *tx) error {
		if !more {
			if err := t.dropSending(repo); err != nil {
				return err
			}
		}
		packed := make([]byte, 0, 8*len(list))
		var before sending
		for i := range list {
			one, err := t.sending(repo, &list[i])
			if err != nil {
				return err
			}
			if one.row != 0 {
				packed, before = one.append(packed, before), one
			}
		}
		return t.hot(`INSERT INTO sending (repository_id, versions) VALUES (?, ?)`, repo, packed)
	})
}

// HasOthers reports whether there is any other repository, one that calls us among them.
func (db *DB) HasOthers(ctx context.Context, repo int64) (others bool, err error) {
	err = db.readBriefly(ctx, "look for other repositories", func(v *view) error {
		return v.q.QueryRowContext(brief(ctx), `SELECT EXISTS (SELECT 1 FROM repository WHERE id <> ?)`, repo).Scan(&others)
	})
	return others, err
}

// sending finds where a version stands. One that was replaced since it was read, of which
// that is not known, is noted by its content; its row is 0 then.
func (t *tx) sending(repo int64, s *core.Sending) (one sending, err error) {
	tb := t.catalog.tables[s.Record.Resource]
	if tb == nil {
		return one, nil
	}
	one = sending{tb.id, s.Part.Row, s.Part.Seq, int64(s.ModifiedOn)}
	if one.row != 0 {
		return one, nil
	}
	at, err := t.locate(tb, s.Record)
	if err != nil || !at.known() {
		return one, err
	}
	if at.hash != s.Part.Hash {
		return one, t.SetUncertain(t.ctx, repo, s.Record, s.Part.Hash, s.ModifiedOn)
	}
	one.row, one.seq = at.id, at.seq
	return one, nil
}

// append packs a version by what is different from the one before: most numbers follow
// each other, and it takes four bytes.
func (s sending) append(packed []byte, before sending) []byte {
	packed = binary.AppendVarint(packed, s.resource-before.resource)
	packed = binary.AppendVarint(packed, s.row-before.row)
	packed = binary.AppendVarint(packed, s.seq-before.seq)
	return binary.AppendVarint(packed, s.modifiedOn-before.modifiedOn)
}

// next unpacks the version that follows s.
func (s sending) next(packed []byte) (sending, []byte, error) {
	for _, field := range []*int64{&s.resource, &s.row, &s.seq, &s.modifiedOn} {
		step, n := binary.Varint(packed)
		if n <= 0 {
			return s, nil, errors.New("a list of what was sent is cut off")
		}
		*field, packed = *field+step, packed[n:]
	}
	return s, packed, nil
}

// Unheard notes that what was on its way may have arrived; see replicate.Store.
func (db *DB) Unheard(ctx context.Context, repo int64) error {
	var left bool
	err := db.readBriefly(ctx, "look for what was sent", func(v *view) error {
		return v.q.QueryRowContext(brief(ctx), `SELECT EXISTS (SELECT 1 FROM sending WHERE repository_id = ?)`, repo).Scan(&left)
	})
	if err != nil || !left {
		return err
	}
	return db.inTx(ctx, "note what may have arrived", func(t *tx) error {
		var lists [][]byte
		err := each(ctx, t.q(), `SELECT versions FROM sending WHERE repository_id = ? ORDER BY id`, []any{repo}, func(rows *sql.Rows) error {
			var packed []byte
			err := rows.Scan(&packed)
			lists = append(lists, packed)
			return err
		})
		if err != nil {
			return err
		}
		for _, packed := range lists {
			if err := t.mayArrive(repo, packed); err != nil {
				return err
			}
		}
		return t.dropSending(repo)
	})
}

func (t *tx) mayArrive(repo int64, packed []byte) (err error) {
	for one := (sending{}); len(packed) > 0; {
		if one, packed, err = one.next(packed); err != nil {
			return err
		}
		hash, err := t.hashOf(one)
		if err != nil {
			return err
		}
		if hash == nil { // it is gone from the history, too
			continue
		}
		err = t.hot(`INSERT OR IGNORE INTO uncertain (repository_id, resource_id, record_id, hash, modified_on) SELECT ?1, ?2, ?3, ?4, ?5
WHERE NOT EXISTS (SELECT 1 FROM base WHERE repository_id = ?1 AND resource_id = ?2 AND record_id = ?3 AND deleted = 0)`, repo, one.resource, one.row, hash, one.modifiedOn)
		if err != nil {
			return err
		}
	}
	return nil
}

// hashOf returns the content's hash of a version that stands in its row or in the history;
// nil if it is in neither.
func (t *tx) hashOf(s sending) (hash driver.Value, err error) {
	tb := t.catalog.byID[s.resource]
	if tb == nil {
		return nil, nil
	}
	row, ok, err := t.first(`SELECT _hash FROM `+tb.sql+` WHERE _id = ? AND _seq = ?`, s.row, s.seq)
	if err == nil && !ok {
		row, ok, err = t.first(`SELECT hash FROM history WHERE resource_id = ? AND record_id = ? AND seq = ?`, s.resource, s.row, s.seq)
	}
	if err != nil || !ok {
		return nil, err
	}
	return row[0], nil
}

// dropSending forgets what was on its way: it is settled.
func (t *tx) dropSending(repo int64) error {
	return t.hot(`DELETE FROM sending WHERE repository_id = ?`, repo)
}
