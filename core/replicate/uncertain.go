package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// sends notes, before they are sent, which versions go to a peer that is not known to have
// the records, or has deleted them; more: beside others that are not settled yet. If the answer is lost, or this
// process ends, they may be there all the same, and its people may change them. What comes
// here from another repository meanwhile, which may be added only then, would else stand
// against that as if the two had nothing in common, and the update policy let one go over
// the other.
func (p *pusher) sends(ctx context.Context, b *batch, more bool) error {
	p.sending = p.sending[:0]
	for _, sent := range b.list {
		if !sent.read.Based || sent.revives {
			p.sending = append(p.sending, core.Sending{Record: sent.rec.Link(), Part: sent.read, ModifiedOn: sent.wire.ModifiedOn})
		}
	}
	if len(p.sending) == 0 {
		return nil
	}
	return p.Store.Sending(ctx, p.repo.ID, p.sending, more || p.unproved > 0)
}

// mayArrive notes that what was sent last may be at the peer from now on: nobody has said
// that it is, or that it is not.
func (r *run) mayArrive(ctx context.Context) error {
	return r.Store.Unheard(context.WithoutCancel(ctx), r.repo.ID)
}

// recall takes what a process that was killed had under way for something that may have
// arrived.
func (r *run) recall(ctx context.Context) error {
	if r.opts.DryRun {
		return nil
	}
	return r.mayArrive(ctx)
}

// grewFromSent notes of a version that the peer has what it grew from, where another one
// has come here in the meantime: what was sent.
func (p *pusher) grewFromSent(ctx context.Context, tx intake.Tx, sent part) error {
	link := sent.rec.Link()
	head, err := tx.Head(ctx, p.repo.ID, link)
	if err != nil || head.Hash == sent.read.Hash {
		return err
	}
	return tx.SetUncertain(ctx, p.repo.ID, link, sent.read.Hash, sent.wire.ModifiedOn)
}
