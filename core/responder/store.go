package responder

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A Store is what the passive side needs of the replica. A hub may put another
// database behind it.
type Store interface {
	intake.Store

	Node(ctx context.Context) (core.Node, error)
	// Account returns the login of that name; core.ErrNotFound.
	Account(ctx context.Context, name string) (core.Account, error)

	// PeerByUUID returns the repository with that identity, without its passwords;
	// core.ErrNotFound.
	PeerByUUID(ctx context.Context, uuid string) (core.Repository, error)
	// AddPeer stores a peer that registered itself and returns it with its id.
	AddPeer(ctx context.Context, r core.Repository) (core.Repository, error)
	SaveRepository(ctx context.Context, r core.Repository) error
	// Connected notes when a peer last called, and nothing else: a run with it may end just now.
	Connected(ctx context.Context, id int64, at core.MTime) error
	// RenamePeer notes by which name a peer calls itself now. It is shown by that, unless an
	// administrator here gave it another one.
	RenamePeer(ctx context.Context, id int64, told string) error
	// Shared returns the resources shared with everybody who may call; those of
	// a peer's own tasks are shared with it too.
	Shared(ctx context.Context) ([]core.Resource, error)
	Tasks(ctx context.Context, repo int64) ([]core.Task, error)

	// Export hands over records with their components nested, oldest change
	// first, and returns how many masters there were. yield may change a record, which
	// is its own until it returns: then the store may make the next ones in the same
	// place.
	Export(ctx context.Context, q ExportQuery, yield func(rec *core.Record) error) (masters int, err error)
	// Record returns our version without components; core.ErrNotFound.
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// Alive counts the records of a resource that are not deleted.
	Alive(ctx context.Context, resource core.Resource) (int, error)
	// Held returns the deletions of a peer that a brake put off: received
	// quarantines whose Reason is core.HeldDeletion; of all resources for "".
	Held(ctx context.Context, repo int64, resource core.Resource) ([]core.Quarantine, error)
	// DeletedBy counts the records of a resource that pushes of the peer deleted or merged
	// since then, if they still are. What a person here confirmed does not count.
	DeletedBy(ctx context.Context, repo int64, resource core.Resource, since core.MTime) (int, error)
	// BrakeOff reports whether a person said that deletions of the resource by this
	// peer are never held.
	BrakeOff(ctx context.Context, repo int64, resource core.Resource) (bool, error)
	// Braked returns up to which id of a quarantine deletions of the resource by this
	// peer were put before a person; SetBraked notes it.
	Braked(ctx context.Context, repo int64, resource core.Resource) (upTo int64, err error)
	SetBraked(ctx context.Context, repo int64, resource core.Resource, upTo int64) error
	// Schema returns what is known of the resource's fields.
	Schema(ctx context.Context, resource core.Resource) (core.Schema, error)

	// Remembers returns the token that the peer gave us last, "" if it never
	// did; Remember stores a new one (see core.Handshake).
	Remembers(ctx context.Context, repo int64) (string, error)
	Remember(ctx context.Context, repo int64, token string) error

	Seq(ctx context.Context) (int64, error)
	// Served notes the last pull by which the peer was given everything of the resource;
	// LastServed returns it, the zero Serving if there is none.
	Served(ctx context.Context, repo int64, resource core.Resource, s Serving) error
	LastServed(ctx context.Context, repo int64, resource core.Resource) (Serving, error)
	// Asked notes the last pull of the resource by a peer that is an Eden; LastAsked
	// returns it, nil if there is none.
	Asked(ctx context.Context, repo int64, resource core.Resource, a Asking) error
	LastAsked(ctx context.Context, repo int64, resource core.Resource) (*Asking, error)

	Attachment(ctx context.Context, l core.Link, field string) (core.Attachment, []byte, error)
	// SaveAttachment stores the content of an upload field.
	SaveAttachment(ctx context.Context, a core.Attachment, content []byte) error
	AddLog(ctx context.Context, e core.LogEntry) (core.LogEntry, error)
}

// A Serving is a pull after which the peer has everything of a resource.
type Serving struct {
	Seq   int64      // up to here
	Began core.MTime // when its first page was asked for, by our clock
}

// An Asking is a pull that was answered.
type Asking struct {
	Since core.MTime // 0: from the beginning
	Sent  int        // how many records it was given, components not counted
}

// Elements is a Store that can also write what it exports, without making a record of
// each row that goes out as it lies there. What it writes is to the byte what
// s3xml.AppendRecord writes of the records that Export hands over, once they are dressed.
type Elements interface {
	Store
	// ExportElements is Export for a document. yield takes a master: its uuid, and what
	// appends its element, which it calls at most once, and before it returns.
	ExportElements(ctx context.Context, q ExportQuery, dress Dress, yield func(uuid string, element func(b []byte) ([]byte, error)) error) (masters int, err error)
}

// A Dress is what becomes of stored records on their way to a peer.
type Dress interface {
	// Dress changes a record that has no components: of one whose fields are written without
	// it, as they stand, it gets everything else.
	Dress(ctx context.Context, rec *core.Record) error
	// Carries reports whether a component goes along, before it is dressed.
	Carries(component *core.Record) bool
	// Links reports whether Dress adds to a component that comes by itself whose it is: then
	// it gets that with its fields.
	Links() bool
	// Follows reports whether a reference into the table must be known; then it is given
	// to Refer, unless its record was dressed with its fields.
	Follows(resource core.Resource) bool
	Refer(reference *core.Value)
}

// An ExportQuery selects records for a peer.
type ExportQuery struct {
	Resource core.Resource
	// Since selects what was modified, or arrived here, at or after it: a record
	// that reached this node late is not hidden by its old stamp (spec
	// eden-sync-protocol W1). Zero: all.
	Since core.MTime
	// Except is a repository: what it has exactly as it stands here is left out, unless
	// a component of it is not. 0: nothing is.
	Except  int64
	Deleted bool // tombstones too
	Filters []core.Filter
	UUIDs   []string // only these, if not empty
	Start   int
	Limit   int // 0: all
	// Bare leaves out fields and references: for an inventory.
	Bare bool
	// NoComponents leaves components out.
	NoComponents bool
}
