package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Saying is a sentence for a person that is worded here and may be read in
// another language: the words in English, and what stands in their places.
type Saying struct {
	Words  string // with %s, %q, %d places, which a translation may number: %[2]s
	Values []any  // in their order; a Saying among them is said in the same language
}

// Say returns a saying.
func Say(words string, values ...any) Saying { return Saying{Words: words, Values: values} }

// String says it in English.
func (s Saying) String() string { return s.In(nil) }

// In says it in another language.
func (s Saying) In(l Language) string { return fmt.Sprintf(l.say(s.Words), inLanguage(s.Values, l)...) }

func inLanguage(values []any, l Language) []any {
	out := make([]any, len(values))
	for i, v := range values {
		if s, ok := v.(Saying); ok {
			v = s.In(l)
		}
		out[i] = v
	}
	return out
}

// Heard finds the saying that a sentence of the log was made of. Numbers among
// its values are ints. ok is false for words that are none of the log's.
func Heard(text string) (s Saying, ok bool) {
	for _, l := range hearing {
		values, ok := l.hear(text)
		if !ok {
			continue
		}
		s := Saying{Words: l.words}
		if slices.Contains(namings(), l.words) {
			if tables, ok := tablesOf(values[len(values)-1]); ok {
				s.Values = []any{values[0], tables}
				return s, true
			}
			continue
		}
		for i, value := range values {
			if n, err := strconv.Atoi(strings.ReplaceAll(value, ",", "")); err == nil && l.verbs[i] == 'd' {
				s.Values = append(s.Values, n)
				continue
			}
			s.Values = append(s.Values, value)
		}
		return s, true
	}
	return Saying{}, false
}

// A listener knows one saying again.
type listener struct {
	words string
	parts []string // what stands around the places
	verbs []byte   // what stands in them: s, q or d
}

// hearing are the listeners of all sentences. No regular expressions: to compile them
// took a tenth of a sync without news.
var hearing = func() (all []listener) {
	for _, words := range LogSentences() {
		l := listener{words: words, parts: []string{words}}
		for {
			last := l.parts[len(l.parts)-1]
			at := strings.IndexByte(last, '%')
			if at < 0 {
				break
			}
			l.verbs = append(l.verbs, last[at+1])
			l.parts = append(l.parts[:len(l.parts)-1], last[:at], last[at+2:])
		}
		all = append(all, l)
	}
	return all
}()

// hear returns what stands in the places of text, if it is the listener's saying.
func (l listener) hear(text string) (values []string, ok bool) {
	rest, ok := strings.CutPrefix(text, l.parts[0])
	if !ok {
		return nil, false
	}
	return fit(rest, l.parts[1:], l.verbs)
}

// fit finds values for places, each with the words that follow it: the shortest that
// leave a fit for the others.
func fit(text string, parts []string, verbs []byte) (values []string, ok bool) {
	if len(verbs) == 0 {
		return nil, text == ""
	}
	for end := 0; ; end++ {
		next := strings.Index(text[end:], parts[0])
		if next < 0 {
			return nil, false
		}
		end += next
		if mayStand(text[:end], verbs[0]) {
			if values, ok := fit(text[end+len(parts[0]):], parts[1:], verbs[1:]); ok {
				return append([]string{text[:end]}, values...), true
			}
		}
		if end == len(text) {
			return nil, false
		}
	}
}

// mayStand reports whether a value can stand in a place.
func mayStand(value string, verb byte) bool {
	switch verb {
	case 'd':
		digits := strings.TrimPrefix(value, "-")
		return digits != "" && digits[0] != ',' && strings.Trim(digits, "0123456789,") == ""
	case 'q':
		return len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"'
	}
	return true
}
