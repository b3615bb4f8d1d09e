package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// keptTokens is how many tokens of a repository are kept up to the last one that it
// confirmed: a peer that was restored from an older backup than that is not recognised
// by them. keptUnconfirmed is how many are kept of a repository that confirms none, as an Eden.
const (
	keptTokens      = 500
	keptUnconfirmed = 2000
)

// Handshake gives out the next token for the repository and notes it in the database;
// see replicate.Store.
func (db *DB) Handshake(ctx context.Context, repo int64, begins *core.Run) (h core.Handshake, err error) {
	h = core.Handshake{Next: core.NewToken()}
	err = db.inTx(ctx, "handshake", func(t *tx) error {
		if begins != nil {
			if err := t.saveRun(*begins); err != nil {
				return err
			}
		}
		if err := t.q().QueryRowContext(brief(ctx), `SELECT adopt FROM repository WHERE id = ?`, repo).Scan(&h.Adopt); err != nil {
			return notFound(err)
		}
		// Whether the peer took those after the last confirmed one is not known.
		err := each(brief(ctx), t.q(), `SELECT token, confirmed FROM token WHERE repository_id = ?1 AND id >= ifnull((SELECT max(id) FROM token WHERE repository_id = ?1 AND confirmed = 1), 0)
ORDER BY confirmed DESC, id DESC LIMIT ?2`, []any{repo, core.MaxKnown}, func(rows *sql.Rows) error {
			var known string
			var confirmed bool
			err := rows.Scan(&known, &confirmed)
			if h.Known = append(h.Known, known); confirmed {
				h.Confirmed = known
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO token (repository_id, token, confirmed) VALUES (?, ?, 0)`, repo, h.Next); err != nil {
			return err
		}
		return t.exec(`DELETE FROM token WHERE repository_id = ?1 AND id <= (SELECT id FROM token WHERE repository_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
AND NOT EXISTS (SELECT 1 FROM token WHERE repository_id = ?1 AND confirmed = 1)`, repo, keptUnconfirmed)
	})
	return h, err
}

// Confirmed notes that the repository remembers the token now; see
// replicate.Store. The disk is not waited for: whatever is noted of what the repository got
// in this run comes after it in the log, and is not there without it. A run that loses it,
// together with all else that it did, is one whose answer was lost.
func (db *DB) Confirmed(ctx context.Context, repo int64, token string) error {
	return db.inTxUnwaited(ctx, "handshake", func(t *tx) error {
		err := t.one(`UPDATE token SET confirmed = 1 WHERE repository_id = ? AND token = ?`, repo, token)
		if errors.Is(err, core.ErrNotFound) {
			err = t.exec(`UPDATE token SET confirmed = 1, repository_id = ?1 WHERE token = ?2 AND `+givenToAnother, repo, token)
		}
		if err != nil {
			return err
		}
		// It may remember any that came after the last confirmed one: those stay.
		return t.exec(`DELETE FROM token WHERE repository_id = ?1 AND id <= (SELECT id FROM token
WHERE repository_id = ?1 AND id <= (SELECT max(id) FROM token WHERE repository_id = ?1 AND confirmed = 1) ORDER BY id DESC LIMIT 1 OFFSET ?2)`, repo, keptTokens)
	})
}

// Settled notes that a run with the repository was complete; see replicate.Store.
func (db *DB) Settled(ctx context.Context, repo int64) error {
	return db.inTx(ctx, "settle", func(t *tx) error {
		return t.exec(`UPDATE repository SET adopt = 0, take_older = 0 WHERE id = ?`, repo)
	})
}

// givenToAnother selects the tokens of any repository: the one that is asked may have been
// another one here, which was removed, or is set up twice. Those of repository 0 were given to none.
const givenToAnother = `repository_id <> 0`

// Gave reports whether the repository was once given the token; see replicate.Store.
func (db *DB) Gave(ctx context.Context, repo int64, token string) (gave, since bool, err error) {
	err = db.readers.QueryRowContext(ctx, `SELECT id > ifnull((SELECT max(id) FROM token WHERE repository_id = ?1 AND confirmed = 1), 0)
FROM token WHERE token = ?2 AND (repository_id = ?1 OR `+givenToAnother+`)`, repo, token).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, since, problem("handshake", err)
}

// Remembers returns the token that a calling peer gave us last, "" if none;
// Remember stores it. See responder.Store.
func (db *DB) Remembers(ctx context.Context, repo int64) (token string, err error) {
	err = db.readers.QueryRowContext(ctx, `SELECT remembers FROM repository WHERE id = ?`, repo).Scan(&token)
	return token, problem("handshake", notFound(err))
}

// Remember stores the token that a calling peer gave us; see Remembers.
func (db *DB) Remember(ctx context.Context, repo int64, token string) error {
	return db.inTx(ctx, "handshake", func(t *tx) error {
		return t.one(`UPDATE repository SET remembers = ? WHERE id = ?`, token, repo)
	})
}
