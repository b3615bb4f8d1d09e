package core

// A State is what became of one received record. The zero value is no state:
// counting it is a bug.
type State uint8

// The nine states; every received record ends in exactly one (PROMISES 8).
const (
	StateCreated State = iota + 1
	StateUpdated
	StateDeleted
	StateMerged // fields of both sides combined, or a record merged into another
	StateUnchanged
	StateKept
	StateConflict
	StateFiltered
	StateQuarantined
)

var stateNames = [...]string{"none", "created", "updated", "deleted", "merged", "unchanged", "kept", "conflict", "filtered", "quarantined"}

// String returns the state's word.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[0]
}
