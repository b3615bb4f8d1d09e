package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// files fetches uploads whose content is not here yet. A file that cannot be had
// is noted and never holds anything up.
func (r *run) files(ctx context.Context) error {
	if r.opts.DryRun {
		return nil
	}
	wanted, err := r.Store.WantedAttachments(ctx, r.repo.ID, r.tuning.Files)
	if err != nil {
		return err
	}
	for i, a := range wanted {
		r.progress(a.Record.Resource, event.StepFiles, i, len(wanted))
		content, err := r.peer.Fetch(ctx, a.URL, r.tuning.FileSize)
		a.Attempts++
		if core.IsKind(err, core.Cancelled) {
			return err
		}
		if err != nil {
			a.Failed = core.AsProblem(err).Error()
		}
		if err := r.Store.SaveAttachment(ctx, a, content); err != nil {
			return err
		}
	}
	return nil
}
