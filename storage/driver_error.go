package storage

import (
	"context"
	"errors"
	"io/fs"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/fieldsync/fieldsync/core"
)

// problem turns what SQLite and the file system report into what a person may
// read. Problems, core.ErrNotFound and the end of a context pass unchanged; an
// error that is none of the driver's stays what it is, with op in front of it.
func problem(op string, err error) error {
	if err == nil || errors.Is(err, core.ErrNotFound) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var p *core.Problem
	if errors.As(err, &p) {
		if p.Op == "" {
			p.Op = op
		}
		return err
	}
	kind := troubleOf(err)
	subject := ""
	if kind == core.FileUnreadable {
		subject = databaseName
	}
	return &core.Problem{Op: op, Kind: kind, Subject: subject, Err: err}
}

func troubleOf(err error) core.Trouble {
	var s sqlite3.Error
	if errors.As(err, &s) {
		switch s.Code {
		case sqlite3.ErrFull:
			return core.DiskFull
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return core.StoreLocked
		case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
			return core.StoreDamaged
		case sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrPerm:
			return core.FileUnreadable
		case sqlite3.ErrIoErr:
			if core.IsDiskFull(s.SystemErrno) {
				return core.DiskFull
			}
		}
		return core.Internal
	}
	if core.IsDiskFull(err) {
		return core.DiskFull
	}
	if errors.Is(err, fs.ErrPermission) {
		return core.FileUnreadable
	}
	return core.Internal
}
