package intake

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
)

// A Store is where received records are applied.
type Store interface {
	// Import runs fn inside one write transaction and commits it. If fn returns
	// an error everything is rolled back and that error is returned. fn may be
	// called only once and must not keep tx.
	Import(ctx context.Context, fn func(tx Tx) error) error
	// Awaited reports whether somebody else in this process waits to write: a
	// transaction that can end gives way.
	Awaited() bool
}

// A Tx is the store inside one transaction. Resources and field names given to
// it have been checked (core.Resource.Valid, core.ValidField). repo is the
// repository's local id.
type Tx interface {
	// Head returns the short view of a record towards one repository; the zero
	// Head (Known false) if there is no such record. A base may exist without
	// the record being known only if it was purged.
	Head(ctx context.Context, repo int64, l core.Link) (core.Head, error)
	// Knows reports whether a record of any table has that uuid.
	Knows(ctx context.Context, uuid string) (bool, error)
	// Expect says which records are about to be asked for with Head, so that they
	// can be looked up together. It changes nothing but the time it takes.
	Expect(ctx context.Context, repo int64, links []core.Link) error
	// Record returns our version, deleted ones included, without components;
	// core.ErrNotFound if there is none.
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// Base returns the version last agreed with the repository;
	// core.ErrNotFound if there is none.
	Base(ctx context.Context, repo int64, l core.Link) (core.Record, error)
	// VersionByHash returns a former (or the present) version of the record that
	// has this content; core.ErrNotFound if it is not in the history.
	VersionByHash(ctx context.Context, l core.Link, h core.Hash) (core.Record, error)

	// Since returns the versions of the record that we had after that seq and have
	// replaced since, oldest first.
	Since(ctx context.Context, l core.Link, seq int64) ([]core.Record, error)

	// Put makes rec our version and gives it the next seq. The replaced version,
	// if any, goes to the history with change. Where a base of some other
	// repository than change.Origin relied on the replaced version being ours,
	// its content is saved first. rec.Components are not looked at. Neither here
	// nor in the other methods is anything kept of a record that was handed over but
	// its texts; its slices may not be changed in place before Head is asked again.
	Put(ctx context.Context, rec *core.Record, change core.Change) error
	// Touch sets stamp, mci, users, representations and the link to the master of
	// our version from rec, without a new seq and without history: the content is the same.
	Touch(ctx context.Context, rec *core.Record) error
	// SetBase notes that the repository has version rec, and that this was our
	// version when our seq was seq: core.SeqCurrent for our present version,
	// core.SeqNone for one that was never ours, so that ours still has to be
	// sent. rec is the full version, never a partial one.
	SetBase(ctx context.Context, repo int64, rec *core.Record, seq int64) error

	// SetUncertain notes that a version of ours, with that content, was sent to
	// a repository that is not known to have the record, dated so: whatever comes of it.
	// The first one stands until there is a base that is not deleted, dated as it was at the earliest
	// if it was sent more than once. Uncertain returns it; core.ErrNotFound if there is none.
	SetUncertain(ctx context.Context, repo int64, l core.Link, h core.Hash, modifiedOn core.MTime) error
	Uncertain(ctx context.Context, repo int64, l core.Link) (h core.Hash, modifiedOn core.MTime, err error)

	// SetDigest notes that the version on which both sides agree came as bytes with
	// this digest, in place of another one only if replace is set. It does nothing if
	// ours is not what was agreed on, or is deleted. SetBase stores rec.Digest;
	// whatever writes our version clears the digests of all repositories.
	SetDigest(ctx context.Context, repo int64, l core.Link, d core.Digest, replace bool) error

	// LostColumn notes that the repository's table has no column any more for a field
	// that a record had: when there is one again, the table must be looked at anew.
	LostColumn(ctx context.Context, repo int64, r core.Resource, field string) error

	// OpenConflict returns the conflict about the record that waits for a
	// person; core.ErrNotFound.
	OpenConflict(ctx context.Context, repo int64, l core.Link) (core.Conflict, error)
	// AddConflict stores c; a new one for the same repository and record
	// replaces an open one. It returns the id.
	AddConflict(ctx context.Context, c core.Conflict) (int64, error)
	// AddQuarantine stores q; one for the same repository, record and direction
	// is replaced, its attempts go on counting and Since stays.
	AddQuarantine(ctx context.Context, q core.Quarantine) error
	// ClearQuarantine removes the record's quarantine in that direction, if any.
	ClearQuarantine(ctx context.Context, repo int64, l core.Link, outgoing bool) error

	// Sealed does SetBase and AddDelivery for our present versions, where their
	// content is that of the delivery: the repository has them, dated as it says.
	// For the others it does nothing, and returns them. All are of one repository. No version
	// was read before since was the last number given out; 0 if nobody knows.
	Sealed(ctx context.Context, sealed []core.Sealing, since int64) (others []core.Sealing, err error)
	// AddDelivery notes that a repository was proved to have a version, for the
	// receipt.
	AddDelivery(ctx context.Context, d core.Delivery) error

	// SetCheckpoint stores how far the task's pull has got, with what it speaks
	// for. lastPull is stored only if it is not zero. It does nothing if the task has
	// other filters by now, or is gone: what came by the former ones says nothing of what
	// the others let in.
	SetCheckpoint(ctx context.Context, task core.Task, c core.Checkpoint, lastPull core.MTime) error
}
