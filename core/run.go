package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Counts says what became of the records of a run. Every received record is in
// exactly one of the nine states below Received, so that their sum is Received.
type Counts struct {
	Received    int `json:"received"`
	Created     int `json:"created"`
	Updated     int `json:"updated"`
	Deleted     int `json:"deleted"`
	Merged      int `json:"merged"`
	Unchanged   int `json:"unchanged"`
	Kept        int `json:"kept"`      // ours stayed: unsent here, or by update policy
	Conflicts   int `json:"conflicts"` // both sides changed the same field, whoever won
	Filtered    int `json:"filtered"`  // excluded by strategy, policy or filter
	Quarantined int `json:"quarantined"`

	Sent      int `json:"sent"`
	Delivered int `json:"delivered"` // proved by reading back
	Refused   int `json:"refused"`

	Dropped int `json:"dropped,omitempty"` // account records that came along, unread
}

// Accounted returns the sum of the nine states; it must equal Received.
func (c Counts) Accounted() int {
	return c.Created + c.Updated + c.Deleted + c.Merged + c.Unchanged + c.Kept + c.Conflicts + c.Filtered + c.Quarantined
}

// Changed returns how many records changed here.
func (c Counts) Changed() int { return c.Created + c.Updated + c.Deleted + c.Merged }

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Received += o.Received
	c.Created += o.Created
	c.Updated += o.Updated
	c.Deleted += o.Deleted
	c.Merged += o.Merged
	c.Unchanged += o.Unchanged
	c.Kept += o.Kept
	c.Conflicts += o.Conflicts
	c.Filtered += o.Filtered
	c.Quarantined += o.Quarantined
	c.Sent += o.Sent
	c.Delivered += o.Delivered
	c.Refused += o.Refused
	c.Dropped += o.Dropped
}

// Minus returns c without o: what came to o since.
func (c Counts) Minus(o Counts) Counts {
	return Counts{
		Received: c.Received - o.Received, Created: c.Created - o.Created, Updated: c.Updated - o.Updated, Deleted: c.Deleted - o.Deleted,
		Merged: c.Merged - o.Merged, Unchanged: c.Unchanged - o.Unchanged, Kept: c.Kept - o.Kept, Conflicts: c.Conflicts - o.Conflicts,
		Filtered: c.Filtered - o.Filtered, Quarantined: c.Quarantined - o.Quarantined, Sent: c.Sent - o.Sent, Delivered: c.Delivered - o.Delivered,
		Refused: c.Refused - o.Refused, Dropped: c.Dropped - o.Dropped,
	}
}

// Count adds one received record in state s.
func (c *Counts) Count(s State) {
	c.Received++
	switch s {
	case StateCreated:
		c.Created++
	case StateUpdated:
		c.Updated++
	case StateDeleted:
		c.Deleted++
	case StateMerged:
		c.Merged++
	case StateUnchanged:
		c.Unchanged++
	case StateKept:
		c.Kept++
	case StateConflict:
		c.Conflicts++
	case StateFiltered:
		c.Filtered++
	case StateQuarantined:
		c.Quarantined++
	default:
		panic(fmt.Sprintf("bug: a record ended in state %d", s))
	}
}

// A count is one of the numbers and its word in the log.
type count struct {
	n    *int
	word string
}

func (c *Counts) inWords() []count {
	return []count{
		{&c.Received, "received"}, {&c.Created, "new"}, {&c.Updated, "changed"}, {&c.Deleted, "deleted"}, {&c.Merged, "merged"},
		{&c.Unchanged, "unchanged"}, {&c.Kept, "kept ours"}, {&c.Conflicts, "in conflict"}, {&c.Filtered, "filtered"},
		{&c.Quarantined, "set aside"}, {&c.Sent, "sent"}, {&c.Delivered, "delivered"}, {&c.Refused, "refused"},
	}
}

// nothingToDo stands in the log where all counts are zero.
const nothingToDo = "nothing to do"

// String lists what is not zero, for the log.
func (c Counts) String() string {
	var parts []string
	for _, p := range c.inWords() {
		if *p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", *p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return nothingToDo
	}
	return strings.Join(parts, ", ")
}

// ParseCounts reads what String wrote; ok is false for anything else.
func ParseCounts(text string) (c Counts, ok bool) {
	if text == nothingToDo {
		return c, true
	}
	words := c.inWords()
	for part := range strings.SplitSeq(text, ", ") {
		number, word, _ := strings.Cut(part, " ")
		n, err := strconv.Atoi(number)
		i := slices.IndexFunc(words, func(p count) bool { return p.word == word })
		if err != nil || n <= 0 || i < 0 {
			return Counts{}, false
		}
		*words[i].n = n
	}
	return c, true
}

// A Run is one execution for one repository. Its ID is in every log row it
// causes.
type Run struct {
	ID         string `json:"run"`
	Repository int64  `json:"-"`
	Started    MTime  `json:"started"`
	Finished   MTime  `json:"finished"`
	DryRun     bool   `json:"dry_run,omitempty"`
	Result     Result `json:"result"`
	Message    string `json:"message"`
	Counts
	// Held counts, of a dry run, the deletions that the brake would hold, and those that
	// wait already.
	Held    int     `json:"held,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Through reports whether the run has ended, and came through.
func (r *Run) Through() bool {
	return !r.Finished.IsZero() && (r.Result == ResultSuccess || r.Result == ResultWarning)
}

// Latest returns, of runs with the newest first, the last that ended and the last that came
// through; nil for none. A run without an end was cut off, or goes on, and says nothing.
func Latest(runs []Run) (ended, through *Run) {
	for i := range runs {
		r := &runs[i]
		if r.Finished.IsZero() || r.DryRun {
			continue
		}
		if ended == nil {
			ended = r
		}
		if r.Through() {
			return ended, r
		}
	}
	return ended, nil
}
