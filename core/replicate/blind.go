package replicate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// witnesses are how many records that must be there are asked for where a deletion is
// to be believed because nothing is shown.
const witnesses = 3

// blind takes out of asked the tables of which nothing is shown any more, and returns a
// Problem NoReadRight if there are any: that a deleted record does not come is no proof
// then. Each of which a deletion was sent must show a record that was read back as well, or
// one of some that are known to be there. Where none is known, nothing can tell.
func (p *pusher) blind(ctx context.Context, b *batch, found map[core.Link]*core.Record, asked map[core.Resource]bool) (trouble error) {
	var gone []core.Link
	for _, l := range b.order {
		if sent := b.sent[l]; sent.rec.Deleted && sent.read.Based && found[l] == nil && !b.sealed[l] && asked[l.Resource] {
			gone = append(gone, l)
		}
	}
	bases, err := p.basesOf(ctx, gone)
	if err != nil {
		return err
	}
	doubtful := make(map[core.Resource]bool)
	for l, base := range bases {
		if !base.Deleted { // else it had deleted it before
			doubtful[l.Resource] = true
		}
	}
	for l := range found {
		delete(doubtful, l.Resource)
	}
	for _, resource := range slices.Sorted(maps.Keys(doubtful)) {
		known, err := p.Store.AliveThere(ctx, p.repo.ID, resource, witnesses)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			continue
		}
		there, err := p.stand(ctx, known)
		if err != nil {
			return err
		}
		if len(there) == 0 {
			delete(asked, resource)
			trouble = &core.Problem{Kind: core.NoReadRight, Subject: p.repo.Name, Err: fmt.Errorf("%s: none of %d known records is shown", resource, len(known))}
		}
	}
	return trouble
}
