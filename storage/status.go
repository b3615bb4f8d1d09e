package storage

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// A RepositoryStatus is where we stand with a repository.
type RepositoryStatus struct {
	Repository core.Repository
	Unsent     int // records it lacks, refused ones and conflicts included
	Refused    int // records it refused
	SetAside   int // records of it that could not be applied here
	Conflicts  int // that wait for a person
	// LastRun is the last run that was started, LastSuccess the last that ended
	// well; zero if there was none. Dry runs do not count.
	LastRun, LastSuccess core.Run
}

// Status returns where we stand with each repository, in the order they were
// added.
func (db *DB) Status(ctx context.Context) ([]RepositoryStatus, error) {
	repositories, err := db.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	unsent, err := db.Unsent(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]RepositoryStatus, len(repositories))
	err = db.read(ctx, "status", func(v *view) error {
		for i, r := range repositories {
			out[i] = RepositoryStatus{Repository: r, Unsent: unsent[r.ID]}
			if err := v.status(&out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (v *view) status(s *RepositoryStatus) error {
	err := v.q.QueryRowContext(v.ctx, `SELECT
(SELECT count(*) FROM quarantine WHERE repository_id = ?1 AND outgoing = 1),
(SELECT count(*) FROM quarantine WHERE repository_id = ?1 AND outgoing = 0),
(SELECT count(*) FROM conflict WHERE repository_id = ?1 AND winner = '')`, s.Repository.ID).Scan(&s.Refused, &s.SetAside, &s.Conflicts)
	if err != nil {
		return err
	}
	if s.LastRun, err = v.lastRun(s.Repository.ID, ""); err != nil {
		return err
	}
	s.LastSuccess, err = v.lastRun(s.Repository.ID, core.ResultSuccess)
	return err
}

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

// lastRun returns the last run with that result, or any for ""; the zero Run if
// there was none.
func (v *view) lastRun(repo int64, result core.Result) (core.Run, error) {
	r, err := scanRun(v.q.QueryRowContext(v.ctx, `SELECT `+runColumns+` FROM run WHERE repository_id = ?1 AND dry_run = 0 AND (?2 = '' OR result = ?2)
ORDER BY started DESC, rowid DESC LIMIT 1`, repo, string(result)).Scan)
	if errors.Is(notFound(err), core.ErrNotFound) {
		return core.Run{}, nil
	}
	return r, err
}
