package replicate

import (
	"context"
	"errors"
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
// one of some that are known to be there. Where none is known to be there, the table must
// show anything at all, if only what was deleted: an Eden shows the tombstone of what it
// deleted, unless it deletes for good. If it shows nothing, the deletion is not proved,
// and is no trouble either: the next run sets it aside, and a person may insist.
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
		shown, known, err := p.witnessed(ctx, resource)
		if err != nil { // who could not be asked is no witness
			trouble = errors.Join(trouble, err)
		}
		if !shown {
			delete(asked, resource)
		}
		if err == nil && !shown && known > 0 {
			trouble = errors.Join(trouble, &core.Problem{Kind: core.NoReadRight, Subject: p.repo.Name,
				Err: fmt.Errorf("%s: none of %d known records is shown", resource, known)})
		}
	}
	return trouble
}

// witnessed reports whether the peer shows anything of a table: of what is known to be
// there, if there is any such, else of all. A person who insists need not be shown the latter.
func (p *pusher) witnessed(ctx context.Context, resource core.Resource) (shown bool, known int, err error) {
	links, err := p.Store.AliveThere(ctx, p.repo.ID, resource, witnesses)
	if err != nil {
		return false, 0, err
	}
	if len(links) > 0 {
		there, err := p.stand(ctx, links)
		return len(there) > 0, len(links), err
	}
	if p.opts.Confirm {
		return true, 0, nil
	}
	_, err = p.peer.Pull(ctx, PullRequest{Resource: resource, Limit: 1}, func(_ *core.Record, master bool, _ *BadRecord) error {
		shown = shown || master
		return nil
	})
	return shown, 0, err
}
