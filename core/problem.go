package core

import (
	"context"
	"errors"
	"strings"
	"time"
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
	Words string
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

// Message says what happened, in one sentence for a person.
func (p *Problem) Message() string {
	if p.Words != "" {
		return p.Words
	}
	return fill(catalogue[p.Kind].message, p.Subject)
}

// Safe says whether the data is safe.
func (p *Problem) Safe() string { return catalogue[p.Kind].safe }

// Hint says what to do.
func (p *Problem) Hint() string { return fill(catalogue[p.Kind].hint, p.Subject) }

// Sentence is Message, Safe and Hint together.
func (p *Problem) Sentence() string {
	return strings.Join(strings.Fields(p.Message()+" "+p.Safe()+" "+p.Hint()), " ")
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

// Invalid returns the problem of one setting with its own sentence.
func Invalid(field, words string) *Problem {
	return &Problem{Kind: InvalidSetting, Subject: field, Words: words}
}

func fill(sentence, subject string) string {
	if subject == "" {
		subject = "the server"
	}
	s := strings.ReplaceAll(sentence, "%s", subject)
	if s != "" {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}
