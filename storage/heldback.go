package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
)

// HeldBack returns what the brakes hold, by repository and resource, those that
// wait longest first.
func (db *DB) HeldBack(ctx context.Context) (out []core.HeldBack, err error) {
	err = db.read(ctx, "list what brakes hold", func(v *view) error {
		err := each(ctx, v.q, `SELECT repository_id, resource, count(*), min(since) FROM quarantine WHERE outgoing = 0 AND reason = ? GROUP BY repository_id, resource ORDER BY min(since)`,
			[]any{core.HeldDeletion}, func(rows *sql.Rows) error {
				var h core.HeldBack
				err := rows.Scan(&h.RepositoryID, &h.Resource, &h.Held, &h.Since)
				out = append(out, h)
				return err
			})
		if err != nil {
			return err
		}
		for i := range out {
			if tb := v.catalog.tables[out[i].Resource]; tb != nil {
				if out[i].Alive, err = v.alive(tb); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// brakeSetting is the setting that says that deletions of a resource by a
// repository are never held.
func brakeSetting(repo int64, resource core.Resource) string {
	return fmt.Sprintf("brake.off.%d.%s", repo, resource)
}

// BrakeOff reports whether a person said that deletions of the resource by this
// repository are never held; see replicate.Store.
func (db *DB) BrakeOff(ctx context.Context, repo int64, resource core.Resource) (bool, error) {
	value, err := db.Setting(ctx, brakeSetting(repo, resource))
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return value == "1", err
}

// brakedSettings is how the settings begin that say up to which id held deletions were
// put before a person.
const brakedSettings = "brake.held."

func brakedSetting(repo int64, resource core.Resource) string {
	return fmt.Sprintf("%s%d.%s", brakedSettings, repo, resource)
}

// Braked returns up to which id of a quarantine deletions were put before a person;
// see replicate.Store.
func (db *DB) Braked(ctx context.Context, repo int64, resource core.Resource) (upTo int64, err error) {
	value, err := db.Setting(ctx, brakedSetting(repo, resource))
	if errors.Is(err, core.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

// SetBraked notes up to which id of a quarantine deletions were put before a person.
func (db *DB) SetBraked(ctx context.Context, repo int64, resource core.Resource, upTo int64) error {
	if before, err := db.Braked(ctx, repo, resource); err != nil || upTo <= before {
		return err
	}
	return db.SetSetting(ctx, brakedSetting(repo, resource), strconv.FormatInt(upTo, 10))
}

// SetBrake switches the brake for deletions of the resource by the repository off
// or on.
func (db *DB) SetBrake(ctx context.Context, repo int64, resource core.Resource, on bool) error {
	value := "1"
	if on {
		value = "0"
	}
	return db.SetSetting(ctx, brakeSetting(repo, resource), value)
}
