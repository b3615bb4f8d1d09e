package words

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// say gives a sentence of the catalogue in the person's language.
func say(sentence string) string { return tr.L(sentence) }

// Message says what happened, in the person's language; "" for nil.
func Message(err error) string {
	if err == nil {
		return ""
	}
	return core.AsProblem(err).MessageIn(say)
}

// Safe says whether the data is safe.
func Safe(p *core.Problem) string { return p.SafeIn(say) }

// Hint says what to do.
func Hint(p *core.Problem) string { return p.HintIn(say) }

// Told says what was stored in English (a run's message, a log entry, why a
// repository stopped) in the person's language, whole.
func Told(text string) string {
	message, rest := core.Retell(strings.TrimSpace(text), say)
	return strings.TrimSpace(message + " " + rest)
}

// FirstSentence is Told without whether the data is safe and what to do.
func FirstSentence(text string) string {
	message, rest := core.Retell(strings.TrimSpace(text), say)
	if rest != "" || message != text {
		return Sentence(message)
	}
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return Sentence(text)
}
