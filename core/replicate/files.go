package replicate

import (
	"context"
	"fmt"
	"io"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// files fetches uploads whose content is not here yet. A file that cannot be had
// is noted and never holds anything up; trouble with our own disk ends the run.
func (r *run) files(ctx context.Context) error {
	if r.opts.DryRun {
		return nil
	}
	wanted, err := r.Store.WantedAttachments(ctx, r.repo.ID, r.tuning.Files)
	if err != nil {
		return err
	}
	failed := 0
	for i, a := range wanted {
		r.progress(a.Record.Resource, event.StepFiles, i, len(wanted))
		if a.Path != "" {
			if err := r.Store.SaveAttachment(ctx, a, nil); err != nil {
				return err
			}
			continue
		}
		a.Attempts++
		var trouble error
		err := r.Store.FetchAttachment(ctx, a, func(w io.Writer) error {
			trouble = r.fetch(ctx, a.URL, w)
			return trouble
		})
		if core.IsKind(trouble, core.Cancelled) {
			return trouble
		}
		if err != nil {
			return err
		}
		if trouble != nil {
			failed++
		}
	}
	if failed > 0 {
		r.log(ctx, core.LogEntry{Resource: "none", Mode: "pull", Direction: "outgoing", Action: "fetch files", Result: core.ResultWarning, Remote: true,
			Message: fmt.Sprintf("%d of %d files could not be fetched. The records are here; the files are asked for again with the next sync.", failed, len(wanted))})
	}
	return nil
}

// fetch writes one upload to w, wherever it lies.
func (r *run) fetch(ctx context.Context, address string, w io.Writer) error {
	content, inline, err := core.Inline(address)
	if !inline {
		return r.peer.Fetch(ctx, address, r.tuning.FetchSize, w)
	}
	if err == nil {
		_, err = w.Write(content)
	}
	return err
}
