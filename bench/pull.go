//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
)

// withParts is how many records there are with the components.
func withParts(masters int) int { return masters + 2*((masters+2)/3) }

func created(masters int) counts { return counts{Created: withParts(masters)} }

// pulling measures everything that the active side does with a peer that has
// many records. It leaves the node of the last first pull behind for others.
func (b *bench) pulling(ctx context.Context) error {
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	b.node = nil
	n := b.newNode("pulled")
	if b.first[b.records], err = b.firstPull(ctx, peer, n, place{}, b.repeats); err != nil {
		return err
	}
	b.node = n
	return b.afterFirstPull(ctx, peer, n, place{})
}

// afterFirstPull measures what comes later.
func (b *bench) afterFirstPull(ctx context.Context, peer *server, n *node, at place) error {
	if err := b.sameAgain(ctx, n, at); err != nil {
		return err
	}
	if err := b.nothingNew(ctx, "Nothing changed, 1 table"+at.suffix, n, 0); err != nil {
		return err
	}
	return b.fewChanged(ctx, peer, n, at)
}

// firstPull pulls into an empty node, beside parsing the document and writing
// the same tables.
func (b *bench) firstPull(ctx context.Context, peer *server, n *node, at place, repeats int) (comparison, error) {
	if err := b.warm(ctx, peer); err != nil {
		return comparison{}, err
	}
	c, err := alternately(repeats,
		func() (usage, error) {
			n.drop()
			return b.pullInto(ctx, n, peer)
		},
		func() (usage, error) { return b.limitPull(ctx, at.under, nil) })
	if err != nil {
		return c, err
	}
	note := at.note
	if note == "" {
		note = "the peer answers from memory, packed with zstd"
	}
	b.add(row{Work: "First pull of " + b.many() + at.suffix, Against: "C: parse + insert", CPU: c.cpu(), Wall: c.wall(), Goal: 1.5, Memory: c.ours.rss(), Of: c.ours, Note: note})
	return c, nil
}

// warm pulls once without a look at the clock: from then on the peer has its answers in
// memory. Those that a measured pull asks for otherwise (smaller pages, because the
// machine was slow) are made while it waits.
func (b *bench) warm(ctx context.Context, peer *server) error {
	_, err := b.pull(ctx, peer.url)
	return err
}

// pullInto makes a node know the peer, and measures its first sync. What the node
// runs under holds for that alone.
func (b *bench) pullInto(ctx context.Context, n *node, peer *server) (usage, error) {
	plain := &node{tools: n.tools, dir: n.dir}
	if err := plain.join(ctx, peer.url, string(masterTable)); err != nil {
		return usage{}, err
	}
	return n.sync(ctx, created(b.records))
}

// limitPull parses the document and writes into empty tables.
func (b *bench) limitPull(ctx context.Context, under, env []string, also ...string) (usage, error) {
	name := filepath.Join(b.work, "limit.db")
	if err := copyFile(name, b.blank); err != nil {
		return usage{}, err
	}
	args := slices.Concat(under, []string{b.limit, "pull", b.document(), name}, also)
	if b.searched {
		args = append(args, "search")
	}
	u, _, err := b.run(ctx, command{args: args, env: env})
	return u, err
}

// sameAgain receives and compares everything once more.
func (b *bench) sameAgain(ctx context.Context, n *node, at place) error {
	limitDB := filepath.Join(b.work, "limit.db")
	if _, err := n.sync(ctx, counts{}); err != nil { // it makes the daily copy, which is no part of receiving
		return err
	}
	c, err := alternately(b.repeats,
		func() (usage, error) { return n.sync(ctx, counts{}, "--full") },
		func() (usage, error) {
			return b.plain(ctx, append(slices.Clone(at.under), b.limit, "pull", b.document(), limitDB)...)
		})
	if err != nil {
		return err
	}
	b.add(row{Work: "Pull of " + b.many() + " again, unchanged" + at.suffix, Against: "C: parse + look up", CPU: c.cpu(), Wall: c.wall(), Goal: 1, Memory: c.ours.rss(), Of: c.ours})
	return nil
}

// nothingNew measures a sync that finds nothing to do.
func (b *bench) nothingNew(ctx context.Context, work string, n *node, goal float64) error {
	return b.wholeProcess(ctx, 2*b.repeats+1, row{Work: work, Goal: goal}, n, func() (usage, error) { return n.sync(ctx, counts{}) })
}

// wholeProcess measures what takes hardly longer than a process, beside one that does nothing.
func (b *bench) wholeProcess(ctx context.Context, times int, r row, n *node, sync func() (usage, error)) error {
	c, err := alternately(times, sync, func() (usage, error) { return b.plain(ctx, append(slices.Clone(n.under), b.emptyProgram)...) })
	if err != nil {
		return err
	}
	r.Of, r.Process, r.Value, r.Unit, r.Memory = c.ours, c.cpu(), inMilliseconds(c.ours.walls()), "ms", c.ours.rss()
	r.Note = "whole process; one that does nothing takes " + inMilliseconds(c.limit.walls()).text("ms")
	b.add(r)
	return nil
}

// fewChanged pulls every hundredth record, changed.
func (b *bench) fewChanged(ctx context.Context, peer *server, n *node, at place) error {
	work, sync := b.hundredthChanged(ctx, peer, n)
	return b.wholeProcess(ctx, b.repeats, row{Work: work + at.suffix, Goal: 300}, n, sync)
}

// hundredthChanged is a sync that finds every hundredth record changed, and what it is called.
func (b *bench) hundredthChanged(ctx context.Context, peer *server, n *node) (work string, sync func() (usage, error)) {
	const every = 100
	changed := (b.records + every - 1) / every
	nth := 0
	return fmt.Sprintf("%s changed of %s", thousands(changed), b.many()), func() (usage, error) {
		nth++
		if err := peer.change(ctx, every, nth); err != nil {
			return usage{}, err
		}
		return n.sync(ctx, counts{Updated: changed})
	}
}

// tenTables measures a sync without anything to do for ten tables, and counts
// its requests.
func (b *bench) tenTables(ctx context.Context) error {
	peer, err := b.peer(b.records, len(tableNames))
	if err != nil {
		return err
	}
	defer peer.stop()
	line, err := newLine(peer.url, 0, 0)
	if err != nil {
		return err
	}
	defer line.close()
	n := b.newNode("ten")
	defer n.drop()
	var names []string
	for _, r := range tableNames {
		names = append(names, string(r))
	}
	if err := n.join(ctx, line.url(peer.url), names...); err != nil {
		return err
	}
	per := b.records / len(tableNames)
	if _, err := n.sync(ctx, counts{Created: withParts(per) + per*(len(tableNames)-1)}); err != nil {
		return err
	}
	line.reset()
	if _, err := n.sync(ctx, counts{}); err != nil {
		return err
	}
	traffic := line.traffic()
	if err := n.do(ctx, []string{"repository", "edit", "Bench", "--url", peer.url}); err != nil {
		return err
	}
	if err := b.nothingNew(ctx, "Nothing changed, 10 tables, "+b.many(), n, 50); err != nil {
		return err
	}
	b.add(row{Work: "Requests of that sync", Value: exactly(float64(traffic.requests)), Unit: "", Goal: float64(2 * len(tableNames)), Runs: 1, Note: "one for each table and direction"})
	return nil
}
