package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// databaseName is the database's file in the data folder.
const databaseName = "fieldsync.db"

// Options say where a store lies and what it uses of its surroundings.
type Options struct {
	// Dir is the data folder; it is made, for its owner alone, if it is absent.
	Dir string
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Log may be nil.
	Log *slog.Logger
	// Free returns the bytes that are free on the disk of a folder; nil if there
	// is no telling.
	Free func(dir string) (uint64, error)
	// Secrets keeps the passwords; the operating system's keyring, or an
	// encrypted file where there is none, if nil.
	Secrets Secrets
	// Machine is a fingerprint of this computer, by which a copied data folder is
	// recognised; "" if it is not known.
	Machine string
	// Outside is a folder that a backup of Dir does not bring back: what the store
	// remembers there tells that it was restored as a whole. "" if there is none.
	Outside string
	// Version is the program's: what another version had to set aside is tried
	// again. "" if it does not matter.
	Version string

	alone bool // the caller holds lockAll
}

func (o Options) clock() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

func (o Options) logger() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// A DB is the store of one data folder. Its methods may be called from any
// goroutine. One transaction writes at a time, here and in all other processes;
// reading never waits for it.
type DB struct {
	dir     string
	now     func() time.Time
	log     *slog.Logger
	free    func(dir string) (uint64, error)
	secrets Secrets
	machine string
	outside string // see Options.Outside
	version string

	readers  *sql.DB
	writers  *sql.DB // exactly one connection, held in writer
	writer   *writer
	turn     chan struct{}                      // one slot: whoever has put a value in may use writer
	giveWay  atomic.Pointer[context.CancelFunc] // of who writes aside; see aside
	awaiting atomic.Int32                       // how many wait for their turn
	resting  *time.Timer                        // until the writer rests

	catalog atomic.Pointer[catalog] // the resource tables as last committed

	exports trails
	places  placeKeeper
	kin     kinKeeper

	unshare func() // gives up the lock that says that the folder is in use; may be nil

	closed atomic.Bool
	marked atomic.Bool // noteDamage has written its mark

	mu   sync.Mutex // guards runs
	runs map[int64]bool
}

var (
	_ intake.Store       = (*DB)(nil)
	_ replicate.Store    = (*DB)(nil)
	_ responder.Elements = (*DB)(nil)
	_ intake.Tx          = (*tx)(nil)
)

// Open opens the store in o.Dir, makes or migrates it as needed, and gives the
// node its identity at the first time. The error is a Problem: StoreTooNew,
// StoreDamaged, StoreLocked, DiskFull, FileUnreadable for the folder.
func Open(ctx context.Context, o Options) (*DB, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, &core.Problem{Op: "open store", Kind: core.FileUnreadable, Subject: o.Dir, Err: err}
	}
	db := &DB{dir: o.Dir, now: o.clock(), log: o.logger(), free: o.Free, secrets: o.Secrets, machine: o.Machine, outside: o.Outside, version: o.Version,
		turn: make(chan struct{}, 1), places: placeKeeper{wanted: make(chan Order, 1)}, runs: make(map[int64]bool)}
	db.resting = time.AfterFunc(restAfter, db.rest)
	db.resting.Stop() // until something is written
	var err error
	if !o.alone {
		err = db.share()
	}
	if err == nil {
		err = db.open(ctx)
	}
	if err != nil {
		return nil, problem("open store", errors.Join(err, db.Close()))
	}
	return db, nil
}

func (db *DB) open(ctx context.Context) error {
	path := filepath.Join(db.dir, databaseName)
	if err := packrow.Register(); err != nil {
		return err
	}
	files, err := migrations()
	if err != nil {
		return err
	}
	if db.writers, err = openWriters(path); err != nil {
		return err
	}
	if err := migrateOn(ctx, db.writers, path, files, db.now(), db.log); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	if err := os.Chmod(db.dir, 0o700); err != nil { // for its owner alone, also if it was made by hand
		db.log.Warn("The data folder may be readable by others", "dir", db.dir, "err", err)
	}
	if db.readers, err = sql.Open("sqlite3", dataSource(path, reading)); err != nil {
		return err
	}
	readers := max(4, runtime.NumCPU())
	db.readers.SetMaxOpenConns(readers)
	db.readers.SetMaxIdleConns(readers)
	if db.writer, err = newWriter(ctx, db.writers); err != nil {
		return err
	}
	if err := db.checkMark(ctx); err != nil {
		return err
	}
	cat, err := glanceAtCatalog(ctx, db.writer.conn)
	if err != nil {
		return err
	}
	db.catalog.Store(cat)
	if err := db.makeNode(ctx); err != nil {
		return err
	}
	if err := db.settleIn(ctx); err != nil {
		return err
	}
	if err := db.noteProgram(ctx, db.version); err != nil {
		return err
	}
	if db.secrets == nil {
		db.secrets, err = openSecrets(ctx, db)
	}
	return err
}

// Close waits for a write under way and closes the database. Closing it again
// does nothing.
func (db *DB) Close() error {
	if db.closed.Swap(true) {
		return nil
	}
	db.resting.Stop()
	var errs []error
	if db.writer != nil {
		db.turn <- struct{}{}
		errs = append(errs, db.writer.close())
		<-db.turn
	}
	// Who closes the database last copies the log into it: the writer, which has waited
	// for the log's folder already; a reader would have to do that first.
	for _, pool := range []*sql.DB{db.readers, db.writers} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if db.unshare != nil {
		db.unshare()
	}
	return errors.Join(errs...)
}

// Dir returns the data folder.
func (db *DB) Dir() string { return db.dir }

type purpose int

const (
	reading purpose = iota
	writing
	// scratching reads the database and may write temporary tables of its own.
	scratching
	// emptying copies the log into the file, and waits for nobody.
	emptying
)

// statementCache is how many prepared statements a connection keeps besides the
// writer's own: to prepare one again costs several times what most of them do.
const statementCache = "128"

// dataSource returns the driver's address of the database. The pragmas stand
// here because the pool opens connections as it likes, and each needs them. A
// connection serves one goroutine at a time, so SQLite need not lock it again.
//
// synchronous is FULL for the writer: in WAL mode NORMAL may forget the last
// commits when the power fails, and an edit that was acknowledged must not be
// forgotten. At a transaction for each page of a pull it costs nothing that could
// be measured.
func dataSource(path string, p purpose) string {
	slashed := filepath.ToSlash(path)
	if abs, err := filepath.Abs(path); err == nil {
		slashed = filepath.ToSlash(abs)
	}
	if slashed[0] != '/' {
		slashed = "/" + slashed // a Windows drive
	}
	address := url.URL{Scheme: "file", Path: slashed}
	// Only the writer comes back to the same pages again and again.
	pragmas := url.Values{"_busy_timeout": {"10000"}, "_cache_size": {"-2048"}, "_stmt_cache_size": {statementCache}, "_mutex": {"no"}}
	switch p {
	case writing:
		pragmas.Set("_cache_size", "-8192")
		pragmas.Set("_txlock", "immediate")
		pragmas.Set("_foreign_keys", "on")
		pragmas.Set("_journal_mode", "WAL")
		pragmas.Set("_synchronous", "FULL")
	case reading:
		pragmas.Set("_query_only", "on")
	case scratching:
		pragmas.Set("mode", "ro")
	case emptying:
		pragmas.Set("_busy_timeout", "0")
	}
	return fmt.Sprintf("%s?%s", address.String(), pragmas.Encode())
}
