package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// A querier reads: a pool, a connection, or a transaction on one.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// A writer is the one connection that writes, with its prepared statements. It
// is used by whoever holds DB.turn.
type writer struct {
	conn  *sql.Conn
	raw   *sqlite3.SQLiteConn
	stmts map[string]*stmt
	found map[*phrase]*stmt // of those, by what asked for them

	ending ending // of its transactions

	gathered []gathered // what the transaction has still to write
	behind   []gathered // what is written beside it

	newcomers map[int64]*newcomers // by resource; nil: every record of it is looked for
	empty     []int64              // the resources that have newcomers, in the order in which they were met
	version   int64                // PRAGMA data_version when they were known to be complete
}

// A phrase is an SQL text that is run for every record: its statement is found without a
// look at the text, which is long.
type phrase struct {
	text    string
	several string // the same for severalRows rows, where that is quicker; only of those that are gathered
}

// checkpointPages is how long the write-ahead log grows, in pages of 4 KiB, before
// it is copied into the database. The indexes of a large table are touched all
// over by every page of a pull: what is copied seldom is copied once for many.
const (
	checkpointPages = 4000
	pageSize        = 4 << 10
)

func newWriter(ctx context.Context, pool *sql.DB) (*writer, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, stmts: make(map[string]*stmt), found: make(map[*phrase]*stmt), newcomers: make(map[int64]*newcomers)}
	if w.raw, err = rawConn(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := w.keepLog(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// keepLog says when the log is copied, and that its file stays: whoever closes the database
// last copies and empties it. To remove it, and the one with its index, and to make both
// anew is a good part of what a process costs that finds nothing to do. A log that has
// grown beyond the length at which it is copied is cut to it, once it is copied.
func (w *writer) keepLog() error {
	_, err := w.raw.Exec(fmt.Sprintf(`PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d`, checkpointPages, checkpointPages*pageSize), nil)
	return errors.Join(err, w.raw.SetFileControlInt("main", sqlite3.SQLITE_FCNTL_PERSIST_WAL, 1))
}

// rawConn returns the driver's own connection, which stays conn's.
func rawConn(conn *sql.Conn) (raw *sqlite3.SQLiteConn, err error) {
	err = conn.Raw(func(c any) error {
		var ok bool
		if raw, ok = c.(*sqlite3.SQLiteConn); !ok {
			return fmt.Errorf("unexpected driver connection %T", c)
		}
		return nil
	})
	return raw, err
}

func (w *writer) close() error {
	return errors.Join(w.forget(), w.conn.Close())
}

// forget closes all prepared statements, those of put_rows too.
func (w *writer) forget() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.prepared.Close())
	}
	clear(w.stmts)
	clear(w.found)
	_, err := w.raw.Exec(packrow.Release, nil)
	return errors.Join(append(errs, err)...)
}

// prepare returns the statement for the SQL text, prepared once.
func (w *writer) prepare(query string) (*stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	prepared, err := w.raw.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, query)
	}
	s := &stmt{prepared: prepared.(*sqlite3.SQLiteStmt)}
	w.stmts[query] = s
	return s, nil
}

// find is prepare for a phrase.
func (w *writer) find(q *phrase) (*stmt, error) {
	if s := w.found[q]; s != nil {
		return s, nil
	}
	s, err := w.prepare(q.text)
	if err == nil {
		w.found[q] = s
	}
	return s, err
}

// An ending is what a transaction's end waits for.
type ending int

const (
	waited   ending = iota // until the disk has all of it
	unwaited               // until the operating system has it
)

// ends sets how transactions end from now on. A PRAGMA does it when it is prepared: this
// one must not be kept.
func (w *writer) ends(as ending) error {
	if w.ending == as {
		return nil
	}
	pragma := `PRAGMA synchronous = FULL`
	if as == unwaited {
		pragma = `PRAGMA synchronous = NORMAL`
	}
	if _, err := w.raw.Exec(pragma, nil); err != nil {
		return err
	}
	w.ending = as
	return nil
}

// A stmt is a prepared statement of the writer. It bypasses database/sql, which
// costs more than SQLite itself on a row of fifty small values. Every statement
// runs through the driver's query path: it binds all arguments and takes the first
// step in one crossing to C, and runs a statement without result rows to its end.
type stmt struct {
	prepared *sqlite3.SQLiteStmt
	args     []driver.NamedValue
	row      []driver.Value
	mute     bool // it has no result rows, and has run to its end when start returns
}

func (s *stmt) start(args []driver.Value) (driver.Rows, error) {
	for len(s.args) < len(args) {
		s.args = append(s.args, driver.NamedValue{Ordinal: len(s.args) + 1})
	}
	s.args = s.args[:len(args)]
	for i, a := range args {
		s.args[i].Value = a
	}
	// The context's end is looked at between statements, not inside one.
	return s.prepared.QueryContext(context.Background(), s.args)
}

// run executes a statement that returns nothing.
func (s *stmt) run(args ...driver.Value) error {
	rows, err := s.start(args)
	if err != nil || s.mute { // nothing is left to be closed: that is a crossing to C of its own
		return err
	}
	s.mute = len(rows.Columns()) == 0
	return rows.Close()
}

// first returns the first row, valid until the statement is used again; ok is
// false if there is none.
func (s *stmt) first(args ...driver.Value) (row []driver.Value, ok bool, err error) {
	rows, err := s.start(args)
	if err != nil {
		return nil, false, err
	}
	if s.row == nil {
		s.row = make([]driver.Value, len(rows.Columns()))
	}
	err = rows.Next(s.row)
	if closeErr := rows.Close(); closeErr != nil && err == nil {
		err = closeErr
	}
	if errors.Is(err, io.EOF) {
		return nil, false, nil
	}
	return s.row, err == nil, err
}

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func asBlob(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}
