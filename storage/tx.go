package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A tx is one write transaction. It serves one goroutine, and only until the
// function it was given to returns.
type tx struct {
	ctx     context.Context // of the transaction: a tx does not outlive its call
	db      *DB
	w       *writer
	now     core.MTime // read once, so that all of a transaction has one time
	catalog *catalog

	catalogChanged bool
	seq            int64 // the last one given out
	seqBefore      int64
	touched        bool   // rows were written that keep their numbers, or removed; see tableVersion
	run            string // whose changes the numbers from runFrom on are; "" a person's
	runFrom        int64

	hasher       core.Hasher
	blob         []byte
	packed       [2]packed               // the uuids stored last
	beside       beside                  // what is written beside
	failed       error                   // of those: the transaction is lost
	last         place                   // the record touched last
	found        *row                    // the row read last, until one is written
	expected     map[core.Link]*expected // see Expect; nil: there is no such record
	expectedBy   int64
	moved        map[int64]*moved             // by table: see movedSince
	nextID       map[int64]int64              // by table: the greatest _id in use
	conflicts    map[int64]map[core.Link]bool // open ones by repository, as first asked for
	refused      map[int64]map[core.Link]bool // outgoing quarantine by repository, as first asked for
	aside        map[int64]bool               // whether anything of a repository is set aside, as first asked
	repositories []int64
}

// Import runs fn inside one write transaction and commits it.
func (db *DB) Import(ctx context.Context, fn func(tx intake.Tx) error) error {
	return db.inTx(ctx, "import", func(t *tx) error { return fn(t) })
}

// inTx runs fn in a write transaction, commits if it returns nil and rolls back
// otherwise, also when it panics.
func (db *DB) inTx(ctx context.Context, op string, fn func(*tx) error) error {
	return db.inTxEnding(ctx, op, waited, fn)
}

// inTxUnwaited is inTx for what the disk is not waited for. When it returns, what was
// stored outlives the process, and a failure of the power from the next transaction on:
// nothing is on the disk without all that was stored before it.
func (db *DB) inTxUnwaited(ctx context.Context, op string, fn func(*tx) error) error {
	return db.inTxEnding(ctx, op, unwaited, fn)
}

func (db *DB) inTxEnding(ctx context.Context, op string, ends ending, fn func(*tx) error) error {
	if err := db.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-db.turn }()
	return db.noteDamage(problem(op, db.transact(ctx, ends, fn)))
}

func (db *DB) transact(ctx context.Context, ends ending, fn func(*tx) error) error {
	defer db.restLater()
	if err := db.writer.ends(ends); err != nil {
		return err
	}
	t := &tx{ctx: ctx, db: db, w: db.writer, now: core.MTimeOf(db.now()), nextID: make(map[int64]int64)}
	if err := t.begin(); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			t.rollback()
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if err := t.commit(); err != nil {
		return err
	}
	done = true
	if t.catalogChanged {
		db.catalog.Store(t.catalog)
		return t.w.forget() // those of the former columns are of no more use
	}
	return nil
}

func (t *tx) begin() error { return t.beginAs(`BEGIN IMMEDIATE`) }

func (t *tx) beginAs(statement string) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if err := t.hot(statement); err != nil {
		return err
	}
	counter, err := t.w.prepare(`SELECT seq, columns FROM counter`)
	if err == nil {
		var row []driver.Value
		if row, _, err = counter.first(); err == nil {
			t.seq, t.seqBefore = asInt(row[0]), asInt(row[0])
			err = errors.Join(t.loadCatalog(asInt(row[1])), t.meet())
		}
	}
	if err != nil {
		t.rollback()
	}
	return err
}

// loadCatalog takes the store's catalog, read anew if another process changed
// the tables.
func (t *tx) loadCatalog(version int64) (err error) {
	t.catalog = t.db.catalog.Load()
	if t.catalog.version == version {
		return nil
	}
	if t.catalog, err = loadCatalog(t.ctx, t.w.conn); err == nil {
		t.db.catalog.Store(t.catalog)
		err = t.w.forget() // those of the former columns are of no more use
	}
	return err
}

