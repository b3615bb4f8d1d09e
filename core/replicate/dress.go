package replicate

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// enforces reports whether the task's policy is one that only a resource's own controller
// honours.
func enforces(task core.Task) bool {
	return task.Update == core.PolicyThis || task.Update == core.PolicyOther
}

// componentBlock is how many components there is room for at a time: 12 KB.
const componentBlock = 32

// undressed copies a record and its components; the fields are shared.
func (b *batch) undressed(rec *core.Record) core.Record {
	r := *rec
	r.Components = nil
	if len(rec.Components) > 0 {
		r.Components = b.components.Take(len(rec.Components), componentBlock)
	}
	for i := range rec.Components {
		r.Components[i] = b.undressed(&rec.Components[i])
	}
	return r
}

// dress turns a copy of our version, with its components, into what is sent.
func (p *pusher) dress(ctx context.Context, b *batch, o *core.Outgoing, ours, r *core.Record, bases map[core.Link]*core.Record) error {
	if err := p.dressOne(ctx, b, o, ours, r, bases); err != nil {
		return err
	}
	for i := range r.Components {
		if err := p.dress(ctx, b, o, &ours.Components[i], &r.Components[i], bases); err != nil {
			return err
		}
	}
	return nil
}

// dressOne gives a copy of our version the stamp on the peer's clock and mci + 1,
// makes cleared fields explicit and puts files inline. What is unsent must be proved;
// what only carries it keeps the stamp that the peer last had, and says that it is that
// version, so that nothing there moves.
func (p *pusher) dressOne(ctx context.Context, b *batch, o *core.Outgoing, ours, r *core.Record, bases map[core.Link]*core.Record) error {
	l := r.Link()
	unsent, is := o.Parts.Get(l)
	r.MCI = max(r.MCI, 0) + 1
	if !is {
		if o.Known { // it only carries
			r.OwnedBy, r.OwnedGroup = "", ""
		}
		if base := bases[l]; base != nil {
			r.ModifiedOn = base.ModifiedOn // ours may be of a clock that was ahead
			// Somebody may have made another of it there that was never shown here, or does so
			// now, dated before this one if that is of the future.
			if p.own {
				r.Attrs = append(slices.Clone(r.Attrs), core.Attr{Name: intake.BasedOn, Value: base.Hash().String()})
			} else {
				r.ModifiedOn = min(r.ModifiedOn, b.began.Add(-core.StampNoise))
				r.LeaveGeometry(base)
			}
		}
		return nil
	}
	if len(unsent.Cleared) > 0 || hasFile(r) {
		r.Fields = slices.Clone(r.Fields)
	}
	offset := p.offset
	if unsent.Carried { // it is dated by another one's clock, and not by ours
		offset = 0
	}
	r.ModifiedOn = core.Corrected(r.ModifiedOn, offset, p.latest(b), 0)
	if base := bases[l]; base != nil {
		// An edit always moves the stamp, whatever our clock said when it was made:
		// by it others see that there is something new, and that a field which an
		// export leaves out was cleared.
		r.ModifiedOn = max(r.ModifiedOn, base.ModifiedOn+1)
		r.Attrs = append(slices.Clone(r.Attrs), core.Attr{Name: intake.BasedOn, Value: base.Hash().String()})
		addNulls(r, base, unsent.Cleared)
		if !p.own {
			r.LeaveGeometry(base)
		}
		if !base.Master.IsZero() && base.Master != r.Master {
			b.left = append(b.left, base.Master)
		}
		if core.SameOwner(r, base) { // not ours to say again: the peer may have another by now
			r.OwnedBy, r.OwnedGroup = "", ""
		}
	} else if len(unsent.Cleared) > 0 {
		sent, err := p.maybeThere(ctx, l)
		if err != nil {
			return err
		}
		addNulls(r, &sent, unsent.Cleared)
	}
	if bases[l] == nil && !p.own {
		// It may be there, unseen, with what somebody made of it since. An Eden that kept that
		// dated it as what was sent, and would take the same again.
		r.ModifiedOn = r.ModifiedOn.Add(-time.Duration(unsent.Tries) * time.Second)
	}
	if err := p.inherit(ctx, r); err != nil {
		return err
	}
	base := bases[l]
	left, err := p.attach(ctx, r, base)
	b.add(l, part{rec: ours, wire: r, read: unsent, left: left, revives: base != nil && base.Deleted && !r.Deleted})
	return err
}

// maybeThere returns what was sent of a record and may have arrived, though nobody said so: it
// must be told what was taken out since.
func (p *pusher) maybeThere(ctx context.Context, l core.Link) (sent core.Record, err error) {
	err = p.Store.Import(ctx, func(tx intake.Tx) error {
		hash, _, err := tx.Uncertain(ctx, p.repo.ID, l)
		if err == nil {
			sent, err = tx.VersionByHash(ctx, l, hash)
		}
		if errors.Is(err, core.ErrNotFound) {
			return nil
		}
		return err
	})
	return sent, err
}

// bases returns what the peer last had of everything unsent in out, and of what
// carries it.
func (p *pusher) bases(ctx context.Context, out []core.Outgoing) (map[core.Link]*core.Record, error) {
	var links []core.Link
	for i := range out {
		links = carriers(links, &out[i].Parts, &out[i].Record)
		for l, unsent := range out[i].Parts.All() {
			if unsent.Based {
				links = append(links, l)
			}
		}
	}
	return p.basesOf(ctx, links)
}

// carriers adds to links what of a record goes along only to carry its components.
func carriers(links []core.Link, parts *core.Parts, rec *core.Record) []core.Link {
	if len(rec.Components) == 0 {
		return links
	}
	if _, unsent := parts.Get(rec.Link()); !unsent {
		links = append(links, rec.Link())
	}
	for i := range rec.Components {
		links = carriers(links, parts, &rec.Components[i])
	}
	return links
}

func (r *run) basesOf(ctx context.Context, links []core.Link) (map[core.Link]*core.Record, error) {
	bases := make(map[core.Link]*core.Record, len(links))
	if len(links) == 0 {
		return bases, nil
	}
	err := r.Store.Import(ctx, func(tx intake.Tx) error {
		for _, l := range links {
			rec, err := tx.Base(ctx, r.repo.ID, l)
			switch {
			case err == nil:
				bases[l] = &rec
			case !errors.Is(err, core.ErrNotFound):
				return err
			}
		}
		return nil
	})
	return bases, err
}

// addNulls makes cleared fields explicit: an absent field is an untouched one.
func addNulls(r, base *core.Record, cleared []string) {
	if r.Deleted {
		return
	}
	for _, name := range cleared {
		f, _ := base.Field(name)
		null := core.Value{Kind: core.Null}
		switch f.Value.Kind {
		case core.Reference, core.References:
			null.Aux = core.NullReference
		case core.Bare:
			null.Aux = core.NullDate
		}
		r.Set(core.Field{Name: name, Value: null})
	}
}
