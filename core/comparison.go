package core

import (
	"fmt"
	"strings"
)

// A Discrepancy is in what way a record differs here and at a repository.
type Discrepancy string

// The discrepancies.
const (
	DiffersContent Discrepancy = "content"    // other content there; the next sync would take it, or replace it
	DiffersStamp   Discrepancy = "stamp"      // the same content, another modified_on
	OnlyThere      Discrepancy = "only there" // not here, or deleted here
	OnlyHere       Discrepancy = "only here"  // the repository had it and does not show it any more
	GoneThere      Discrepancy = "gone there" // deleted there
	KeptApart      Discrepancy = "kept apart" // by policy, ours stays and theirs stays
	Unreadable     Discrepancy = "unreadable" // there, but cannot be read
)

// Mendable reports whether fetching the record again mends it.
func (d Discrepancy) Mendable() bool {
	return d == DiffersContent || d == DiffersStamp || d == OnlyThere || d == GoneThere
}

// A Difference is one record that is not the same on both sides.
type Difference struct {
	Record Link        `json:"record"`
	Title  string      `json:"title,omitempty"`
	What   Discrepancy `json:"what"`
}

// A Comparison says how many of a resource's records, components included, are
// the same here and at a repository: by uuid, modified_on and content.
type Comparison struct {
	Resource Resource `json:"resource"`
	At       MTime    `json:"at"`
	Total    int      `json:"total"`    // living records that the repository has, or had and does not show
	Same     int      `json:"same"`     // of them, the same on both sides
	Waiting  int      `json:"waiting"`  // of them, those that differ because a change waits to be sent or decided
	Excluded int      `json:"excluded"` // of them, those that strategy or filters keep away from here
	// Differences are the rest; of very many only the first are named, and More
	// counts the others.
	Differences []Difference `json:"differences"`
	More        int          `json:"more,omitempty"`
	Mended      int          `json:"mended,omitempty"` // of the differences
}

// Differing returns how many records differ without a reason.
func (c Comparison) Differing() int { return len(c.Differences) + c.More }

// Sentence says it for a person: "1,204 of 1,204 records are the same."
func (c Comparison) Sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s records are the same", thousands(c.Same), thousands(c.Total))
	for _, part := range []struct {
		n    int
		word string
	}{{c.Waiting, "waiting to be sent or decided"}, {c.Excluded, "excluded by the settings"}, {c.Differing(), "different"}, {c.Mended, "mended"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, ", %s: %s", part.word, thousands(part.n))
		}
	}
	return b.String() + "."
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
