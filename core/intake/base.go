package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// loadBase finds the common past of the two versions. Without a base on record,
// a former version of ours that the peer has is one: we sent it and never heard
// what became of it.
func (p *pass) loadBase(ctx context.Context, link core.Link, sum core.Hash) error {
	switch {
	case !p.basedOn.IsZero():
		return p.found(p.tx.VersionByHash(ctx, link, p.basedOn))
	case p.wasGiven() && p.ours != nil:
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

// wasGiven reports whether a peer that calls has our version, as it was given everything up to
// there. An Eden fetches right before it sends, and keeps by its policy what is newer there:
// only what it has sent is known to stand there.
func (p *pass) wasGiven() bool {
	return p.rules.Passive && p.head.Seq <= p.rules.ServedSeq && (p.rules.Shows == nil || !p.head.HasBase)
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

// followsOn reports whether ours is what this peer sent itself before it made theirs: it never
// heard that this arrived, and says that theirs grew from the version before.
func (p *pass) followsOn() bool {
	return p.head.HasBase && p.head.Origin == p.rules.Repository && p.head.Hash == p.head.BaseHash && p.theirs.ModifiedOn > p.head.BaseModifiedOn
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
	case p.wasGiven():
		return false
	case p.base != nil:
		return p.head.Hash != p.hasher.Sum(p.base)
	}
	return false // Eden's rule: without a common past there is no conflict
}
