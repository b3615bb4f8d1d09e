package core

import "slices"

// unsentReasons are why this laptop itself keeps a record back, or a part of it: the
// repository was not asked. reason_test.go finds those that lack here or below.
var unsentReasons = []string{
	"It was not sent: the strategy of this table does not allow to %s records.",
	"It was not sent: this table is exchanged by MASTER, and the record was not made on this laptop.",
	"The server does not show this record any more. It was not sent, so that nothing there is overwritten unseen.",
	NamesakeThere,
	"The file %s was not sent: it has %d MiB, and at most %d MiB can be sent. Everything else was.",
}

// What the repository did not take of a record, with the names of the fields.
const (
	NotTaken = "The server did not take: %s."
	// NotEmptied: an Eden knows no way to clear a reference (spec s3xml-format §8).
	NotEmptied = "The server cannot empty what leads to another record: %s. Choose another one, or put back what was there."
)

// NotStored and NotShown: after it was sent it is not there. An Eden may have it and hide it
// from this account.
const (
	NotStored = "The server did not store it."
	NotShown  = "The server does not show it: it did not store it, or hides it from your account."
)

// NamesakeThere is why a new record is kept back that an Eden would put into another one.
const NamesakeThere = "The server has another record of this name and would take the two for one. It was not sent, so that nothing there is overwritten."

// asideReasons are what we say ourselves of a record that the repository did not take,
// and why one that it sent is not taken over.
var asideReasons = []string{
	NotStored,
	NotShown,
	"The server kept its own version.",
	NotTaken,
	NotEmptied,
	"This record could not be stored here. Everything else was.",
	HeldDeletion,
}

// KeptBack reports whether this laptop itself did not send the record, or a part of it:
// nobody has refused it.
func (q Quarantine) KeptBack() bool { return q.Outgoing && KeptBack(q.Reason) }

// Namesake reports whether the record was kept back because the repository has another one
// of its name.
func (q Quarantine) Namesake() bool { return q.Outgoing && q.Reason == NamesakeThere }

// KeptBack reports whether a reason is one of ours not to send a record.
func KeptBack(reason string) bool { return heardAmong(unsentReasons, reason) }

// OwnWords reports whether Reason is worded by us and can be told in another language.
// Otherwise it is the peer's own words if Outgoing, else a technical one.
func (q Quarantine) OwnWords() bool {
	if heardAmong(unsentReasons, q.Reason) || heardAmong(asideReasons, q.Reason) {
		return true
	}
	for kind := Internal; kind <= lastTrouble; kind++ {
		if _, ok := subjectOf(kind, q.Reason); ok {
			return true
		}
	}
	return false
}

func heardAmong(sayings []string, text string) bool {
	s, ok := Heard(text)
	return ok && slices.Contains(sayings, s.Words)
}
