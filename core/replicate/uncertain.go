package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// noteUncertain notes, before they are sent, which versions go to a peer that is not known
// to have the records, where there is another repository. If the answer is lost, or this
// process ends, they may be there all the same, and its people may change them. What comes
// here from another repository meanwhile would else stand against that as if the two had
// nothing in common, and the update policy let one go over the other.
func (p *pusher) noteUncertain(ctx context.Context, b *batch) error {
	carries, err := p.Store.Carries(ctx, p.repo.ID)
	if err != nil || !carries {
		return err
	}
	return p.mayArrive(ctx, b.unknown())
}

// mayArrive notes that versions may be at the peer from now on. After a push without an
// answer, or with another one than the peer's, that is done also where this is the only
// repository: another one may be added before the peer is heard of again. There it is not
// noted each time before it is sent: that would cost a push of new records a quarter of its
// time.
func (p *pusher) mayArrive(ctx context.Context, parts []sentPart) error {
	if len(parts) == 0 {
		return nil
	}
	links := make([]core.Link, len(parts))
	for i := range parts {
		links[i] = parts[i].link
	}
	return p.Store.Import(context.WithoutCancel(ctx), func(tx intake.Tx) error {
		if err := tx.Expect(ctx, p.repo.ID, links); err != nil {
			return err
		}
		for i := range parts {
			if err := tx.SetUncertain(ctx, p.repo.ID, parts[i].link, parts[i].read.Hash, parts[i].stamp); err != nil {
				return err
			}
		}
		return nil
	})
}

// unknown returns what is in the batch of records that the peer is not known to have.
func (b *batch) unknown() (parts []sentPart) {
	for _, l := range b.order {
		if sent := b.sent[l]; !sent.read.Based {
			parts = append(parts, sent.receipt())
		}
	}
	return parts
}

// unknown returns what the stretch has sent, and no seal has settled, of records that the
// peer is not known to have.
func (s *stretch) unknown(seals map[core.Seal]bool) (parts []sentPart) {
	for _, sent := range s.streamed {
		if !sent.read.Based && !seals[sent.seal()] {
			parts = append(parts, sent)
		}
	}
	return parts
}
