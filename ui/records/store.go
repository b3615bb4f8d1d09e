package records

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
)

// A Mark restricts a list to records a person has to know about.
type Mark string

// The marks.
const (
	MarkAny      Mark = ""
	MarkUnsent   Mark = "unsent"
	MarkRefused  Mark = "refused"
	MarkConflict Mark = "conflict"
	MarkDeleted  Mark = "deleted"
)

// A Kind is a resource with records here.
type Kind struct {
	Resource core.Resource
	Records  int
}

// A Query selects records of one resource.
type Query struct {
	Resource core.Resource
	Search   string
	Sort     string // a field or SortChanged; "" for the record's name
	Desc     bool
	Mark     Mark
	Since    core.MTime // changed at or after it; 0: whenever
	After    string     // ListPage.Next of the page before
	Limit    int
}

// A ListPage is a stretch of a list.
type ListPage struct {
	Rows []Row
	Next string // "" at the end
}

// A Row is a record with what a person has to know of it.
type Row struct {
	Record                    core.Record
	Unsent, Refused, Conflict bool
}

// A Store is what the page needs of the replica. Where a single thing is asked
// for and does not exist, the error is core.ErrNotFound.
type Store interface {
	transfer.Store
	Repositories(ctx context.Context) ([]core.Repository, error)
	// Attachment and SaveAttachment are the content of an upload field.
	Attachment(ctx context.Context, l core.Link, field string) (core.Attachment, []byte, error)
	SaveAttachment(ctx context.Context, a core.Attachment, content []byte) error

	Kinds(ctx context.Context) ([]Kind, error)
	ListRecords(ctx context.Context, q Query) (ListPage, error)
	Schema(ctx context.Context, r core.Resource) (core.Schema, error)
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// Row is Record with its marks.
	Row(ctx context.Context, l core.Link) (Row, error)
	Components(ctx context.Context, l core.Link) ([]core.Record, error)
	History(ctx context.Context, l core.Link) ([]core.Version, error)
	// ConflictsOf returns all conflicts of a record, decided ones too, newest first.
	ConflictsOf(ctx context.Context, l core.Link) ([]core.Conflict, error)
	QuarantinesOf(ctx context.Context, l core.Link) ([]core.Quarantine, error)

	// SaveRecord makes rec the present version; an empty UUID makes a new
	// record. If seen is not zero and not the content that stands, it is
	// refused: somebody else changed the record meanwhile.
	SaveRecord(ctx context.Context, rec core.Record, seen core.Hash, by string) (core.Record, error)
	// DeleteRecord returns how many components were deleted with the record.
	DeleteRecord(ctx context.Context, l core.Link, by string) (along int, err error)
	Undelete(ctx context.Context, l core.Link, by string) error
	Restore(ctx context.Context, version int64, by string) error
	// RestoreLost makes the server's version that a conflict was decided against
	// the present one.
	RestoreLost(ctx context.Context, conflict int64, by string) error

	// Setting returns what is remembered under a key.
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
}
