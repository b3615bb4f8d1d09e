package words

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Only what the server said is quoted; what we say ourselves is said in the person's language.
func TestOnlyTheServersWordsAreQuoted(t *testing.T) {
	tr.Use("fr", "fr-FR")
	t.Cleanup(func() { tr.Use("en", "en") })
	for _, tt := range []struct{ reason, want, onRecord string }{
		{"Phone: invalid number", "«\u00a0Phone: invalid number\u00a0»", "Le serveur a refusé cette fiche\u00a0: «\u00a0Phone: invalid number\u00a0» Corrigez-la et enregistrez\u00a0; elle repart alors."},
		{"It was not sent: this table is exchanged by MASTER, and the record was not made on this laptop.",
			"Non envoyée\u00a0: cette table est échangée selon MASTER, et la fiche n'a pas été créée sur cet ordinateur.",
			"Non envoyée\u00a0: cette table est échangée selon MASTER, et la fiche n'a pas été créée sur cet ordinateur."},
		{"The server did not take: phone, fax.", "Le serveur n'a pas pris\u00a0: Téléphone, Fax.",
			"Le serveur n'a pas pris\u00a0: Téléphone, Fax. Corrigez la fiche et enregistrez-la\u00a0; elle repart alors d'elle-même."},
	} {
		q := core.Quarantine{Outgoing: true, Reason: tt.reason}
		if got := Reason(q); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.reason, got, tt.want)
		}
		if got := Refused(q); got != tt.onRecord {
			t.Errorf("%q on the record: %s, want %s", tt.reason, got, tt.onRecord)
		}
	}
	received := core.Quarantine{Reason: "a uuid with blanks around it"}
	if got := Reason(received); got != "Telle qu'elle a été envoyée, elle est illisible. C'est là-bas qu'il faut la corriger\u00a0; la raison technique figure sous Détails." {
		t.Errorf("received: %s", got)
	}
}
