package replicate

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// goBack puts components that were moved here below a record that is deleted by now, somebody who
// was merged into a person whom the peer deleted, say, back below the one that the peer has them
// below, if that lives. A peer could not be told of the move, and nobody looks for them below what
// is deleted. changed tells that there were some.
func (p *pusher) goBack(ctx context.Context, out []core.Outgoing) (changed bool, err error) {
	var alone []core.Link
	for i := range out {
		rec := &out[i].Record
		if unsent, is := out[i].Parts.Get(rec.Link()); is && unsent.Based && !rec.Deleted && !rec.Master.IsZero() {
			alone = append(alone, rec.Link())
		}
	}
	if len(alone) == 0 || p.opts.DryRun {
		return false, nil
	}
	err = p.Store.Import(ctx, func(tx intake.Tx) error {
		changed = false
		for _, l := range alone {
			back, err := p.goesBack(ctx, tx, l)
			if err != nil {
				return err
			}
			changed = changed || back
		}
		return nil
	})
	return changed, err
}

// goesBack puts one back, if it is to.
func (p *pusher) goesBack(ctx context.Context, tx intake.Tx, l core.Link) (bool, error) {
	base, err := tx.Base(ctx, p.repo.ID, l)
	if errors.Is(err, core.ErrNotFound) || err == nil && (base.Deleted || base.Master.IsZero()) {
		return false, nil
	}
	ours, ourErr := tx.Record(ctx, l)
	if err = errors.Join(err, ourErr); err != nil || ours.Deleted || ours.Master == base.Master {
		return false, err
	}
	if is, err := inState(ctx, tx, ours.Master, true); err != nil || !is {
		return false, err
	}
	if is, err := inState(ctx, tx, base.Master, false); err != nil || !is {
		return false, err
	}
	now := core.MTimeOf(p.now())
	ours.Fields = slices.Clone(ours.Fields)
	ours.Follow(&core.Record{Master: base.Master})
	ours.ModifiedOn = max(now, ours.ModifiedOn+1)
	return true, tx.Put(ctx, &ours, core.Change{Run: p.report.ID, Rule: "its master is deleted", By: p.repo.Name, At: now})
}

// inState reports whether a record is here and deleted, or here and not.
func inState(ctx context.Context, tx intake.Tx, l core.Link, deleted bool) (bool, error) {
	rec, err := tx.Record(ctx, l)
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return err == nil && rec.Deleted == deleted, err
}
