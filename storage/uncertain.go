package storage

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// SetUncertain notes that a version may be at a repository; see intake.Tx.
func (t *tx) SetUncertain(_ context.Context, repo int64, l core.Link, h core.Hash, modifiedOn core.MTime) error {
	tb, err := t.ensureTable(l.Resource)
	if err != nil {
		return err
	}
	at, err := t.locate(tb, l)
	if err != nil {
		return err
	}
	if at.id == 0 {
		return fmt.Errorf("note %s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
	}
	return t.hot(`INSERT INTO uncertain (repository_id, resource_id, record_id, hash, modified_on) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET modified_on = min(modified_on, excluded.modified_on) WHERE hash = excluded.hash`,
		repo, tb.id, at.id, h[:], int64(modifiedOn))
}

// Uncertain returns what was noted of a record; see intake.Tx.
func (t *tx) Uncertain(_ context.Context, repo int64, l core.Link) (h core.Hash, modifiedOn core.MTime, err error) {
	tb := t.catalog.tables[l.Resource]
	if tb == nil {
		return h, 0, core.ErrNotFound
	}
	at, err := t.locate(tb, l)
	if err != nil {
		return h, 0, err
	}
	row, ok, err := t.first(`SELECT hash, modified_on FROM uncertain WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, tb.id, at.id)
	if err != nil {
		return h, 0, err
	}
	if !ok {
		return h, 0, core.ErrNotFound
	}
	copy(h[:], asBlob(row[0]))
	return h, core.MTime(asInt(row[1])), nil
}

// dropCertain forgets what was noted of records that the repository is known to have
// by now. What is known to be deleted there may still arrive.
func (t *tx) dropCertain(repo int64) error {
	return t.hot(`DELETE FROM uncertain AS u WHERE repository_id = ?
AND EXISTS (SELECT 1 FROM base b WHERE b.repository_id = u.repository_id AND b.resource_id = u.resource_id AND b.record_id = u.record_id AND b.deleted = 0)`, repo)
}
