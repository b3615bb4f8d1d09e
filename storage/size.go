package storage

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Size returns how many bytes the data folder takes: database, fetched files,
// backups, logs.
func (db *DB) Size() (bytes int64, err error) {
	err = filepath.WalkDir(db.dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // gone since the folder was read
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, problem("measure data folder", err)
}
