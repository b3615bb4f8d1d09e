package replicate

import (
	"context"
	"io"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Peer is the repository while we talk to it. Every error is a *core.Problem.
// All methods respect ctx and have a deadline of their own.
type Peer interface {
	// Probe finds out who answers and what the clock there says. It needs no
	// registration.
	Probe(ctx context.Context) (Identity, error)
	// Register makes us known at the peer and returns its UUID, "" if it did
	// not tell.
	Register(ctx context.Context, node core.Node) (sender string, err error)
	// Pull fetches one page and hands each top-level record to yield as it
	// arrives, with its components nested; master is true for records of the
	// resource asked for, false for referenced ones that came along. A record
	// that cannot be read is handed over as bad instead, and the page goes on.
	// An error of yield ends the pull and is returned as it is.
	Pull(ctx context.Context, req PullRequest, yield func(rec *core.Record, master bool, bad *BadRecord) error) (PullReply, error)
	// Push sends the records in one document and returns what the peer said of
	// each. It does not prove delivery.
	Push(ctx context.Context, req PushRequest) (PushReply, error)
	// Delete deletes one record of an Eden by itself, as a person does in the
	// browser; rec is as the peer shows it, with its URL. It does not prove it.
	Delete(ctx context.Context, rec *core.Record) error
	// Attach hands over the files of one record of an Eden, which lie in its fields as
	// data: addresses, as a browser's form does. It does not prove it.
	Attach(ctx context.Context, rec *core.Record) error
	// Inventory lists all records of a resource with their components, by uuid
	// and stamp, without fields. A Problem UnknownResource if the peer
	// cannot do it: then a full pull takes its place.
	Inventory(ctx context.Context, task core.Task, yield func(core.InventoryLine) error) error
	// Exceeds reports whether a resource has more than n masters, without reading them.
	// A Problem UnknownResource if the peer cannot tell.
	Exceeds(ctx context.Context, task core.Task, n int) (bool, error)
	// Fetch gets an uploaded file of at most max bytes and writes it to w. Only
	// the repository's own host is asked. An error of w is returned as it is.
	Fetch(ctx context.Context, url string, max int64, w io.Writer) error
	// Columns asks which fields a resource's table has; nil if the peer does not
	// tell.
	Columns(ctx context.Context, resource core.Resource) (map[string]bool, error)
	// Schema asks the introspection endpoints for a resource.
	Schema(ctx context.Context, resource core.Resource) (core.Schema, error)
}

// An Identity is what a probe found.
type Identity struct {
	UUID string // "" if the peer did not tell
	// Offset is the peer's clock minus ours, from the Date header; Known is
	// false if there was none.
	Offset      time.Duration
	OffsetKnown bool
	Server      string // what the Server or X-Powered-By header says, for the log
	// Remembers is the token that a Fieldsync was given last by a node of our
	// identity, before this probe; "" if none.
	Remembers string
}

// A PullRequest asks for records of one resource.
type PullRequest struct {
	Resource core.Resource
	Filters  []core.Filter
	Since    core.MTime // zero: all
	// SkipOwn asks a Fieldsync to leave out of what is new since then what it has
	// from us, exactly as we sent it.
	SkipOwn bool
	UUIDs   []string // only these, if not empty
	// Along are, for each of UUIDs, other records of the resource that must be named in the
	// same question to an Eden, which shows references to no others. They are not handed over.
	Along map[string][]string
	// Leads, if not nil, has an Eden first asked to what UUIDs point in their own table, to name
	// that along with them. It learns how they are dated there, before the first record is handed
	// over; nothing, if that cannot be asked.
	Leads map[core.Link]core.MTime
	// Room, if not nil, tells where the record lies that is read next.
	Room func() *core.Room
	// Recognise, if not nil, is what the peer's records are known by.
	Recognise *Recognition
	// Start and Limit ask for a page. A peer that cannot page sends everything;
	// the reply says so. Limit 0 asks for everything.
	Start, Limit int
}

// A Recognition spares the reading of what came before. With it every record that is
// handed over has its Digest.
type Recognition struct {
	Key core.DigestKey // of the store's digests
	// Ask, if not nil, marks the records that are known. It may be called with
	// several elements at once, and may not keep the slice.
	Ask func([]core.Sighting) error
	// Pass is told instead of yield of an element whose records are all known, the
	// top-level record first. It may not keep the slice.
	Pass func(records []core.Sighting, master bool) error
}

// A PullReply describes the page that was handed over.
type PullReply struct {
	Masters int
	Paged   bool // false: everything was sent, whatever Limit said
	Native  bool // it came through the resource's own controller, which may hide records
	Bytes   int64
	Dropped int // account records, unread
	// PeerTime is the peer's clock at the reply; zero if it did not tell.
	PeerTime time.Time
}

// A BadRecord is a record of the peer that cannot be read.
type BadRecord struct {
	Link    core.Link // as far as it could be read
	Reason  string    // for a person
	Err     error     // line and element
	Content string    // the element, cut at 64 KiB
}

// A PushRequest is one batch.
type PushRequest struct {
	Resource core.Resource
	Records  []core.Record // masters with the components to send nested, mci as it goes on the wire
	Related  []core.Record // referenced records the peer lacks, and stubs for super-keys
	// More, if not nil, returns what the document goes on with after those, until it
	// returns no record. It is called by one goroutine at a time, and not after Push
	// has returned. Only a Fieldsync is sent such a document: it is not known how long
	// it will be, and it cannot be sent twice.
	More     func() (records, related []core.Record, err error)
	Strategy core.Strategy
	Update   core.Policy // as stored here; the receiver swaps THIS and OTHER
	Conflict core.Policy
	// Enforce asks for the resource's own controller, the only one that honours
	// transferred policies (spec eden-sync-protocol §10.3).
	Enforce bool
	// Seals asks a Fieldsync for the seals of what stands there afterwards as it was
	// sent.
	Seals bool
}

// A PushReply is what the peer said.
type PushReply struct {
	Message string
	// Refused are the records the peer named in its error tree with its words.
	Refused map[core.Link]string
	// Seals are those of the records that the peer has stored, and has now, as they
	// were sent; nil from an Eden.
	Seals map[core.Seal]bool
}
