package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

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
	emptied  bool         // the peer emptied references to what is deleted, which base has no more
	moved    bool         // theirs is a component of another record than it was, and than ours
	orphan   bool         // ours was seen alone before, and is found to be a component
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
	if err := p.passOverEmptied(ctx); err != nil {
		return err
	}
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
		if p.rules.hides(&p.theirs) {
			known, err := p.withoutGone(ctx)
			if err != nil {
				return err
			}
			p.whole.FillIn(known, p.rules.Unseen)
		}
		if !p.rules.Explicit && !p.rules.Partial {
			p.whole.FillInUnshown(p.base)
		}
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
		if p.rules.Explicit {
			known.Fields = slices.DeleteFunc(slices.Clone(known.Fields), func(f core.Field) bool { return f.Links(known.Master) })
		}
		p.whole = core.Complete(&p.theirs, &known, true)
		if p.rules.Shows != nil {
			p.whole.FillInUnshown(&known)
		}
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

// withoutGone is the base, for what theirs lacks, without what leads to records that the peer has
// deleted: it shows that nowhere, and does not only leave it out.
func (p *pass) withoutGone(ctx context.Context) (*core.Record, error) {
	var gone []string
	for i := range p.base.Fields {
		f := &p.base.Fields[i]
		if f.Value.Kind != core.Reference || !p.rules.Unseen[core.Resource(f.Value.Aux)] {
			continue
		}
		if _, shown := p.whole.Field(f.Name); shown {
			continue
		}
		to, err := p.tx.Base(ctx, p.rules.Repository, core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str})
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			return nil, err
		}
		if err == nil && to.Deleted {
			gone = append(gone, f.Name)
		}
	}
	if len(gone) == 0 {
		return p.base, nil
	}
	return without(p.base, gone), nil
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
