package translations

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Every language has every text, with the same places to fill, in all the plural
// forms of that language, and no others.
func TestEveryLanguageIsComplete(t *testing.T) {
	english := readTexts(t, "en.json")
	names, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { checkLanguage(t, name, english) })
	}
}

func checkLanguage(t *testing.T, name string, english map[string]any) {
	have := readTexts(t, name)
	forms := pluralForms(t, strings.TrimSuffix(name, ".json"))
	for _, text := range slices.Sorted(maps.Keys(english)) {
		_, plural := english[text].(map[string]any)
		switch entry := have[text].(type) {
		case nil:
			t.Errorf("%q is missing", text)
		case string:
			if plural {
				t.Errorf("%q needs the forms %v", text, forms)
			}
			checkPlaces(t, text, entry, "", "other")
		case map[string]any:
			if !plural {
				t.Errorf("%q has plural forms and needs none", text)
				continue
			}
			if got := slices.Sorted(maps.Keys(entry)); !slices.Equal(got, forms) {
				t.Errorf("%q has the forms %v, this language needs %v", text, got, forms)
			}
			for form, said := range entry {
				checkPlaces(t, text, said.(string), "{{.N}}", form)
			}
		}
	}
	for text := range have {
		if _, ok := english[text]; !ok {
			t.Errorf("%q is not a text of the window", text)
		}
	}
}

// A place may have its number in a translation that has them in another order.
var placeInText = regexp.MustCompile(`\{\{\.\w+\}\}|%(\[\d\])?[sqd]`)

// numberOfPlace is the number of a place in the text.
var numberOfPlace = regexp.MustCompile(`\[\d\]`)

// places returns a text's places to fill, sorted; numbered says that all of those
// that are filled in their order have their number.
func places(text string) (all []string, numbered bool) {
	all = placeInText.FindAllString(text, -1)
	numbered = true
	for i, place := range all {
		all[i] = numberOfPlace.ReplaceAllString(place, "")
		numbered = numbered && (all[i] != place || strings.HasPrefix(place, "{{"))
	}
	slices.Sort(all)
	return all, numbered
}

// checkPlaces compares the places to fill. One thing or two may be said without
// their number; the places for %s are filled in their order, or numbered.
func checkPlaces(t *testing.T, text, said, optional, form string) {
	t.Helper()
	if strings.TrimSpace(said) == "" {
		t.Errorf("%q (%s) is empty", text, form)
	}
	want, _ := places(text)
	got, numbered := places(said)
	if !numbered && numberOfPlace.MatchString(said) {
		t.Errorf("%q (%s): of %q some places have a number and some have none", text, form, said)
	}
	if form == "zero" || form == "one" || form == "two" {
		drop := func(place string) bool { return place == optional }
		want, got = slices.DeleteFunc(want, drop), slices.DeleteFunc(got, drop)
	}
	if !slices.Equal(want, got) {
		t.Errorf("%q (%s): the translation %q has the places %v, want %v", text, form, said, got, want)
	}
	if strings.Contains(placeInText.ReplaceAllString(said, ""), "{{") {
		t.Errorf("%q (%s): a place in %q cannot be read", text, form, said)
	}
}

// pluralForms finds out which forms a language has, by asking for many numbers.
func pluralForms(t *testing.T, code string) []string {
	tag, err := language.Parse(code)
	if err != nil {
		t.Fatalf("%s.json is not named for a language: %v", code, err)
	}
	b := i18n.NewBundle(language.English)
	if err := b.AddMessages(tag, &i18n.Message{ID: "x", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}); err != nil {
		t.Fatal(err)
	}
	localizer := i18n.NewLocalizer(b, code)
	found := map[string]bool{"other": true}
	for n := range 201 {
		for _, count := range []int{n, n * 1000000} {
			form, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: "x", PluralCount: count})
			if err != nil {
				t.Fatal(err)
			}
			found[form] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func readTexts(t *testing.T, name string) map[string]any {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]any{}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	for code, want := range map[string]string{"en": "one other", "ar": "few many one other two zero", "ne": "one other", "fr": "many one other"} {
		if got := strings.Join(pluralForms(t, code), " "); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

// Fyne's own dialogs speak our languages too: we know all of its keys.
func TestAllOfFynesTextsAreKnown(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "fyne.io/fyne/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := readTexts(t, filepath.Join(strings.TrimSpace(string(dir)), "lang", "translations", "base.en.json"))
	ours := map[string]bool{}
	for _, key := range fyneTexts {
		ours[key] = true
	}
	for key := range theirs {
		if !ours[key] {
			t.Errorf("Fyne has the text %q", key)
		}
	}
}
