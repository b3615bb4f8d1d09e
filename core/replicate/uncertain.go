package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// noteUncertain notes, before they are sent, which versions go to a peer that is not known
// to have the records. If the answer is lost, or this process ends, they may be there all
// the same, and its people may change them. What comes here from another repository
// meanwhile would else stand against that as if the two had nothing in common, and the
// update policy let one go over the other. Without another repository ours changes only
// by a person's edit, which is a conflict then without this.
func (p *pusher) noteUncertain(ctx context.Context, b *batch) error {
	var unknown []core.Link
	for _, l := range b.order {
		if !b.sent[l].read.Based {
			unknown = append(unknown, l)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	carries, err := p.Store.Carries(ctx, p.repo.ID)
	if err != nil || !carries {
		return err
	}
	return p.Store.Import(ctx, func(tx intake.Tx) error {
		if err := tx.Expect(ctx, p.repo.ID, unknown); err != nil {
			return err
		}
		for _, l := range unknown {
			sent := b.sent[l]
			if err := tx.SetUncertain(ctx, p.repo.ID, l, sent.read.Hash, sent.wire.ModifiedOn); err != nil {
				return err
			}
		}
		return nil
	})
}
