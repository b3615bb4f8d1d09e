package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// retryQuarantined applies again what was set aside and is due.
func (r *run) retryQuarantined(ctx context.Context, tasks []core.Task) error {
	if r.opts.DryRun {
		return nil
	}
	due, err := r.Store.QuarantineDue(ctx, r.repo.ID, core.MTimeOf(r.now()), 500)
	if err != nil || len(due) == 0 {
		return err
	}
	for _, q := range due {
		i := slices.IndexFunc(tasks, func(t core.Task) bool { return t.Resource == q.Record.Resource })
		if i < 0 {
			continue
		}
		rules := r.rules(tasks[i])
		err := r.Store.Import(ctx, func(tx intake.Tx) error {
			_, _, err := intake.Retry(ctx, tx, &rules, q)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
