package words

import (
	"strings"

	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Sentence ends a text with a full stop, if it has any words.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsRune(".!?…।؟", []rune(text)[len([]rune(text))-1]) {
		return text
	}
	return text + tr.L(".")
}

// Capital returns text with its first letter in upper case.
func Capital(text string) string {
	r := []rune(text)
	if len(r) == 0 {
		return text
	}
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
