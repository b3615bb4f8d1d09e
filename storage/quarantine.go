package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// retryAfter is how long a record set aside waits after its n-th attempt; after
// more, as long as after the last.
var retryAfter = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// longestWait is the greatest distance of a next try: one that lies further ahead
// was set by a clock that went wrong.
var longestWait = retryAfter[len(retryAfter)-1]

// waits reports whether something that is to be tried again at next is not due yet.
func waits(next, now core.MTime) bool { return next > now && next <= now.Add(longestWait) }

// AddQuarantine stores q; see intake.Tx. NextTry is set from the number of
// attempts.
func (t *tx) AddQuarantine(_ context.Context, q core.Quarantine) error {
	if err := t.known(q.RepositoryID); err != nil {
		return err
	}
	token := quarantineToken(q)
	attempts, since := q.Attempts, q.Since
	if since == 0 {
		since = t.now
	}
	var before int
	var first core.MTime
	err := t.q().QueryRowContext(t.ctx, `SELECT attempts, since FROM quarantine WHERE repository_id = ? AND outgoing = ? AND resource = ? AND token = ?`,
		q.RepositoryID, number(q.Outgoing), q.Record.Resource, token).Scan(&before, &first)
	switch {
	case err == nil:
		attempts, since = before+1, first
	case !errors.Is(notFound(err), core.ErrNotFound):
		return err
	default:
		attempts = max(attempts, 1)
	}
	delete(t.refused, q.RepositoryID)
	delete(t.aside, q.RepositoryID)
	next := t.now.Add(retryAfter[min(attempts, len(retryAfter))-1])
	return t.exec(`INSERT INTO quarantine (repository_id, run, outgoing, resource, uuid, token, reason, details, content, seq, since, attempts, next_try)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET run = excluded.run, reason = excluded.reason, details = excluded.details,
content = excluded.content, seq = excluded.seq, since = excluded.since, attempts = excluded.attempts, next_try = excluded.next_try`,
		q.RepositoryID, q.Run, number(q.Outgoing), string(q.Record.Resource), q.Record.UUID, token, q.Reason, q.Details, q.Content, q.Seq,
		int64(since), int64(attempts), int64(next))
}

// quarantineToken names a record set aside: by its uuid, or by its content where
// not even that could be read.
func quarantineToken(q core.Quarantine) string {
	if q.Record.UUID != "" {
		return q.Record.UUID
	}
	sum := sha256.Sum256([]byte(q.Content + "\x00" + q.Reason))
	return "#" + hex.EncodeToString(sum[:16])
}

// ClearQuarantine removes the record's quarantine in that direction, if any.
func (t *tx) ClearQuarantine(_ context.Context, repo int64, l core.Link, outgoing bool) error {
	if any, err := t.anyAside(repo); err != nil || !any {
		return err
	}
	return t.hot(`DELETE FROM quarantine WHERE repository_id = ? AND outgoing = ? AND resource = ? AND token = ?`,
		repo, number(outgoing), string(l.Resource), l.UUID)
}

// anyAside reports whether anything of the repository is set aside. It is asked
// once a transaction: mostly there is nothing, and every record asks.
func (t *tx) anyAside(repo int64) (bool, error) {
	if is, ok := t.aside[repo]; ok {
		return is, nil
	}
	_, is, err := t.first(`SELECT 1 FROM quarantine WHERE repository_id = ? LIMIT 1`, repo)
	if t.aside == nil {
		t.aside = make(map[int64]bool)
	}
	t.aside[repo] = is
	return is, err
}

// settleRefused removes the refusal of a record that the repository has now, by
// whatever way: there is nothing left to send. What was refused is read once a
// transaction: it is little, and every record asks.
func (t *tx) settleRefused(repo int64, l core.Link) error {
	refused, ok := t.refused[repo]
	if !ok {
		refused = make(map[core.Link]bool)
		err := t.ask(func(q querier) error {
			return each(t.ctx, q, `SELECT resource, uuid FROM quarantine WHERE repository_id = ? AND outgoing = 1`, []any{repo}, func(rows *sql.Rows) error {
				var l core.Link
				err := rows.Scan(&l.Resource, &l.UUID)
				refused[l] = true
				return err
			})
		})
		if err != nil {
			return err
		}
		if t.refused == nil {
			t.refused = make(map[int64]map[core.Link]bool)
		}
		t.refused[repo] = refused
	}
	if !refused[l] {
		return nil
	}
	return t.ClearQuarantine(t.ctx, repo, l, true)
}

const quarantineColumns = `id, repository_id, run, outgoing, resource, uuid, reason, details, content, seq, since, attempts, next_try`

func scanQuarantine(rows *sql.Rows) (core.Quarantine, error) {
	var q core.Quarantine
	err := rows.Scan(&q.ID, &q.RepositoryID, &q.Run, &q.Outgoing, &q.Record.Resource, &q.Record.UUID, &q.Reason, &q.Details, &q.Content,
		&q.Seq, &q.Since, &q.Attempts, &q.NextTry)
	return q, err
}

