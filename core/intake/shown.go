package intake

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// fillInShown completes a version of which the peer leaves out only what is empty there (see
// Rules.Shows), by the last version that it sent. What it had sent and leaves out of a later
// one it has emptied; what it never sent it has not, and lacks; about a column that does not
// show it says nothing. The link to its master a nested record does without.
func (p *pass) fillInShown(ctx context.Context) error {
	last, err := p.tx.Base(ctx, p.rules.Repository, p.theirs.Link())
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	later := p.theirs.ModifiedOn > last.ModifiedOn
	here, there := p.base.Clone(), p.base.Clone()
	here.Fields, there.Fields = nil, nil
	for _, f := range p.base.Fields {
		_, shown := p.theirs.Field(f.Name)
		sent, had := last.Field(f.Name)
		link := f.Links(p.theirs.Master) || f.Links(p.base.Master)
		hidden := core.Unshown(p.theirs.Resource, f.Name)
		if !shown && !link && !hidden && had && later && core.SameValue(sent.Value, f.Value) && p.rules.Shows(p.theirs.Resource, f.Name) {
			continue
		}
		here.Fields = append(here.Fields, f)
		if had || shown || link {
			there.Fields = append(there.Fields, f)
		}
	}
	p.whole = core.Complete(&p.theirs, &there, false)
	p.whole.FillInUnshown(&here)
	p.theirs = core.Complete(&p.theirs, &here, false)
	p.more = !core.SameContent(&p.theirs, &p.whole)
	return nil
}
