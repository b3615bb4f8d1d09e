package core

import "bytes"

// Rules are a task's settings for applying what it receives.
type Rules struct {
	Strategy Strategy
	Update   Policy
	Conflict Policy
	Merge    bool // combine fields that were changed on one side only
}

// A Side is one version as a decision sees it: no fields, only what identifies
// and dates the content.
type Side struct {
	Stamp
	Hash       Hash
	Deleted    bool
	ReplacedBy string
}

// A Situation is everything that bears on one received record.
type Situation struct {
	Known  bool // we have the record, perhaps as a tombstone
	Ours   Side
	Theirs Side
	// HasBase and BaseHash tell what both sides last agreed on.
	HasBase  bool
	BaseHash Hash
	// ChangedHere: our version is not what the peer last had of us.
	ChangedHere bool
	// SeenBefore: theirs is a version that we had once, and not the last one, and
	// dated clearly before what the peer confirmed since; or one that a later one of the
	// same peer has overtaken on the way.
	SeenBefore bool
	// Overtaken: theirs is a version that was sent while the peer was not known to have the
	// record, or to have it alive, and arrived only after the deletion that both sides agreed on.
	Overtaken bool
	// Undated: theirs is dated so far in the future that its stamp says nothing
	// (PROMISES 6).
	Undated bool
	// Wider: theirs is the version that both sides agreed on, seen from another
	// side: it has the same stamp, and more fields. Eden nests a link record in
	// both its masters, each time without the reference that the nesting implies.
	Wider bool
	// Keyed: what theirs has more in a Wider view is only by which field it points to the
	// master below which it was seen before.
	Keyed bool
	// Delivered: the peer has our version, and shows it in a form of its own, which is what
	// both sides agreed on: a file lies under another address there.
	Delivered bool
	// Circles: theirs has come and gone more than once by the word of peers, in turns with ours, and
	// is dated right after it: two versions change places, as where several laptops
	// synchronise with the same two servers, and each takes the one for an edit of the other.
	Circles bool
	// Moved: theirs is a component of another record than it was when both sides agreed,
	// and than ours is. That is no content.
	Moved bool
}

// An Action is what must be done with a received record.
type Action uint8

// The actions.
const (
	ActNothing  Action = iota // the same here and there: agree on it
	ActTake                   // theirs becomes ours
	ActKeep                   // ours stays, and the peer is known to differ
	ActKeepSend               // ours stays and must be sent again
	ActSkip                   // not for us: leave everything as it is
	ActSettle                 // both changed: see Settle
)

// A Verdict is a decision and the rule that led to it, in words for the log.
type Verdict struct {
	Action Action
	State  State
	Method Method
	Rule   string
}

// Method returns what the import would do to the record, in Eden's words.
func (s Situation) Method() Method {
	switch {
	case s.Theirs.Deleted && s.Theirs.ReplacedBy != "":
		return MethodMerge
	case s.Theirs.Deleted:
		return MethodDelete
	case !s.Known:
		return MethodCreate
	}
	return MethodUpdate
}

// RuleOnlyHere keeps our version: the peer has what both sides had.
const RuleOnlyHere = "changed only here"

// RuleOwnForm keeps our version against the form in which the peer has it.
const RuleOwnForm = "the same in a form of its own"

// RuleWentBack keeps our version against a former one of the peer's own: it
// confirmed ours, and says now what it said before (PROMISES 5).
const RuleWentBack = "older than what was agreed"

// RuleWider takes what the version that both sides agreed on says where it is shown elsewhere.
const RuleWider = "another view of the same version"

// RuleCircles lets one of two versions that change places for ever stay.
const RuleCircles = "changed places again and again"

