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
	// indexBytes is how many bytes of words are handed over to SQLite at a time.
	indexBytes = 256 << 10
)

// IndexSearch brings the full-text search up to date. A search does so by itself;
// calling it after a run makes the next search quick.
func (db *DB) IndexSearch(ctx context.Context) error {
	x := indexing{room: packrow.NewRoom()}
	defer x.room.Close()
	for {
		behind, err := db.indexBehind(ctx)
		if err != nil || len(behind) == 0 {
			return err
		}
		for _, resource := range behind {
			if err := db.inTx(ctx, "index", func(t *tx) error { return x.index(t, resource) }); err != nil {
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

// Statements that put the words of records into the index, and take them out.
var (
	indexNew   = &phrase{text: `INSERT INTO search (rowid, words) VALUES (?1, ?2)`}
	indexAgain = &phrase{text: `REPLACE INTO search (rowid, words) VALUES (?1, ?2)`}
	indexNone  = &phrase{text: `DELETE FROM search WHERE rowid = ?1`}
)

// An indexing puts into the index what it has not seen yet. Its room is used again and again.
type indexing struct {
	room    *packrow.Room
	arena   arena // of the record read last
	columns []packrow.Value
	words   []byte
	next    gathered // for one statement

	t     *tx // the present one
	table *table
	list  list
	seq   int64 // up to which the index has seen the table
	known int64 // the last _id that the index may have words of
}

// index indexes what changed first of a table, and as much of what changed then as there is
// time for in the transaction.
func (x *indexing) index(t *tx, resource core.Resource) error {
	if err := x.start(t, t.catalog.tables[resource]); err != nil {
		return err
	}
	for began := time.Now(); ; {
		more, err := x.chunk()
		if err != nil {
			return err
		}
		if !more || t.db.Awaited() || time.Since(began) >= indexTime {
			break
		}
	}
	if err := x.write(); err != nil {
		return err
	}
	return t.exec(`UPDATE resource SET indexed = ? WHERE id = ?`, x.seq, x.table.id)
}

// start finds out how far the index has come with a table.
func (x *indexing) start(t *tx, tb *table) error {
	x.t, x.table = t, tb
	x.list = newList(append([]string{"r._id", "r._deleted", "r._extra"}, tb.names[len(bookkeeping)+1:]...))
	x.next.rows.Empty() // what a transaction that failed has left
	if err := t.q().QueryRowContext(t.ctx, `SELECT indexed FROM resource WHERE id = ?`, tb.id).Scan(&x.seq); err != nil {
		return err
	}
	const last = `SELECT ifnull((SELECT rowid FROM search WHERE rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT 1), 0) & 0xffffffffff`
	return t.q().QueryRowContext(t.ctx, last, searchID(tb, 0), searchID(tb, 1<<40-1)).Scan(&x.known)
}

// chunk indexes the records that changed first after what is in the index, in the order of
// the full-text table's rows: whenever a row comes that lies before the last one, FTS5 writes
// a segment of its own for what came so far, and has one more to merge. more is false at
// the end.
func (x *indexing) chunk() (more bool, err error) {
	var last, n int64
	next := fmt.Sprintf(`SELECT ifnull(max(_seq), 0), count(*) FROM (SELECT _seq FROM %s WHERE _seq > ? ORDER BY _seq LIMIT ?)`, x.table.sql)
	if err := x.t.q().QueryRowContext(x.t.ctx, next, x.seq, indexChunk).Scan(&last, &n); err != nil || n == 0 {
		return false, err
	}
	rows := fmt.Sprintf(`SELECT %s FROM %s r WHERE r._id IN (SELECT _id FROM %s WHERE _seq > ?2 AND _seq <= ?3) ORDER BY r._id`, x.list.into, x.table.sql, x.table.sql)
	err = x.t.view().each(rows, []any{x.room.Argument(), x.seq, last}, func(values []driver.Value) error {
		x.arena.empty()
		return x.one(values)
	})
	x.room.Again()
	if err != nil {
		return false, err
	}
	x.seq = last
	return n == indexChunk, nil
}

// one indexes the record of a result row.
func (x *indexing) one(values []driver.Value) (err error) {
	if x.columns, err = x.list.unpack(x.columns, x.room, values); err != nil {
		return fmt.Errorf("%s: %w", x.table.resource, err)
	}
	id := x.columns[0].Int()
	if x.columns[1].Int() == stateDeleted {
		return x.put(indexNone, id, nil)
	}
	rec := core.Record{Resource: x.table.resource}
	if err := x.table.content(&x.arena, x.columns[3:], x.columns[2].Str(), &rec); err != nil {
		return fmt.Errorf("%s %d: %w", rec.Resource, id, err)
	}
	x.words = appendWords(x.words[:0], &rec)
	if id <= x.known {
		return x.put(indexAgain, id, x.words)
	}
	return x.put(indexNew, id, x.words)
}

// put has the statement run for a record soon, behind those before it.
func (x *indexing) put(statement *phrase, id int64, words []byte) error {
	if x.next.statement != statement || x.next.rows.Size() >= indexBytes {
		if err := x.write(); err != nil {
			return err
		}
		x.next.statement = statement
	}
	x.next.rows.Int(1, searchID(x.table, id))
	if statement != indexNone {
		x.next.rows.TextBytes(2, words)
	}
	x.next.rows.End()
	return nil
}

// write runs the statement for the records that wait for it.
func (x *indexing) write() error {
	if x.next.rows.Len() == 0 {
		return nil
	}
	err := x.t.put(x.next)
	x.next.rows.Empty()
	return err
}
