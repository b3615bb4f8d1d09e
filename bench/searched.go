//go:build linux

package main

import "context"

// searching makes a first pull with everything that a person meets after it: the
// full-text search is brought up to date, too, as the window does after a run. The
// limit fills the same index when its rows are written.
func (b *bench) searching(ctx context.Context) error {
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	if err := b.warm(ctx, peer); err != nil {
		return err
	}
	n := b.newNode("searched")
	defer n.drop()
	c, err := alternately(b.repeats,
		func() (usage, error) {
			n.drop()
			pulled, err := b.pullInto(ctx, n, peer)
			if err != nil {
				return usage{}, err
			}
			found, _, err := n.command(ctx, "records", "search", "foundation")
			return pulled.then(found), err
		},
		func() (usage, error) { return b.limitPull(ctx, nil, nil, "search") })
	if err != nil {
		return err
	}
	b.add(row{Work: "First pull of " + b.many() + ", and its search brought up to date", Against: "C: parse + insert, search too", CPU: c.cpu(), Wall: c.wall(), Goal: 1.5,
		Memory: c.ours.rss(), Of: c.ours, Note: "two processes: sync, and the first search"})
	return nil
}
