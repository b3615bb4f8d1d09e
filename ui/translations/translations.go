// Package translations holds every text of the window, by language, and gives
// them out. A text's key is its English wording. A file here is a language:
// whoever adds "pt.json" with every key of en.json adds Portuguese.
package translations

import (
	"embed"
	"encoding/json"
	"maps"
	"path"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed *.json
var files embed.FS

// D are the values that fill a text's {{.Name}} places.
type D map[string]any

// A voice is a language chosen, with the habits of the person's region.
type voice struct {
	tag       language.Tag
	localizer *i18n.Localizer
	habits    habits
}

var (
	known    = languages() // the files here, English first
	speaking atomic.Pointer[voice]
)

func languages() []language.Tag {
	tags := []language.Tag{language.English}
	names, err := files.ReadDir(".")
	if err != nil {
		panic("bug: the embedded translations cannot be listed: " + err.Error())
	}
	for _, n := range names {
		if tag := language.Make(strings.TrimSuffix(n.Name(), ".json")); tag != language.English {
			tags = append(tags, tag)
		}
	}
	return tags
}

// read returns the texts of one language. A language has every text (the tests
// see to it), so that no other need be read: reading takes longer than opening
// the window's database.
func read(tag language.Tag) *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	if base, _ := tag.Base(); base.String() == "fr" {
		b.RegisterUnmarshalFunc("json", inFrench)
	}
	if _, err := b.LoadMessageFileFS(files, tag.String()+".json"); err != nil {
		panic("bug: the embedded translations cannot be read: " + err.Error())
	}
	return b
}

// spoken is the language chosen; English until Use.
func spoken() *voice {
	if v := speaking.Load(); v != nil {
		return v
	}
	speaking.CompareAndSwap(nil, newVoice(read(language.English), language.English, language.English))
	return speaking.Load()
}

func newVoice(bundle *i18n.Bundle, chosen, person language.Tag) *voice {
	base, _ := chosen.Base()
	region, sure := person.Region()
	tag := chosen
	if own, _ := person.Base(); own == base {
		tag = person
	} else if sure == language.Exact {
		if composed, err := language.Compose(base, region); err == nil {
			tag = composed
		}
	}
	return &voice{tag: chosen, localizer: i18n.NewLocalizer(bundle, chosen.String()), habits: habitsOf(tag)}
}

// A Language is one that the window speaks.
type Language struct {
	Code string // "ar"
	Name string // as its speakers call it
}

// Languages lists what the window speaks, English first.
func Languages() []Language {
	out := make([]Language, len(known))
	for i, tag := range known {
		name := display.Self.Name(tag)
		out[i] = Language{Code: tag.String(), Name: strings.ToUpper(name[:1]) + name[1:]}
		if name[0] >= 0x80 { // no capitals in Arabic or Devanagari
			out[i].Name = name
		}
	}
	return out
}

// Use chooses the language by its code; "" takes the person's own if the window
// speaks it, else English. locale is how the operating system names the person's
// language and region ("es-PE"): dates and numbers follow it. It is called before
// the first widget is made; what is already on the screen does not change.
func Use(code, locale string) {
	person := language.Make(strings.ReplaceAll(locale, "_", "-"))
	wish := person
	if code != "" {
		wish = language.Make(code)
	}
	_, i, confidence := language.NewMatcher(known).Match(wish)
	if confidence == language.No {
		i = 0
	}
	speaking.Store(newVoice(read(known[i]), known[i], person))
}

// UsePerson chooses as Use does, for whoever is logged in, and gives Fyne's own
// texts in that language, too.
func UsePerson(code string) error {
	Use(code, lang.SystemLocale().String())
	return teachFyne()
}

// Speaking returns the code of the language chosen.
func Speaking() string { return spoken().tag.String() }

// RightToLeft reports whether the language chosen is written from the right.
func RightToLeft() bool {
	script, _ := spoken().tag.Script()
	return script.String() == "Arab" || script.String() == "Hebr"
}

// teachFyne hands the texts of Fyne's own dialogs and menus over. Fyne always
// speaks the operating system's language, so they are registered under its name.
func teachFyne() error {
	texts := make(map[string]string, len(fyneTexts))
	for _, key := range fyneTexts {
		texts[key] = L(key)
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	return lang.AddTranslations(fyne.NewStaticResource(path.Base(lang.SystemLocale().String())+".json", data))
}

// fyneTexts are the keys of Fyne's own texts. It has none of them in some of our
// languages.
var fyneTexts = []string{"Advanced", "Cancel", "Confirm", "Copy", "Create Folder", "Cut", "Enter filename", "Error", "Favourites", "File", "Folder",
	"New Folder", "No", "OK", "Open", "Paste", "Quit", "Redo", "Save", "Select all", "Show Hidden Files", "Undo", "Yes", "file.name", "file.parent",
	"monday", "monday.short", "tuesday", "tuesday.short", "wednesday", "wednesday.short", "thursday", "thursday.short", "friday", "friday.short",
	"saturday", "saturday.short", "sunday", "sunday.short"}

// L returns the text in the person's language.
func L(text string, data ...D) string {
	config := &i18n.LocalizeConfig{DefaultMessage: &i18n.Message{ID: text, Other: text}}
	if len(data) > 0 {
		config.TemplateData = placed(data[0])
	}
	return say(text, config)
}

// N returns the text in the form that fits n. {{.N}} in it is n as a person
// writes it; more values may be given.
func N(text string, n int, data ...D) string {
	values := map[string]any{"N": Number(n)}
	for _, d := range data {
		maps.Copy(values, placed(d))
	}
	return say(text, &i18n.LocalizeConfig{DefaultMessage: &i18n.Message{ID: text, Other: text}, PluralCount: n, TemplateData: values})
}

// say never fails: a text without a translation is better in English than absent.
func say(text string, config *i18n.LocalizeConfig) string {
	out, err := spoken().localizer.Localize(config)
	if err != nil && out == "" {
		return text
	}
	return out
}
