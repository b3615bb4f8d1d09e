package intake

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// fillInShown completes a version of which the peer leaves out only what is empty there (see
// Rules.Shows), by the last version that it sent. What it had sent and leaves out of a later
// one it has emptied; what it never sent it has not, and lacks; about a column that does not
// show it says nothing. The link to its master a nested record does without. One that it had
// deleted, and that lives again by what it was given, has no references: it is told them again.
func (p *pass) fillInShown(ctx context.Context) error {
	last, err := p.tx.Base(ctx, p.rules.Repository, p.theirs.Link())
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	later, revived := p.theirs.ModifiedOn > last.ModifiedOn, p.revived()
	here, there := p.base.Clone(), p.base.Clone()
	here.Fields, there.Fields = nil, nil
	for _, f := range p.base.Fields {
		_, shown := p.theirs.Field(f.Name)
		sent, had := last.Field(f.Name)
		link := f.Links(p.theirs.Master) || f.Links(p.base.Master)
		hidden := core.Unshown(p.theirs.Resource, f.Name)
		forgotten := !shown && revived && f.Value.Refers()
		if !shown && !link && !hidden && !forgotten && had && later && core.SameValue(sent.Value, f.Value) && p.rules.Shows(p.theirs.Resource, f.Name) {
			continue
		}
		here.Fields = append(here.Fields, f)
		if had && !forgotten || shown || link {
			there.Fields = append(there.Fields, f)
		}
	}
	p.whole = core.Complete(&p.theirs, &there, false)
	p.whole.FillInUnshown(&here)
	p.theirs = core.Complete(&p.theirs, &here, false)
	p.more = !core.SameContent(&p.theirs, &p.whole)
	return nil
}

// revived reports whether the peer seems to have deleted the record and taken ours then, which
// was changed since: it is dated as ours, and has no reference left of those both sides had. An
// Eden takes them out of what is deleted, and is told only what changed here.
func (p *pass) revived() bool {
	if p.head.Seq <= p.head.BaseSeq || p.theirs.ModifiedOn != p.ours.ModifiedOn {
		return false
	}
	had := false
	for _, f := range p.base.Fields {
		if !f.Value.Refers() || f.Links(p.theirs.Master) || f.Links(p.base.Master) {
			continue
		}
		if had = true; core.SameValue(p.theirs.Value(f.Name), f.Value) {
			return false
		}
	}
	return had
}
