package translations

import (
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// pretended is a language that nobody added, with forms for one and for many as
// English has.
var pretended = language.MustParse("eo")

// Pretend makes the window speak a made-up language, in which say words every
// English text; places to fill must stay. It is for tests; restore ends it.
func Pretend(say func(english string) string) (restore func(), err error) {
	data, err := files.ReadFile("en.json")
	if err != nil {
		return nil, err
	}
	texts := map[string]any{}
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(language.English)
	for id, text := range texts {
		m := &i18n.Message{ID: id}
		switch text := text.(type) {
		case string:
			m.One, m.Other = say(text), say(text)
		case map[string]any:
			m.One, m.Other = say(fmt.Sprint(text["one"])), say(fmt.Sprint(text["other"]))
		}
		if err := bundle.AddMessages(pretended, m); err != nil {
			return nil, err
		}
	}
	before := spoken()
	speaking.Store(newVoice(bundle, pretended, pretended))
	return func() { speaking.Store(before) }, nil
}
