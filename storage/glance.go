package storage

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
)

// Glance returns how a person likes the window, for a window that is shown because
// the database cannot be opened: what can be read of it, else what the newest copy
// says, else nothing. It changes nothing and tells no error.
func Glance(ctx context.Context, dir string) core.Preferences {
	paths := []string{filepath.Join(dir, databaseName)}
	if copies, err := Backups(dir); err == nil && len(copies) > 0 {
		paths = append(paths, copies[0].Path)
	}
	for _, path := range paths {
		if p, err := glance(ctx, path); err == nil {
			return p
		}
	}
	return core.Preferences{}
}

func glance(ctx context.Context, path string) (p core.Preferences, err error) {
	pool, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	err = each(ctx, pool, `SELECT key, value FROM setting`, nil, func(rows *sql.Rows) error {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		switch key {
		case settingLanguage:
			p.Language = value
		case settingLook:
			p.Look = value
		case settingTextSize:
			p.TextSize, _ = strconv.Atoi(value) // 0 is the usual size
		}
		return nil
	})
	return p, err
}
