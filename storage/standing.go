package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// settingMachine holds a fingerprint of the computer on which the data folder is
// used.
const settingMachine = "node.machine"

// Standing says whether the data folder is where, and what, it was when this
// node last used it; see replicate.Store.
func (db *DB) Standing(ctx context.Context) (s core.Standing, err error) {
	home, err := db.Setting(ctx, settingMachine)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return s, err
	}
	s.Copied = home != "" && db.machine != "" && home != db.machine
	tokens, err := db.witnesses(ctx)
	if err != nil {
		return s, err
	}
	for _, token := range tokens {
		var known bool
		err := db.readBriefly(ctx, "check identity", func(v *view) error {
			return v.q.QueryRowContext(brief(ctx), `SELECT EXISTS (SELECT 1 FROM token WHERE token = ?)`, token).Scan(&known)
		})
		if err != nil {
			return s, err
		}
		s.WentBack = s.WentBack || !known
	}
	return s, nil
}

// settleIn notes on which computer the data folder is used, if that is not known.
func (db *DB) settleIn(ctx context.Context) error {
	if db.machine == "" {
		return nil
	}
	if _, err := db.Setting(ctx, settingMachine); !errors.Is(err, core.ErrNotFound) {
		return err
	}
	return db.inTx(ctx, "note computer", func(t *tx) error {
		return t.exec(`INSERT OR IGNORE INTO setting (key, value) VALUES (?, ?)`, settingMachine, db.machine)
	})
}

// ConfirmMoved says that the data folder belongs to this computer now and is no
// longer used on the one it came from. Identity, records and unsent changes stay.
func (db *DB) ConfirmMoved(ctx context.Context) error {
	return db.inTx(ctx, "confirm computer", func(t *tx) error {
		if err := t.setSetting(settingMachine, db.machine); err != nil {
			return err
		}
		return t.unstop()
	})
}

// ConfirmRestored says that the store was restored from an older copy, and that
// this is right. Nothing of it is changed: the next runs read everything anew and
// compare, so that what was sent before comes back, and what is not at a
// repository is sent. A Problem AlreadyRunning during a run.
func (db *DB) ConfirmRestored(ctx context.Context) error {
	token := core.NewToken()
	err := db.inTxBetweenRuns(ctx, 0, "confirm restoring", func(t *tx) error {
		if err := t.exec(`UPDATE repository SET adopt = 1`); err != nil {
			return err
		}
		if err := t.forgetProgress(0); err != nil {
			return err
		}
		if err := t.ownToken(token); err != nil {
			return err
		}
		return t.unstop()
	})
	if err != nil {
		return err
	}
	return db.BearWitness(ctx, token)
}

// NewIdentity makes this data folder a node of its own, for a copy of another
// one's that is used beside it. Records, unsent changes and what is known of the
// repositories stay; each of them is told of the new node at the next run. It
// returns the new node. A Problem AlreadyRunning during a run.
func (db *DB) NewIdentity(ctx context.Context) (node core.Node, err error) {
	err = db.betweenRuns(ctx, 0, func() error {
		node, err = db.newIdentity(ctx)
		return err
	})
	return node, err
}

func (db *DB) newIdentity(ctx context.Context) (core.Node, error) {
	old, err := db.Node(ctx)
	if err != nil {
		return old, err
	}
	repositories, err := db.Repositories(ctx)
	if err != nil {
		return old, err
	}
	proxy, err := db.NodeProxyPassword(ctx)
	if err != nil {
		return old, err
	}
	uuid, token := core.NewUUID(), core.NewToken()
	err = db.inTx(ctx, "new identity", func(t *tx) error {
		for key, value := range map[string]string{settingUUID: uuid, settingMachine: db.machine} {
			if err := t.setSetting(key, value); err != nil {
				return err
			}
		}
		for _, query := range []string{`UPDATE repository SET registered = 0, adopt = 1`, `DELETE FROM token`} {
			if err := t.exec(query); err != nil {
				return err
			}
		}
		if err := t.ownToken(token); err != nil {
			return err
		}
		if err := t.forgetProgress(0); err != nil {
			return err
		}
		return t.unstop()
	})
	if err != nil {
		return old, err
	}
	// In the keyring every identity has names of its own.
	if _, ok := db.secrets.(keyringSecrets); ok {
		db.secrets = keyringSecrets{prefix: uuid + "/"}
		for _, r := range repositories {
			if err := db.storeSecrets(ctx, r); err != nil {
				return old, fmt.Errorf("move passwords: %w", err)
			}
		}
		if err := db.setSecret(ctx, "proxy", proxy); err != nil {
			return old, fmt.Errorf("move passwords: %w", err)
		}
	}
	if err := db.BearWitness(ctx, token); err != nil {
		return old, err
	}
	return db.Node(ctx)
}

// ownToken notes a token that no repository is given, for the witness.
func (t *tx) ownToken(token string) error {
	return t.exec(`INSERT INTO token (repository_id, token, confirmed) VALUES (0, ?, 0)`, token)
}

// forgetProgress makes the next runs of a repository, or of all for 0, read and
// look at everything. What is at the repository is known as before.
func (t *tx) forgetProgress(repo int64) error {
	return t.exec(`UPDATE task SET `+pullAnew+`, compared = 0, push_seq = 0
WHERE ?1 = 0 OR repository_id = ?1`, repo)
}

// unstop lets repositories run again that stopped because of this node's
// standing.
func (t *tx) unstop() error {
	for _, kind := range []core.Trouble{core.NodeCopied, core.NodeWentBack} {
		if err := t.exec(`UPDATE repository SET stopped = '' WHERE stopped = ?`, (&core.Problem{Kind: kind}).Message()); err != nil {
			return err
		}
	}
	return nil
}
