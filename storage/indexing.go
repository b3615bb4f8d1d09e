package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

const (
	// indexChunk is how many records are read and indexed before a look at whether somebody
	// waits to write.
	indexChunk = 2000
	// indexTime is how long a transaction goes on with further ones: other processes wait
	// for it.
	indexTime = 250 * time.Millisecond
)

// IndexSearch brings the full-text search up to date. A search does so by itself;
// calling it after a run makes the next search quick.
func (db *DB) IndexSearch(ctx context.Context) error {
	for {
		behind, err := db.indexBehind(ctx)
		if err != nil || len(behind) == 0 {
			return err
		}
		for _, resource := range behind {
			if err := db.inTx(ctx, "index", func(t *tx) error { return t.indexTable(resource) }); err != nil {
				return err
			}
		}
	}
}

// indexBehind lists the tables with rows that the index has not seen.
func (db *DB) indexBehind(ctx context.Context) (behind []core.Resource, err error) {
	err = db.read(ctx, "index", func(v *view) error {
		for resource, tb := range v.catalog.tables {
			var is bool
			err := v.q.QueryRowContext(ctx, fmt.Sprintf(`SELECT ifnull((SELECT max(_seq) FROM %s), 0) > indexed FROM resource WHERE id = ?`, tb.sql), tb.id).Scan(&is)
			if err != nil {
				return err
			}
			if is {
				behind = append(behind, resource)
			}
		}
		return nil
	})
	return behind, err
}

// indexTable indexes what changed first of a table, and as much of what changed then as
// there is time for.
func (t *tx) indexTable(resource core.Resource) error {
	x := indexing{tx: t, table: t.catalog.tables[resource], room: packrow.NewRoom()}
	defer x.room.Close()
	if err := x.start(); err != nil {
		return err
	}
	for began := time.Now(); ; {
		more, err := x.chunk()
		if err != nil {
			return err
		}
		if !more || t.db.Awaited() || time.Since(began) >= indexTime {
			return t.exec(`UPDATE resource SET indexed = ? WHERE id = ?`, x.seq, x.table.id)
		}
	}
}

// Statements that put the words of records into the index.
var (
	indexNew   = &phrase{text: `INSERT INTO search (rowid, words) VALUES (?1, ?2)`}
	indexAgain = &phrase{text: `REPLACE INTO search (rowid, words) VALUES (?1, ?2)`}
)

// An indexing puts into the index what it has not seen of a table.
type indexing struct {
	*tx
	table *table
	seq   int64 // up to which the index has seen the table
	known int64 // the last _id that the index may have words of
	list  list

	arena   arena // of the record read last
	room    *packrow.Room
	columns []packrow.Value
	words   []byte
}

// start finds out how far the index has come.
func (x *indexing) start() error {
	err := x.q().QueryRowContext(x.ctx, `SELECT indexed FROM resource WHERE id = ?`, x.table.id).Scan(&x.seq)
	if err != nil {
		return err
	}
	const last = `SELECT ifnull((SELECT rowid FROM search WHERE rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT 1), 0) & 0xffffffffff`
	if err := x.q().QueryRowContext(x.ctx, last, searchID(x.table, 0), searchID(x.table, 1<<40-1)).Scan(&x.known); err != nil {
		return err
	}
	x.list = newList(append([]string{"r._id", "r._deleted", "r._extra"}, x.table.names[len(bookkeeping)+1:]...))
	return nil
}

// chunk indexes the records that changed first after what is in the index, in the order of
// the full-text table's rows: whenever a row comes that lies before the last one, FTS5 writes
// a segment of its own for what came so far, and has one more to merge. more is false at
// the end.
func (x *indexing) chunk() (more bool, err error) {
	var last, n int64
	next := fmt.Sprintf(`SELECT ifnull(max(_seq), 0), count(*) FROM (SELECT _seq FROM %s WHERE _seq > ? ORDER BY _seq LIMIT ?)`, x.table.sql)
	if err := x.q().QueryRowContext(x.ctx, next, x.seq, indexChunk).Scan(&last, &n); err != nil || n == 0 {
		return false, err
	}
	rows := fmt.Sprintf(`SELECT %s FROM %s r WHERE r._id IN (SELECT _id FROM %s WHERE _seq > ?2 AND _seq <= ?3) ORDER BY r._id`, x.list.into, x.table.sql, x.table.sql)
	if err := x.view().each(rows, []any{x.room.Argument(), x.seq, last}, x.one); err != nil {
		return false, err
	}
	x.seq = last
	return n == indexChunk, nil
}

// one indexes the record of a result row.
func (x *indexing) one(values []driver.Value) (err error) {
	x.arena.empty()
	x.room.Leave()
	if x.columns, err = x.list.unpack(x.columns, x.room, values); err != nil {
		return fmt.Errorf("%s: %w", x.table.resource, err)
	}
	id := x.columns[0].Int()
	if x.columns[1].Int() == stateDeleted {
		return x.hot(`DELETE FROM search WHERE rowid = ?`, searchID(x.table, id))
	}
	rec := core.Record{Resource: x.table.resource}
	x.table.fields(&rec, &x.arena, x.columns[3:])
	if extra := x.columns[2].Str(); extra != "" {
		if err := readExtra([]byte(extra), &rec); err != nil {
			return fmt.Errorf("%s %d: %w", rec.Resource, id, err)
		}
	}
	statement := indexNew
	if id <= x.known {
		statement = indexAgain
	}
	x.words = appendWords(x.words[:0], &rec)
	g := x.gather(statement, x.table.id)
	g.rows.Int(1, searchID(x.table, id))
	g.rows.TextBytes(2, x.words)
	return x.gathers(g)
}