func (t *tx) commit() error {
	if err := t.flush(); err != nil {
		return err
	}
	if t.seq != t.seqBefore {
		if err := t.endStretch(); err != nil {
			return err
		}
		if err := t.hot(`UPDATE counter SET seq = ?`, t.seq); err != nil {
			return err
		}
		if err := t.hot(`INSERT OR IGNORE INTO tick (at, seq) VALUES (?, ?)`, int64(t.now), t.seqBefore+1); err != nil {
			return err
		}
	}
	if t.touched {
		if err := t.noteTouched(); err != nil {
			return err
		}
	}
	if t.catalogChanged {
		if err := t.exec(`UPDATE counter SET columns = ?`, t.catalog.version); err != nil {
			return err
		}
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	return t.hot(`COMMIT`)
}

// rollback undoes the transaction. SQLite may have done so by itself after a
// full disk or an I/O error; then there is nothing left to undo.
func (t *tx) rollback() {
	t.catchUp()
	t.w.gathered = noRows(t.w.gathered)
	if !t.w.raw.AutoCommit() {
		if _, err := t.w.raw.Exec(`ROLLBACK`, nil); err != nil {
			t.db.log.Error("Rollback failed", "err", err)
		}
	}
	if t.catalogChanged {
		if err := t.w.forget(); err != nil {
			t.db.log.Error("Closing statements failed", "err", err)
		}
	}
}

// exec runs a statement that is not worth keeping prepared.
func (t *tx) exec(query string, args ...driver.Value) error {
	if err := t.flush(); err != nil {
		return err
	}
	named := make([]any, len(args))
	for i, a := range args {
		named[i] = a
	}
	if _, err := t.w.conn.ExecContext(context.WithoutCancel(t.ctx), query, named...); err != nil {
		return fmt.Errorf("%w: %.80s", err, query)
	}
	return nil
}

// hot runs a statement that is kept prepared.
func (t *tx) hot(query string, args ...driver.Value) error {
	if err := t.flush(); err != nil {
		return err
	}
	s, err := t.w.prepare(query)
	if err != nil {
		return err
	}
	return s.run(args...)
}

// look runs a phrase that reads none of what is gathered and returns its first row.
func (t *tx) look(q *phrase, args ...driver.Value) ([]driver.Value, bool, error) {
	t.catchUp()
	if t.failed != nil {
		return nil, false, t.failed
	}
	s, err := t.w.find(q)
	if err != nil {
		return nil, false, err
	}
	return s.first(args...)
}

// first runs a statement that is kept prepared and returns its first row.
func (t *tx) first(query string, args ...driver.Value) ([]driver.Value, bool, error) {
	if err := t.flush(); err != nil {
		return nil, false, err
	}
	s, err := t.w.prepare(query)
	if err != nil {
		return nil, false, err
	}
	return s.first(args...)
}

// q returns the connection for ordinary reading inside the transaction. From now on nothing
// is written beside it (see ask).
func (t *tx) q() querier {
	_ = t.flush() // commit returns its error
	t.beside.shared = true
	return t.w.conn
}

// A view is a consistent look at the store: one read transaction.
type view struct {
	ctx     context.Context
	q       querier
	raw     *sqlite3.SQLiteConn // the same connection: see view.rows
	catalog *catalog
}

// read runs fn in a read transaction. It sees one moment's state, and the
// columns of that moment. The transaction is none of database/sql, which keeps a
// goroutine for each, and one more for each of its queries.
func (db *DB) read(ctx context.Context, op string, fn func(*view) error) (err error) {
	conn, err := db.readers.Conn(ctx)
	if err != nil {
		return problem(op, err)
	}
	defer func() {
		if closeErr := conn.Close(); closeErr != nil && err == nil {
			err = problem(op, closeErr)
		}
	}()
	v := &view{ctx: ctx, q: conn, catalog: db.catalog.Load()}
	if v.raw, err = rawConn(conn); err != nil {
		return problem(op, err)
	}
	if _, err := v.raw.Exec(`BEGIN`, nil); err != nil {
		return problem(op, err)
	}
	defer func() {
		endErr := v.end()
		if endErr != nil { // the next one to read must not find itself in this transaction
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		if endErr != nil && err == nil {
			err = problem(op, endErr)
		}
	}()
	var version int64
	if err := conn.QueryRowContext(context.WithoutCancel(ctx), `SELECT columns FROM counter`).Scan(&version); err != nil {
		return problem(op, err)
	}
	if version != v.catalog.version {
		// Changed by another process, or by a transaction that has not published
		// its catalog yet.
		if v.catalog, err = loadCatalog(ctx, conn); err != nil {
			return problem(op, err)
		}
	}
	return db.noteDamage(problem(op, fn(v)))
}

// end ends the view's transaction. SQLite may have done so by itself after an error.
func (v *view) end() error {
	if v.raw.AutoCommit() {
		return nil
	}
	_, err := v.raw.Exec(`ROLLBACK`, nil)
	return err
}

// readWarm is read by the connection that writes, for a short look between two
// transactions: it has in its cache what it wrote itself, and a reader's is emptied by
// every one of them. Nobody writes here meanwhile.
func (db *DB) readWarm(ctx context.Context, op string, fn func(*view) error) error {
	if err := db.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-db.turn }()
	return db.readHere(ctx, op, fn)
}

// readHere is read by the connection that writes, for whoever has the turn.
func (db *DB) readHere(ctx context.Context, op string, fn func(*view) error) error {
	t := &tx{ctx: ctx, db: db, w: db.writer}
	if err := t.beginAs(`BEGIN`); err != nil {
		return problem(op, err)
	}
	defer t.rollback() // there is nothing to keep
	return db.noteDamage(problem(op, fn(t.view())))
}

// view returns the transaction's own look at the store, its changes included.
func (t *tx) view() *view {
	return &view{ctx: t.ctx, q: t.q(), raw: t.w.raw, catalog: t.catalog}
}
