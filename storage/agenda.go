package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/notice"
	"github.com/fieldsync/fieldsync/core/schedule"
)

var _ schedule.Store = (*DB)(nil)

// Agenda returns all that decides when to run, at one moment. The repositories
// come without their passwords: the keyring is not asked every few seconds.
func (db *DB) Agenda(ctx context.Context) (a schedule.Agenda, err error) {
	jobs, err := db.Jobs(ctx, 0)
	if err != nil {
		return a, err
	}
	settings, err := db.Settings(ctx)
	if err != nil {
		return a, err
	}
	a = schedule.Agenda{Jobs: jobs, Settings: scheduleSettings(settings), Resources: make(map[int64]string), Memories: make(map[int64]schedule.Memory), JobMemories: make(map[int64]schedule.JobMemory),
		Decisions: make(map[int64]int), Shown: make(map[core.NoticeClass]notice.Shown)}
	err = db.read(ctx, "read schedule", func(v *view) error {
		if err := v.q.QueryRowContext(ctx, `SELECT seq FROM counter`).Scan(&a.Seq); err != nil {
			return err
		}
		for _, part := range []func(*view, *schedule.Agenda) error{agendaRepositories, agendaResources, agendaMemories, agendaJobs, agendaDecisions, agendaShown} {
			if err := part(v, &a); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

func agendaRepositories(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT `+repositoryColumns+` FROM repository ORDER BY id`, nil, func(rows *sql.Rows) error {
		r, err := scanRepository(rows.Scan)
		a.Repositories = append(a.Repositories, r)
		return err
	})
}

func agendaResources(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT repository_id, resource, mode FROM task ORDER BY repository_id, resource`, nil, func(rows *sql.Rows) error {
		var repo int64
		var resource core.Resource
		var mode core.Mode
		err := rows.Scan(&repo, &resource, &mode)
		a.Resources[repo] += fmt.Sprintf("%s %d\n", resource, mode)
		return err
	})
}

func agendaMemories(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT repository_id, setup, place, seen, tried, wait, demanded, failures, cause, since, message, ran_at, ran_seq,
edited_first, edited, wanted, wanted_at, why, next FROM presence`, nil, func(rows *sql.Rows) error {
		var m schedule.Memory
		var wait int64
		err := rows.Scan(&m.RepositoryID, &m.Setup, &m.Place, &m.Seen, &m.Tried, &wait, &m.Demanded, &m.Failures, &m.Cause, &m.Since, &m.Message, &m.RanAt, &m.RanSeq,
			&m.EditedFirst, &m.Edited, &m.Wanted, &m.WantedAt, &m.Why, &m.Next)
		m.Wait = time.Duration(wait) * time.Second
		a.Memories[m.RepositoryID] = m
		return err
	})
}

func agendaJobs(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT job_id, seen, result, message, ended FROM job_memory`, nil, func(rows *sql.Rows) error {
		var m schedule.JobMemory
		err := rows.Scan(&m.JobID, &m.Seen, &m.Result, &m.Message, &m.Ended)
		a.JobMemories[m.JobID] = m
		return err
	})
}

func agendaDecisions(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT repository_id, count(*) FROM (
SELECT repository_id FROM conflict WHERE winner = ''
UNION ALL SELECT repository_id FROM quarantine WHERE outgoing = 1) GROUP BY repository_id`, nil, func(rows *sql.Rows) error {
		var repo int64
		var n int
		err := rows.Scan(&repo, &n)
		a.Decisions[repo] = n
		return err
	})
}

func agendaShown(v *view, a *schedule.Agenda) error {
	return each(v.ctx, v.q, `SELECT class, at, state FROM notice`, nil, func(rows *sql.Rows) error {
		var s notice.Shown
		err := rows.Scan(&s.Class, &s.At, &s.State)
		a.Shown[s.Class] = s
		return err
	})
}

// Fresh counts, for each repository of since, the records it lacks that changed
// here after that seq. What was refused or waits for a decision does not count.
func (db *DB) Fresh(ctx context.Context, since map[int64]int64) (map[int64]int, error) {
	counts := make(map[int64]int)
	err := db.read(ctx, "count changes", func(v *view) error {
		backlogs, err := v.backlogs()
		if err != nil {
			return err
		}
		for _, b := range backlogs {
			after, wanted := since[b.repo]
			if !wanted {
				continue
			}
			b.watermark, b.waiting = max(b.watermark, after), nil
			n := 0
			where, args := b.where()
			if err := v.q.QueryRowContext(ctx, `SELECT count(*) FROM `+b.table.sql+` r WHERE `+where, args...).Scan(&n); err != nil {
				return err
			}
			counts[b.repo] += n
		}
		return nil
	})
	return counts, err
}

// Lead makes sure that one scheduler at a time works on the data folder, in all
// processes; ok is false if another does. The lock dies with its process.
func (db *DB) Lead(context.Context) (release func(), ok bool, err error) {
	release, ok, err = lockFile(db.dir, "schedule.lock")
	return release, ok, problem("lock schedule", err)
}

// SaveMemory stores what the scheduler knows of a repository. One that was
// removed meanwhile is no error.
func (db *DB) SaveMemory(ctx context.Context, m schedule.Memory) error {
	return db.inTx(ctx, "store schedule", func(t *tx) error {
		return t.exec(`INSERT OR REPLACE INTO presence (repository_id, setup, place, seen, tried, wait, demanded, failures, cause, since, message, ran_at, ran_seq,
edited_first, edited, wanted, wanted_at, why, next) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
WHERE EXISTS (SELECT 1 FROM repository WHERE id = ?1)`,
			m.RepositoryID, m.Setup, m.Place, int64(m.Seen), int64(m.Tried), int64(m.Wait/time.Second), number(m.Demanded), int64(m.Failures), string(m.Cause), int64(m.Since),
			m.Message, int64(m.RanAt), m.RanSeq, int64(m.EditedFirst), int64(m.Edited), string(m.Wanted), int64(m.WantedAt), string(m.Why), int64(m.Next))
	})
}

// JobsRan notes at as the jobs' last run and counts it. It leaves alone what an
// administrator may be changing at the same time.
func (db *DB) JobsRan(ctx context.Context, ids []int64, at core.MTime) error {
	if len(ids) == 0 {
		return nil
	}
	return db.inTx(ctx, "note run of jobs", func(t *tx) error {
		for _, id := range ids {
			if err := t.exec(`UPDATE job SET last_run = ?, runs = runs + 1 WHERE id = ?`, int64(at), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// JobsRebased pulls last runs that lie after now back to now.
func (db *DB) JobsRebased(ctx context.Context, now core.MTime) error {
	return db.inTx(ctx, "set jobs back", func(t *tx) error {
		return t.exec(`UPDATE job SET last_run = ?1 WHERE last_run > ?1`, int64(now))
	})
}

// SaveJobMemories stores how jobs went. A Seen of zero keeps what is stored; a
// job that was removed meanwhile is no error.
func (db *DB) SaveJobMemories(ctx context.Context, list []schedule.JobMemory) error {
	return db.inTx(ctx, "store job results", func(t *tx) error {
		for _, m := range list {
			err := t.exec(`INSERT INTO job_memory (job_id, seen, result, message, ended) SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM job WHERE id = ?1)
ON CONFLICT DO UPDATE SET seen = iif(?2 = 0, seen, ?2), result = ?3, message = ?4, ended = ?5`,
				m.JobID, int64(m.Seen), string(m.Result), m.Message, int64(m.Ended))
			if err != nil {
				return fmt.Errorf("job %d: %w", m.JobID, err)
			}
		}
		return nil
	})
}

// SaveShown stores what notifications told last.
func (db *DB) SaveShown(ctx context.Context, list []notice.Shown) error {
	return db.inTx(ctx, "store notifications", func(t *tx) error {
		for _, s := range list {
			if err := t.exec(`INSERT OR REPLACE INTO notice (class, at, state) VALUES (?, ?, ?)`, string(s.Class), int64(s.At), s.State); err != nil {
				return err
			}
		}
		return nil
	})
}
