package replicate

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// confirm carries out what a peer that only calls us has deleted, and what our
// answer to its push held back (core/responder). A person has looked at it.
func (r *run) confirm(ctx context.Context) error {
	held, err := r.Store.Held(ctx, r.repo.ID, "")
	if err != nil {
		return err
	}
	rules := intake.Rules{
		Repository: r.repo.ID, Run: r.report.ID, Peer: r.repo.Name, Now: core.MTimeOf(r.now()), Partial: true, Passive: true,
		ServedSeq: math.MaxInt64, // who confirms has seen what stands here
		Rules:     core.Rules{Strategy: core.StrategyAll, Update: core.PolicyOther, Conflict: core.PolicyOther},
	}
	for _, q := range held {
		if !r.confirmed(q.Record.Resource) {
			continue
		}
		counts := core.Counts{}
		err := r.Store.Import(ctx, func(tx intake.Tx) error {
			edited, err := editedSince(ctx, tx, q)
			if err != nil {
				return err
			}
			if edited { // after it was held: nobody has seen that
				counts.Count(core.StateKept)
				err = tx.ClearQuarantine(ctx, q.RepositoryID, q.Record, false)
			} else {
				counts, _, err = intake.Retry(ctx, tx, &rules, q)
			}
			if err == nil && r.opts.DryRun {
				return errDryRun
			}
			return err
		})
		if err != nil && !errors.Is(err, errDryRun) {
			return err
		}
		r.report.Counts.Add(counts)
	}
	r.log(ctx, core.LogEntry{Resource: "none", Mode: "push", Direction: "incoming", Action: "receive", Result: core.ResultSuccess,
		Message: fmt.Sprintf("Deletions that were held are confirmed (%s)", r.report.Counts)})
	return nil
}

func editedSince(ctx context.Context, tx intake.Tx, q core.Quarantine) (bool, error) {
	ours, err := tx.Record(ctx, q.Record)
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return err == nil && !ours.Deleted && ours.ModifiedOn > q.Since, err
}
