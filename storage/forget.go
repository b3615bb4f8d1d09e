package storage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Forget removes everything that was exchanged with a practice repository, and the
// repository: its invented records must never reach a real server. removed are other
// practice repositories, which are gone while their records are here; with 0 for repo
// these are all there is. It refuses if there is any other repository, or a record
// that came from one, for the records could be real ones then. The laptop's identity
// and settings stay.
func (db *DB) Forget(ctx context.Context, repo int64, removed ...int64) error {
	all, err := db.Repositories(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ID != repo {
			return core.Invalid("repository", "There is another repository besides the practice one, so records cannot be told apart any more. Nothing was removed.")
		}
	}
	unlock, err := db.LockRun(ctx, repo)
	if err != nil {
		return err
	}
	defer unlock()
	origins, err := json.Marshal(append(slices.Clone(removed), repo))
	if err != nil {
		return err
	}
	token := core.NewToken() // the witness must not name one that is forgotten
	err = db.inTx(ctx, "forget practice", func(t *tx) error {
		t.touched = true
		for _, resource := range t.catalog.names() {
			tb := t.catalog.tables[resource]
			var foreign bool
			if err := t.q().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+tb.sql+` WHERE _origin <> 0 AND _origin NOT IN (SELECT value FROM json_each(?)))`, string(origins)).Scan(&foreign); err != nil {
				return err
			}
			if foreign {
				return core.Invalid("repository", "There are records here that came from another server. Nothing was removed.")
			}
			if err := t.exec(`DELETE FROM ` + tb.sql); err != nil {
				return err
			}
		}
		for _, table := range []string{"history", "attachment", "schema"} {
			if err := t.exec(`DELETE FROM ` + table); err != nil {
				return err
			}
		}
		for _, table := range []string{"base", "conflict", "quarantine", "run", "log", "token", "delivery"} {
			if err := t.exec(`DELETE FROM `+table+` WHERE repository_id IN (SELECT value FROM json_each(?))`, string(origins)); err != nil {
				return err
			}
		}
		if err := t.exec(`INSERT INTO search (search) VALUES ('delete-all')`); err != nil {
			return err
		}
		if err := t.ownToken(token); err != nil {
			return err
		}
		if repo == 0 {
			return nil
		}
		return t.one(`DELETE FROM repository WHERE id = ?`, repo)
	})
	if err != nil {
		return err
	}
	return errors.Join(db.BearWitness(ctx, token), db.deleteSecrets(ctx, repo))
}
