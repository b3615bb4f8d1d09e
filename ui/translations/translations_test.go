package translations

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// speak lets the window speak a language that has only these texts.
func speak(t *testing.T, code string, messages ...*i18n.Message) {
	t.Cleanup(func() { Use("en", "en") })
	bundle := i18n.NewBundle(language.English)
	if err := bundle.AddMessages(language.Make(code), messages...); err != nil {
		t.Fatal(err)
	}
	speaking.Store(newVoice(bundle, language.Make(code), language.Make(code)))
}

func TestArabicHasSixForms(t *testing.T) {
	speak(t, "ar", &i18n.Message{ID: "{{.N}} records", Zero: "none", One: "one", Two: "two", Few: "few {{.N}}", Many: "many {{.N}}", Other: "other {{.N}}"})
	for n, want := range map[int]string{0: "none", 1: "one", 2: "two", 3: "few ٣", 10: "few ١٠", 11: "many ١١", 99: "many ٩٩", 100: "other ١٠٠", 103: "few ١٠٣"} {
		if got := N("{{.N}} records", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestATextWithoutATranslationIsEnglish(t *testing.T) {
	speak(t, "ne", &i18n.Message{ID: "Save", Other: "बचत"})
	if L("Save") != "बचत" || L("Save {{.Thing}}", D{"Thing": "x"}) != "Save x" {
		t.Errorf("%q, %q", L("Save"), L("Save {{.Thing}}", D{"Thing": "x"}))
	}
}

func TestNumbersAndTimesFollowTheRegion(t *testing.T) {
	t.Cleanup(func() { Use("en", "en") })
	at := time.Date(2026, 3, 12, 14, 3, 0, 0, time.UTC)
	for _, tt := range []struct{ code, locale, number, size, clock, day string }{
		{"en", "en", "12,345", "1.5 MB", "14:03", "12 Mar"},
		{"en", "C", "12,345", "1.5 MB", "14:03", "12 Mar"},
		{"en", "en-US", "12,345", "1.5 MB", "2:03 PM", "Mar 12"},
		{"en", "en_GB", "12,345", "1.5 MB", "14:03", "12 Mar"},
		{"en", "de-DE", "12.345", "1,5 MB", "14:03", "12 Mar"},
	} {
		Use(tt.code, tt.locale)
		if Number(12345) != tt.number || Size(1500000) != tt.size || Clock(at) != tt.clock || Day(at) != tt.day {
			t.Errorf("%s in %s: %s, %s, %s, %s", tt.code, tt.locale, Number(12345), Size(1500000), Clock(at), Day(at))
		}
	}
	for tag, want := range map[string]string{"ne-NP": "१२,३४५", "fr-FR": "12\u00a0345", "es-ES": "12.345", "es-MX": "12,345", "ar-YE": "١٢٬٣٤٥", "ar-MA": "12.345"} {
		v := *spoken()
		v.habits = habitsOf(language.Make(tag))
		speaking.Store(&v)
		if got := Number(12345); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestTheChosenLanguageIsThePersonsUnlessAnotherIsChosen(t *testing.T) {
	t.Cleanup(func() { Use("en", "en") })
	Use("", "xx-XX")
	if Speaking() != "en" {
		t.Errorf("a language we do not speak gives %s", Speaking())
	}
	for _, l := range Languages() {
		Use(l.Code, "en-US")
		if Speaking() != l.Code || l.Name == "" {
			t.Errorf("%+v chosen, %s spoken", l, Speaking())
		}
		Use("", l.Code)
		if Speaking() != l.Code {
			t.Errorf("%s is the person's, %s spoken", l.Code, Speaking())
		}
	}
}

// Fyne's own texts come from the chosen language, whatever the system's is.
func TestFyneSpeaksTheChosenLanguage(t *testing.T) {
	speak(t, "ne", &i18n.Message{ID: "Cancel", Other: "रद्द"}, &i18n.Message{ID: "monday.short", Other: "सोम"})
	if err := teachFyne(); err != nil {
		t.Fatal(err)
	}
	if got := lang.L("Cancel"); got != "रद्द" {
		t.Errorf("Cancel is %q", got)
	}
	if got := lang.X("monday.short", "Mon"); got != "सोम" {
		t.Errorf("monday.short is %q", got)
	}
}
