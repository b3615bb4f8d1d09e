package core

import (
	"fmt"
	"time"
)

// A ConflictRule decides many conflicts at once.
type ConflictRule string

// The rules.
const (
	ConflictOurs   ConflictRule = "ours"
	ConflictTheirs ConflictRule = "theirs"
	ConflictNewer  ConflictRule = "newer" // what was changed last; theirs on a tie, as NEWER does
)

// ParseConflictRule reads a rule by its word.
func ParseConflictRule(s string) (ConflictRule, error) {
	switch r := ConflictRule(s); r {
	case ConflictOurs, ConflictTheirs, ConflictNewer:
		return r, nil
	}
	return "", fmt.Errorf("%q is not a rule: ours, theirs or newer", s)
}

// Winner says what the rule makes of a conflict: "ours" or "theirs". offset is
// the peer's clock minus ours.
func (r ConflictRule) Winner(c *Conflict, offset time.Duration) string {
	if r == ConflictOurs || r == ConflictNewer && c.Ours.ModifiedOn.Add(offset) > c.Theirs.ModifiedOn {
		return string(ConflictOurs)
	}
	return string(ConflictTheirs)
}
