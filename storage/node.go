package storage

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
)

// The settings that make the node.
const (
	settingUUID  = "node.uuid"
	settingName  = "node.name"
	settingProxy = "node.proxy"
)

// makeNode gives the node its identity at the first start.
func (db *DB) makeNode(ctx context.Context) error {
	if _, err := db.Setting(ctx, settingUUID); !errors.Is(err, core.ErrNotFound) {
		return err
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "Fieldsync"
	}
	return db.inTx(ctx, "make node", func(t *tx) error {
		// OR IGNORE: another process may have been faster.
		return t.exec(`INSERT OR IGNORE INTO setting (key, value) VALUES (?, ?), (?, ?), (?, ?)`,
			settingUUID, core.NewUUID(), settingName, name, settingWhole, strconv.FormatInt(int64(t.now), 10)) // what there is is new
	})
}

// Node returns this installation as its peers see it.
func (db *DB) Node(ctx context.Context) (n core.Node, err error) {
	into := map[string]*string{settingUUID: &n.UUID, settingName: &n.Name, settingProxy: &n.Proxy}
	err = db.readBriefly(ctx, "read setting", func(v *view) error {
		return each(brief(ctx), v.q, `SELECT key, value FROM setting WHERE key IN (?, ?, ?)`, []any{settingUUID, settingName, settingProxy}, func(rows *sql.Rows) error {
			var key, value string
			err := rows.Scan(&key, &value)
			*into[key] = value
			return err
		})
	})
	return n, err
}

// node returns this installation as far as a transaction needs it: its identity.
func (t *tx) node() (n core.Node, err error) {
	err = t.q().QueryRowContext(t.ctx, `SELECT value FROM setting WHERE key = ?`, settingUUID).Scan(&n.UUID)
	return n, notFound(err)
}

// SaveNode stores name and default proxy; the UUID never changes. A password in
// the proxy's address goes to the keyring.
func (db *DB) SaveNode(ctx context.Context, n core.Node) error {
	carrier := core.Repository{Proxy: n.Proxy}
	if err := splitProxy(&carrier); err != nil {
		return err
	}
	if n.Name == "" {
		return core.Invalid("name", "Enter a name for this laptop.")
	}
	err := db.inTx(ctx, "save node", func(t *tx) error {
		if err := t.setSetting(settingName, n.Name); err != nil {
			return err
		}
		return t.setSetting(settingProxy, carrier.Proxy)
	})
	if err != nil {
		return err
	}
	if carrier.ProxyPassword == "" && carrier.Proxy != "" {
		return nil // unchanged
	}
	return db.setSecret(ctx, "proxy", carrier.ProxyPassword)
}

// NodeProxyPassword returns the password of the node's default proxy, "" if there
// is none.
func (db *DB) NodeProxyPassword(ctx context.Context) (core.Secret, error) {
	return db.getSecret(ctx, "proxy")
}

// SetNodeProxyPassword stores the password of the node's default proxy in the
// keyring; "" takes it away.
func (db *DB) SetNodeProxyPassword(ctx context.Context, s core.Secret) error {
	return db.setSecret(ctx, "proxy", s)
}
