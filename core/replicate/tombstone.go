package replicate

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// meetTombstones decides about records that the peer had deleted or merged before
// they came here, from another peer say. The pull that brought the tombstone passed
// it over, as of something that was never here, and no later one brings it again;
// the peer refuses for ever what it has buried. It is decided as if the record had
// been here then, brake and all.
func (p *pusher) meetTombstones(ctx context.Context) error {
	if len(p.passedOver) == 0 {
		return nil
	}
	before := p.report.Counts
	if _, err := p.refetch(ctx, p.task, p.passedOver); err != nil {
		return err
	}
	p.log(ctx, core.LogEntry{Resource: string(p.task.Resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultSuccess,
		Message: fmt.Sprintf("%d records were deleted at %s before they came here; their deletions were fetched again (%s)",
			len(p.passedOver), p.repo.Name, difference(p.report.Counts, before))})
	return nil
}
