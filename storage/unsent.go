package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// Unsent counts, for each repository, the records that it should have and lacks:
// those of tables that one of its tasks pushes. What waits for a decision or was
// refused counts too.
func (db *DB) Unsent(ctx context.Context) (map[int64]int, error) {
	counts := make(map[int64]int)
	err := db.read(ctx, "count unsent", func(v *view) error {
		backlogs, err := v.backlogs()
		if err != nil {
			return err
		}
		for _, b := range backlogs {
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

// UnsentLinks names what Unsent counts for one repository.
func (db *DB) UnsentLinks(ctx context.Context, repo int64) (out []core.Link, err error) {
	err = db.read(ctx, "list unsent", func(v *view) error {
		backlogs, err := v.backlogs()
		if err != nil {
			return err
		}
		for _, b := range backlogs {
			if b.repo != repo {
				continue
			}
			where, args := b.where()
			err := each(ctx, v.q, `SELECT r._uuid FROM `+b.table.sql+` r WHERE `+where+` ORDER BY r._seq`, args, func(rows *sql.Rows) error {
				var uuid any
				err := rows.Scan(&uuid)
				out = append(out, core.Link{Resource: b.table.resource, UUID: uuidText(uuid)})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// A backlog is a table that a repository is to be sent, and from where on.
type backlog struct {
	repo      int64
	table     *table
	watermark int64
	waiting   []string // refused, or in an open conflict
}

// where selects the rows r that are unsent.
func (b *backlog) where() (string, []any) {
	where := fmt.Sprintf(`r._deleted <> 2 AND NOT EXISTS (SELECT 1 FROM base WHERE repository_id = ? AND resource_id = %d AND record_id = r._id AND seq >= r._seq) AND (r._seq > ?`, b.table.id)
	args := []any{b.repo, b.watermark}
	if len(b.waiting) > 0 {
		where += ` OR r._uuid IN (` + marks(len(b.waiting)) + `)`
		for _, u := range b.waiting {
			args = append(args, uuidValue(u))
		}
	}
	return where + `)`, args
}

// maxWaiting bounds a list of uuids in a statement.
const maxWaiting = 20_000

// backlogs returns the tables that are to be sent, of every repository. A table
// of several tasks stands once, with the least watermark.
func (v *view) backlogs() ([]*backlog, error) {
	var out []*backlog
	at := make(map[[2]int64]*backlog)
	err := each(v.ctx, v.q, `SELECT repository_id, resource, mode, push_seq FROM task ORDER BY repository_id, id`, nil, func(rows *sql.Rows) error {
		var repo, watermark int64
		var resource core.Resource
		var mode core.Mode
		if err := rows.Scan(&repo, &resource, &mode, &watermark); err != nil || !mode.Pushes() {
			return err
		}
		for _, tb := range v.catalog.tree(resource) {
			b := at[[2]int64{repo, tb.id}]
			if b == nil {
				b = &backlog{repo: repo, table: tb, watermark: watermark}
				at[[2]int64{repo, tb.id}] = b
				out = append(out, b)
			}
			b.watermark = min(b.watermark, watermark)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, v.addWaiting(at)
}

func (v *view) addWaiting(at map[[2]int64]*backlog) error {
	return each(v.ctx, v.q, `SELECT repository_id, resource, uuid FROM quarantine WHERE outgoing = 1
UNION SELECT repository_id, resource, uuid FROM conflict WHERE winner = '' LIMIT ?`, []any{maxWaiting}, func(rows *sql.Rows) error {
		var repo int64
		var l core.Link
		if err := rows.Scan(&repo, &l.Resource, &l.UUID); err != nil {
			return err
		}
		if tb := v.catalog.tables[l.Resource]; tb != nil {
			if b := at[[2]int64{repo, tb.id}]; b != nil {
				b.waiting = append(b.waiting, l.UUID)
			}
		}
		return nil
	})
}
