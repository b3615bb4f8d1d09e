package core

// SeqCurrent and SeqNone are special sequence numbers of Tx.SetBase: "the
// version we now have", and "a version that was never ours".
const (
	SeqNone    int64 = 0
	SeqCurrent int64 = -1
)

// A Change says why a version replaces another; it is kept with the replaced
// one in the history.
type Change struct {
	Run    string // the run that did it; "" for a person's edit
	Rule   string // "edit", "create", "update NEWER", "conflict OTHER", "merge", "restore", …
	By     string // the person or peer
	Origin int64  // repository the new version came from; 0 if it was made here
	At     MTime
	// Content is the hash of the new version where it is known already; else zero. It
	// is not stored with the change.
	Content Hash
}

// A Version is one entry of a record's history: a version that was replaced,
// and by what.
type Version struct {
	ID     int64
	Seq    int64
	Record Record
	Change Change // what replaced it
}

// A Head is what a decision needs to know of a record before it is worth
// loading: one row, no fields.
type Head struct {
	Known      bool
	Deleted    bool
	Hash       Hash
	ModifiedOn MTime
	MCI        int
	Seq        int64
	Origin     int64 // repository that delivered this version; 0: changed here

	// The base: the version that we and the repository last agreed on.
	HasBase        bool
	BaseHash       Hash
	BaseModifiedOn MTime
	BaseSeq        int64

	OpenConflict bool
	HasMaster    bool // the record is known to be a component
}

// ChangedHere reports whether our version differs from what the repository
// last had. Without a base it does if it was made or edited here.
func (h Head) ChangedHere() bool {
	if h.HasBase {
		return h.Hash != h.BaseHash
	}
	return h.Known && h.Origin == 0
}

// NeverThere is the date of the base of a record that was deleted here before the repository ever
// had it: that one dated no deletion.
const NeverThere MTime = 0

// Unsent reports whether the repository does not have our version yet.
func (h Head) Unsent() bool {
	return h.Known && (!h.HasBase || h.Seq > h.BaseSeq)
}
