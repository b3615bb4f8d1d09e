package core

import (
	"strings"
	"testing"
)

// shout is a language of its own: everything in capitals, places kept.
func shout(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "%S", "%s") }

// What was stored in English is found again in the catalogue, whatever its kind.
func TestStoredSentencesAreRetoldInAnotherLanguage(t *testing.T) {
	for kind := Internal; kind <= lastTrouble; kind++ {
		for _, subject := range []string{"", "Bureau d'Abéché. Nord"} {
			p := &Problem{Kind: kind, Subject: subject}
			wantMessage, wantRest := p.MessageIn(shout), strings.TrimSpace(p.SafeIn(shout)+" "+p.HintIn(shout))
			if message, rest := Retell(p.Sentence(), shout, nil); message != wantMessage || rest != wantRest {
				t.Errorf("sentence of kind %d: %q %q, want %q %q", kind, message, rest, wantMessage, wantRest)
			}
			if message, rest := Retell(p.Message(), shout, nil); message != wantMessage || rest != "" {
				t.Errorf("message of kind %d: %q %q, want %q", kind, message, rest, wantMessage)
			}
		}
	}
	own := &Problem{Kind: RecordRefused, Words: "Name: too short."}
	if message, rest := Retell(own.Sentence(), shout, nil); message != "NAME: TOO SHORT." || rest != strings.TrimSpace(own.SafeIn(shout)+" "+own.HintIn(shout)) {
		t.Errorf("words of its own: %q %q", message, rest)
	}
	if message, _ := Retell("12 records received", nil, nil); message != "12 records received" {
		t.Errorf("other words: %q", message)
	}
}

// Who sits at a terminal is given commands, and who looks at a window buttons.
func TestCommandsAreNamedAtATerminalAndNowhereElse(t *testing.T) {
	named := 0
	for kind := Internal; kind <= lastTrouble; kind++ {
		p := &Problem{Kind: kind, Subject: "HQ"}
		if strings.Contains(p.Sentence(), "fieldsync ") {
			t.Errorf("a window says: %s", p.Sentence())
		}
		at := AtTerminal("12 records. "+p.Sentence(), "HQ")
		if !strings.HasSuffix(at, p.TerminalHint()) || strings.Contains(at, "Press ") || strings.Contains(at, "press “") || strings.Contains(at, "NAME") {
			t.Errorf("a terminal says: %s", at)
		}
		if strings.Contains(at, "fieldsync ") {
			named++
		}
	}
	if named != 12 {
		t.Errorf("%d sentences name commands, want 12", named)
	}
}

func TestAProblemKeepsItsSubjectInAnotherLanguage(t *testing.T) {
	french := func(s string) string {
		return map[string]string{"%s does not answer.": "%s ne répond pas.", "there is no password for %s.": "épeler %s", theServer: "le serveur"}[s]
	}
	for want, p := range map[string]*Problem{
		"Siège ne répond pas.":      {Kind: Unreachable, Subject: "Siège"},
		"Le serveur ne répond pas.": {Kind: Unreachable},
		"Épeler Siège":              {Kind: NoPassword, Subject: "Siège"},
	} {
		if got := p.MessageIn(french); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Invalid("resource", "%q is not a table name.", "x").Message(); got != `"x" is not a table name.` {
		t.Errorf("values: %s", got)
	}
}
