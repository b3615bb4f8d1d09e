package storage

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// An ailment is something in the store that can be put right without losing
// anything. count tells how often it is there; mend puts all of it right.
type ailment struct {
	name  string
	said  string // what is wrong, with the number in place of %d
	count func(*tx) (int, error)
	mend  func(*tx) error
}

// ailments in the order in which they are mended.
var ailments = []ailment{
	{"numbering", "%d tables have changes beyond the counter.", countBeyond, mendCounter},
	{"progress", "%d tasks believe to have sent what is not there yet.", countWatermarks, mendWatermarks},
	{"versions", "%d stored versions belong to no record.", countOrphans, mendOrphans},
	{"waiting", "%d records wait for something that is over.", countSettled, mendSettled},
	{"unsent", "%d unsent records would never have been sent.", countStuck, mendStuck},
}

// Mend puts right what is safe to put right: wrong bookkeeping, indexes, runs that
// broke off, missing files that a repository has. The database is copied before.
// It returns what the doctor finds afterwards. A database whose pages are damaged is
// a Problem StoreDamaged: Rebuild is for that.
func (db *DB) Mend(ctx context.Context) ([]Check, error) {
	if err := db.reindex(ctx); err != nil {
		return nil, err
	}
	if _, err := db.SafetyCopy(ctx, BackupBeforeMending); err != nil {
		return nil, err
	}
	var done []Check
	for _, a := range ailments {
		n := 0
		err := db.inTx(ctx, "mend", func(t *tx) (err error) {
			if n, err = a.count(t); err != nil || n == 0 {
				return err
			}
			return a.mend(t)
		})
		if err != nil {
			return done, err
		}
		if n > 0 {
			done = append(done, Check{Name: a.name, OK: true, Said: core.Say("%s That is mended.", core.Say(a.said, n))})
			db.log.Info("Mended", "what", a.name, "number", n)
		}
	}
	found, err := db.Doctor(ctx)
	return append(done, found...), err
}

// reindex makes the indexes anew if something is wrong, which mends a database of
// which only they are damaged.
func (db *DB) reindex(ctx context.Context) error {
	err := checkIntegrity(ctx, db.readers)
	if err == nil {
		return nil
	}
	if mendErr := db.inTx(ctx, "mend", func(t *tx) error { return t.exec(`REINDEX`) }); mendErr != nil {
		return db.noteDamage(problem("mend", err))
	}
	return db.noteDamage(problem("mend", checkIntegrity(ctx, db.readers)))
}

func (t *tx) count(query string, args ...any) (n int, err error) {
	err = t.q().QueryRowContext(t.ctx, query, args...).Scan(&n)
	return n, err
}

func countBeyond(t *tx) (n int, err error) {
	for _, tb := range t.catalog.tables {
		k, err := t.count(fmt.Sprintf(`SELECT ifnull(max(_seq), 0) > (SELECT seq FROM counter) FROM %s`, tb.sql))
		if err != nil {
			return 0, err
		}
		n += k
	}
	return n, nil
}

func mendCounter(t *tx) error {
	for _, tb := range t.catalog.tables {
		var most int64
		if err := t.q().QueryRowContext(t.ctx, `SELECT ifnull(max(_seq), 0) FROM `+tb.sql).Scan(&most); err != nil {
			return err
		}
		t.seq = max(t.seq, most)
	}
	return nil // the commit stores it
}

func countWatermarks(t *tx) (int, error) {
	return t.count(`SELECT count(*) FROM task WHERE push_seq > (SELECT seq FROM counter)`)
}

func mendWatermarks(t *tx) error {
	return t.exec(`UPDATE task SET push_seq = 0 WHERE push_seq > (SELECT seq FROM counter)`)
}

// orphans selects the bases and the history of rows that are not there.
func orphans(tb *table, of string) string {
	return fmt.Sprintf(`FROM %s WHERE resource_id = %d AND record_id NOT IN (SELECT _id FROM %s)`, of, tb.id, tb.sql)
}

func countOrphans(t *tx) (n int, err error) {
	for _, tb := range t.catalog.tables {
		for _, of := range []string{"base", "history"} {
			k, err := t.count(`SELECT count(*) ` + orphans(tb, of))
			if err != nil {
				return 0, err
			}
			n += k
		}
	}
	return n, nil
}

// mendOrphans deletes bases of rows that are not there. A version without a record
// is kept as long as it can be read: it is made the record again, deleted, so that
// it can be restored.
func mendOrphans(t *tx) error {
	for _, tb := range t.catalog.tables {
		if err := t.exec(`DELETE ` + orphans(tb, "base")); err != nil {
			return err
		}
		lost, err := t.view().versions(fmt.Sprintf(`WHERE id IN (SELECT max(id) %s GROUP BY record_id)`, orphans(tb, "history")))
		if err != nil {
			return err
		}
		for i := range lost {
			rec := lost[i].Record
			if _, err := t.Record(t.ctx, rec.Link()); err == nil {
				continue
			}
			if err := t.Put(t.ctx, &rec, core.Change{Rule: "rescued", At: t.now}); err != nil {
				return err
			}
			rec.Deleted = true
			if err := t.Put(t.ctx, &rec, core.Change{Rule: "rescued", At: t.now}); err != nil {
				return err
			}
		}
		if err := t.exec(`DELETE ` + orphans(tb, "history")); err != nil {
			return err
		}
	}
	return nil
}

