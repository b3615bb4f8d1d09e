package replicate

import (
	"cmp"
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// An Eden counts a filter of a table for everything of that table in its answer. Asked for
// records by their uuids it leaves out what they, and their components, point to in their own
// table: the place in which another lies, the branch of an organisation.

// hides returns the tables of which an answer shows references to some records only: that of
// which single records are asked for, and those that the task's filters are for.
func (r *run) hides(task core.Task, asked ...core.Link) map[core.Resource]bool {
	if r.own || len(asked) == 0 && len(task.Filters) == 0 {
		return nil
	}
	hidden := make(map[core.Resource]bool)
	for _, f := range task.Filters {
		hidden[cmp.Or(f.Table, task.Resource)] = true
	}
	for _, l := range asked {
		hidden[l.Resource] = true
	}
	return hidden
}

// pointsToItself reports whether records of a table are known to point to others of it.
func (r *run) pointsToItself(resource core.Resource) bool {
	return slices.Contains(r.leads[resource], resource)
}

// ledTo lists by uuid to which records of their own table others were known to point there.
func (r *run) ledTo(ctx context.Context, links []core.Link) (map[string][]string, error) {
	bases, err := r.basesOf(ctx, links)
	led := make(map[string][]string)
	for l, base := range bases {
		for _, to := range base.PointsTo() {
			nameAlong(led, l, to)
		}
	}
	return led, err
}

// nameAlong has a record named along with one that points to it, if it is of the same table.
func nameAlong(along map[string][]string, from, to core.Link) {
	if to.Resource == from.Resource && to != from && !slices.Contains(along[from.UUID], to.UUID) {
		along[from.UUID] = append(along[from.UUID], to.UUID)
	}
}

// along lists by uuid what has to be asked for together with each sent record, so that the
// peer shows to which of it the record points: what it, and its components, were sent with,
// and what they pointed to before, in its own table.
func (p *pusher) along(ctx context.Context, b *batch) (map[string][]string, error) {
	if p.own {
		return nil, nil
	}
	bases, err := p.basesOf(ctx, b.order)
	if err != nil {
		return nil, err
	}
	along := make(map[string][]string)
	for _, l := range b.order {
		asked := []core.Link{l} // by itself, or with its masters
		for sent := b.sent[l]; sent != nil && !sent.rec.Master.IsZero(); sent = b.sent[sent.rec.Master] {
			asked = append(asked, sent.rec.Master)
		}
		leads := b.sent[l].wire.PointsTo()
		if base := bases[l]; base != nil {
			leads = append(leads, base.PointsTo()...)
		}
		for _, to := range leads {
			for _, a := range asked {
				nameAlong(along, a, to)
			}
		}
	}
	return along, nil
}
