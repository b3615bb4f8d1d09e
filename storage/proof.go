package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// Proved stores what a comparison of the task, record by record, found; see
// replicate.Store.
func (db *DB) Proved(ctx context.Context, task int64, c core.Comparison) error {
	content, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return db.inTx(ctx, "store comparison", func(t *tx) error {
		return t.exec(`INSERT OR REPLACE INTO proof (task_id, at, content) VALUES (?, ?, ?)`, task, int64(c.At), string(content))
	})
}

// Proof returns what the last comparison of the task, record by record, found;
// core.ErrNotFound if there was none.
func (db *DB) Proof(ctx context.Context, task int64) (c core.Comparison, err error) {
	var content string
	if err := db.readers.QueryRowContext(ctx, `SELECT content FROM proof WHERE task_id = ?`, task).Scan(&content); err != nil {
		return c, problem("read comparison", notFound(err))
	}
	return c, json.Unmarshal([]byte(content), &c)
}

// Lacks notes that the repository does not have the records any more, whatever
// was agreed on: they are unsent.
func (db *DB) Lacks(ctx context.Context, repo int64, links []core.Link) error {
	if len(links) == 0 {
		return nil
	}
	return db.inTx(ctx, "note what a repository lacks", func(t *tx) error {
		for _, l := range links {
			r, err := t.find(l)
			if errors.Is(err, core.ErrNotFound) {
				continue
			}
			if err != nil {
				return fmt.Errorf("note %s %s: %w", l.Resource, l.UUID, err)
			}
			for _, table := range []string{"base", "uncertain"} {
				if err := t.hot(`DELETE FROM `+table+` WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, t.catalog.tables[l.Resource].id, r.id); err != nil {
					return err
				}
			}
		}
		return t.exec(`UPDATE task SET push_seq = 0 WHERE repository_id = ?`, repo)
	})
}
