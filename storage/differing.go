package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fieldsync/fieldsync/core"
)

// Differing compares the peer's inventory with the bases; see replicate.Store.
// The inventory goes to a temporary table, so that memory does not grow with it.
func (db *DB) Differing(ctx context.Context, task core.Task, seen core.Rows, feed func(add func([]core.InventoryLine) error) error) (differ []core.InventoryLine, missing []core.Link, same int, err error) {
	pool, err := sql.Open("sqlite3", dataSource(filepath.Join(db.dir, databaseName), scratching))
	if err != nil {
		return nil, nil, 0, problem("compare", err)
	}
	pool.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, problem("compare", pool.Close())) }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, 0, problem("compare", err)
	}
	defer func() { err = errors.Join(err, problem("compare", conn.Close())) }()
	c := comparison{ctx: ctx, conn: conn, task: task, seen: seen}
	if err := c.exec(`CREATE TEMP TABLE inventory (resource TEXT NOT NULL, uuid ANY NOT NULL, modified_on INTEGER NOT NULL, deleted INTEGER NOT NULL, master_resource TEXT NOT NULL, master ANY, PRIMARY KEY (resource, uuid)) STRICT, WITHOUT ROWID`); err != nil {
		return nil, nil, 0, problem("compare", err)
	}
	if err := c.exec(`BEGIN`); err != nil { // of temporary things alone: it waits for nobody and keeps nobody waiting
		return nil, nil, 0, problem("compare", err)
	}
	if err := feed(c.add); err != nil {
		return nil, nil, 0, err // the peer's
	}
	if err := c.exec(`COMMIT`); err != nil {
		return nil, nil, 0, problem("compare", err)
	}
	if c.catalog, err = glanceAtCatalog(ctx, conn); err == nil {
		err = c.compare()
	}
	return c.differ, c.missing, c.same, problem("compare", err)
}

// A comparison is one inventory laid beside the bases.
type comparison struct {
	ctx     context.Context
	conn    *sql.Conn
	task    core.Task
	catalog *catalog
	seen    core.Rows // of records that were named and are known to agree
	lines   int       // in the inventory

	differ  []core.InventoryLine
	missing []core.Link
	same    int
}

func (c *comparison) exec(query string, args ...any) error {
	_, err := c.conn.ExecContext(c.ctx, query, args...)
	return err
}

