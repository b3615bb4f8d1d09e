package storage

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// copyPart is how much of a file is copied at a time, in bytes.
const copyPart = 256 << 10

// copyDatabase copies the file of a database to path as it lies, if that is all of the
// database, and reports whether it was; if not, nothing is written. It is a third of the
// work of reading every row and writing it again.
//
// The file is the database where the log is empty once a transaction reads: what others
// write from then on goes into the log, and no checkpoint takes a page from there into the
// file before that transaction ends, as it still reads the one that it would replace
// (sqlite.org/wal.html, section 2.1). A file without a log is locked for writing meanwhile.
func copyDatabase(ctx context.Context, db *sql.DB, path string) (whole bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var name string
	var size int64
	err = tx.QueryRowContext(ctx, `SELECT d.file, c.page_count * s.page_size FROM pragma_database_list d, pragma_page_count c, pragma_page_size s WHERE d.name = 'main'`).Scan(&name, &size)
	if err != nil {
		return false, err
	}
	if log, err := os.Stat(name + "-wal"); err == nil && log.Size() > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false, err
	}
	err = copyParts(ctx, tx, out, size)
	if err == nil {
		err = out.Sync()
	}
	return true, errors.Join(err, out.Close())
}

// emptyLog copies the log into the file, if nobody reads or writes at the moment: it waits
// for nobody. What it cannot do is no trouble.
func emptyLog(ctx context.Context, path string) {
	db, err := sql.Open("sqlite3", dataSource(path, emptying))
	if err != nil {
		return
	}
	_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`) // the copy is made by rows then
	_ = db.Close()                                                // nothing of it is waited for
}

// copyParts copies so many bytes of the file that tx reads.
func copyParts(ctx context.Context, tx *sql.Tx, out *os.File, size int64) error {
	parts, err := tx.PrepareContext(ctx, `SELECT file_part(?, ?)`)
	if err != nil {
		return err
	}
	defer parts.Close()
	for at := int64(0); at < size; {
		n, err := copyOne(ctx, parts, out, at, min(copyPart, size-at))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("the file ends after %d of %d bytes", at, size)
		}
		at += int64(n)
	}
	return nil
}

// copyOne copies the part that begins at a byte, and returns how long it was.
func copyOne(ctx context.Context, parts *sql.Stmt, out *os.File, at, size int64) (n int, err error) {
	rows, err := parts.QueryContext(ctx, at, size)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return 0, rows.Err()
	}
	var part sql.RawBytes // the driver's own: not copied once more
	if err := rows.Scan(&part); err != nil {
		return 0, err
	}
	if at == 0 {
		part = bytes.Clone(part)
		withoutLog(part)
	}
	return out.Write(part)
}

// withoutLog has a file say that no log belongs to it, so that it can be read where none
// can be made: bytes 18 and 19 of its head (sqlite.org/fileformat2.html, section 1.3.3).
func withoutLog(head []byte) {
	if len(head) > 19 {
		head[18], head[19] = 1, 1
	}
}
