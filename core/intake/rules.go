package intake

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Rules are how a batch is to be applied.
type Rules struct {
	Repository int64  // the peer's local id
	Run, Peer  string // run id and peer's name, for history and log
	core.Rules
	// Own are the rules of tables that have some of their own, whatever brings their records:
	// components come with their masters, and others along with what points to them.
	Own map[core.Resource]core.Rules

	Offset time.Duration // the peer's clock minus ours
	Now    core.MTime    // by the peer's clock
	// Partial: absent fields are untouched, as in a push we receive. Otherwise
	// the document is a full export, as in a pull.
	Partial bool
	// Shows, if not nil, says of a push that leaves out only what is empty there, as an
	// Eden's own does, whether it shows that the peer's table has the column: what the
	// peer had sent in it and leaves out of a later version was emptied there.
	Shows func(resource core.Resource, field string) bool
	// Unseen are tables of which only some records were asked for: what points to others may
	// be missing (core.Record.FillIn).
	Unseen map[core.Resource]bool
	// Leads tell how records were dated when the peer was asked, just before, what they point to in
	// such tables: what one that is still dated so lacks was emptied.
	Leads map[core.Link]core.MTime
	// Passive: we answer a peer and do not know what it has applied. Its edit
	// is judged by the version it says it grew from (BasedOn), else by what it
	// was given: everything up to ServedSeq.
	Passive   bool
	ServedSeq int64
	// Serves: others pull from us. They have seen the stamps of what is here: what is dated before
	// them would be a former version to them, and a field that it lacks not cleared.
	Serves bool
	// Others: there are other repositories, which are to hear of what changes here.
	Others bool
	// Based: the peer is a Fieldsync, which says of every edit what it grew from. What
	// says nothing was sent before anything was agreed on.
	Based bool
	// Explicit: what the peer shows of a record is all that it has of it, as a Fieldsync's is. An
	// Eden leaves out the key to the master below which it shows a component.
	Explicit bool
	// Gone are the records that are shown as deleted in what is applied together: an Eden may show
	// what it emptied as it deleted one before that one.
	Gone map[core.Link]bool
	// LastPull is up to when the peer's stamps are known to have been no future ones
	// when they came: what is done there later is dated later.
	LastPull core.MTime
	// Confirmed: a person trusts the stamps, even those of the future.
	Confirmed bool
	// Filter is false for records that the task excludes; nil: all.
	Filter func(*core.Record) bool
	// Hold, if not nil, is told of each deletion instead of its being applied:
	// it is quarantined with that reason until the brake has judged the run.
	Hold func(l core.Link) (reason string)
	// Because, if not "", stands in the history in place of the rule by which
	// theirs is taken: a person said so.
	Because string
	// Made, if not nil, tells that the uuid was made on this node. A record of
	// that kind which is not known here, in no table, and would be taken means that this store has
	// forgotten what the peer still has: Apply then returns a Problem NodeWentBack. A
	// tombstone of one leaves no trace here, so it would raise the question for ever.
	Made func(uuid string) bool
	// Told, if not nil, learns what became of each record and why.
	Told func(rec *core.Record, v core.Verdict)
	// Stands, if not nil, learns of each record whose version here is the received
	// one now, to the stamp; so far as the transaction goes.
	Stands func(l core.Link, content core.Hash, modifiedOn core.MTime)
	// Conflict, if not nil, learns of each conflict that was stored.
	Conflict func(core.Conflict)
	// Hasher, if not nil, lends its buffers; Rules then serve one goroutine.
	Hasher *core.Hasher
	desk   *pass // where the records are decided about, one after the other, if there is a Hasher
	// Columns tells which fields the peer's table has; nil if nobody knows. Where it
	// was not asked yet Apply ends with Unasked. A nil func: every field is there.
	Columns func(core.Resource) (has map[string]bool, asked bool)
	// Lost, if not nil, learns of each field that is kept here although the peer has
	// no column for it any more.
	Lost func(core.Resource, string)
}

// of returns the rules for the records of a table.
func (rules *Rules) of(resource core.Resource) core.Rules {
	if own, has := rules.Own[resource]; has {
		return own
	}
	return rules.Rules
}

// hides reports whether theirs may lack what it points to at the peer.
func (rules *Rules) hides(theirs *core.Record) bool {
	asked := rules.Leads[theirs.Link()]
	return len(rules.Unseen) > 0 && (asked == 0 || asked != theirs.ModifiedOn)
}

// heard reports whether others than the peer hear of our versions.
func (rules *Rules) heard() bool { return rules.Passive || rules.Serves || rules.Others }

// change is how what replaces a version by these rules is noted.
func (rules *Rules) change(rule string) core.Change {
	return core.Change{Run: rules.Run, Rule: rule, By: rules.Peer, Origin: rules.Repository, At: rules.Now}
}

func (rules *Rules) count(counts *core.Counts, r *core.Record, v core.Verdict) {
	counts.Count(v.State)
	if rules.Told != nil {
		rules.Told(r, v)
	}
}

// dated is the stamp of a version that came without one, as Eden sends its super-entities
// (org_site): that of the version with this content, if both sides or we have it.
// Another is new: a missing stamp means "now" (spec eden-sync-protocol §11.5).
func (rules *Rules) dated(head core.Head, content core.Hash) core.MTime {
	switch {
	case head.HasBase && head.BaseHash == content:
		return head.BaseModifiedOn
	case head.Known && head.Hash == content:
		return head.ModifiedOn
	}
	return rules.Now
}

// undated reports whether a stamp is more than a day after now, by the later of
// the two clocks: nobody can have edited anything then.
func (rules *Rules) undated(stamp core.MTime) bool {
	now := max(rules.Now, rules.Now.Add(-rules.Offset))
	return !rules.Confirmed && stamp > now.Add(core.MaxClockDifference)
}

// stands tells that our version, which has that stamp, has the content of theirs.
func (rules *Rules) stands(theirs *core.Record, content core.Hash, modifiedOn core.MTime) {
	if rules.Stands != nil && theirs.ModifiedOn == modifiedOn {
		rules.Stands(theirs.Link(), content, modifiedOn)
	}
}

// standing is the stamp with which a received version stands here. One that was
// pushed to us never takes ours back, or who has pulled since would not hear of
// the change (W4); and it is not days ahead, or everybody would get it with each
// pull for ever and refuse later edits (W8).
func (rules *Rules) standing(stamp core.MTime, ours *core.Record) core.MTime {
	if !rules.Passive {
		return stamp
	}
	if rules.undated(stamp) {
		stamp = rules.Now.Add(-rules.Offset)
	}
	if ours != nil {
		stamp = max(stamp, ours.ModifiedOn)
	}
	return stamp
}
