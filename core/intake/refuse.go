package intake

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Refuse is a person's word that a deletion that was held is not to happen: the
// record stays and is sent again, later than the deletion, so that the repository
// takes it back. What is deleted here already, by whatever way, stays deleted.
func Refuse(ctx context.Context, tx Tx, q core.Quarantine, by string, now core.MTime) (kept bool, err error) {
	if err := tx.ClearQuarantine(ctx, q.RepositoryID, q.Record, false); err != nil {
		return false, err
	}
	present, err := tx.Record(ctx, q.Record)
	if errors.Is(err, core.ErrNotFound) || err == nil && present.Deleted {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	theirs, parseErr := s3xml.ParseRecord(q.Content)
	if parseErr != nil { // its stamp is not known; that it is deleted is
		theirs = present.Clone()
	}
	theirs.Deleted = true
	takeBasedOn(&theirs)
	present.ModifiedOn, present.ModifiedBy = max(now, present.ModifiedOn, theirs.ModifiedOn+1), by
	if err := tx.Put(ctx, &present, core.Change{Rule: "refused deletion", By: by, At: now}); err != nil {
		return false, err
	}
	return true, tx.SetBase(ctx, q.RepositoryID, &theirs, core.SeqNone)
}