// QuarantineDue returns received records that were set aside and are due to be
// tried again, the longest waiting first. Deletions that a brake put off wait
// for a person.
func (db *DB) QuarantineDue(ctx context.Context, repo int64, now core.MTime, limit int) ([]core.Quarantine, error) {
	return db.quarantines(ctx, `WHERE repository_id = ? AND outgoing = 0 AND (next_try <= ? OR next_try > ?) AND reason <> ? ORDER BY next_try, id LIMIT ?`,
		repo, int64(now), int64(now.Add(longestWait)), core.HeldDeletion, limitOf(limit))
}

// heldDeletions selects the deletions of a resource, or of all for "", that a brake put off:
// its arguments are the repository, the resource and core.HeldDeletion.
const heldDeletions = `WHERE repository_id = ?1 AND outgoing = 0 AND (?2 = '' OR resource = ?2) AND reason = ?3 ORDER BY id`

// Held returns the deletions of a resource that a brake put off; see
// replicate.Store.
func (db *DB) Held(ctx context.Context, repo int64, resource core.Resource) ([]core.Quarantine, error) {
	return db.quarantines(ctx, heldDeletions, repo, string(resource), core.HeldDeletion)
}

// Quarantines returns everything set aside, both directions, newest first; of
// one repository, or of all for 0.
func (db *DB) Quarantines(ctx context.Context, repo int64) (out []core.Quarantine, err error) {
	err = db.read(ctx, "list quarantine", func(v *view) error {
		out, err = v.quarantines(`WHERE ?1 = 0 OR repository_id = ?1 ORDER BY since DESC, id DESC`, repo)
		return err
	})
	return out, err
}

// QuarantinesOf returns what is set aside of one record, in all repositories.
func (db *DB) QuarantinesOf(ctx context.Context, l core.Link) ([]core.Quarantine, error) {
	return db.quarantines(ctx, `WHERE resource = ? AND uuid = ? ORDER BY since DESC, id DESC`, l.Resource, l.UUID)
}

func (db *DB) quarantines(ctx context.Context, rest string, args ...any) (out []core.Quarantine, err error) {
	err = db.readBriefly(ctx, "list quarantine", func(v *view) error {
		out, err = v.quarantines(rest, args...)
		return err
	})
	return out, err
}

func (v *view) quarantines(rest string, args ...any) (out []core.Quarantine, err error) {
	err = each(brief(v.ctx), v.q, `SELECT `+quarantineColumns+` FROM quarantine `+rest, args, func(rows *sql.Rows) error {
		q, err := scanQuarantine(rows)
		out = append(out, q)
		return err
	})
	return out, err
}

// RetryQuarantine makes a record set aside due at once; core.ErrNotFound if
// there is none with this id.
func (db *DB) RetryQuarantine(ctx context.Context, id int64) error {
	return db.inTx(ctx, "retry quarantine", func(t *tx) error {
		return t.one(`UPDATE quarantine SET next_try = 0 WHERE id = ?`, id)
	})
}

// RetryReferring makes refused records due at once that point to one of the
// links, or are components of one; see replicate.Store.
func (db *DB) RetryReferring(ctx context.Context, repo int64, links []core.Link) (some bool, err error) {
	if len(links) == 0 {
		return false, nil
	}
	refused, err := db.quarantines(ctx, `WHERE repository_id = ? AND outgoing = 1 AND next_try > 0`, repo)
	if err != nil || len(refused) == 0 {
		return false, err
	}
	arrived := make(map[string]bool, len(links))
	for _, l := range links {
		arrived[l.UUID] = true
	}
	err = db.inTx(ctx, "retry quarantine", func(t *tx) error {
		for _, q := range refused {
			rec, err := t.Record(ctx, q.Record)
			if errors.Is(err, core.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !pointsToAny(&rec, arrived) {
				continue
			}
			some = true
			if err := t.exec(`UPDATE quarantine SET next_try = 0 WHERE id = ?`, q.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return some, err
}

func pointsToAny(rec *core.Record, uuids map[string]bool) bool {
	if uuids[rec.Master.UUID] {
		return true
	}
	for i := range rec.Fields {
		for _, u := range rec.Fields[i].Value.UUIDs() {
			if uuids[u] {
				return true
			}
		}
	}
	return false
}

// retryAll makes everything set aside with a repository, or with all for 0, due at
// once: something changed that may help. What a brake holds waits for a person.
func (t *tx) retryAll(repo int64) error {
	return t.exec(`UPDATE quarantine SET next_try = 0 WHERE (?1 = 0 OR repository_id = ?1) AND reason <> ?2`, repo, core.HeldDeletion)
}

// settingProgram holds the version of the program that last opened the store.
const settingProgram = "program.version"

// noteProgram tries everything again that a former version of the program had to
// set aside.
func (db *DB) noteProgram(ctx context.Context, version string) error {
	if version == "" {
		return nil
	}
	before, err := db.Setting(ctx, settingProgram)
	if err != nil && !errors.Is(err, core.ErrNotFound) || before == version {
		return err
	}
	return db.inTx(ctx, "note version", func(t *tx) error {
		if err := t.retryAll(0); err != nil {
			return err
		}
		return t.setSetting(settingProgram, version)
	})
}
