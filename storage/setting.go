package storage

import (
	"context"
	"database/sql"

	"github.com/fieldsync/fieldsync/core"
)

// Setting returns a setting's value; core.ErrNotFound if it was never set.
func (db *DB) Setting(ctx context.Context, key string) (value string, err error) {
	err = db.readBriefly(ctx, "read setting", func(v *view) error {
		return notFound(v.q.QueryRowContext(brief(ctx), `SELECT value FROM setting WHERE key = ?`, key).Scan(&value))
	})
	return value, err
}

// Settings returns all settings by key.
func (db *DB) Settings(ctx context.Context) (map[string]string, error) {
	out := make(map[string]string)
	err := db.read(ctx, "read settings", func(v *view) error {
		return each(ctx, v.q, `SELECT key, value FROM setting`, nil, func(rows *sql.Rows) error {
			var key, value string
			err := rows.Scan(&key, &value)
			out[key] = value
			return err
		})
	})
	return out, err
}

// SetSetting stores a setting. The node's UUID cannot be set. No secret belongs
// here.
func (db *DB) SetSetting(ctx context.Context, key, value string) error {
	if key == settingUUID {
		return core.Invalid("uuid", "This laptop's UUID cannot be changed.")
	}
	return db.inTx(ctx, "store setting", func(t *tx) error { return t.setSetting(key, value) })
}

func (t *tx) setSetting(key, value string) error {
	return t.exec(`INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2`, key, value)
}
