package core

// A Policy answers one question: may their version replace ours? A task has two,
// one for updates and one for conflicts (spec eden-sync-protocol §2.9).
type Policy string

// Eden's four policies and Fieldsync's own fifth.
const (
	PolicyThis   Policy = "THIS"   // this side's version always stays
	PolicyOther  Policy = "OTHER"  // the other side's version always wins
	PolicyNewer  Policy = "NEWER"  // the newer version wins; theirs on a tie
	PolicyMaster Policy = "MASTER" // only the originator's version is taken
	PolicyAsk    Policy = "ASK"    // conflicts only: hold both and ask a person
)

// ParsePolicy reads a policy as Eden writes it. An empty text is NEWER, the
// default; anything unknown is an error.
func ParsePolicy(s string) (Policy, error) {
	switch p := Policy(s); p {
	case "":
		return PolicyNewer, nil
	case PolicyThis, PolicyOther, PolicyNewer, PolicyMaster, PolicyAsk:
		return p, nil
	}
	return "", Invalid("policy", "%q is not a policy: THIS, OTHER, NEWER, MASTER or ASK.", s)
}

// A Stamp is what the policies look at in a version.
type Stamp struct {
	ModifiedOn MTime // corrected by the measured clock difference
	MCI        int
}

// Accepts reports whether the incoming version may replace the local one.
// ASK accepts nothing by itself.
//
// MASTER takes only what comes directly from the originator (mci 1) and only
// onto a record that did not originate here (spec eden-sync-protocol §11.12).
func (p Policy) Accepts(local, incoming Stamp) bool {
	switch p {
	case PolicyOther:
		return true
	case PolicyNewer, "":
		return incoming.ModifiedOn >= local.ModifiedOn
	case PolicyMaster:
		return incoming.MCI == 1 && local.MCI != 0
	}
	return false
}

// AcceptsNew reports whether a record that is unknown here may be created. Only
// MASTER refuses: what is not from its originator.
func (p Policy) AcceptsNew(incoming Stamp) bool {
	return p != PolicyMaster || incoming.MCI == 1
}

// Swapped returns the policy seen from the other side: what is THIS for the
// sender is OTHER for the receiver (spec eden-sync-protocol §10).
func (p Policy) Swapped() Policy {
	switch p {
	case PolicyThis:
		return PolicyOther
	case PolicyOther:
		return PolicyThis
	}
	return p
}
