//go:build linux

package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// template makes an empty database with the tables and indexes that Fieldsync
// has after a pull, so that the limit of a pull writes into the same.
func (b *bench) template(ctx context.Context) (string, error) {
	peer, err := b.peer(300, 1)
	if err != nil {
		return "", err
	}
	defer peer.stop()
	n := b.newNode("template")
	if err := n.join(ctx, peer.url, string(masterTable)); err != nil {
		return "", err
	}
	if _, err := n.sync(ctx, created(300)); err != nil {
		return "", err
	}
	name := filepath.Join(b.work, "template.db")
	if err := copyFile(name, n.database()); err != nil {
		return "", err
	}
	return name, empty(ctx, name)
}

// empty removes all records from a database and keeps the tables.
func empty(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // every statement has said how it went
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'r\_%' ESCAPE '\' OR name IN ('base', 'history', 'tick'))`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		tables = append(tables, table)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %q`, table)); err != nil {
			return err
		}
	}
	for _, statement := range []string{`UPDATE resource SET indexed = 0`, `INSERT INTO search (search) VALUES ('delete-all')`, `VACUUM`} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// searchFilled reports whether a pull fills the full-text index, so that the
// limit has to as well.
func searchFilled(ctx context.Context, database string) (filled bool, err error) {
	db, err := sql.Open("sqlite3", "file:"+database+"?mode=ro")
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }() // it was only read
	err = db.QueryRowContext(ctx, `SELECT max(indexed) > 0 FROM resource`).Scan(&filled)
	return filled, err
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	for _, left := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(to + left); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.Copy(out, in)
	return err
}

// copyFolder copies a data folder of a program that is not running.
func copyFolder(to, from string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.CopyFS(to, os.DirFS(from))
}
