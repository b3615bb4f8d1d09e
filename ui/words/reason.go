package words

import (
	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Reason says why a record is set aside: in the person's language if the words are ours,
// else in the server's own, as a quotation. What was received and cannot be read has a
// technical reason, which is none for a person.
func Reason(q core.Quarantine) string {
	switch {
	case q.OwnWords():
		return Told(q.Reason)
	case q.Outgoing:
		return tr.L("“{{.Words}}”", tr.D{"Words": q.Reason})
	}
	return tr.L("It cannot be read as it was sent. It has to be corrected there; the technical reason stands under Details.")
}

// Refused says on a record why it is not at the server as it is here, and what to do.
func Refused(q core.Quarantine) string {
	switch {
	case q.KeptBack():
		return Told(q.Reason)
	case q.OwnWords():
		return Told(q.Reason) + " " + tr.L("Correct the record and save it; it is then sent again by itself.")
	}
	return tr.L("The server refused this record: “{{.Words}}” Correct it and save; it is then sent again.", tr.D{"Words": q.Reason})
}
