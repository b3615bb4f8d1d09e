package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

const repositoryColumns = `id, uuid, name, url, username, proxy, ca_file, accept_push, allow_pull, registered, last_connected, stopped, clock_offset, password_changes, take_older, registered_as, told`

func scanRepository(scan func(...any) error) (core.Repository, error) {
	var r core.Repository
	err := scan(&r.ID, &r.UUID, &r.Name, &r.URL, &r.Username, &r.Proxy, &r.CAFile, &r.AcceptPush, &r.AllowPull,
		&r.Registered, &r.LastConnected, &r.Stopped, &r.ClockOffset, &r.PasswordChanges, &r.TakeOlder, &r.RegisteredAs, &r.Told)
	return r, err
}

// Repositories returns all repositories with their passwords, in the order they
// were added.
func (db *DB) Repositories(ctx context.Context) ([]core.Repository, error) {
	return db.repositories(ctx, `ORDER BY id`)
}

// Repository returns one repository with its passwords; core.ErrNotFound.
func (db *DB) Repository(ctx context.Context, id int64) (core.Repository, error) {
	return firstRepository(db.repositories(ctx, `WHERE id = ?`, id))
}

// RepositoryByName returns the repository of that name, upper and lower case
// being the same; core.ErrNotFound.
func (db *DB) RepositoryByName(ctx context.Context, name string) (core.Repository, error) {
	return firstRepository(db.repositories(ctx, `WHERE name = ? COLLATE NOCASE ORDER BY id LIMIT 1`, name))
}

// PeerByUUID returns the repository with that identity, without its passwords:
// whoever answers a peer needs none, and to get them takes longer than most
// answers. core.ErrNotFound.
func (db *DB) PeerByUUID(ctx context.Context, uuid string) (core.Repository, error) {
	if uuid == "" {
		return core.Repository{}, core.ErrNotFound
	}
	return firstRepository(db.listRepositories(ctx, `WHERE uuid = ?`, uuid))
}

func firstRepository(list []core.Repository, err error) (core.Repository, error) {
	if err != nil {
		return core.Repository{}, err
	}
	if len(list) == 0 {
		return core.Repository{}, core.ErrNotFound
	}
	return list[0], nil
}

func (db *DB) repositories(ctx context.Context, rest string, args ...any) ([]core.Repository, error) {
	out, err := db.listRepositories(ctx, rest, args...)
	for i := range out {
		if err == nil {
			err = db.fillSecrets(ctx, &out[i])
		}
	}
	return out, err
}

