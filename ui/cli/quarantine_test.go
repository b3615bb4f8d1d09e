package cli

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestOnlyWhatTheServerSaidIsQuoted(t *testing.T) {
	kept := "It was not sent: this table is exchanged by MASTER, and the record was not made on this laptop."
	for _, tt := range []struct {
		q         core.Quarantine
		what, why string
	}{
		{core.Quarantine{Outgoing: true, Reason: "Phone: invalid number"}, "refused there", "“Phone: invalid number”"},
		{core.Quarantine{Outgoing: true, Reason: "The server kept its own version."}, "refused there", "The server kept its own version."},
		{core.Quarantine{Outgoing: true, Reason: kept}, "kept back here", kept},
		{core.Quarantine{Reason: "no uuid"}, "set aside here", "no uuid"},
	} {
		if what, why := whatHappened(tt.q), reason(tt.q); what != tt.what || why != tt.why {
			t.Errorf("%q: %s, %s; want %s, %s", tt.q.Reason, what, why, tt.what, tt.why)
		}
	}
}