// Decide says what becomes of a received record. It looks at the base first and
// at the clock last: what only one side changed is no question of time
// (DESIGN §4, §5; PROMISES 6).
func (r Rules) Decide(s Situation) Verdict {
	m := s.Method()
	switch {
	case !s.Known && s.Theirs.Deleted:
		return Verdict{ActNothing, StateUnchanged, m, "deleted, never here"}
	case !s.Known && !r.Strategy.Allows(MethodCreate):
		return Verdict{ActSkip, StateFiltered, m, "strategy without create"}
	case !s.Known && !r.Update.AcceptsNew(s.theirStamp()):
		return Verdict{ActSkip, StateFiltered, m, "MASTER: not from the originator"}
	case !s.Known:
		return Verdict{ActTake, StateCreated, m, "create"}
	case s.Ours.Hash == s.Theirs.Hash && s.Moved && r.follows(s):
		return Verdict{ActTake, StateUpdated, m, m.String() + " " + r.Update.name()}
	case s.Ours.Hash == s.Theirs.Hash:
		return Verdict{ActNothing, StateUnchanged, m, "same"}
	case s.Ours.Deleted && s.Theirs.Deleted && (s.Theirs.ReplacedBy == "" || s.Ours.ReplacedBy != ""):
		// What became of it is told once: two servers may tell it differently for ever.
		return Verdict{ActNothing, StateUnchanged, m, "deleted on both sides"}
	case s.HasBase && s.Theirs.Hash == s.BaseHash && s.Delivered:
		return Verdict{ActKeep, StateUnchanged, m, RuleOwnForm}
	case s.HasBase && s.Theirs.Hash == s.BaseHash:
		return Verdict{ActKeep, StateKept, m, RuleOnlyHere}
	case s.Wider && s.Keyed && !s.ChangedHere: // it says nothing new
		return Verdict{ActTake, StateUnchanged, m, RuleWider}
	case s.Wider && !s.ChangedHere:
		return Verdict{ActTake, StateUpdated, m, RuleWider}
	case !r.Strategy.Allows(m):
		return Verdict{ActSkip, StateFiltered, m, "strategy without " + m.String()}
	case s.Circles && s.outranks():
		return Verdict{ActSettle, StateConflict, m, RuleCircles}
	case s.Ours.Deleted && s.Theirs.Deleted: // nothing clashes, and theirs says what became of it
		return Verdict{ActTake, StateMerged, m, "deleted on both sides, merged there"}
	case s.ChangedHere:
		return Verdict{ActSettle, StateConflict, m, "changed on both sides"}
	case s.Undated && r.Update.name() == string(PolicyNewer) && !s.grown():
		return Verdict{ActSettle, StateConflict, m, "dated in the future"}
	case s.Overtaken && r.Update.name() == string(PolicyNewer): // however it is dated
		return Verdict{ActKeepSend, StateKept, m, "deleted since it was sent"}
	case r.accepts(s):
		return Verdict{ActTake, takenState(m), m, m.String() + " " + r.Update.name()}
	case r.Update == PolicyThis:
		return Verdict{ActKeepSend, StateKept, m, "update THIS"}
	case s.Overtaken:
		return Verdict{ActKeepSend, StateKept, m, "deleted since it was sent"}
	case s.HasBase && s.SeenBefore && r.Update.name() == string(PolicyNewer):
		return Verdict{ActKeep, StateKept, m, RuleWentBack}
	}
	return Verdict{ActKeep, StateKept, m, "update " + r.Update.name()}
}

// accepts reports whether the update policy lets theirs replace ours.
func (r Rules) accepts(s Situation) bool {
	return r.Update.Accepts(s.Ours.Stamp, s.theirStamp()) || r.Update.name() == string(PolicyNewer) && s.grown()
}

// follows reports whether ours may go where theirs went, as it is.
func (r Rules) follows(s Situation) bool { return r.Strategy.Allows(s.Method()) && r.accepts(s) }

// grown reports whether theirs must be newer whatever its stamp says: ours is
// what the peer had before, and theirs is nothing we ever had. A former version
// that comes back with its old stamp means that the peer went back in time
// (PROMISES 5 and 6).
func (s Situation) grown() bool { return s.HasBase && !s.ChangedHere && !s.SeenBefore }

// outranks reports whether ours is the one of two that is to stay; a deletion stays, which a
// server dates when it hears of it.
func (s Situation) outranks() bool {
	if s.Ours.Deleted != s.Theirs.Deleted {
		return s.Ours.Deleted
	}
	return Outranks(s.Ours.Hash, s.Theirs.Hash)
}

// Outranks reports which of two versions stays where they would change places for ever: everybody
// says the same, by their content alone.
func Outranks(ours, theirs Hash) bool { return bytes.Compare(ours[:], theirs[:]) > 0 }

// theirStamp fills in the mci that Eden leaves out. An absent one counts as 2
// (spec eden-sync-protocol §11.9), but a deletion never carries one: for a
// record that we have straight from its originator, the originator's deletion
// is the master's word (the manual's promise, which Eden's code breaks: W22).
func (s Situation) theirStamp() Stamp {
	stamp := s.Theirs.Stamp
	if stamp.MCI == MCIUnknown {
		stamp.MCI = 2
		if s.Theirs.Deleted && s.HasBase && s.Ours.MCI == 1 {
			stamp.MCI = 1
		}
	}
	return stamp
}

func takenState(m Method) State {
	switch m {
	case MethodDelete:
		return StateDeleted
	case MethodMerge:
		return StateMerged
	case MethodCreate:
		return StateCreated
	}
	return StateUpdated
}

func (p Policy) name() string {
	if p == "" {
		return string(PolicyNewer)
	}
	return string(p)
}
