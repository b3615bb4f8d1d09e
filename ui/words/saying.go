package words

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// numberPlace is a place for a number in a saying, perhaps with its own number.
var numberPlace = regexp.MustCompile(`%(\[\d\])?d`)

// Said says a saying in the person's language and with the person's digits.
func Said(s core.Saying) string {
	values := make([]any, len(s.Values))
	for i, v := range s.Values {
		switch v := v.(type) {
		case core.Saying:
			values[i] = Said(v)
		case core.Tables:
			values[i] = kinds(v)
		case core.Resource:
			values[i] = Many(v, nil)
		case int:
			values[i] = tr.Number(v)
		default:
			values[i] = v
		}
	}
	return fmt.Sprintf(isolate(numberPlace.ReplaceAllString(tr.L(s.Words), "%${1}s"), values), values...)
}

// kinds lists tables in plain words.
func kinds(tables core.Tables) string {
	names := make([]string, len(tables))
	for i, r := range tables {
		names[i] = Many(r, nil)
	}
	return strings.Join(names, tr.L(", "))
}

// place is any place of a saying.
var place = regexp.MustCompile(`%%|%(?:\[(\d)\])?[sq]`)

// isolate puts the marks of tr.Datum around the places of a saying: within them %q would
// write them out.
func isolate(format string, values []any) string {
	next := 0
	return place.ReplaceAllStringFunc(format, func(verb string) string {
		if verb == "%%" {
			return verb
		}
		at := next
		if len(verb) > len("%s") {
			at = int(verb[2] - '1')
		}
		next = at + 1
		if at < 0 || at >= len(values) {
			return verb
		}
		before, after := tr.Marks(fmt.Sprint(values[at]))
		return before + verb + after
	})
}

// Told says what was stored in English (a run's message, a log entry, why a
// repository stopped) in the person's language, whole.
func Told(text string) string {
	text = strings.TrimSpace(text)
	if counts, ok := core.ParseCounts(text); ok {
		if tally := Tally(counts); tally != "" {
			return tally
		}
		return tr.L("Nothing was new on either side")
	}
	heard, ok := core.Heard(text) // first: one of them has a whole sentence of the catalogue in it
	if !ok {
		message, rest := core.Retell(text, say, tr.Datum)
		return strings.TrimSpace(said(message) + " " + rest)
	}
	return toldOf(heard)
}

// said is a sentence of the log that stands before whether the data is safe; any other
// comes back as it is.
func said(text string) string {
	if heard, ok := core.Heard(text); ok {
		return toldOf(heard)
	}
	return text
}

func toldOf(heard core.Saying) string {
	if n := len(heard.Values); n > 0 {
		if _, tables := heard.Values[n-1].(core.Tables); tables {
			return Said(heard) // the other value is a server's name, which stays as it is
		}
	}
	if heard.Words == core.NotTaken || heard.Words == core.NotEmptied {
		return Said(core.Saying{Words: heard.Words, Values: []any{fieldNames(fmt.Sprint(heard.Values[0]))}})
	}
	for i, v := range heard.Values {
		if part, ok := v.(string); ok {
			heard.Values[i] = toldParts(part)
		}
	}
	return Said(heard)
}

// fieldNames are the fields of a list as a person calls them.
func fieldNames(list string) string {
	names := strings.Split(list, ", ")
	for i, name := range names {
		names[i] = Field(name, nil)
	}
	return strings.Join(names, tr.L(", "))
}

// toldParts tells what stands in a place of a sentence: a sentence itself, or
// several parts of one.
func toldParts(text string) string {
	if told := Told(text); told != text {
		return told
	}
	parts := strings.Split(text, ", ")
	for i, p := range parts {
		if len(parts) > 1 {
			parts[i] = Told(p)
		}
	}
	return strings.Join(parts, tr.L(", "))
}

// FirstSentence is Told without whether the data is safe and what to do.
func FirstSentence(text string) string {
	text = strings.TrimSpace(text)
	if _, ok := core.Heard(text); ok {
		return Sentence(Told(text))
	}
	if message, rest := core.Retell(text, say, tr.Datum); rest != "" || message != text {
		return Sentence(said(message))
	}
	if _, ok := core.ParseCounts(text); ok {
		return Sentence(Told(text))
	}
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return Sentence(text)
}
