package core

import (
	"fmt"
	"regexp"
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
	for _, h := range hearing {
		found := h.form.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		s := Saying{Words: h.words}
		for i, value := range found[1:] {
			if n, err := strconv.Atoi(strings.ReplaceAll(value, ",", "")); err == nil && h.verbs[i] == "%d" {
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
	verbs []string
	form  *regexp.Regexp
}

var hearing = func() (all []listener) {
	verb := regexp.MustCompile(`%[sqd]`)
	for _, words := range LogSentences() {
		l := listener{words: words, verbs: verb.FindAllString(words, -1)}
		var form strings.Builder
		for i, part := range verb.Split(words, -1) {
			if i > 0 {
				form.WriteString(map[string]string{"%d": `(-?\d[\d,]*)`, "%s": `(.*?)`, "%q": `("(?:.*?)")`}[l.verbs[i-1]])
			}
			form.WriteString(regexp.QuoteMeta(part))
		}
		l.form = regexp.MustCompile(`(?s)^` + form.String() + `$`)
		all = append(all, l)
	}
	return all
}()
