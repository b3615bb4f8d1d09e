package core

// Outgoing is one master record with what the repository does not have of it:
// the next thing to push.
type Outgoing struct {
	// Record is the master, with those components nested that are unsent.
	Record Record
	// Changed is false if only components changed and the master goes along to
	// carry them.
	Changed bool
	// Known is true if the repository is known to have had the master.
	Known bool
	// Parts are everything unsent in Record.
	Parts Parts
}

// A Part is what is known of one unsent record in an Outgoing, as read: an edit
// made during the push stays unsent.
type Part struct {
	Seq   int64
	Hash  Hash
	Based bool  // the repository is known to have had the record
	Tries int   // how often this very version was sent and set aside
	Row   int64 // the store's own: where it lies; 0 if it has to be looked for
	// Carried: it came from a repository, whose clock dated it.
	Carried bool
	// Cleared names the fields the repository still has, or may have, and we do not: absent
	// means untouched in S3XML, so they must be cleared explicitly.
	Cleared []string
}
