package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Unasked is the error of a record that leaves out a field which was there before:
// cleared, or has the peer's table no such column any more? It must be asked, outside
// of the transaction. What was decided before stays decided.
type Unasked struct {
	Resource core.Resource
	Done     int // records of the tree that were decided about before
}

func (u *Unasked) Error() string { return fmt.Sprintf("the columns of %s are not known", u.Resource) }

// AsUnasked takes the one question out of an error; any other error is returned as
// it is.
func AsUnasked(err error) (*Unasked, error) {
	if err == nil {
		return nil, nil
	}
	if u := (*Unasked)(nil); errors.As(err, &u) {
		return u, nil
	}
	return nil, err
}

// lost returns the fields of the base that theirs leaves out because the peer has
// no column for them any more: nobody cleared them (PROMISES 23).
func (p *pass) lost(ctx context.Context) (lost []core.Field, err error) {
	if p.rules.Columns == nil || p.rules.Partial || p.theirs.Deleted || p.base.Deleted {
		return nil, nil
	}
	for _, f := range p.base.Fields {
		if _, there := p.whole.Field(f.Name); there || isNull(&f) {
			continue
		}
		if _, named := p.theirs.Field(f.Name); named { // as null, or pointing to nothing
			continue
		}
		has, asked := p.rules.Columns(p.theirs.Resource)
		if !asked {
			return nil, &Unasked{Resource: p.theirs.Resource}
		}
		if has == nil || has[f.Name] {
			continue
		}
		if err := p.noteLost(ctx, f.Name); err != nil {
			return nil, err
		}
		lost = append(lost, f)
	}
	return lost, nil
}

// keepUnplaced gives theirs, which is another version than was agreed on, our values of
// the fields that were changed here and for which the peer has no column: it says nothing
// about them. Such a change is no reason to keep ours against what was changed there, nor
// does it go under with it. It stays unsent.
func (p *pass) keepUnplaced(ctx context.Context) error {
	if p.rules.Columns == nil || p.rules.Partial || p.theirs.Deleted || p.base.Deleted || p.ours == nil || p.ours.Deleted {
		return nil
	}
	if theirs := p.keyless(p.theirs); core.SameContent(&theirs, p.base) {
		return nil
	}
	changed := slices.DeleteFunc(core.Differences(p.ours, p.base), func(name string) bool { // whose it is theirs says itself
		return p.ours.LinksBy(name, p.ours.Master)
	})
	if len(changed) == 0 {
		return nil
	}
	has, asked := p.rules.Columns(p.theirs.Resource)
	if !asked {
		return &Unasked{Resource: p.theirs.Resource}
	}
	if has == nil {
		return nil
	}
	theirs, n := p.theirs.Clone(), 0
	for _, name := range changed {
		if has[name] {
			continue
		}
		n++
		theirs.Unset(name)
		if f, is := p.ours.Field(name); is {
			theirs.Set(f)
		}
		if err := p.noteLost(ctx, name); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	p.theirs, p.more = theirs, true
	p.unplaced = n == len(changed) && p.ours.Unknown == p.base.Unknown && slices.Equal(p.ours.Attrs, p.base.Attrs)
	return nil
}

// noteLost notes that the peer has no column for a field.
func (p *pass) noteLost(ctx context.Context, field string) error {
	if err := p.tx.LostColumn(ctx, p.rules.Repository, p.theirs.Resource, field); err != nil {
		return err
	}
	if p.rules.Lost != nil {
		p.rules.Lost(p.theirs.Resource, field)
	}
	return nil
}
