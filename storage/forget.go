package storage

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	origins := append(slices.Clone(removed), repo)
	token := core.NewToken() // the witness must not name one that is forgotten
	err = db.inTx(ctx, "forget practice", func(t *tx) error {
		t.touched = true
		for _, resource := range t.catalog.names() {
			tb := t.catalog.tables[resource]
			foreign, err := t.foreign(ctx, tb, append([]int64{0}, origins...))
			if err != nil {
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
			for _, origin := range origins {
				if err := t.exec(`DELETE FROM `+table+` WHERE repository_id = ?`, origin); err != nil {
					return err
				}
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

// foreign reports whether a table has a record that came from elsewhere than these.
func (t *tx) foreign(ctx context.Context, tb *table, origins []int64) (found bool, err error) {
	places := strings.Repeat(",?", len(origins))[1:]
	values := make([]any, len(origins))
	for i, origin := range origins {
		values[i] = origin
	}
	err = t.q().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+tb.sql+` WHERE _origin NOT IN (`+places+`))`, values...).Scan(&found)
	return found, err
}
