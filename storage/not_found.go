package storage

import (
	"database/sql"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// notFound turns "no rows" into core.ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return core.ErrNotFound
	}
	return err
}
