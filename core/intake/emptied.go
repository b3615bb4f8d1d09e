package intake

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// passOverEmptied moves the common past on by what the peer emptied that is something else here by
// now, if what it led to is deleted: as it deletes a record an Eden empties what points to it and
// dates that anew, and nobody there has entered anything.
func (p *pass) passOverEmptied(ctx context.Context) error {
	if p.rules.Passive || !p.changed || p.base == nil || p.base.Deleted || p.theirs.Deleted {
		return nil
	}
	var emptied []string
	for i := range p.base.Fields {
		f := &p.base.Fields[i]
		if !p.emptiedThere(f) {
			continue
		}
		gone, err := p.gone(ctx, core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str})
		if err != nil {
			return err
		}
		if gone {
			emptied = append(emptied, f.Name)
		}
	}
	if len(emptied) == 0 {
		return nil
	}
	base := without(p.base, emptied)
	if p.ours.Deleted { // the staff of an office is not its contact any more
		untick(base, &p.theirs)
	}
	p.base, p.emptied = base, true
	return nil
}

// gone reports whether a record is deleted here, or comes so with theirs.
func (p *pass) gone(ctx context.Context, l core.Link) (bool, error) {
	if p.rules.Gone[l] {
		return true, nil
	}
	rec, err := p.tx.Record(ctx, l)
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return rec.Deleted, err
}

// without is a copy of a version that lacks some fields.
func without(rec *core.Record, names []string) *core.Record {
	less := rec.Clone()
	for _, name := range names {
		less.Unset(name)
	}
	return &less
}

// emptiedThere reports whether a field of the base is a reference that the peer has emptied, and
// that does not stand here any more.
func (p *pass) emptiedThere(f *core.Field) bool {
	implied := f.Links(p.theirs.Master) || f.Links(p.base.Master) // by nesting
	return f.Value.Kind == core.Reference && f.Value.Str != "" && !implied && p.theirs.Value(f.Name).Kind == core.Null &&
		(p.ours.Deleted || !core.SameValue(p.ours.Value(f.Name), f.Value))
}

// untick sets what is not ticked in theirs and was empty.
func untick(base, theirs *core.Record) {
	for _, f := range theirs.Fields {
		if f.Value.Kind == core.Boolean && f.Value.Str == "false" && base.Value(f.Name).Kind == core.Null {
			base.Set(f)
		}
	}
}
