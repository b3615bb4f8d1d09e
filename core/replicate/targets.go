package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// spareTargets leaves out of a batch what was added because its records point to it, where
// the peer has a record of it alive: the reference leads there, and nobody here has seen that
// one, in a table that is not exchanged, or not pulled.
func (p *pusher) spareTargets(ctx context.Context, b *batch) error {
	var targets []core.Link
	for i := range b.related {
		if l := b.related[i].Link(); b.sent[l] != nil {
			targets = append(targets, l)
		}
	}
	there := make(map[core.Link]core.MTime)
	for _, chunk := range byResource(targets, fetchChunk) {
		_, err := p.ask(ctx, chunk, func(_ context.Context, rec *core.Record, _ bool, _ *BadRecord) error {
			if rec != nil && !rec.Deleted && slices.Contains(chunk, rec.Link()) {
				there[rec.Link()] = rec.ModifiedOn
			}
			return nil
		})
		if err != nil && ends(err) { // else it shows nothing of that table
			return err
		}
	}
	if len(there) == 0 {
		return nil
	}
	b.remove(func(l core.Link) bool { _, is := there[l]; return is })
	for _, l := range b.named() {
		if stamp, is := there[l]; is {
			delete(there, l) // once
			b.related = append(b.related, stub(l, stamp))
		}
	}
	return nil
}

// named lists what the records of a batch point to in a way that needs the target, or a
// stub of it, in the same document.
func (b *batch) named() []core.Link {
	var all []*core.Record
	for top := range b.tops() {
		_ = top.Walk(func(r *core.Record) error { // never fails: fn does not
			all = append(all, r)
			return nil
		})
	}
	_, stubs := b.targets(all)
	return stubs
}