// settledWaiting selects what waits for repositories that are gone.
const settledWaiting = `repository_id NOT IN (SELECT id FROM repository)`

// delivered selects the refusals of records that the repository has by now.
func deliveredRefusals(tb *table) string {
	return fmt.Sprintf(`outgoing = 1 AND resource = '%s' AND EXISTS (SELECT 1 FROM %s r JOIN base b ON b.repository_id = quarantine.repository_id
AND b.resource_id = %d AND b.record_id = r._id WHERE b.seq >= r._seq AND r._seq >= quarantine.seq AND %s)`, tb.resource, tb.sql, tb.id, sameUUID)
}

// sameUUID compares a row's packed uuid with the text in the quarantine.
const sameUUID = `(r._uuid = quarantine.uuid OR 'urn:uuid:' || lower(substr(hex(r._uuid), 1, 8) || '-' || substr(hex(r._uuid), 9, 4) || '-' ||
substr(hex(r._uuid), 13, 4) || '-' || substr(hex(r._uuid), 17, 4) || '-' || substr(hex(r._uuid), 21)) = quarantine.uuid)`

func countSettled(t *tx) (n int, err error) {
	queries := []string{`SELECT count(*) FROM quarantine WHERE ` + settledWaiting, `SELECT count(*) FROM conflict WHERE winner = '' AND ` + settledWaiting}
	for _, tb := range t.catalog.tables {
		queries = append(queries, `SELECT count(*) FROM quarantine WHERE `+deliveredRefusals(tb))
	}
	for _, query := range queries {
		k, err := t.count(query)
		if err != nil {
			return 0, err
		}
		n += k
	}
	return n, nil
}

func mendSettled(t *tx) error {
	queries := []string{`DELETE FROM quarantine WHERE ` + settledWaiting,
		`UPDATE conflict SET winner = 'ours', decision = 'repository removed' WHERE winner = '' AND ` + settledWaiting}
	for _, tb := range t.catalog.tables {
		queries = append(queries, `DELETE FROM quarantine WHERE `+deliveredRefusals(tb))
	}
	for _, query := range queries {
		if err := t.exec(query); err != nil {
			return err
		}
	}
	return nil
}

// stuckIn selects the rows that a repository lacks, that nothing holds up, and that
// lie below the watermark, where nobody looks for them. Filters keep rows there on
// purpose, so that tables with filters are left alone.
func stuckIn(b *backlog) (string, []any) {
	everything := *b
	everything.watermark, everything.waiting = 0, nil
	where, args := everything.where()
	where += ` AND r._seq <= ?`
	args = append(args, b.watermark)
	if len(b.waiting) > 0 {
		where += ` AND r._uuid NOT IN (` + marks(len(b.waiting)) + `)`
		for _, u := range b.waiting {
			args = append(args, uuidValue(u))
		}
	}
	return where, args
}

func (t *tx) eachStuck(fn func(b *backlog, n int) error) error {
	backlogs, err := t.view().backlogs()
	if err != nil {
		return err
	}
	for _, b := range backlogs {
		filtered, err := t.count(`SELECT count(*) FROM task WHERE repository_id = ? AND filters NOT IN ('', 'null', '[]')`, b.repo)
		if err != nil {
			return err
		}
		if filtered > 0 || b.watermark == 0 {
			continue
		}
		where, args := stuckIn(b)
		n, err := t.count(`SELECT count(*) FROM `+b.table.sql+` r WHERE `+where, args...)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := fn(b, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func countStuck(t *tx) (n int, err error) {
	err = t.eachStuck(func(_ *backlog, k int) error { n += k; return nil })
	return n, err
}

func mendStuck(t *tx) error {
	return t.eachStuck(func(b *backlog, _ int) error {
		return t.exec(`UPDATE task SET push_seq = 0 WHERE repository_id = ?`, b.repo)
	})
}

// ailing lets the doctor say what Mend would put right.
func (d *doctor) ailing() error {
	for _, a := range ailments {
		n := 0
		err := d.db.inTx(d.ctx, "doctor", func(t *tx) (err error) {
			n, err = a.count(t)
			return err
		})
		if err != nil {
			return err
		}
		if n > 0 {
			d.checks = append(d.checks, Check{Name: a.name, Said: core.Say("%s Nothing is lost; it can be put right.", core.Say(a.said, n)), Mendable: true})
		} else {
			d.say(a.name, true, "All is in order.")
		}
	}
	return nil
}
