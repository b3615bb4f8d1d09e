package translations

import (
	"strings"
	"testing"
)

// visible shows the marks.
func visible(text string) string {
	return strings.NewReplacer(leftToRight, "→", rightToLeft, "←").Replace(text)
}

func TestWhatStandsWithinArabicKeepsItsOrder(t *testing.T) {
	Use("ar", "")
	t.Cleanup(func() { Use("en", "en") })
	for text, want := range map[string]string{"+999 3 115": "←→+999 3 115→←", "HQ": "←→HQ→←", "https://hq.example.org/": "←→https://hq.example.org/→←",
		"المقر": "المقر", "HQ – المقر": "HQ – المقر", "١٨": "١٨", "": "", "–": "–"} {
		if got := visible(Datum(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := visible(L("The server says: “{{.Words}}”", D{"Words": "No (x)"})); !strings.Contains(got, "←→No (x)→←") {
		t.Errorf("within a text: %q", got)
	}
	if got := visible(N("{{.N}} requests wait: {{.Name}}", 2, D{"Name": "HQ"})); !strings.Contains(got, "←→HQ→←") {
		t.Errorf("within a text with a number: %q", got)
	}
}

func TestWhereNothingTurnsNothingIsMarked(t *testing.T) {
	Use("ne", "")
	t.Cleanup(func() { Use("en", "en") })
	if got := Datum("+999 3 115"); got != "+999 3 115" {
		t.Errorf("got %q", visible(got))
	}
}

// The end of a beginning like https:// is a sign, which turns to the other side of it where
// Arabic goes on.
func TestTheBeginningOfAnAddressKeepsItsOrder(t *testing.T) {
	for _, entry := range readTexts(t, "ar.json") {
		text, _ := entry.(string)
		for i, rest := range strings.Split(text, "://") {
			if i > 0 && !strings.HasPrefix(rest, leftToRight) && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
				t.Errorf("there is no mark behind :// in %q", visible(text))
			}
		}
	}
}
