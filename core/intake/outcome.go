package intake

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

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
		// Found in our history: now it is known. Or only the stamp moved there, or that of what the
		// peer emptied by itself: ours must be dated after it, or the peer takes it for the older one.
		touched := p.emptied || !p.rules.Passive && p.head.HasBase && p.sum == p.head.BaseHash && p.theirs.ModifiedOn > p.head.BaseModifiedOn
		switch {
		case v.State == core.StateUnchanged: // the peer has ours, whatever it dated since
			if err := p.handOver(ctx, v.Rule); err != nil {
				return v, err
			}
			return v, p.restamp(ctx)
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
		if p.rules.Serves { // others have seen where it was
			ours.ModifiedOn = max(p.theirs.ModifiedOn, ours.ModifiedOn+1)
		}
		change := p.change(rule)
		change.Origin = p.head.Origin
		return p.tx.Put(ctx, &ours, change)
	case core.SameOwner(&ours, p.ours):
		return nil
	}
	return p.tx.Touch(ctx, &ours)
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
		// A push looks only at what is new since the last one, and so does an Eden that calls.
		if !p.head.Unsent() || p.rules.Shows != nil {
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
	keyed := p.stay(rec)
	rec.ModifiedOn = p.rules.standing(rec.ModifiedOn, p.ours)
	if p.rules.Passive && p.more { // or the peer would take it for its own version
		rec.ModifiedOn = max(rec.ModifiedOn, p.theirs.ModifiedOn+1)
	}
	if p.rules.Passive && p.ours != nil && rec.ModifiedOn == p.ours.ModifiedOn && p.outdates(v.Rule) {
		rec.ModifiedOn++
	}
	if p.rules.Serves && p.ours != nil && !p.rules.undated(p.ours.ModifiedOn) { // others have seen ours
		rec.ModifiedOn = max(rec.ModifiedOn, p.ours.ModifiedOn+1)
	}
	change := p.change(v.Rule)
	if change.Content = p.sum; keyed { // else: what was inherited is no content
		change.Content = p.hasher.Sum(rec)
	}
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

// outdates reports whether theirs, which was pushed to us, has to stand after ours, though it would
// with the same stamp: others have pulled ours, and would take what was emptied or moved for another
// view of it. What an Eden sends as of the same second is one, or what it took over from us.
func (p *pass) outdates(rule string) bool {
	if p.theirs.ModifiedOn == p.ours.ModifiedOn {
		return p.rules.Shows == nil && rule != core.RuleWider
	}
	return p.theirs.ModifiedOn > p.ours.ModifiedOn // both are in the future
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
	switch {
	case rec.Master.IsZero():
		rec.Master, rec.Alias = p.ours.Master, p.ours.Alias
	case rec.Alias == "" && rec.Master.Resource == p.ours.Master.Resource: // it came by itself
		rec.Alias = p.ours.Alias
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

func (p *pass) change(rule string) core.Change { return p.rules.change(rule) }

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

// putOurs stores a version that the peer does not have yet. It stands after the one that others
// have seen: dated before it, or with it, a field that was emptied would be one that is only not
// shown to them.
func (p *pass) putOurs(ctx context.Context, rec core.Record, rule string, stamp core.MTime, origin int64) error {
	rec.ModifiedOn = max(stamp, p.theirs.ModifiedOn)
	if p.rules.Passive || p.rules.Serves && !p.rules.undated(p.ours.ModifiedOn) {
		rec.ModifiedOn = max(rec.ModifiedOn, p.ours.ModifiedOn+1)
	}
	if p.base != nil {
		rec.TakeOwner(p.base, &p.theirs)
		p.follow(&rec)
		p.stay(&rec)
	}
	change := p.change(rule)
	change.Origin = origin
	if err := p.tx.Put(ctx, &rec, change); err != nil {
		return err
	}
	return p.tx.SetBase(ctx, p.rules.Repository, &p.whole, core.SeqNone)
}
