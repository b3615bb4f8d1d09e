package replicate

import (
	"context"
	"io"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A Store is what a run needs of the replica. Errors are *core.Problem where a
// person can do something about them (DiskFull, StoreLocked, StoreDamaged).
type Store interface {
	intake.Store

	Node(ctx context.Context) (core.Node, error)
	// Standing says whether the store is what it was when this node last used
	// it.
	Standing(ctx context.Context) (core.Standing, error)
	// Handshake gives out the next token for the repository, with the last of those that it
	// may remember, and keeps it first: also a run that breaks off is known of. A run
	// that begins with it, nil for none, is noted in the same transaction.
	Handshake(ctx context.Context, repo int64, begins *core.Run) (core.Handshake, error)
	// BearWitness keeps the token outside the database, too, so that a database that
	// does not know it is seen to be older. It may be called beside everything else.
	BearWitness(ctx context.Context, token string) error
	// Confirmed notes that the repository remembers the token now.
	Confirmed(ctx context.Context, repo int64, token string) error
	// Settled notes that a run saw all that the repository has after a person said
	// who is who: this node was restored, or the repository's older state is right.
	// What a later run meets is judged as ever.
	Settled(ctx context.Context, repo int64) error
	// Gave reports whether the repository was given the token at any time, and
	// whether after every one that it confirmed: then it may well remember it.
	Gave(ctx context.Context, repo int64, token string) (gave, since bool, err error)
	// HasOthers reports whether there is any other repository than that one.
	HasOthers(ctx context.Context, repo int64) (bool, error)
	// Shared returns the resources that others may pull from this node.
	Shared(ctx context.Context) ([]core.Resource, error)
	// Tasks returns the repository's tasks in the order they were added.
	Tasks(ctx context.Context, repo int64) ([]core.Task, error)
	// References returns, for every resource in the store, the resources its
	// fields point to as seen so far; components count as pointing to their
	// masters' resources.
	References(ctx context.Context) (map[core.Resource][]core.Resource, error)

	// ComponentTables returns the tables in which components of a table's records were ever
	// seen.
	ComponentTables(ctx context.Context, master core.Resource) ([]core.Resource, error)

	// DigestKey returns the key of the store's digests.
	DigestKey(ctx context.Context) (core.DigestKey, error)
	// Recognise returns a function for one pull, which marks the sightings on whose
	// version both sides agree and that came as these bytes when it was agreed on; that
	// nothing was written here since is part of it.
	Recognise(repo int64) func(ctx context.Context, sightings []core.Sighting) error

	// LostColumns returns the fields for which the repository's tables were found to
	// have no column (intake.Tx). ColumnsReturned forgets some of one table, lets
	// every task that brings its records pull all of them anew, and what was refused of
	// it be tried again.
	LostColumns(ctx context.Context, repo int64) (map[core.Resource][]string, error)
	ColumnsReturned(ctx context.Context, repo int64, resource core.Resource, fields []string) error

	// Sending notes which versions of ours are about to be sent to the repository, which is
	// not known to have the records: until that is settled they may be there though nobody
	// says so, also where this process is killed. What was noted before is settled, unless
	// more is set. A complete push settles all (Pushed).
	Sending(ctx context.Context, repo int64, list []core.Sending, more bool) error
	// Unheard notes of what is not settled, and of which the repository is not known to have
	// any version, that it may have arrived (intake.Tx). It does nothing where nothing is
	// left.
	Unheard(ctx context.Context, repo int64) error

	// Outgoing returns up to limit masters of the task's resource that, or
	// whose components, the repository lacks, oldest change first, from seq
	// after on. It leaves out records in an open conflict, those whose deletion a
	// brake holds, and those refused before, unless they changed since or are due again at now. For the task of
	// a component's table it returns the masters of the unsent components; for one that
	// is gone nothing. next is the value of after for the following call, 0 at the end. What is returned is
	// lent until the lending's next call; without one it is the caller's.
	Outgoing(ctx context.Context, task core.Task, now core.MTime, after int64, limit int, lending *core.Lending) (out []core.Outgoing, next int64, err error)
	// Awaiting returns the records whose deletion the task is to send, and to which another one
	// points in the version that the repository has, of which it is to be sent a later one. A
	// component that has no task of its own does not count to its master. What is refused or in
	// conflict is awaited by nobody.
	Awaiting(ctx context.Context, task core.Task, now core.MTime) (map[core.Link]bool, error)
	// Lacking returns those of links that exist here and that the repository
	// never had, as far as we know; without those in an open conflict, and those whose
	// deletion a brake holds.
	Lacking(ctx context.Context, repo int64, links []core.Link) ([]core.Link, error)
	// Namesakes returns of each link the other records of its table that have the same name,
	// upper and lower case alike, deleted ones among them; only of links that have any.
	Namesakes(ctx context.Context, links []core.Link) (map[core.Link][]core.Link, error)
	// Record returns our version without components; core.ErrNotFound.
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// Pushed notes a complete push. If the task has other filters by now, or is gone, the
	// next push looks at everything all the same.
	Pushed(ctx context.Context, p core.Push) error
	// Seq returns the last sequence number given out.
	Seq(ctx context.Context) (int64, error)

	// Newest returns masters of the task's resource on which both sides agree,
	// the greatest stamps first, none outside from and to, and none that came from
	// there dated after the task's LastPull: that was the future then, and what is
	// done there since may be dated before it. First returns those that came here
	// first.
	Newest(ctx context.Context, task core.Task, from, to core.MTime, limit int) ([]core.InventoryLine, error)
	First(ctx context.Context, task core.Task, limit int) ([]core.InventoryLine, error)
	// AliveThere returns records of the resource that are alive here, and at the
	// repository as far as we know, those first that came or were changed last.
	AliveThere(ctx context.Context, repo int64, resource core.Resource, limit int) ([]core.Link, error)
	// Greatest returns the greatest stamp after from, none after to, of a record of
	// the task's resource on which both sides agree; 0 if there is none.
	Greatest(ctx context.Context, task core.Task, from, to core.MTime) (core.MTime, error)
	// Differing is given the peer's complete inventory of the task's resource,
	// page by page through feed, and returns the lines whose stamp is not that
	// of the base, and how many agreed. Records the peer did not name are
	// returned as missing: never deleted for that, only asked for. seen, which feed
	// may still add to, are records that were named and are known to agree.
	Differing(ctx context.Context, task core.Task, seen core.Rows, feed func(add func([]core.InventoryLine) error) error) (differ []core.InventoryLine, missing []core.Link, same int, err error)
	// Proved stores what a comparison of the task, record by record, found; Proof
	// returns the last one, core.ErrNotFound if there was none.
	Proved(ctx context.Context, task int64, c core.Comparison) error
	Proof(ctx context.Context, task int64) (core.Comparison, error)
	// Lacks notes that the repository does not have the records any more: they are
	// unsent.
	Lacks(ctx context.Context, repo int64, links []core.Link) error
	// Compared notes when the full comparison of a task was last complete, unless the task
	// has other filters by now.
	Compared(ctx context.Context, task core.Task, now core.MTime) error
	// Closed notes that the task's pulls begin right after the marker, as long as it stands
	// there, unless the task has other filters by now.
	Closed(ctx context.Context, task core.Task, marker core.MTime) error
	// Alive counts the records of a resource that are not deleted.
	Alive(ctx context.Context, resource core.Resource) (int, error)
	// Held returns the deletions of a resource that the brake put off: received
	// quarantines whose Reason is core.HeldDeletion; of all resources for "", oldest
	// first. QuarantineDue and Outgoing leave them out.
	Held(ctx context.Context, repo int64, resource core.Resource) ([]core.Quarantine, error)
	// BrakeOff reports whether a person said that deletions of the resource by
	// this repository are never held.
	BrakeOff(ctx context.Context, repo int64, resource core.Resource) (bool, error)
	// Braked returns up to which id of a quarantine deletions of the resource by this
	// repository were put before a person; SetBraked notes it.
	Braked(ctx context.Context, repo int64, resource core.Resource) (upTo int64, err error)
	SetBraked(ctx context.Context, repo int64, resource core.Resource, upTo int64) error
	// QuarantineDue returns received records that were set aside and are due
	// to be tried again.
	QuarantineDue(ctx context.Context, repo int64, now core.MTime, limit int) ([]core.Quarantine, error)

	// Room returns a Problem DiskFull if there is too little room on the disk
	// for a stage to begin.
	Room(ctx context.Context) error
	// RetryReferring makes refused records due at once that point to one of the
	// links, which the repository has now, and reports whether there are any.
	RetryReferring(ctx context.Context, repo int64, links []core.Link) (some bool, err error)

	// PeerByUUID returns the repository with that identity, without its passwords;
	// core.ErrNotFound.
	PeerByUUID(ctx context.Context, uuid string) (core.Repository, error)
	// SaveRepository stores what a run learned: UUID, Registered,
	// LastConnected, Stopped, ClockOffset.
	SaveRepository(ctx context.Context, r core.Repository) error
	// LockRun makes sure that one run at a time works on the repository, in all
	// processes; a Problem AlreadyRunning if one does. The lock dies with its
	// process.
	LockRun(ctx context.Context, repo int64) (unlock func(), err error)
	// StartRun notes that a run began that calls nobody.
	StartRun(ctx context.Context, r core.Run) error
	// FinishRun notes how a run ended, with all that it kept for its end, in one
	// transaction. It returns the rows of the log as stored.
	FinishRun(ctx context.Context, e core.Ending) ([]core.LogEntry, error)
	// AddLogs stores rows of the log and returns them with their ids.
	AddLogs(ctx context.Context, rows []core.LogEntry) ([]core.LogEntry, error)
	// Remarks returns what the run has to say of single records, at most limit of
	// each kind. Deletions that a brake holds are none.
	Remarks(ctx context.Context, run string, limit int) ([]core.Remark, error)

	// WantedAttachments returns uploads whose content is not here yet; and, with
	// their Path, those that were added here and have an address at the
	// repository now. SaveAttachment notes that, without content.
	WantedAttachments(ctx context.Context, repo int64, limit int) ([]core.Attachment, error)
	SaveAttachment(ctx context.Context, a core.Attachment, content []byte) error
	// FetchAttachment stores the content that fetch writes. If fetch fails
	// nothing is stored but the attachment itself, with why in Failed.
	FetchAttachment(ctx context.Context, a core.Attachment, fetch func(io.Writer) error) error
	// Attachment returns the content of an upload field that lies here;
	// core.ErrNotFound.
	Attachment(ctx context.Context, l core.Link, field string) (core.Attachment, []byte, error)
}
