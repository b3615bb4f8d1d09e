// Package intake applies received records to the store by the rules of core:
// for a pull on the active side and for a push that a peer makes to us. It
// decides each record, writes the outcome, its base, its history and its
// conflict in the caller's transaction, and counts each record in exactly one
// state.
package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// BasedOn is the attribute in which a Fieldsync tells its peer which version an
// edit grew from: the hexadecimal core.Hash of the content. Eden ignores it.
const BasedOn = "based_on"

// Rules are how a batch is to be applied.
type Rules struct {
	Repository int64  // the peer's local id
	Run, Peer  string // run id and peer's name, for history and log
	core.Rules

	Offset time.Duration // the peer's clock minus ours
	Now    core.MTime    // by the peer's clock
	// Partial: absent fields are untouched, as in a push we receive. Otherwise
	// the document is a full export, as in a pull.
	Partial bool
	// Shows, if not nil, says of a push that leaves out only what is empty there, as an
	// Eden's own does, whether it shows that the peer's table has the column: what the
	// peer had sent in it and leaves out of a later version was emptied there.
	Shows func(resource core.Resource, field string) bool
	// Passive: we answer a peer and do not know what it has applied. Its edit
	// is judged by the version it says it grew from (BasedOn), else by what it
	// was given: everything up to ServedSeq.
	Passive   bool
	ServedSeq int64
	// Serves: others pull from us. They have seen the stamps of what is here: what is dated before
	// them would be a former version to them, and a field that it lacks not cleared.
	Serves bool
	// Based: the peer is a Fieldsync, which says of every edit what it grew from. What
	// says nothing was sent before anything was agreed on.
	Based bool
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
	// that kind which is not known here and would be taken means that this store has
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

// Apply decides about one top-level record and each component nested in it. The
// error is trouble with the store, or Unasked if rules.Columns has to be asked
// first; what is wrong with a record itself ends as its state.
func Apply(ctx context.Context, tx Tx, rules *Rules, rec *core.Record) (core.Counts, error) {
	return Continue(ctx, tx, rules, Received{Record: rec})
}

// Continue is Apply without the first in.Done records of the tree, which were decided
// about and counted before.
func Continue(ctx context.Context, tx Tx, rules *Rules, in Received) (core.Counts, error) {
	var counts core.Counts
	rec := in.Record
	if in.sums == nil {
		unnest(rec)
	}
	if rules.Filter != nil && !rules.Filter(rec) {
		err := rec.Walk(func(r *core.Record) error {
			rules.count(&counts, r, core.Verdict{Action: core.ActSkip, State: core.StateFiltered, Rule: "filter"})
			return nil
		})
		return counts, err
	}
	h := rules.Hasher
	if h == nil {
		h = new(core.Hasher)
	}
	n := 0
	err := rec.Walk(func(r *core.Record) error {
		if n++; n <= in.Done {
			return nil
		}
		v, err := applyOne(ctx, tx, rules, r, in.sum(n-1), h)
		if err != nil {
			if unasked := (*Unasked)(nil); errors.As(err, &unasked) {
				unasked.Done = n - 1
				return unasked
			}
			return fmt.Errorf("apply %s %s: %w", r.Resource, r.UUID, err)
		}
		if v.State != 0 {
			rules.count(&counts, r, v)
		}
		return nil
	})
	return counts, err
}

// unnest puts right what only looks like a component. Eden nests a person under
// its staff record once for each thing it reaches through that person, although
// the staff record already points to it: such a record stands for itself, and
// counts once.
func unnest(rec *core.Record) {
	if len(rec.Components) == 0 {
		return
	}
	dropTwins(rec)
	for i := range rec.Components {
		c := &rec.Components[i]
		if pointsTo(rec, c.UUID) {
			c.Master, c.Alias = core.Link{}, ""
		}
		unnest(c)
	}
}

// dropTwins leaves out components that were there before, or are the record itself.
func dropTwins(rec *core.Record) {
	if len(rec.Components) <= fewComponents && !hasTwins(rec) {
		return
	}
	seen := map[core.Link]bool{rec.Link(): true}
	rec.Components = slices.DeleteFunc(rec.Components, func(c core.Record) bool {
		twice := seen[c.Link()]
		seen[c.Link()] = true
		return twice
	})
}

// fewComponents is up to how many components they are compared with each other: nearly
// all records have no more.
const fewComponents = 8

func hasTwins(rec *core.Record) bool {
	for i := range rec.Components {
		l := rec.Components[i].Link()
		if l == rec.Link() {
			return true
		}
		for j := range i {
			if rec.Components[j].Link() == l {
				return true
			}
		}
	}
	return false
}

func pointsTo(rec *core.Record, uuid string) bool {
	for i := range rec.Fields { // by index: a field is large
		if v := &rec.Fields[i].Value; v.Kind == core.Reference && v.Str == uuid {
			return true
		}
	}
	return false
}

func (rules *Rules) count(counts *core.Counts, r *core.Record, v core.Verdict) {
	counts.Count(v.State)
	if rules.Told != nil {
		rules.Told(r, v)
	}
}

// applyOne decides about one record, without its components. The fast way, for
// a record that both sides have unchanged, costs one hash and one query. sum is that of
// r, or zero.
func applyOne(ctx context.Context, tx Tx, rules *Rules, r *core.Record, sum core.Hash, h *core.Hasher) (core.Verdict, error) {
	basedOn, digest := takeBasedOn(r), takeDigest(r)
	head, err := tx.Head(ctx, rules.Repository, r.Link())
	if err != nil {
		return core.Verdict{}, err
	}
	if sum.IsZero() {
		sum = h.Sum(r)
	}
	unstamped := r.ModifiedOn == 0
	if unstamped {
		r.ModifiedOn = rules.dated(head, sum)
	}
	if head.HasBase && sum == head.BaseHash && head.Hash == sum && !rules.mayHaveMoved(head, r) {
		rules.stands(r, sum, head.ModifiedOn)
		v := core.Verdict{Action: core.ActNothing, State: core.StateUnchanged, Rule: "same"}
		if err := dropHeld(ctx, tx, rules, r); err != nil {
			return v, err
		}
		if err := agree(ctx, tx, rules, head, r); err != nil || digest.IsZero() {
			return v, err
		}
		// A component may come below several masters: its digests would take turns.
		return v, tx.SetDigest(ctx, rules.Repository, r.Link(), digest, r.Master.IsZero())
	}
	p := rules.pass()
	defer p.clear()
	// One after the other, as a pass is large: put together it would be made twice.
	p.tx, p.rules, p.head, p.hasher = tx, rules, head, h
	p.theirs, p.came, p.basedOn, p.digest = *r, sum, basedOn, digest
	if err := p.complete(ctx, sum); err != nil {
		return core.Verdict{}, err
	}
	if unstamped { // with what it left out it may be a version that is known
		p.theirs.ModifiedOn = rules.dated(head, p.sum)
		p.whole.ModifiedOn = p.theirs.ModifiedOn
	}
	s, err := p.situation(ctx)
	if err != nil {
		return core.Verdict{}, err
	}
	v := rules.Decide(s)
	// The row of a super-entity (org_site) has the uuid of what it stands for, and no stamp.
	if !head.Known && !unstamped && v.Action == core.ActTake && rules.Made != nil && rules.Made(r.UUID) {
		return core.Verdict{}, &core.Problem{Kind: core.NodeWentBack, Err: fmt.Errorf("%s has a record that was made here and is not known", rules.Peer)}
	}
	if v.Action == core.ActTake && rules.Because != "" {
		v.Rule = rules.Because
	}
	if err := dropHeld(ctx, tx, rules, r); err != nil {
		return v, err
	}
	return p.carryOut(ctx, v)
}

// mayHaveMoved reports whether a component of which nothing else changed has to be looked at:
// whether it belongs to another record by now, there or here.
func (rules *Rules) mayHaveMoved(head core.Head, r *core.Record) bool {
	return head.HasMaster && (head.Unsent() || !r.Master.IsZero() && r.ModifiedOn != head.BaseModifiedOn)
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

// dropHeld drops a deletion that a brake holds: the record is alive there again.
func dropHeld(ctx context.Context, tx Tx, rules *Rules, r *core.Record) error {
	if r.Deleted {
		return nil
	}
	return tx.ClearQuarantine(ctx, rules.Repository, r.Link(), false)
}

// stands tells that our version, which has that stamp, has the content of theirs.
func (rules *Rules) stands(theirs *core.Record, content core.Hash, modifiedOn core.MTime) {
	if rules.Stands != nil && theirs.ModifiedOn == modifiedOn {
		rules.Stands(theirs.Link(), content, modifiedOn)
	}
}

// takeBasedOn removes the attribute from r and returns its hash, zero if there
// is none.
func takeBasedOn(r *core.Record) (h core.Hash) {
	i := basedOnAt(r)
	if i < 0 {
		return h
	}
	if b, err := hex.DecodeString(r.Attrs[i].Value); err == nil && len(b) == len(h) {
		copy(h[:], b)
	}
	r.Attrs = slices.Delete(r.Attrs, i, i+1)
	return h
}

// basedOnAt returns where the attribute stands; -1 if there is none.
func basedOnAt(r *core.Record) int {
	return slices.IndexFunc(r.Attrs, func(a core.Attr) bool { return a.Name == BasedOn })
}

// takeDigest removes the digest from r and returns it: only where r as it came is
// what both sides have in the end does it go into the store. It is zero where the
// bytes do not say all, or where there is more to do than to compare.
func takeDigest(r *core.Record) core.Digest {
	d := r.Digest
	r.Digest = core.Digest{}
	if r.Deleted || r.ModifiedOn == 0 {
		return core.Digest{}
	}
	return d
}

// agree notes the peer's stamp of a version that is the same on both sides. It
// writes nothing if that is known already, so that a quiet sync stays quiet.
func agree(ctx context.Context, tx Tx, rules *Rules, head core.Head, r *core.Record) error {
	orphan := !head.HasMaster && !r.Master.IsZero() // seen alone before: now its master is known
	if head.HasBase && head.BaseModifiedOn == r.ModifiedOn && head.BaseSeq >= head.Seq && head.Hash == head.BaseHash && !orphan {
		return nil
	}
	ours, err := tx.Record(ctx, r.Link())
	if err != nil {
		return err
	}
	if orphan {
		ours.Master, ours.Alias = r.Master, r.Alias
	}
	before := ours
	if r.ModifiedOn >= ours.ModifiedOn {
		ours.TakeOwner(&before, r)
	}
	stamp := rules.standing(r.ModifiedOn, &ours)
	if orphan || ours.ModifiedOn != stamp || !core.SameOwner(&ours, &before) {
		ours.ModifiedOn = stamp
		if err := tx.Touch(ctx, &ours); err != nil {
			return err
		}
	}
	ours.ModifiedOn = r.ModifiedOn
	return tx.SetBase(ctx, rules.Repository, &ours, core.SeqCurrent)
}

// A pass is the slow way through one record: the sides are loaded.
type pass struct {
	tx     Tx
	rules  *Rules
	head   core.Head
	hasher *core.Hasher

	theirs   core.Record  // completed
	sum      core.Hash    // of theirs
	came     core.Hash    // of theirs as it came, before it was completed
	basedOn  core.Hash    // of what it grew from, as the peer says; zero: it does not
	digest   core.Digest  // of the bytes it came as
	whole    core.Record  // what the peer has: theirs without what only we know of it
	taken    core.Record  // theirs as it becomes ours
	agreed   core.Record  // and as the base that both sides have then
	more     bool         // theirs has something that whole has not
	unplaced bool         // all that was changed here is in fields for which the peer has no column
	ours     *core.Record // nil if unknown here
	base     *core.Record // nil if not known
	changed  bool         // here, since the base
	late     bool         // sent before what the peer sent since, and overtaken on the way
	apart    bool         // theirs did not grow from what the peer may have of us
	moved    bool         // theirs is a component of another record than it was, and than ours
}

// pass returns the room for a pass.
func (rules *Rules) pass() *pass {
	if rules.Hasher == nil {
		return new(pass)
	}
	if rules.desk == nil {
		rules.desk = new(pass)
	}
	return rules.desk
}

// clear lets go of the record.
func (p *pass) clear() { *p = pass{} }

// complete loads our version and the base and fills in what theirs leaves out.
func (p *pass) complete(ctx context.Context, sum core.Hash) error {
	link := p.theirs.Link()
	if p.head.Known {
		ours, err := p.tx.Record(ctx, link)
		if err != nil {
			return err
		}
		p.ours = &ours
	}
	if err := p.loadBase(ctx, link, sum); err != nil {
		return err
	}
	came := p.theirs
	if err := p.fillIn(ctx); err != nil {
		return err
	}
	if p.rules.Passive && !p.basedOn.IsZero() && p.followsOn() {
		p.base = p.ours
	}
	if err := p.findMaster(ctx, &came); err != nil {
		return err
	}
	p.changed = p.changedHere() && !p.unplaced
	p.leaveKeyOut()
	if p.sum = sum; p.base != nil || p.ours != nil { // else there was nothing to fill in
		p.sum = p.hasher.Sum(&p.theirs)
	}
	p.late = p.rules.Based && p.basedOn.IsZero() && p.head.HasBase && p.theirs.ModifiedOn < p.head.BaseModifiedOn
	return nil
}

// fillIn completes theirs. Without a base, what only we have is kept, but the
// peer is known not to have it: it must still be sent. The same holds of what stood
// in a column that the peer has lost.
func (p *pass) fillIn(ctx context.Context) error {
	switch {
	case p.base != nil && p.rules.Shows != nil && !p.theirs.Deleted && !p.base.Deleted:
		return p.fillInShown(ctx)
	case p.base != nil:
		p.whole = core.Complete(&p.theirs, p.base, !p.rules.Partial)
		lost, err := p.lost(ctx)
		if err != nil {
			return err
		}
		p.theirs, p.more = p.whole, len(lost) > 0
		if p.more {
			p.theirs = p.whole.Clone()
			p.theirs.Fields = append(p.theirs.Fields, lost...)
		}
		return p.keepUnplaced(ctx)
	case p.ours != nil && (!p.rules.Partial || p.rules.Shows != nil):
		known := *p.ours
		if p.head.Origin != p.rules.Repository { // they may have its stamp because we sent it, and not all of it
			known.ModifiedOn = 0
		}
		p.whole = core.Complete(&p.theirs, &known, true)
		p.theirs = core.Complete(&p.theirs, p.ours, false)
		p.more = !core.SameContent(&p.theirs, &p.whole)
	case p.ours == nil && !hasNull(&p.theirs):
		p.theirs.Components = nil
		p.whole = p.theirs
	default:
		p.whole = core.Complete(&p.theirs, p.ours, false)
		p.theirs = p.whole
	}
	return nil
}

// followsOn reports whether ours is what this peer sent itself before it made theirs: it never
// heard that this arrived, and says that theirs grew from the version before.
func (p *pass) followsOn() bool {
	return p.head.HasBase && p.head.Origin == p.rules.Repository && p.head.Hash == p.head.BaseHash && p.theirs.ModifiedOn > p.head.BaseModifiedOn
}

// findMaster says what theirs, which came so, is a component of, like a field of which
// one side may have changed what both had. What only we have moved stays where it is here, and
// the peer lacks it.
func (p *pass) findMaster(ctx context.Context, came *core.Record) error {
	if p.ours == nil || p.theirs.Deleted || p.ours.Deleted || p.ours.Master.IsZero() || p.base == nil && p.rules.Passive {
		return nil
	}
	there, movedThere, err := p.masterThere(ctx, came)
	if err != nil || there.IsZero() {
		return err
	}
	switch {
	case there == p.ours.Master:
	case movedThere:
		p.moved = true
	case p.rules.Passive || p.base == nil || there == p.base.Master: // moved here, and not there
		p.more = true
	default:
		return nil
	}
	p.theirs.Master, p.whole.Master = p.ours.Master, there
	if p.moved {
		p.theirs.Master = there
	}
	return nil
}

// masterThere returns which master the peer gives the record, and whether it has moved it
// there. Who calls us has not if the record has had that master here before and the
// peer is not known to have heard that it has another one by now.
func (p *pass) masterThere(ctx context.Context, came *core.Record) (there core.Link, moved bool, err error) {
	switch {
	case p.base == nil: // nothing tells but the stamps
		return p.whole.Master, p.theirs.ModifiedOn > p.ours.ModifiedOn, nil
	case !p.rules.Passive:
		return p.whole.Master, !p.base.Master.IsZero() && p.whole.Master != p.base.Master, nil
	}
	there = core.MasterOf(came, p.ours)
	if there == p.ours.Master || p.head.HasBase && came.ModifiedOn <= p.head.BaseModifiedOn {
		return there, false, nil
	}
	if p.head.Seq <= p.rules.ServedSeq || p.head.HasBase && !p.head.Unsent() {
		return there, true, nil
	}
	before, err := p.tx.Since(ctx, came.Link(), core.SeqNone)
	known := slices.ContainsFunc(before, func(r core.Record) bool { return r.Master == there })
	return there, !known && p.base.Master != there, err
}

// leaveKeyOut takes out of theirs, which an Eden shows by itself, by which field it points to
// the master below which it was seen before: against a change of ours, a move too, that is no
// other one.
func (p *pass) leaveKeyOut() {
	if p.rules.Passive || p.rules.Based || p.base == nil || p.ours == nil || p.theirs.Deleted || p.whole.Master != p.base.Master {
		return
	}
	if !p.changed && !p.unplaced && p.ours.Master == p.base.Master {
		return
	}
	isKey := func(f core.Field) bool {
		_, known := p.base.Field(f.Name)
		return !known && f.Links(p.base.Master)
	}
	if slices.ContainsFunc(p.theirs.Fields, isKey) {
		p.theirs.Fields = slices.DeleteFunc(slices.Clone(p.theirs.Fields), isKey)
		p.whole.Fields = slices.DeleteFunc(slices.Clone(p.whole.Fields), isKey)
	}
}

func isNull(f *core.Field) bool { return f.Value.Kind == core.Null }

func hasNull(rec *core.Record) bool {
	for i := range rec.Fields { // by index: a field is large
		if isNull(&rec.Fields[i]) {
			return true
		}
	}
	return false
}

// hasWhole is the seq for SetBase of a version we took over: ours is then what
// the peer has, unless ours has more.
func (p *pass) hasWhole() int64 {
	if p.more {
		return core.SeqNone
	}
	return core.SeqCurrent
}

// loadBase finds the common past of the two versions. Without a base on record,
// a former version of ours that the peer has is one: we sent it and never heard
// what became of it.
func (p *pass) loadBase(ctx context.Context, link core.Link, sum core.Hash) error {
	switch {
	case !p.basedOn.IsZero():
		return p.found(p.tx.VersionByHash(ctx, link, p.basedOn))
	case p.rules.Passive && p.head.Seq <= p.rules.ServedSeq && p.ours != nil:
		return p.found(*p.ours, nil) // what the peer was last given is what it edited
	case p.head.HasBase:
		return p.found(p.tx.Base(ctx, p.rules.Repository, link))
	case p.ours != nil && sum != p.head.Hash:
		if err := p.found(p.tx.VersionByHash(ctx, link, sum)); err != nil || p.base != nil || p.rules.Passive {
			return err
		}
		return p.loadUncertain(ctx, link)
	}
	return nil
}

// loadUncertain takes for the common past what was sent to the peer when it was not known
// to have the record: it may have arrived though nobody said so, and theirs grew from it
// unless it is dated before. What came here meanwhile, from another peer say, is then a
// change of ours. Nothing tells what a version that is dated before it grew from.
func (p *pass) loadUncertain(ctx context.Context, link core.Link) error {
	sent, stamp, err := p.tx.Uncertain(ctx, p.rules.Repository, link)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if p.theirs.ModifiedOn >= stamp {
		if err := p.found(p.tx.VersionByHash(ctx, link, sent)); err != nil {
			return err
		}
	}
	if p.apart = p.base == nil; !p.apart {
		p.base.ModifiedOn = stamp
		p.arrived()
	}
	return nil
}

// arrived leaves of a base that may have arrived what theirs shows of it. A field that is
// not there was perhaps cleared, but perhaps there was no column for it at the time, or
// nothing that it could point to, and it never arrived: no value is lost on a guess. It
// counts as added here since, and is sent again.
func (p *pass) arrived() {
	if p.theirs.Deleted || p.base.Deleted {
		return
	}
	base := p.base.Clone()
	base.Fields = slices.DeleteFunc(base.Fields, func(f core.Field) bool {
		_, there := p.theirs.Field(f.Name)
		implied := f.Links(p.theirs.Master) || f.Links(base.Master) // by nesting
		return !there && !implied
	})
	p.base = &base
}

// found makes a version the base, if there is one.
func (p *pass) found(base core.Record, err error) error {
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err == nil {
		p.base = &base
	}
	return err
}

// changedHere reports whether our version has something that the peer did not
// know when it made its own.
func (p *pass) changedHere() bool {
	switch {
	case p.ours == nil:
		return false
	case p.apart:
		return true
	case !p.rules.Passive && !p.head.HasBase && p.base != nil:
		return p.head.Hash != p.hasher.Sum(p.base) // the peer has, or may have, a former version of ours
	case !p.rules.Passive:
		return p.head.ChangedHere()
	case !p.basedOn.IsZero():
		return p.head.Hash != p.basedOn && !p.followsOn()
	case p.head.Seq <= p.rules.ServedSeq:
		return false
	case p.base != nil:
		return p.head.Hash != p.hasher.Sum(p.base)
	}
	return false // Eden's rule: without a common past there is no conflict
}

func (p *pass) situation(ctx context.Context) (core.Situation, error) {
	s := core.Situation{
		Known:       p.head.Known,
		Theirs:      core.Side{Stamp: p.theirStamp(), Hash: p.sum, Deleted: p.theirs.Deleted, ReplacedBy: p.theirs.ReplacedBy},
		ChangedHere: p.changed,
		Undated:     p.rules.undated(p.theirs.ModifiedOn),
		Moved:       p.moved,
	}
	if p.ours != nil {
		s.Ours = core.Side{Stamp: p.ourStamp(), Hash: p.head.Hash, Deleted: p.ours.Deleted, ReplacedBy: p.ours.ReplacedBy}
	}
	if p.base != nil {
		s.HasBase, s.BaseHash = true, p.hasher.Sum(p.base)
		s.Wider = p.theirs.ModifiedOn == p.base.ModifiedOn && widens(&p.theirs, p.base)
	}
	if p.late {
		s.SeenBefore = true
		return s, nil
	}
	if p.ours == nil || p.changed {
		return s, nil
	}
	overtaken, err := p.overtaken(ctx)
	if err != nil {
		return s, err
	}
	if overtaken != 0 && overtaken == p.theirs.ModifiedOn {
		s.SeenBefore, s.Overtaken = true, true
		return s, nil
	}
	if s.Theirs.ModifiedOn >= s.Ours.ModifiedOn.Add(-p.noise()) || overtaken == 0 && p.future() {
		return s, nil
	}
	_, err = p.tx.VersionByHash(ctx, p.theirs.Link(), p.sum)
	if errors.Is(err, core.ErrNotFound) {
		return s, nil
	}
	s.SeenBefore = err == nil
	s.Overtaken = s.SeenBefore && overtaken != 0
	return s, err
}

// overtaken returns how a version of ours was dated that was sent, and of which nobody ever
// heard, if one that is at the peer may have arrived so after the deletion of the record; else
// 0. A peer that was known to have had that one is not meant: it went back in time.
func (p *pass) overtaken(ctx context.Context) (core.MTime, error) {
	if p.rules.Passive || !p.head.HasBase || !p.ours.Deleted || p.theirs.Deleted || p.base == nil || !p.base.Deleted {
		return 0, nil
	}
	_, stamp, err := p.tx.Uncertain(ctx, p.rules.Repository, p.theirs.Link())
	if errors.Is(err, core.ErrNotFound) || err == nil && p.theirs.ModifiedOn < stamp {
		return 0, nil
	}
	return stamp, err
}

// noise is how much older theirs may be dated than what was agreed and yet be
// later. A peer that calls us says what its edit grew from: there is none.
func (p *pass) noise() time.Duration {
	if p.rules.Passive {
		return 0
	}
	return core.StampNoise
}

// future reports whether what was agreed may have been dated in the future then: it
// says nothing about what came after it.
func (p *pass) future() bool {
	return !p.rules.Passive && p.head.HasBase && p.head.Origin != 0 && p.head.BaseModifiedOn > p.rules.LastPull
}

// undated reports whether a stamp is more than a day after now, by the later of
// the two clocks: nobody can have edited anything then.
func (rules *Rules) undated(stamp core.MTime) bool {
	now := max(rules.Now, rules.Now.Add(-rules.Offset))
	return !rules.Confirmed && stamp > now.Add(core.MaxClockDifference)
}

// widens reports whether theirs has every field of base as it is there.
func widens(theirs, base *core.Record) bool {
	if theirs.Deleted || base.Deleted {
		return false
	}
	return !slices.ContainsFunc(base.Fields, func(f core.Field) bool { return !core.SameValue(f.Value, theirs.Value(f.Name)) })
}

func (p *pass) theirStamp() core.Stamp {
	return core.Stamp{ModifiedOn: p.theirs.ModifiedOn, MCI: p.theirs.MCI}
}

// ourStamp puts the stamp of an edit made here on the peer's clock. Once the peer
// has it, the peer's own stamp counts, whatever our clock said.
func (p *pass) ourStamp() core.Stamp {
	s := core.Stamp{ModifiedOn: p.ours.ModifiedOn, MCI: p.ours.MCI}
	switch {
	case p.rules.Passive:
	case p.head.HasBase && !p.changed:
		s.ModifiedOn = p.head.BaseModifiedOn
	case p.head.Origin == 0:
		s.ModifiedOn = core.Corrected(p.ours.ModifiedOn, p.rules.Offset, p.rules.Now, 0)
	}
	return s
}

// carryOut writes what the verdict says and returns the state it ended in. A
// verdict without state was put off by the brake.
func (p *pass) carryOut(ctx context.Context, v core.Verdict) (core.Verdict, error) {
	switch v.Action {
	case core.ActNothing:
		if p.theirs.Deleted { // what could not be read of it before is not to be made of it later
			if err := p.tx.ClearQuarantine(ctx, p.rules.Repository, p.theirs.Link(), false); err != nil {
				return v, err
			}
		}
		if !p.head.Known {
			return v, nil
		}
		return v, p.agree(ctx, v.Rule)
	case core.ActTake:
		return p.take(ctx, v)
	case core.ActKeep:
		// Found in our history: now it is known. Or only the stamp moved there: ours
		// must be dated after it, or the peer takes it for the older one.
		touched := !p.rules.Passive && p.head.HasBase && p.sum == p.head.BaseHash && p.theirs.ModifiedOn > p.head.BaseModifiedOn
		switch {
		case p.rules.Passive && p.moved:
			return v, p.putOurs(ctx, p.ours.Clone(), v.Rule, p.rules.Now.Add(-p.rules.Offset), 0)
		case !p.head.HasBase && p.base != nil || touched:
			if err := p.handOver(ctx, v.Rule); err != nil {
				return v, err
			}
			return v, p.tx.SetBase(ctx, p.rules.Repository, &p.whole, core.SeqNone)
		case !p.head.HasBase && !p.rules.Passive: // a stranger to us, which ours is going to replace there
			return v, p.keepAgainst(ctx, v.Rule)
		}
		return v, p.restamp(ctx)
	case core.ActKeepSend:
		if p.rules.Passive { // the caller learns it from our answer; nothing is to be sent
			return v, nil
		}
		return v, p.keepAndSend(ctx, v.Rule)
	case core.ActSettle:
		return p.settle(ctx, v)
	}
	return v, nil
}

// handOver gives our version, which stays, the owner that theirs has got, and the master: it
// would be moved back there. To all others that is an edit.
func (p *pass) handOver(ctx context.Context, rule string) error {
	ours := p.ours.Clone()
	ours.TakeOwner(p.base, &p.theirs)
	p.follow(&ours)
	switch {
	case p.moved:
		change := p.change(rule)
		change.Origin = p.head.Origin
		return p.tx.Put(ctx, &ours, change)
	case core.SameOwner(&ours, p.ours):
		return nil
	}
	return p.tx.Touch(ctx, &ours)
}

// follow gives a version of ours, which is going to be sent, the master that theirs has got,
// and has it point there.
func (p *pass) follow(ours *core.Record) {
	if !p.moved {
		return
	}
	for i := range ours.Fields {
		f := &ours.Fields[i]
		if theirs, is := p.theirs.Field(f.Name); f.Links(p.ours.Master) && !(is && theirs.Links(p.ours.Master)) {
			f.Value, f.Text = core.RefTo(p.theirs.Master.Resource, p.theirs.Master.UUID), ""
		}
	}
	ours.Master = p.theirs.Master
}

// restamp notes the peer's present stamp of the version that both sides agreed on:
// it was deleted and restored there, say. What we send must not be older, or an
// Eden refuses it.
func (p *pass) restamp(ctx context.Context) error {
	if p.rules.Passive || !p.head.HasBase || p.base == nil || p.head.BaseModifiedOn == p.theirs.ModifiedOn || p.sum != p.head.BaseHash {
		return nil
	}
	base := *p.base
	base.ModifiedOn = p.theirs.ModifiedOn
	return p.tx.SetBase(ctx, p.rules.Repository, &base, p.head.BaseSeq)
}

// agree notes that both sides have the same, though the documents differed in
// form. What only we have of it is to be sent.
func (p *pass) agree(ctx context.Context, rule string) error {
	if p.sum == p.head.Hash && p.hasWhole() == core.SeqNone {
		if !p.head.Unsent() { // a push looks only at what is new since the last one
			change := p.change(rule)
			change.Origin = p.head.Origin
			if err := p.tx.Put(ctx, p.ours, change); err != nil {
				return err
			}
		}
		return p.tx.SetBase(ctx, p.rules.Repository, &p.whole, core.SeqNone)
	}
	if p.sum == p.head.Hash {
		p.rules.stands(&p.theirs, p.sum, p.head.ModifiedOn)
		return agree(ctx, p.tx, p.rules, p.head, &p.theirs)
	}
	return p.tx.SetBase(ctx, p.rules.Repository, &p.theirs, p.head.Seq) // deleted on both sides
}

// take makes theirs our version.
func (p *pass) take(ctx context.Context, v core.Verdict) (core.Verdict, error) {
	if p.theirs.Deleted && p.rules.Hold != nil && (p.ours == nil || !p.ours.Deleted) {
		return p.hold(ctx, v)
	}
	p.taken = p.theirs
	rec := &p.taken
	p.inherit(rec)
	rec.ModifiedOn = p.rules.standing(rec.ModifiedOn, p.ours)
	if p.rules.Passive && p.more { // or the peer would take it for its own version
		rec.ModifiedOn = max(rec.ModifiedOn, p.theirs.ModifiedOn+1)
	}
	if p.rules.Serves && p.ours != nil && !p.rules.undated(p.ours.ModifiedOn) { // others have seen ours
		rec.ModifiedOn = max(rec.ModifiedOn, p.ours.ModifiedOn+1)
	}
	change := p.change(v.Rule)
	change.Content = p.sum // what was inherited is no content
	if err := p.tx.Put(ctx, rec, change); err != nil {
		return v, err
	}
	p.agreed = p.taken
	base := &p.agreed
	base.ModifiedOn = p.theirs.ModifiedOn
	if p.hasWhole() == core.SeqNone {
		*base = p.whole
	} else if p.sum == p.came {
		base.Digest = p.digest
	}
	if err := p.tx.SetBase(ctx, p.rules.Repository, base, p.hasWhole()); err != nil {
		return v, err
	}
	p.rules.stands(&p.theirs, p.sum, rec.ModifiedOn)
	return v, p.tx.ClearQuarantine(ctx, p.rules.Repository, rec.Link(), false)
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

// inherit keeps of our version what an import does not change: the mci (spec
// eden-sync-protocol §11.9), and what a tombstone does not carry.
func (p *pass) inherit(rec *core.Record) {
	if p.ours == nil {
		if rec.MCI == core.MCIUnknown {
			rec.MCI = 2
		}
		return
	}
	rec.MCI = p.ours.MCI
	if rec.CreatedOn == 0 {
		rec.CreatedOn = p.ours.CreatedOn
	}
	if rec.CreatedBy == "" {
		rec.CreatedBy = p.ours.CreatedBy
	}
	if rec.OwnedBy == "" {
		rec.OwnedBy = p.ours.OwnedBy
	}
	if rec.OwnedGroup == "" {
		rec.OwnedGroup = p.ours.OwnedGroup
	}
	if rec.Master.IsZero() {
		rec.Master, rec.Alias = p.ours.Master, p.ours.Alias
	}
}

// hold sets a deletion aside until the brake has judged the whole run.
func (p *pass) hold(ctx context.Context, v core.Verdict) (core.Verdict, error) {
	reason := p.rules.Hold(p.theirs.Link())
	if reason == "" {
		hold := p.rules.Hold
		p.rules.Hold = nil
		defer func() { p.rules.Hold = hold }()
		return p.take(ctx, v)
	}
	v.State = 0
	put := p.theirs
	if !p.basedOn.IsZero() { // it is decided about again, by that too
		put.Attrs = append(slices.Clone(put.Attrs), core.Attr{Name: BasedOn, Value: p.basedOn.String()})
	}
	return v, p.tx.AddQuarantine(ctx, core.Quarantine{
		RepositoryID: p.rules.Repository, Run: p.rules.Run, Record: put.Link(), Reason: reason,
		Content: encode(&put), Since: p.rules.Now,
	})
}

func (p *pass) change(rule string) core.Change {
	return core.Change{Run: p.rules.Run, Rule: rule, By: p.rules.Peer, Origin: p.rules.Repository, At: p.rules.Now}
}

// keepAndSend keeps ours against theirs and dates it so that the peer will take
// it. theirs, which lost, goes through the history.
func (p *pass) keepAndSend(ctx context.Context, rule string) error {
	if err := p.keepTheirs(ctx, rule); err != nil {
		return err
	}
	return p.putOurs(ctx, p.ours.Clone(), rule, p.rules.Now.Add(-p.rules.Offset), 0)
}

// keepAgainst keeps ours, as it is dated, against a version with which it has no
// common past: that one was never ours, and the next push replaces it there.
func (p *pass) keepAgainst(ctx context.Context, rule string) error {
	if err := p.keepTheirs(ctx, rule); err != nil {
		return err
	}
	return p.putOurs(ctx, p.ours.Clone(), rule, p.ours.ModifiedOn, p.head.Origin)
}

// keepTheirs lets a version of theirs that lost go through the history.
func (p *pass) keepTheirs(ctx context.Context, rule string) error {
	theirs := p.theirs
	p.inherit(&theirs)
	return p.tx.Put(ctx, &theirs, p.change(rule+": theirs"))
}

// putOurs stores a version that the peer does not have yet.
func (p *pass) putOurs(ctx context.Context, rec core.Record, rule string, stamp core.MTime, origin int64) error {
	rec.ModifiedOn = max(stamp, p.theirs.ModifiedOn)
	if p.base != nil {
		rec.TakeOwner(p.base, &p.theirs)
		p.follow(&rec)
	}
	change := p.change(rule)
	change.Origin = origin
	if err := p.tx.Put(ctx, &rec, change); err != nil {
		return err
	}
	return p.tx.SetBase(ctx, p.rules.Repository, &p.whole, core.SeqNone)
}

// settle decides a record that both sides changed.
func (p *pass) settle(ctx context.Context, v core.Verdict) (core.Verdict, error) {
	rules := p.rules.Rules
	// Neither has an edit that was made here on such a clock a stamp that says anything.
	if (p.rules.undated(p.theirs.ModifiedOn) || p.rules.undated(p.ours.ModifiedOn)) && (rules.Conflict == core.PolicyNewer || rules.Conflict == "") {
		rules.Conflict = core.PolicyAsk
	}
	if err := p.echo(ctx); err != nil {
		return v, err
	}
	s := rules.Settle(p.base, p.ours, &p.theirs, p.ourStamp(), p.theirStamp())
	v.State, v.Rule = s.State, s.Rule
	if s.State == core.StateConflict {
		if err := p.record(ctx, s); err != nil {
			return v, err
		}
	}
	switch {
	case s.Winner == "": // a person must decide: everything stays
		return v, nil
	case s.State == core.StateConflict && s.Winner == "ours" && core.SameContent(&s.Result, p.ours):
		return v, p.keepAndSend(ctx, s.Rule)
	case s.Send:
		p.inherit(&s.Result)
		return v, p.putOurs(ctx, s.Result, s.Rule, p.rules.Now.Add(-p.rules.Offset), 0)
	}
	taken, err := p.take(ctx, v)
	return taken, err
}

// echo moves the common past of two versions that clash on to what the peer has
// of our own versions: a push whose outcome we never heard.
func (p *pass) echo(ctx context.Context) error {
	if p.rules.Passive || p.base == nil || p.head.BaseSeq == core.SeqNone || p.ours.Deleted || p.theirs.Deleted {
		return nil
	}
	if _, clashes := core.Merge(p.base, p.ours, &p.theirs); len(clashes) == 0 {
		return nil
	}
	sent, err := p.tx.Since(ctx, p.theirs.Link(), p.head.BaseSeq)
	if err != nil {
		return err
	}
	base := core.Echo(p.base, &p.theirs, sent)
	p.base = &base
	return nil
}

// record stores the conflict with all three versions.
func (p *pass) record(ctx context.Context, s core.Settlement) error {
	c := core.Conflict{
		Run: p.rules.Run, RepositoryID: p.rules.Repository, Record: p.theirs.Link(), Found: p.rules.Now,
		Clashes: s.Clashes, Base: p.base, Ours: *p.ours, Theirs: p.theirs, Lacks: p.lacks(), Winner: s.Winner,
	}
	if !c.Open() {
		c.Decision, c.Resolved = string(p.rules.Rules.Conflict), p.rules.Now
	} else if same, err := p.alreadyHeld(ctx); same || err != nil {
		return err
	}
	id, err := p.tx.AddConflict(ctx, c)
	if err == nil && p.rules.Conflict != nil {
		c.ID = id
		p.rules.Conflict(c)
	}
	return err
}

// lacks are the fields of theirs that the peer does not have.
func (p *pass) lacks() (names []string) {
	for i := range p.theirs.Fields {
		name := p.theirs.Fields[i].Name
		if _, has := p.whole.Field(name); p.more && !has {
			names = append(names, name)
		}
	}
	return names
}

// alreadyHeld reports whether this very conflict waits for a person already.
func (p *pass) alreadyHeld(ctx context.Context) (bool, error) {
	if !p.head.OpenConflict {
		return false, nil
	}
	held, err := p.tx.OpenConflict(ctx, p.rules.Repository, p.theirs.Link())
	if err != nil {
		return false, err
	}
	return core.SameContent(&held.Theirs, &p.theirs) && core.SameContent(&held.Ours, p.ours), nil
}
