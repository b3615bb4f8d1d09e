package replicate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// spareNamesakes keeps back what an Eden would take for another record. Where it holds a field
// for unique it looks for the value first and for the uuid only then, and before 2015 for
// the name of everything new (spec eden-sync-protocol §11.3): ours would replace what the
// other says, and would never be there. It does not say which fields those are. So what is
// new there, and has the name of another record here, is sent dated before that one first,
// which changes nothing in it: if it is there then by its own uuid, it goes as ever. out is
// what the batch is of; what goes of it is returned.
func (p *pusher) spareNamesakes(ctx context.Context, b *batch, out []core.Outgoing) ([]core.Outgoing, error) {
	if p.own {
		return out, nil
	}
	dated, err := p.namesakes(ctx, b)
	if err != nil || len(dated) == 0 {
		return out, err
	}
	taken := make(map[core.Link]bool) // for another
	for _, chunk := range byResource(slices.SortedFunc(maps.Keys(dated), byName), fetchChunk) {
		if err := p.tryNames(ctx, b, chunk, dated, taken); err != nil {
			return nil, err
		}
	}
	if len(taken) == 0 {
		return out, nil
	}
	if err := p.keepBack(ctx, b, taken); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(out), func(o core.Outgoing) bool { return taken[o.Record.Link()] }), nil
}

// namesakes returns the masters of a batch that the peer is not known to have and that have
// the name of another record, with a stamp before that one's.
func (p *pusher) namesakes(ctx context.Context, b *batch) (map[core.Link]core.MTime, error) {
	var links []core.Link
	for r := range b.tops() {
		if !r.Deleted && r.Master.IsZero() && len(r.Fields) > 0 {
			links = append(links, r.Link())
		}
	}
	bases, err := p.basesOf(ctx, links)
	if err != nil {
		return nil, err
	}
	links = slices.DeleteFunc(links, func(l core.Link) bool { return bases[l] != nil })
	if len(links) == 0 {
		return nil, nil
	}
	named, err := p.Store.Namesakes(ctx, links)
	if err != nil || len(named) == 0 {
		return nil, err
	}
	others, err := p.basesOf(ctx, slices.Concat(slices.Collect(maps.Values(named))...))
	if err != nil {
		return nil, err
	}
	dated := make(map[core.Link]core.MTime, len(named))
	for l, same := range named {
		dated[l] = 1 // of those that the peer may have without our knowing
		for _, o := range same {
			if base := others[o]; base != nil && (dated[l] == 1 || base.ModifiedOn <= dated[l]) {
				dated[l] = base.ModifiedOn - 1
			}
		}
	}
	return dated, nil
}

// tryNames sends some of a batch, of one table and without their components, with those
// stamps, and adds to taken what is not there then.
func (p *pusher) tryNames(ctx context.Context, b *batch, links []core.Link, dated map[core.Link]core.MTime, taken map[core.Link]bool) error {
	reply, err := p.peer.Push(ctx, trial(b, links, dated))
	switch {
	case err == nil:
	case !refusedWhole(err), p.cutOff(ctx, b, err):
		return err
	case len(links) == 1:
		return nil // it is not taken for another: the batch will tell what becomes of it
	default:
		half := len(links) / 2
		if err := p.tryNames(ctx, b, links[:half], dated, taken); err != nil {
			return err
		}
		return p.tryNames(ctx, b, links[half:], dated, taken)
	}
	hidden := make(map[core.Link]bool)
	if _, err := p.look(ctx, links, make(map[core.Link]core.MTime), hidden); err != nil {
		return err
	}
	maps.DeleteFunc(hidden, func(l core.Link, _ bool) bool { return reply.Refused[l] != "" })
	if len(hidden) == 0 {
		return nil
	}
	shown, _, err := p.witnessed(ctx, links[0].Resource)
	if err == nil && !shown {
		err = &core.Problem{Kind: core.NoReadRight, Subject: p.repo.Name, Err: fmt.Errorf("%s: nothing is shown", links[0].Resource)}
	}
	maps.Copy(taken, hidden)
	return err
}

// trial is the request that sends those links of a batch with their stamps.
func trial(b *batch, links []core.Link, dated map[core.Link]core.MTime) PushRequest {
	req := b.request()
	req.Resource, req.Update, req.Enforce = links[0].Resource, core.PolicyNewer, false
	req.Records, req.Related = nil, nil
	add := func(r core.Record, along bool) {
		if stamp, is := dated[r.Link()]; is {
			r.ModifiedOn, r.Components = stamp, nil
		}
		if slices.Contains(links, r.Link()) {
			req.Records = append(req.Records, r)
		} else if along {
			req.Related = append(req.Related, r)
		}
	}
	for _, r := range b.records {
		add(r, false)
	}
	for _, r := range b.related {
		add(r, true)
	}
	return req
}

// keepBack takes records and all that is below them out of a batch, and sets them aside.
func (p *pusher) keepBack(ctx context.Context, b *batch, taken map[core.Link]bool) error {
	stays := make(map[core.Link]bool)
	for top := range b.tops() {
		if !taken[top.Link()] {
			continue
		}
		_ = top.Walk(func(r *core.Record) error { // never fails: fn does not
			stays[r.Link()] = true
			return nil
		})
	}
	err := p.Store.Import(ctx, func(tx intake.Tx) error {
		for _, l := range b.order {
			if !stays[l] {
				continue
			}
			p.report.Sent++
			if err := p.refuse(ctx, tx, *b.sent[l], "", core.NamesakeThere); err != nil {
				return err
			}
		}
		return nil
	})
	gone := func(l core.Link) bool { return stays[l] }
	b.records = slices.DeleteFunc(b.records, func(r core.Record) bool { return gone(r.Link()) })
	b.remove(gone)
	return err
}
