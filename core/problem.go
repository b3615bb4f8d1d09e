package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrNotFound is returned where the caller only asks "was it that?".
var ErrNotFound = errors.New("not found")

// A Problem is an error that a person may see: what happened, whether the data
// is safe, what to do. The sentences come from the catalogue by Kind; Err is the
// technical cause, for "Details" and the log.
type Problem struct {
	Op   string // "pull org_office"; for the log
	Kind Trouble
	// Subject fills the catalogue's %s: the repository's name, a table, a field.
	Subject string
	// Words, if set, stand in place of the catalogue's first sentence where only
	// the place of origin can word it (one field's own validation message).
	// It may have %s, %q or %d places for Values, so that it can be translated; a
	// Saying among them is translated, too.
	Words  string
	Values []any
	// Peer is what the peer said in its own words, if anything useful.
	Peer string
	// RetryAfter is how long the peer asked to be left alone; 0 if it did not.
	RetryAfter time.Duration
	// Offline tells that this laptop found no way out, rather than the peer
	// being silent: no route, no name service.
	Offline bool
	Err     error
}

// Error returns the chain for the log.
func (p *Problem) Error() string {
	parts := make([]string, 0, 4)
	if p.Op != "" {
		parts = append(parts, p.Op)
	}
	parts = append(parts, p.Message())
	if p.Peer != "" {
		parts = append(parts, "peer said: "+p.Peer)
	}
	if p.Err != nil {
		parts = append(parts, p.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the technical cause.
func (p *Problem) Unwrap() error { return p.Err }

// A Language gives a sentence of the catalogue, or of Words, as a person reads it:
// with its % places, which are filled afterwards. The nil one is English.
type Language func(sentence string) string

// Message says what happened, in one sentence for a person.
func (p *Problem) Message() string { return p.MessageIn(nil) }

// MessageIn is Message in another language.
func (p *Problem) MessageIn(l Language) string {
	if p.Words == "" {
		return fill(catalogue[p.Kind].message, p.Subject, l)
	}
	words := l.say(p.Words)
	if len(p.Values) > 0 {
		return fmt.Sprintf(words, inLanguage(p.Values, l)...)
	}
	return words
}

// Safe says whether the data is safe.
func (p *Problem) Safe() string { return p.SafeIn(nil) }

// SafeIn is Safe in another language.
func (p *Problem) SafeIn(l Language) string { return l.say(catalogue[p.Kind].safe) }

// Hint says what to do.
func (p *Problem) Hint() string { return p.HintIn(nil) }

// HintIn is Hint in another language.
func (p *Problem) HintIn(l Language) string {
	if p.Kind == FileUnreadable && p.Words != "" {
		return "" // they say what is wrong in the file; that it is there is known
	}
	return fill(catalogue[p.Kind].hint, p.Subject, l)
}

// RegistrationRequired is Eden's word, and ours, to a peer that is not known; AcceptanceRequired
// is ours to one that has registered and was not accepted yet.
const (
	RegistrationRequired = "Registration required"
	AcceptanceRequired   = "Registered, but not accepted yet: ask the administrator here to accept this repository"
)

// UnknownThere reports whether the peer answers only those who have registered, and we
// have not.
func (p *Problem) UnknownThere() bool {
	return p != nil && (p.Kind == NotRegistered || p.Kind == Forbidden && p.Peer == RegistrationRequired)
}

// Quote returns what the peer said in its own words, where Message does not say the same already.
func (p *Problem) Quote() string {
	if p.Kind == NotAccepted && p.Peer == AcceptanceRequired {
		return ""
	}
	return p.Peer
}

// TerminalHint is Hint where there is no window: it names commands.
func (p *Problem) TerminalHint() string {
	if words := catalogue[p.Kind].terminal; words != "" {
		return commandFor(words, p.Subject)
	}
	return p.Hint()
}

// Sentence is Message, Safe and Hint together.
func (p *Problem) Sentence() string { return p.SentenceIn(nil) }

// SentenceIn is Sentence in another language.
func (p *Problem) SentenceIn(l Language) string {
	return strings.Join(strings.Fields(p.MessageIn(l)+" "+p.SafeIn(l)+" "+p.HintIn(l)), " ")
}

// Result is the problem's place in the log: error if the next run may succeed by
// itself, fatal if somebody must change something first.
func (p *Problem) Result() Result {
	if p.Retryable() {
		return ResultError
	}
	return ResultFatal
}

// Retryable reports whether trying again later may help without anyone's doing.
func (p *Problem) Retryable() bool { return catalogue[p.Kind].retry }

// Remote reports whether the trouble is at the peer or on the way to it.
func (p *Problem) Remote() bool { return catalogue[p.Kind].remote }

// AsProblem returns the Problem in err's chain. Any other error is wrapped as
// Internal, or Cancelled for a context's end by a person; a nil error gives nil.
func AsProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, context.Canceled) {
		return &Problem{Kind: Cancelled, Err: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Problem{Kind: Timeout, Err: err}
	}
	return &Problem{Kind: Internal, Err: err}
}

// IsKind reports whether a Problem of that kind is in err's chain.
func IsKind(err error, k Trouble) bool {
	var p *Problem
	return errors.As(err, &p) && p.Kind == k
}

// Invalid returns the problem of one setting with its own sentence, which may
// have %s, %q or %d places for values.
func Invalid(field, words string, values ...any) *Problem {
	return &Problem{Kind: InvalidSetting, Subject: field, Words: words, Values: values}
}

// theServer stands where a problem has no subject.
const theServer = "the server"

func (l Language) say(sentence string) string {
	if l == nil || sentence == "" {
		return sentence
	}
	return l(sentence)
}

func fill(sentence, subject string, l Language) string {
	if subject == "" {
		subject = l.say(theServer)
	}
	s := strings.ReplaceAll(l.say(sentence), "%s", subject)
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
