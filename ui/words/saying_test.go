package words

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// What the engine wrote into the log in English is read in the person's language,
// numbers and parts included.
func TestTheLogIsToldInThePersonsLanguage(t *testing.T) {
	tr.Use("fr", "fr-FR")
	t.Cleanup(func() { tr.Use("en", "en") })
	counts := core.Counts{Received: 1204, Created: 3, Conflicts: 1}
	for text, want := range map[string]string{
		"":                "",
		"No data to send": "Aucune donnée à envoyer",
		"The roof leaks.": "The roof leaks.",
		counts.String():   "1\u00a0204 reçues, 3 nouvelles, 1 modifiée des deux côtés",
		"nothing to do":   "Il n'y avait rien de nouveau d'aucun côté",
		"Data imported successfully (" + counts.String() + ")":                                         "Données importées avec succès (1\u00a0204 reçues, 3 nouvelles, 1 modifiée des deux côtés)",
		"Compared record by record: " + core.Comparison{Total: 1300, Same: 1204, Mended: 2}.Sentence(): "Comparé fiche par fiche\u00a0: 1\u00a0204 fiches sur 1\u00a0300 sont identiques\u00a0; corrigées\u00a0: 2.",
		(&core.Problem{Kind: core.Brake, Subject: "Siège"}).Sentence() + " 30 of 40 records.": "Cette synchronisation avec Siège supprimerait un nombre inhabituel de fiches. Rien n'a été supprimé\u00a0; tout le reste a été fait. " +
			"Voyez avec votre administrateur, puis confirmez ou refusez. 30 fiches sur 40.",
	} {
		if got := Told(text); got != want {
			t.Errorf("%q:\n%q, want\n%q", text, got, want)
		}
	}
	if got := FirstSentence("Data imported successfully (2 received)"); got != "Données importées avec succès (2 reçues)." {
		t.Errorf("first sentence: %q", got)
	}
	lacking := (&core.Problem{Kind: core.UnknownResource, Subject: "Siège"}).Naming(core.Tables{"org_office", "cr_shelter"})
	for _, got := range []string{Message(lacking), FirstSentence(lacking.Sentence()), strings.TrimSuffix(Told(lacking.Sentence()), " "+Safe(lacking)+" "+Hint(lacking))} {
		if want := "Siège n'a pas ces genres de fiches, que cet ordinateur demande\u00a0: Bureaux, Abris."; got != want {
			t.Errorf("named: %q, want %q", got, want)
		}
	}
	if got := FirstSentence((&core.Problem{Kind: core.UnknownResource, Subject: "Headquarters"}).Naming(core.Tables{"org_office"}).Sentence()); !strings.HasPrefix(got, "Headquarters ") {
		t.Errorf("a server is called otherwise than somebody called it: %q", got)
	}
	if got := Said(core.Say("%s counted %d people in the shelter “%s”; it was %d before.", "Amina", 1117, "Nord", 95)); got != "Amina a compté 1\u00a0117 personnes dans l'abri «\u00a0Nord\u00a0»\u00a0; il y en avait 95 avant." {
		t.Errorf("said: %q", got)
	}
}

// A table is called in plain words, as everywhere in the window.
func TestATableInASayingHasPlainWords(t *testing.T) {
	said := Said(core.Say("Row %d, column %s: %s", 2, "Organisation", core.Say("there is no record of %s named %q here", core.Resource("org_organisation"), "Relief X")))
	if want := `Row 2, column Organisation: there is no record of Organisations named "Relief X" here`; said != want {
		t.Errorf("%q, want %q", said, want)
	}
}

func TestASayingHasThePersonsDigitsAndOrder(t *testing.T) {
	tr.Use("ne", "ne-NP")
	t.Cleanup(func() { tr.Use("en", "en") })
	if got, want := Said(core.Say("%d of %d records are the same.", 3, 12)), "१२ मध्ये ३ अभिलेख उस्तै छन्।"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A name that is quoted within Arabic keeps its order, and no mark is written out.
func TestANameWithinArabicKeepsItsOrder(t *testing.T) {
	tr.Use("ar", "")
	t.Cleanup(func() { tr.Use("en", "en") })
	got := Said(core.Say("%q is not a mode: pull, push, both or none.", "fly"))
	trouble := Message(&core.Problem{Kind: core.InvalidSetting, Words: "%q is not a mode: pull, push, both or none.", Values: []any{"fly"}})
	if !strings.Contains(got, "\u200f\u200e\"fly\"\u200e\u200f") || strings.Contains(got, `\u`) || trouble != got {
		t.Errorf("got %q, as trouble %q", got, trouble)
	}
}

// What a sentence is about keeps its order in one that is written from the right, in a dialog and in
// the log: a path began with a slash at its other end.
func TestWhatATroubleIsAboutKeepsItsOrder(t *testing.T) {
	tr.Use("ar", "ar-EG")
	t.Cleanup(func() { tr.Use("en", "en") })
	p := &core.Problem{Kind: core.FileUnreadable, Subject: "/etc/hub.pem"}
	want := tr.Datum(p.Subject)
	for from, got := range map[string]string{"a dialog": Message(p), "the log": Told(p.Sentence()), "a run": Told(p.Message())} {
		if want == p.Subject || !strings.Contains(got, want) {
			t.Errorf("%s: %q", from, got)
		}
	}
}
