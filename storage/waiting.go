package storage

import "context"

// Waiting counts what only a person can settle with a repository: conflicts, and what it
// refused.
func (db *DB) Waiting(ctx context.Context, repo int64) (conflicts, refused int, err error) {
	err = db.readBriefly(ctx, "count what waits", func(v *view) error {
		return v.q.QueryRowContext(brief(ctx), `SELECT
(SELECT count(*) FROM conflict WHERE repository_id = ?1 AND winner = ''),
(SELECT count(*) FROM quarantine WHERE repository_id = ?1 AND outgoing = 1)`, repo).Scan(&conflicts, &refused)
	})
	return conflicts, refused, err
}