// add stores a page of the inventory. Of a line that comes twice the last counts.
func (c *comparison) add(lines []core.InventoryLine) error {
	return problem("compare", func() (err error) {
		insert, err := c.conn.PrepareContext(c.ctx, `INSERT OR REPLACE INTO temp.inventory (resource, uuid, modified_on, deleted, master_resource, master) VALUES (?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, insert.Close()) }()
		for _, l := range lines {
			if l.UUID == "" {
				continue
			}
			var master any
			if l.Master.UUID != "" {
				master = uuidValue(l.Master.UUID)
			}
			if _, err := insert.ExecContext(c.ctx, l.Resource, uuidValue(l.UUID), int64(l.ModifiedOn), l.Deleted, l.Master.Resource, master); err != nil {
				return err
			}
			c.lines++
		}
		return nil
	}())
}

func (c *comparison) compare() error {
	var named []core.Resource
	err := each(c.ctx, c.conn, `SELECT DISTINCT resource FROM temp.inventory ORDER BY resource`, nil, func(rows *sql.Rows) error {
		var r core.Resource
		err := rows.Scan(&r)
		named = append(named, r)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range named {
		if err := c.compareTable(r); err != nil {
			return err
		}
	}
	for r := range c.seen {
		c.same += c.seen.Len(r)
	}
	for _, tb := range c.catalog.tree(c.task.Resource) {
		if err := c.listMissing(tb); err != nil {
			return err
		}
	}
	return nil
}

// compareTable finds the lines whose stamp is not that of the base. A deletion of
// what the two sides never shared is no difference: there is nothing to delete.
func (c *comparison) compareTable(r core.Resource) error {
	query := `SELECT i.uuid, i.deleted, NULL, NULL, i.modified_on, i.master_resource, i.master FROM temp.inventory i WHERE i.resource = ?1`
	args := []any{string(r)}
	if tb := c.catalog.tables[r]; tb != nil {
		query = fmt.Sprintf(`SELECT i.uuid, i.deleted, b.modified_on, b.deleted, i.modified_on, i.master_resource, i.master FROM temp.inventory i
LEFT JOIN %s r ON r._uuid = i.uuid
LEFT JOIN base b ON b.repository_id = ?2 AND b.resource_id = %d AND b.record_id = r._id WHERE i.resource = ?1`, tb.sql, tb.id)
		args = append(args, c.task.RepositoryID)
	}
	return each(c.ctx, c.conn, query, args, func(rows *sql.Rows) error {
		line := core.InventoryLine{Link: core.Link{Resource: r}}
		var uuid, master any
		var deleted bool
		var baseStamp, baseDeleted sql.NullInt64
		var stamp int64
		if err := rows.Scan(&uuid, &deleted, &baseStamp, &baseDeleted, &stamp, &line.Master.Resource, &master); err != nil {
			return err
		}
		agrees := baseStamp.Valid && baseStamp.Int64 == stamp && (baseDeleted.Int64 != 0) == deleted
		if agrees || deleted && (!baseStamp.Valid || baseDeleted.Int64 != 0) {
			c.same++
			return nil
		}
		line.UUID, line.ModifiedOn, line.Deleted = uuidText(uuid), core.MTime(stamp), deleted
		if master != nil {
			line.Master.UUID = uuidText(master)
		}
		c.differ = append(c.differ, line)
		return nil
	})
}

// listMissing finds the records that the repository had and did not name. Of a
// component table only those count that belong to the task's resource.
func (c *comparison) listMissing(tb *table) error {
	if all, err := c.allSeen(tb); all || err != nil {
		return err
	}
	query := fmt.Sprintf(`SELECT r._id, r._uuid FROM %s r JOIN base b ON b.repository_id = ?1 AND b.resource_id = %d AND b.record_id = r._id
WHERE b.deleted = 0 AND NOT EXISTS (SELECT 1 FROM temp.inventory i WHERE i.resource = ?2 AND i.uuid = r._uuid)`, tb.sql, tb.id)
	if tb.resource != c.task.Resource {
		query += ` AND r._master_id IS NOT NULL`
		if len(tb.masters) > 1 {
			query += fmt.Sprintf(` AND r._master_id IN (%s)`, c.treeIDs())
		}
	}
	return each(c.ctx, c.conn, query, []any{c.task.RepositoryID, string(tb.resource)}, func(rows *sql.Rows) error {
		var id int64
		var uuid any
		err := rows.Scan(&id, &uuid)
		if c.seen.Has(tb.resource, id) {
			return err
		}
		c.missing = append(c.missing, core.Link{Resource: tb.resource, UUID: uuidText(uuid)})
		return err
	})
}

// allSeen reports whether the repository named every record that it had. It counts:
// a record that was seen has a base, and nothing was deleted meanwhile if no line
// came besides.
func (c *comparison) allSeen(tb *table) (all bool, err error) {
	if c.lines > 0 || c.seen[tb.resource] == nil {
		return false, nil
	}
	var n int
	err = c.conn.QueryRowContext(c.ctx, `SELECT count(*) FROM base WHERE repository_id = ? AND resource_id = ? AND deleted = 0`, c.task.RepositoryID, tb.id).Scan(&n)
	return n == c.seen.Len(tb.resource), err
}

// treeIDs lists the tables of the task's resource and its components for SQL.
func (c *comparison) treeIDs() string {
	list := ""
	for i, tb := range c.catalog.tree(c.task.Resource) {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprint(tb.id)
	}
	return list
}
