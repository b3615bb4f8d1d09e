package storage

import (
	"context"
	"database/sql"

	"github.com/fieldsync/fieldsync/core"
)

// Account returns the login of that name; core.ErrNotFound.
func (db *DB) Account(ctx context.Context, name string) (core.Account, error) {
	all, err := db.accounts(ctx, `WHERE name = ?`, name)
	if err == nil && len(all) == 0 {
		err = core.ErrNotFound
	}
	if err != nil {
		return core.Account{}, err
	}
	return all[0], nil
}

// Accounts returns all logins by name.
func (db *DB) Accounts(ctx context.Context) ([]core.Account, error) {
	return db.accounts(ctx, `ORDER BY name`)
}

func (db *DB) accounts(ctx context.Context, rest string, args ...any) (out []core.Account, err error) {
	err = db.read(ctx, "list accounts", func(v *view) error {
		return each(ctx, v.q, `SELECT id, name, hash, created, disabled FROM account `+rest, args, func(rows *sql.Rows) error {
			var a core.Account
			err := rows.Scan(&a.ID, &a.Name, &a.Hash, &a.Created, &a.Disabled)
			out = append(out, a)
			return err
		})
	})
	return out, err
}

// SaveAccount stores a login, in place of one of the same name, and returns it
// with its id.
func (db *DB) SaveAccount(ctx context.Context, a core.Account) (core.Account, error) {
	if a.Name == "" || a.Hash == "" {
		return a, core.Invalid("account", "An account needs a name and a password.")
	}
	err := db.inTx(ctx, "store account", func(t *tx) error {
		if a.Created == 0 {
			a.Created = t.now
		}
		return t.q().QueryRowContext(context.WithoutCancel(ctx), `INSERT INTO account (name, hash, created, disabled) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET hash = ?2, disabled = ?4 RETURNING id, created`, a.Name, a.Hash, int64(a.Created), a.Disabled).Scan(&a.ID, &a.Created)
	})
	return a, err
}

// DeleteAccount removes the login of that name; core.ErrNotFound.
func (db *DB) DeleteAccount(ctx context.Context, name string) error {
	return db.inTx(ctx, "delete account", func(t *tx) error { return t.one(`DELETE FROM account WHERE name = ?`, name) })
}
