package translations

import (
	"strings"
	"testing"
)

// No line of French begins with a sign that belongs to the word before it.
func TestFrenchSignsStayWithTheirWord(t *testing.T) {
	Use("fr", "fr-FR")
	t.Cleanup(func() { Use("en", "en") })
	for key, want := range map[string]string{
		"Go to the next tab; with Page Up, to the one before": "suivant\u00a0;",
		"Close the window?": "\u00a0?",
	} {
		if got := L(key); !strings.Contains(got, want) || strings.Contains(got, " ;") || strings.Contains(got, " ?") {
			t.Errorf("%q is %q", key, got)
		}
	}
	if one, many := N("{{.N}} changes", 1), N("{{.N}} changes", 2); one == many {
		t.Errorf("the forms are gone: %q, %q", one, many)
	}
}
