package replicate

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// passed is a record that was sent in vain: the peer has its tombstone, and nothing
// was ever agreed on. words are the peer's.
type passed struct {
	part
	words string
}

// meetTombstones decides about records that the peer had deleted or merged before
// they came here, from another peer say. The pull that brought the tombstone passed
// it over, as of something that was never here, and no later one brings it again;
// the peer refuses for ever what it has buried. It is decided as if the record had
// been here then, brake and all, and counts as received: it was sent for nothing.
func (p *pusher) meetTombstones(ctx context.Context) error {
	if len(p.passedOver) == 0 {
		return nil
	}
	before := p.report.Counts
	links := make([]core.Link, len(p.passedOver))
	for i, sent := range p.passedOver {
		links[i] = sent.rec.Link()
	}
	if _, err := p.refetch(ctx, p.task, links); err != nil {
		return err
	}
	p.log(ctx, core.LogEntry{Resource: string(p.task.Resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultSuccess,
		Message: fmt.Sprintf("%d records were deleted at %s before they came here; their deletions were fetched again (%s)",
			len(links), p.repo.Name, p.report.Counts.Minus(before))})
	return p.Store.Import(ctx, func(tx intake.Tx) error { return p.refuseUndecided(ctx, tx) })
}

// refuseUndecided sets aside what was not decided about: the task takes no deletions,
// say, or the peer did not show its tombstone again.
func (p *pusher) refuseUndecided(ctx context.Context, tx intake.Tx) error {
	for _, sent := range p.passedOver {
		decided, err := p.decided(ctx, tx, sent.rec.Link())
		if err != nil {
			return err
		}
		if decided {
			p.report.Sent--
			err = p.sendAnew(ctx, tx, sent)
		} else {
			err = p.refuse(ctx, tx, sent.part, sent.words, "The server kept its own version.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sendAnew lets ours, if it stays as it was sent, be sent once more, as what was made of the
// tombstone: this push has passed it, and none would look at it again.
func (p *pusher) sendAnew(ctx context.Context, tx intake.Tx, sent passed) error {
	link := sent.rec.Link()
	head, err := tx.Head(ctx, p.repo.ID, link)
	if err != nil || head.Seq != sent.read.Seq || !head.Unsent() || head.OpenConflict || p.brake.held[link] != "" {
		return err
	}
	ours, err := tx.Record(ctx, link)
	if err != nil {
		return err
	}
	return tx.Put(ctx, &ours, core.Change{Run: p.report.ID, Rule: core.RuleOnlyHere, By: p.repo.Name, Origin: head.Origin, At: core.MTimeOf(p.now())})
}

// decided reports whether a record that the peer has buried was decided about: both
// sides agree on something, or it waits for a person.
func (p *pusher) decided(ctx context.Context, tx intake.Tx, l core.Link) (bool, error) {
	if p.brake.held[l] != "" {
		return true, nil
	}
	_, err := tx.Base(ctx, p.repo.ID, l)
	if errors.Is(err, core.ErrNotFound) {
		_, err = tx.OpenConflict(ctx, p.repo.ID, l)
	}
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
