package intake

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Reject sets a record aside that could not be read, with its reason and
// content, and counts it.
func Reject(ctx context.Context, tx Tx, rules *Rules, l core.Link, reason, details, content string) (core.Counts, error) {
	var counts core.Counts
	counts.Count(core.StateQuarantined)
	if l.UUID == "" {
		l.UUID = "unknown"
	}
	return counts, tx.AddQuarantine(ctx, core.Quarantine{
		RepositoryID: rules.Repository, Run: rules.Run, Record: l, Reason: reason, Details: details, Content: content, Since: rules.Now,
	})
}

// Retry applies a quarantined record again. ok is false if its content still
// cannot be read.
func Retry(ctx context.Context, tx Tx, rules *Rules, q core.Quarantine) (counts core.Counts, ok bool, err error) {
	rec, parseErr := s3xml.ParseRecord(q.Content)
	if parseErr != nil {
		return counts, false, tx.AddQuarantine(ctx, q)
	}
	if err := tx.ClearQuarantine(ctx, q.RepositoryID, q.Record, false); err != nil {
		return counts, true, err
	}
	counts, err = Apply(ctx, tx, rules, &rec)
	return counts, true, err
}

func encode(rec *core.Record) string { return string(s3xml.AppendRecord(nil, rec)) }
