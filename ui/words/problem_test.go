package words

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A server's own words are quoted; another Fieldsync's are told in the person's language, and not
// after the sentence that says the same.
func TestAnotherFieldsyncIsNotQuotedInEnglish(t *testing.T) {
	tr.Use("fr", "fr-FR")
	t.Cleanup(func() { tr.Use("en", "en") })
	for _, tt := range []struct {
		problem core.Problem
		want    string
	}{
		{core.Problem{Kind: core.NotAccepted, Peer: core.AcceptanceRequired}, ""},
		{core.Problem{Kind: core.NotAccepted, Peer: "This site was not accepted by the council"}, "Le serveur dit\u00a0: «\u00a0This site was not accepted by the council\u00a0»"},
		{core.Problem{Kind: core.Forbidden, Peer: core.RegistrationRequired}, "Le serveur dit\u00a0: «\u00a0Inscription nécessaire\u00a0»"},
		{core.Problem{Kind: core.PeerRefused, Peer: "org_office is not shared"}, "Le serveur dit\u00a0: «\u00a0org_office n'est pas partagé\u00a0»"},
		{core.Problem{Kind: core.Forbidden}, ""},
	} {
		if got := Peer(&tt.problem); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.problem, got, tt.want)
		}
	}
	if got, want := Told(core.AcceptanceRequired), "Inscrit, mais pas encore accepté\u00a0: demandez à l'administrateur d'ici d'accepter ce dépôt"; got != want {
		t.Errorf("the hub's own log: %q, want %q", got, want)
	}
}

// Nothing failed where somebody only has to accept this laptop, or where all but a table was
// exchanged.
func TestNothingIsSaidToHaveFailedThatDidNot(t *testing.T) {
	for kind, want := range map[core.Trouble]string{
		core.NotAccepted:  "Not accepted yet",
		core.NoReadRight:  "Not everything was exchanged",
		core.Unreachable:  "That did not work",
		core.Unauthorized: "That did not work",
	} {
		if got := Heading(&core.Problem{Kind: kind}); got != want {
			t.Errorf("kind %v: %q, want %q", kind, got, want)
		}
	}
}
