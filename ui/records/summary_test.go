package records

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// Where a former version went is told by why it was replaced, not by a guess.
func TestTheHistorySaysWhyAVersionWasReplaced(t *testing.T) {
	peers := []core.Repository{{ID: 1, Name: "HQ"}}
	for want, c := range map[string]core.Change{
		"Rescued from the damaged database": {Rule: "rescued"},
		"Updated from HQ":                   {Rule: "older state", Origin: 1},
		"Restored by ada":                   {Rule: "restore", By: "ada"},
		"Decided between two versions":      {Rule: "conflict NEWER", Origin: 1},
	} {
		if got := ruleWords(c, peers); got != want {
			t.Errorf("%q is told as %q, want %q", c.Rule, got, want)
		}
	}
}
