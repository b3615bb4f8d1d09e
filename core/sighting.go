package core

// A Digest identifies the bytes that a record was received as, without those of its
// components, and its place below its master: equal digests, the same record
// written the same way. Zero: none was taken.
type Digest [16]byte

// A DigestKey makes the digests of one store, which tells nobody what it is.
type DigestKey [16]byte

// IsZero reports whether no digest was taken.
func (d Digest) IsZero() bool { return d == Digest{} }

// A Sighting is a received record as far as it can be told without reading it.
type Sighting struct {
	Link       Link
	ModifiedOn MTime
	Digest     Digest
	// Known: both sides have the version that came as these bytes; Row is then the
	// store's own number of the record in its table, from 1. Whoever is asked sets
	// them.
	Known bool
	Row   int64
}
