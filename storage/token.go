package storage

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// keptTokens is how many tokens of a repository are kept: a peer that was
// restored from an older backup than that is not recognised by them.
const keptTokens = 500

// Handshake gives out the next token for the repository and notes it, in the
// database first and then in the witness; see replicate.Store.
func (db *DB) Handshake(ctx context.Context, repo int64) (h core.Handshake, err error) {
	h = core.Handshake{Next: core.NewToken()}
	err = db.inTx(ctx, "handshake", func(t *tx) error {
		if err := t.q().QueryRowContext(ctx, `SELECT adopt FROM repository WHERE id = ?`, repo).Scan(&h.Adopt); err != nil {
			return notFound(err)
		}
		// Whether the peer took those after the last confirmed one is not known.
		err := each(ctx, t.q(), `SELECT token FROM token WHERE repository_id = ?1 AND id >= ifnull((SELECT max(id) FROM token WHERE repository_id = ?1 AND confirmed = 1), 0)
ORDER BY confirmed DESC, id DESC`, []any{repo}, func(rows *sql.Rows) error {
			var known string
			err := rows.Scan(&known)
			h.Known = append(h.Known, known)
			return err
		})
		if err != nil {
			return err
		}
		return t.exec(`INSERT INTO token (repository_id, token, confirmed) VALUES (?, ?, 0)`, repo, h.Next)
	})
	if err != nil {
		return h, err
	}
	return h, db.bearWitness(h.Next)
}

// Confirmed notes that the repository remembers the token now; see
// replicate.Store.
func (db *DB) Confirmed(ctx context.Context, repo int64, token string) error {
	return db.inTx(ctx, "handshake", func(t *tx) error {
		if err := t.exec(`UPDATE token SET confirmed = 1 WHERE repository_id = ? AND token = ?`, repo, token); err != nil {
			return err
		}
		if err := t.exec(`UPDATE repository SET adopt = 0 WHERE id = ? AND adopt <> 0`, repo); err != nil {
			return err
		}
		return t.exec(`DELETE FROM token WHERE repository_id = ?1 AND id <= (SELECT max(id) FROM token WHERE repository_id = ?1) - ?2`, repo, keptTokens)
	})
}

// Gave reports whether the repository was once given the token.
func (db *DB) Gave(ctx context.Context, repo int64, token string) (was bool, err error) {
	err = db.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM token WHERE repository_id = ? AND token = ?)`, repo, token).Scan(&was)
	return was, problem("handshake", err)
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

// The witness remembers the last token outside the database: a database that
// does not know it is older than it was. It lies beside the database, and in the
// operating system's keyring where passwords lie there: a restored data folder
// brings the file back, too.
const witnessName = "witness"

func (db *DB) witnessPath() string { return filepath.Join(db.dir, witnessName) }

func (db *DB) bearWitness(token string) error {
	if ring, ok := db.secrets.(keyringSecrets); ok {
		if err := ring.Set(witnessName, core.Secret(token)); err != nil {
			db.log.Warn("Keyring not written", "err", err) // the file is there
		}
	}
	return problem("handshake", writePrivate(db.witnessPath(), []byte(token+"\n")))
}

// witnesses returns what is remembered outside the database.
func (db *DB) witnesses() ([]string, error) {
	var out []string
	if ring, ok := db.secrets.(keyringSecrets); ok {
		if token, err := ring.Get(witnessName); err == nil && token != "" {
			out = append(out, token.Reveal())
		}
	}
	content, err := os.ReadFile(db.witnessPath())
	if errors.Is(err, os.ErrNotExist) {
		return out, nil
	}
	if token := strings.TrimSpace(string(content)); err == nil && token != "" {
		out = append(out, token)
	}
	return out, problem("handshake", err)
}
