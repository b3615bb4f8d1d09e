package intake

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// findMaster says what theirs, which came so, is a component of, like a field of which
// one side may have changed what both had. What only we have moved stays where it is here, and
// the peer lacks it.
func (p *pass) findMaster(ctx context.Context, came *core.Record) error {
	switch {
	case p.ours == nil || p.theirs.Deleted:
		return nil
	case p.ours.Deleted:
		return p.livesBelow(ctx, came)
	case p.ours.Master.IsZero():
		p.belongsTo(came.Master, came.Alias)
		return nil
	case p.base == nil && p.rules.Passive:
		return nil
	}
	there, movedThere, err := p.masterThere(ctx, came)
	if err != nil || there.IsZero() {
		return err
	}
	switch {
	case there == p.ours.Master:
		p.more = p.more || p.astray(came)
	case movedThere && !p.movedLater():
		p.moved = true
	case movedThere, p.rules.Passive, p.base == nil, there == p.base.Master: // moved here, and not there, or before
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

// movedLater reports whether ours, which the peer moved as well, is below another record here by an
// edit of which it has not heard, and which stands against theirs by the update policy.
func (p *pass) movedLater() bool {
	if p.rules.Passive || p.base == nil || p.base.Master.IsZero() || p.ours.Master == p.base.Master || !p.head.Unsent() {
		return false
	}
	ours := core.Stamp{ModifiedOn: p.edited(), MCI: p.ours.MCI}
	return !p.rules.of(p.theirs.Resource).Update.Accepts(ours, p.theirStamp())
}

// astray reports whether the peer shows theirs, which came so, by itself and says nowhere whose it
// is, while it is still to be told of ours: it may have got it when its master was deleted here.
func (p *pass) astray(came *core.Record) bool {
	return !p.rules.Passive && p.base != nil && came.Master.IsZero() && p.head.Unsent() &&
		!slices.ContainsFunc(came.Fields, func(f core.Field) bool { return f.Links(p.ours.Master) })
}

// livesBelow says what theirs, which came so, is a component of where ours is deleted: who calls us
// may have moved it meanwhile, and sends it alone where its master is not sent, and an Eden that
// shows it alone says by a reference alone that it lives below another record by now.
func (p *pass) livesBelow(ctx context.Context, came *core.Record) error {
	if p.rules.Passive && p.base != nil && !p.ours.Master.IsZero() {
		there, moved, err := p.masterThere(ctx, came)
		if moved {
			p.theirs.Master, p.whole.Master = there, there
		}
		return err
	}
	if p.rules.Passive || p.rules.Based || !came.Master.IsZero() || p.ours.Master.IsZero() {
		return nil
	}
	var keys []core.Link
	for _, f := range came.Fields {
		if f.Value.Kind == core.Reference && core.Resource(f.Value.Aux) == p.ours.Master.Resource {
			keys = append(keys, core.Link{Resource: p.ours.Master.Resource, UUID: f.Value.Str})
		}
	}
	if len(keys) == 1 {
		p.theirs.Master, p.whole.Master = keys[0], keys[0]
		p.theirs.Alias = p.ours.Alias
	}
	return nil
}

// foundMaster is the rule by which a version is replaced by itself below its master.
const foundMaster = "found its master"

// belongsTo says whose our version is, which was seen alone before.
// What was given away from there since, by its own field, is the other one's.
func (p *pass) belongsTo(master core.Link, alias string) {
	if master.IsZero() {
		return
	}
	ours := *p.ours
	ours.Master, ours.Alias = master, alias
	if p.base != nil {
		ours.FollowKey(&core.Record{Master: master, Fields: p.base.Fields})
	}
	p.ours, p.orphan = &ours, true
}

// adopt stores whose our version is, which was seen alone before, where nothing took its place:
// all others have to hear it, too. The peer knows it: nothing is to be sent there for that.
func (p *pass) adopt(ctx context.Context) error {
	link := p.theirs.Link()
	head, err := p.tx.Head(ctx, p.rules.Repository, link)
	if err != nil || head.Seq != p.head.Seq {
		return err
	}
	ours, err := p.tx.Record(ctx, link)
	if err != nil {
		return err
	}
	ours.Master, ours.Alias = p.ours.Master, p.ours.Alias
	if !p.rules.heard() {
		return p.tx.Touch(ctx, &ours)
	}
	change := p.change(foundMaster)
	change.Origin = p.head.Origin
	if err := p.tx.Put(ctx, &ours, change); err != nil || head.Unsent() {
		return err
	}
	base, err := p.tx.Base(ctx, p.rules.Repository, link)
	if err != nil {
		return err
	}
	return p.tx.SetBase(ctx, p.rules.Repository, &base, core.SeqCurrent)
}

// masterThere returns which master the peer gives the record, and whether it has moved it
// there. Who calls us has not if the record has had that master here before and the
// peer is not known to have heard that it has another one by now.
func (p *pass) masterThere(ctx context.Context, came *core.Record) (there core.Link, moved bool, err error) {
	switch {
	case p.base == nil: // nothing tells but the stamps
		return p.whole.Master, p.theirs.ModifiedOn > p.ours.ModifiedOn, nil
	case !p.rules.Passive: // of what is shown alone, or was, or lives again, the key says it
		there, before := p.whole.Master, p.base.Master
		if there.IsZero() {
			there = core.MasterOf(came, p.ours)
		}
		if before.IsZero() {
			before = core.MasterOf(p.base, p.ours)
		}
		return there, there != before, nil
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
	if p.base == nil || p.ours == nil || p.whole.Master != p.base.Master || !p.changed && !p.unplaced && p.ours.Master == p.base.Master {
		return
	}
	p.theirs, p.whole = p.keyless(p.theirs), p.keyless(p.whole)
}

// keyless is a version of an Eden's without the field by which it points to the master below
// which it was seen before.
func (p *pass) keyless(rec core.Record) core.Record {
	if p.rules.Passive || p.rules.Based || rec.Deleted {
		return rec
	}
	isKey := func(f core.Field) bool {
		_, known := p.base.Field(f.Name)
		return !known && f.Links(p.base.Master)
	}
	if slices.ContainsFunc(rec.Fields, isKey) {
		rec.Fields = slices.DeleteFunc(slices.Clone(rec.Fields), isKey)
	}
	return rec
}

// follow gives a version of ours, which is going to be sent, the master that theirs has got.
func (p *pass) follow(ours *core.Record) {
	if p.moved {
		ours.Master = p.ours.Master
		ours.Follow(&p.theirs)
	}
}

// stay has a version that is below another record here than at the peer, as it was moved here
// only, point to the one that it is below.
func (p *pass) stay(rec *core.Record) (changed bool) {
	there := p.whole.Master
	if !p.more || rec.Deleted || there.IsZero() || rec.Master == there {
		return false
	}
	below := core.Record{Master: rec.Master}
	rec.Master, rec.Fields = there, slices.Clone(rec.Fields)
	rec.Follow(&below)
	return true
}

// asThere is theirs, which was moved here only, below the record that both had it below.
func (p *pass) asThere() core.Record {
	theirs := p.theirs
	if p.base != nil && !theirs.Deleted && !p.base.Master.IsZero() && p.whole.Master == p.base.Master {
		theirs.Master = p.base.Master
	}
	return theirs
}
