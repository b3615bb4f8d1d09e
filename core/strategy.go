package core

import (
	"strings"
)

// A Method is what an import would do to a record.
type Method uint8

// The methods, in Eden's order.
const (
	MethodCreate Method = 1 << iota
	MethodUpdate
	MethodDelete
	MethodMerge
)

// String returns Eden's word.
func (m Method) String() string {
	switch m {
	case MethodCreate:
		return "create"
	case MethodUpdate:
		return "update"
	case MethodDelete:
		return "delete"
	case MethodMerge:
		return "merge"
	}
	return "none"
}

// A Strategy is the set of methods an import may use.
type Strategy uint8

// StrategyAll allows everything: the default.
const StrategyAll = Strategy(MethodCreate | MethodUpdate | MethodDelete | MethodMerge)

// Allows reports whether the method belongs to the strategy.
func (s Strategy) Allows(m Method) bool { return s&Strategy(m) != 0 }

// String returns the methods as Eden sends them: "create,update".
func (s Strategy) String() string {
	var words []string
	for m := MethodCreate; m <= MethodMerge; m <<= 1 {
		if s.Allows(m) {
			words = append(words, m.String())
		}
	}
	return strings.Join(words, ",")
}

// ParseStrategy reads a comma-separated list of methods. An empty text is
// everything; an unknown word is an error.
func ParseStrategy(text string) (Strategy, error) {
	if strings.TrimSpace(text) == "" {
		return StrategyAll, nil
	}
	var s Strategy
next:
	for word := range strings.SplitSeq(text, ",") {
		for m := MethodCreate; m <= MethodMerge; m <<= 1 {
			if strings.TrimSpace(word) == m.String() {
				s |= Strategy(m)
				continue next
			}
		}
		return 0, Invalid("strategy", "%q is not a method: create, update, delete or merge.", word)
	}
	return s, nil
}
