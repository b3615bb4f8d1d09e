package replicate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// storeTrouble is what a person reads of a record that the store cannot take.
const storeTrouble = "This record could not be stored here. Everything else was."

// store applies items in one transaction, which also runs then. A batch that
// cannot be stored because of something in it is halved until the record that
// spoils it stands alone and is set aside (PROMISES 7).
func (p *puller) store(ctx context.Context, items []item, then func(intake.Tx) error) (core.Counts, error) {
	var counts core.Counts
	var unasked *intake.Unasked
	rest := items
	err := p.transaction(ctx, func(tx intake.Tx) error {
		counts = core.Counts{}
		if p.task.LastPull != 0 { // else nearly all are new: nothing is found together
			if err := tx.Expect(ctx, p.repo.ID, linksOf(items)); err != nil {
				return err
			}
		}
		for i, it := range items {
			c, err := p.apply(ctx, tx, it)
			if unasked, err = intake.AsUnasked(err); err != nil {
				return err
			}
			counts.Add(c)
			if unasked != nil { // what was decided stays
				rest = slices.Clone(items[i:])
				rest[0].Done = unasked.Done
				return nil //nolint:nilerr // a question, which is asked below
			}
		}
		return then(tx)
	})
	if err == nil && unasked != nil {
		if err = p.askColumns(ctx, unasked.Resource); err != nil {
			return counts, err
		}
		more, err := p.store(ctx, rest, then)
		counts.Add(more)
		return counts, err
	}
	if err == nil || errors.Is(err, errDryRun) || !spoilt(err) || len(items) == 0 {
		return counts, err
	}
	if len(items) == 1 {
		return p.setAside(ctx, items[0], err, then)
	}
	half := len(items) / 2
	first, err := p.store(ctx, items[:half], p.dry(func(intake.Tx) error { return nil }))
	if err != nil && !errors.Is(err, errDryRun) {
		return first, err
	}
	second, err := p.store(ctx, items[half:], then)
	first.Add(second)
	return first, err
}

// dry makes a transaction of a dry run go back at its end.
func (p *puller) dry(then func(intake.Tx) error) func(intake.Tx) error {
	if p.opts.DryRun {
		return func(intake.Tx) error { return errDryRun }
	}
	return then
}

// spoilt reports whether the trouble may lie in a record rather than in the store
// as a whole.
func spoilt(err error) bool { return core.AsProblem(err).Kind == core.Internal }

// setAside quarantines a record that the store does not take.
func (p *puller) setAside(ctx context.Context, it item, cause error, then func(intake.Tx) error) (counts core.Counts, err error) {
	if it.Record == nil {
		return counts, cause
	}
	if p.Log != nil {
		p.Log.Error("Record not stored", "run", p.report.ID, "resource", it.Record.Resource, "uuid", it.Record.UUID, "err", cause)
	}
	err = p.transaction(ctx, func(tx intake.Tx) error {
		content := string(s3xml.AppendRecord(nil, it.Record))
		if counts, err = intake.Reject(ctx, tx, &p.rules, it.Record.Link(), storeTrouble, fmt.Sprint(cause), content); err != nil {
			return err
		}
		return then(tx)
	})
	return counts, err
}