// listRepositories returns repositories without passwords.
func (db *DB) listRepositories(ctx context.Context, rest string, args ...any) (out []core.Repository, err error) {
	err = db.readBriefly(ctx, "list repositories", func(v *view) error {
		return each(brief(ctx), v.q, `SELECT `+repositoryColumns+` FROM repository `+rest, args, func(rows *sql.Rows) error {
			r, err := scanRepository(rows.Scan)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// AddRepository stores a new repository, its passwords in the keyring, and
// returns it with its id. A Problem InvalidSetting names the field.
func (db *DB) AddRepository(ctx context.Context, r core.Repository) (core.Repository, error) {
	r.ID = 0
	if err := prepareRepository(&r); err != nil {
		return r, err
	}
	if r.Password+r.ProxyPassword == "" {
		return r, db.inTx(ctx, "store repository", func(t *tx) error { return t.insertRepository(&r) })
	}
	return db.addWithPasswords(ctx, r)
}

// addWithPasswords gives the number out first, since the passwords lie under it:
// they are in the keyring before anybody can see the repository, however long a
// person takes to unlock that.
func (db *DB) addWithPasswords(ctx context.Context, r core.Repository) (core.Repository, error) {
	err := db.inTx(ctx, "number repository", func(t *tx) error {
		if err := t.insertRepository(&r); err != nil {
			return err
		}
		return t.one(`DELETE FROM repository WHERE id = ?`, r.ID)
	})
	if err == nil {
		err = db.storeSecrets(ctx, r)
	}
	if err == nil {
		err = db.inTx(ctx, "store repository", func(t *tx) error { return t.insertRepository(&r) })
	}
	if err != nil && r.ID != 0 {
		err = errors.Join(err, db.deleteSecrets(context.WithoutCancel(ctx), r.ID))
	}
	return r, err
}

// insertRepository adds a row; with a number if r has one, else it gives one out.
func (t *tx) insertRepository(r *core.Repository) error {
	if err := t.nameIsFree(*r); err != nil {
		return err
	}
	return t.q().QueryRowContext(t.ctx, `INSERT INTO repository (id, uuid, name, url, username, proxy, ca_file, accept_push, allow_pull, registered, last_connected, stopped, clock_offset, password_changes, registered_as, told)
VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, r.ID, r.UUID, r.Name, r.URL, r.Username, r.Proxy, r.CAFile, r.AcceptPush, r.AllowPull,
		int64(r.Registered), int64(r.LastConnected), r.Stopped, r.ClockOffset, r.PasswordChanges, r.RegisteredAs, r.Told).Scan(&r.ID)
}

// AddPeer stores a peer that registered itself and returns it with its id. Of
// several peers with one name the later ones get a number.
func (db *DB) AddPeer(ctx context.Context, r core.Repository) (core.Repository, error) {
	r.Told = r.Name
	for n := 2; ; n++ {
		_, err := db.RepositoryByName(ctx, r.Name)
		if errors.Is(err, core.ErrNotFound) {
			return db.AddRepository(ctx, r)
		}
		if err != nil {
			return r, err
		}
		r.Name = numbered(r.Told, n)
	}
}

// numbered is the name of the nth peer that calls itself so.
func numbered(name string, n int) string { return fmt.Sprintf("%s (%d)", name, n) }

// RenamePeer notes by which name a peer calls itself now. It is shown by that, or by that
// with a number, unless an administrator gave it one of ours; core.ErrNotFound.
func (db *DB) RenamePeer(ctx context.Context, id int64, told string) error {
	return db.inTx(ctx, "rename peer", func(t *tx) error {
		r := core.Repository{ID: id}
		err := t.q().QueryRowContext(ctx, `SELECT name, told FROM repository WHERE id = ?`, id).Scan(&r.Name, &r.Told)
		if err != nil || r.Told == told {
			return notFound(err)
		}
		if theirs := r.Name; theirs == r.Told || strings.HasPrefix(theirs, r.Told+" (") && strings.HasSuffix(theirs, ")") {
			r.Name = told
			for n := 2; ; n++ {
				if err := t.nameIsFree(r); err == nil {
					break
				} else if !core.IsKind(err, core.InvalidSetting) {
					return err
				}
				r.Name = numbered(told, n)
			}
		}
		return t.one(`UPDATE repository SET name = ?, told = ? WHERE id = ?`, r.Name, told, id)
	})
}

// UpdateRepository stores what an administrator changed, and the passwords. These
// are in the keyring before the rest is seen. What runs learn is theirs: r may have been read
// before one. At another address the node is not registered, and an empty Stopped lets the
// repository go on. It returns what is stored then. A Problem InvalidSetting names the
// field; nothing is changed then.
func (db *DB) UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error) {
	if err := prepareRepository(&r); err != nil {
		return r, err
	}
	if err := db.inTx(ctx, "check repository", func(t *tx) error { return t.nameIsFree(r) }); err != nil {
		return r, err
	}
	was, err := db.Repository(ctx, r.ID)
	if err != nil {
		return r, err
	}
	changed := was.Password != r.Password || was.ProxyPassword != r.ProxyPassword
	if changed {
		if err := db.storeSecrets(ctx, r); err != nil {
			return r, err
		}
	}
	return r, db.inTx(ctx, "store repository", func(t *tx) error {
		if err := t.nameIsFree(r); err != nil {
			return err
		}
		if err := t.retryAll(r.ID); err != nil { // another account may have more rights
			return err
		}
		return notFound(t.q().QueryRowContext(ctx, `UPDATE repository SET name = ?1, url = ?2, username = ?3, proxy = ?4, ca_file = ?5, accept_push = ?6, allow_pull = ?7,
registered = iif(url = ?2, registered, 0), stopped = iif(?8 = '', '', stopped), password_changes = password_changes + ?9 WHERE id = ?10
RETURNING uuid, registered, last_connected, stopped, clock_offset, password_changes`,
			r.Name, r.URL, r.Username, r.Proxy, r.CAFile, r.AcceptPush, r.AllowPull, r.Stopped, number(changed), r.ID).
			Scan(&r.UUID, &r.Registered, &r.LastConnected, &r.Stopped, &r.ClockOffset, &r.PasswordChanges))
	})
}

// prepareRepository tidies what an administrator wrote.
func prepareRepository(r *core.Repository) error {
	r.Name = strings.TrimSpace(r.Name)
	if r.Name == "" {
		return core.Invalid("name", "Enter a name for the repository.")
	}
	return splitProxy(r)
}

// nameIsFree makes sure that no other repository has r's name or identity.
func (t *tx) nameIsFree(r core.Repository) error {
	var taken int
	err := t.q().QueryRowContext(t.ctx, `SELECT count(*) FROM repository WHERE id <> ? AND (name = ? COLLATE NOCASE OR uuid = ? AND uuid <> '')`, r.ID, r.Name, r.UUID).Scan(&taken)
	if err == nil && taken > 0 {
		return core.Invalid("name", "There is already a repository with this name or this identity.")
	}
	return err
}

// splitProxy moves a password out of the proxy's address, so that none gets into
// the database.
func splitProxy(r *core.Repository) error {
	if !strings.Contains(r.Proxy, "://") {
		return nil
	}
	u, err := url.Parse(r.Proxy)
	if err != nil || u.Host == "" {
		return core.Invalid("proxy", "This is not a proxy's address. An example: http://proxy.example.org:3128.")
	}
	if password, ok := u.User.Password(); ok {
		r.ProxyPassword = core.Secret(password)
		u.User = url.User(u.User.Username())
		r.Proxy = u.String()
	}
	return nil
}

// SaveRepository stores what a run or a call learned: UUID, Registered, RegisteredAs,
// LastConnected, Stopped and ClockOffset. The rest is an administrator's. A run
// with passwords, an address or an account that were changed meanwhile stops nothing, and
// has registered nobody at another address.
func (db *DB) SaveRepository(ctx context.Context, r core.Repository) error {
	return db.inTx(ctx, "save repository", func(t *tx) error { return t.saveRepository(r) })
}

func (t *tx) saveRepository(r core.Repository) error {
	return t.one(`UPDATE repository SET uuid = ?1, registered = iif(url = ?2, ?3, registered), registered_as = iif(url = ?2, ?4, registered_as), last_connected = ?5,
stopped = iif(url = ?2 AND username = ?6 AND password_changes = ?7, ?8, stopped), clock_offset = ?9 WHERE id = ?10`,
		r.UUID, r.URL, int64(r.Registered), r.RegisteredAs, int64(r.LastConnected), r.Username, r.PasswordChanges, r.Stopped, r.ClockOffset, r.ID)
}

// Connected notes when a peer last called us.
func (db *DB) Connected(ctx context.Context, id int64, at core.MTime) error {
	return db.inTx(ctx, "note a call", func(t *tx) error {
		return t.one(`UPDATE repository SET last_connected = ? WHERE id = ?`, int64(at), id)
	})
}

// DeleteRepository removes a repository with its tasks, jobs, bases and passwords.
// Records and their history stay, and so does the list of conflicts, which may have the only
// copy of what lost: those that wait are decided as by Relink. Whoever calls it has offered
// to export what Unsent names.
func (db *DB) DeleteRepository(ctx context.Context, id int64) error {
	err := db.inTx(ctx, "delete repository", func(t *tx) error {
		if err := t.decideForOurs(id, decidedByRemoval); err != nil {
			return err
		}
		for _, table := range []string{"base", "quarantine"} {
			if err := t.exec(`DELETE FROM `+table+` WHERE repository_id = ?`, id); err != nil {
				return err
			}
		}
		return t.one(`DELETE FROM repository WHERE id = ?`, id)
	})
	if err != nil {
		return err
	}
	return db.deleteSecrets(ctx, id)
}

// one runs a statement that must change a row; core.ErrNotFound if it does not.
func (t *tx) one(query string, args ...any) error {
	if err := t.flush(); err != nil {
		return err
	}
	res, err := t.w.conn.ExecContext(context.WithoutCancel(t.ctx), query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return core.ErrNotFound
	}
	return nil
}
