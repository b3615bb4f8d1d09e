package replicate

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// RefuseHeld keeps the records whose deletion by the repository a brake holds,
// all of one resource, or of all for "": the deletions are dropped, and with the
// next sync the repository gets the records again. No connection is needed. by is the
// person. It returns how many records were kept.
func (e *Engine) RefuseHeld(ctx context.Context, repo core.Repository, resource core.Resource, by string) (kept int, err error) {
	r := e.newRun(repo, Options{})
	unlock, err := e.Store.LockRun(ctx, repo.ID)
	if err != nil {
		_, err = r.fail(ctx, err)
		return 0, err
	}
	defer unlock()
	if err := r.begin(ctx, false); err != nil {
		_, err = r.fail(ctx, err)
		return 0, err
	}
	_, err = r.finish(ctx, core.Caught(func() error { return r.refuseHeld(ctx, resource, by, &kept) }))
	return kept, err
}

func (r *run) refuseHeld(ctx context.Context, resource core.Resource, by string, kept *int) error {
	held, err := r.Store.Held(ctx, r.repo.ID, resource)
	if err != nil || len(held) == 0 {
		return err
	}
	err = r.Store.Import(ctx, func(tx intake.Tx) error {
		*kept = 0
		for _, q := range held {
			ok, err := intake.Refuse(ctx, tx, q, by, core.MTimeOf(r.now()))
			if err != nil {
				return err
			}
			if ok {
				*kept++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.log(ctx, core.LogEntry{Resource: string(held[0].Record.Resource), Mode: "none", Direction: "none", Action: "refuse", Result: core.ResultSuccess,
		Message: fmt.Sprintf("Held deletions refused: %d; records that stay and are sent again: %d", len(held), *kept)})
	return nil
}
