package replicate

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// relate adds what the records point to and the peer may lack, and stubs for
// super-keys. It goes on until nothing new is pointed to.
func (p *pusher) relate(ctx context.Context, b *batch) error {
	for i := range b.records {
		_ = b.records[i].Walk(func(r *core.Record) error { // never fails: fn does not
			b.inside[r.Link()] = true
			b.look = append(b.look, r)
			return nil
		})
	}
	look := b.look
	for depth := 0; len(look) > 0 && depth < 10; depth++ {
		wanted, stubs := b.targets(look)
		lacking, err := p.Store.Lacking(ctx, p.repo.ID, wanted)
		if err != nil {
			return err
		}
		if look, err = p.addRelated(ctx, b, lacking); err != nil {
			return err
		}
		if err := p.addStubs(ctx, b, stubs); err != nil {
			return err
		}
	}
	return nil
}

// targets lists what records point to, and which of it by a super-key.
func (b *batch) targets(records []*core.Record) (wanted, stubs []core.Link) {
	clear(b.seen)
	note := func(f *core.Field, uuid string) {
		l := core.Link{Resource: core.Resource(f.Value.Aux), UUID: uuid}
		if b.inside[l] || !l.Resource.Valid() || l.Resource.Private() {
			return
		}
		if !b.seen[l] {
			b.seen[l] = true
			wanted = append(wanted, l)
		}
		if core.IsSuperKey(f.Name) {
			stubs = append(stubs, l)
		}
	}
	for i := range records {
		if r := records[i]; r.ReplacedBy != "" { // its element is imported first (spec eden-sync-protocol §11.2)
			wanted = append(wanted, core.Link{Resource: r.Resource, UUID: r.ReplacedBy})
		}
		for k := range records[i].Fields {
			switch f := &records[i].Fields[k]; f.Value.Kind {
			case core.Reference:
				if f.Value.Str != "" {
					note(f, f.Value.Str)
				}
			case core.References:
				for _, uuid := range f.Value.UUIDs() {
					note(f, uuid)
				}
			}
		}
	}
	return wanted, stubs
}

func (p *pusher) addRelated(ctx context.Context, b *batch, links []core.Link) ([]*core.Record, error) {
	var added []*core.Record
	for _, l := range links {
		if b.inside[l] {
			continue
		}
		rec, err := p.Store.Record(ctx, l)
		if errors.Is(err, core.ErrNotFound) || rec.Deleted {
			continue
		}
		if err != nil {
			return nil, err
		}
		b.inside[l] = true
		ours := rec.Clone()
		rec.MCI = max(rec.MCI, 0) + 1
		rec.ModifiedOn = core.Corrected(rec.ModifiedOn, p.offset, p.peerNow(), 0)
		left, err := p.attach(ctx, &rec, nil)
		if err != nil {
			return nil, err
		}
		b.related = append(b.related, rec)
		b.add(l, part{rec: &ours, wire: &rec, read: core.Part{Hash: ours.Hash()}, left: left})
		added = append(added, &rec)
	}
	return added, nil
}

// addStubs names the targets of super-keys that the peer has already. The stub
// carries the stamp the peer last had, so that nothing there moves; that of a deleted
// one is older, or an Eden brings it back.
func (p *pusher) addStubs(ctx context.Context, b *batch, links []core.Link) error {
	bases, err := p.basesOf(ctx, links)
	if err != nil {
		return err
	}
	for _, l := range links {
		if b.inside[l] {
			continue
		}
		b.inside[l] = true
		var stamp core.MTime
		if base := bases[l]; base != nil {
			stamp = base.ModifiedOn
			if base.Deleted && stamp != core.NeverThere {
				stamp--
			}
		}
		b.related = append(b.related, stub(l, stamp))
	}
	return nil
}

// stub is a record that is only named.
func stub(l core.Link, stamp core.MTime) core.Record {
	return core.Record{Resource: l.Resource, UUID: l.UUID, MCI: core.MCIUnknown, ModifiedOn: stamp}
}
