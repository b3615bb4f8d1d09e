package intake

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

func (p *pass) situation(ctx context.Context) (s core.Situation, err error) {
	s = core.Situation{
		Known:       p.head.Known,
		Theirs:      core.Side{Stamp: p.theirStamp(), Hash: p.sum, Deleted: p.theirs.Deleted, ReplacedBy: p.theirs.ReplacedBy},
		ChangedHere: p.changed,
		Undated:     p.rules.undated(p.theirs.ModifiedOn),
		Moved:       p.moved,
		Delivered:   !p.rules.Passive && p.head.HasBase && !p.head.Unsent() && !p.moved,
	}
	if p.ours != nil {
		s.Ours = core.Side{Stamp: p.ourStamp(), Hash: p.head.Hash, Deleted: p.ours.Deleted, ReplacedBy: p.ours.ReplacedBy}
	}
	if p.base != nil {
		s.HasBase, s.BaseHash = true, p.hasher.Sum(p.base)
		s.Wider = p.theirs.ModifiedOn == p.base.ModifiedOn && widens(&p.theirs, p.base)
		s.Keyed = s.Wider && p.keyed()
	}
	if p.late {
		s.SeenBefore = true
		return s, nil
	}
	if p.ours == nil || p.changed {
		return s, nil
	}
	if s.Circles, err = p.circles(ctx, s.Ours.ModifiedOn); s.Circles || err != nil {
		return s, err
	}
	overtaken, err := p.overtaken(ctx)
	if err != nil {
		return s, err
	}
	if overtaken != 0 && overtaken == p.theirs.ModifiedOn {
		s.SeenBefore, s.Overtaken = true, true
		return s, nil
	}
	never := p.neverThere()
	if !never && (s.Theirs.ModifiedOn >= s.Ours.ModifiedOn.Add(-p.noise()) || overtaken == 0 && p.future()) {
		return s, nil
	}
	_, err = p.tx.VersionByHash(ctx, p.theirs.Link(), p.sum)
	if errors.Is(err, core.ErrNotFound) {
		return s, nil
	}
	s.SeenBefore = err == nil
	s.Overtaken = s.SeenBefore && (overtaken != 0 || never)
	return s, err
}

// circles reports whether theirs, dated right after ours, has come and gone more than once
// already, in turns with ours. What somebody enters once more is dated when that is done.
func (p *pass) circles(ctx context.Context, ours core.MTime) (bool, error) {
	if p.rules.Passive || !p.head.HasBase || p.sum == p.head.Hash || !p.rightAfter(ours) {
		return false, nil
	}
	times, err := p.times(ctx, p.sum)
	return times[p.sum] > 1 && times[p.head.Hash] > 0, err
}

// rightAfter reports whether theirs is dated right after a version that is dated so.
func (p *pass) rightAfter(stamp core.MTime) bool {
	return p.theirs.ModifiedOn >= stamp && p.theirs.ModifiedOn <= stamp.Add(core.StampNoise)
}

// times counts how often each version was ours before; nil if the one with that content never was.
func (p *pass) times(ctx context.Context, content core.Hash) (map[core.Hash]int, error) {
	link := p.theirs.Link()
	if _, err := p.tx.VersionByHash(ctx, link, content); err != nil {
		if errors.Is(err, core.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	before, err := p.tx.Since(ctx, link, core.SeqNone)
	times := make(map[core.Hash]int)
	for i := range before {
		times[p.hasher.Sum(&before[i])]++
	}
	return times, err
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

// neverThere reports whether the record was deleted here before the peer ever had it: what it has
// now somebody else brought there, who had it from us perhaps.
func (p *pass) neverThere() bool {
	return !p.rules.Passive && p.head.HasBase && p.head.BaseModifiedOn == core.NeverThere && p.base != nil && p.base.Deleted && p.ours.Deleted && !p.theirs.Deleted
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

// widens reports whether theirs has every field of base as it is there.
func widens(theirs, base *core.Record) bool {
	if theirs.Deleted || base.Deleted {
		return false
	}
	return !slices.ContainsFunc(base.Fields, func(f core.Field) bool { return !core.SameValue(f.Value, theirs.Value(f.Name)) })
}

// keyed reports whether theirs, which widens the base, has nothing more than the field by which
// it points to its master. Who calls us is told of everything that was stored.
func (p *pass) keyed() bool {
	return !p.rules.Passive && p.ours != nil && !slices.ContainsFunc(core.Differences(p.base, &p.theirs), func(name string) bool { return !p.theirs.LinksBy(name, p.ours.Master) })
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
	default:
		s.ModifiedOn = p.edited()
	}
	return s
}

// edited is when ours was made, by the peer's clock if that was here.
func (p *pass) edited() core.MTime {
	if p.head.Origin == 0 {
		return core.Corrected(p.ours.ModifiedOn, p.rules.Offset, p.rules.Now, 0)
	}
	return p.ours.ModifiedOn
}
