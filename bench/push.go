//go:build linux

package main

import (
	"context"
	"path/filepath"
	"slices"
	"time"
)

// A hub is a Fieldsync that answers.
type hub struct {
	*node
	*server
}

func (b *bench) newHub(ctx context.Context) (*hub, error) {
	h := &hub{node: b.newNode("hub")}
	if err := h.do(ctx, []string{"init", "--name", "Hub"}, []string{"share", "add", string(masterTable), "org_office", "pr_contact"}); err != nil {
		return nil, err
	}
	if err := h.withInput(ctx, peerPassword+"\n", "account", "add", peerUser, "--password-stdin"); err != nil {
		return nil, err
	}
	var err error
	h.server, err = startServer(h.surroundings(), h.program, "--data", h.dir, "serve", "--address", "127.0.0.1:0")
	return h, err
}

// meet makes a node known to the hub and accepted there.
func (h *hub) meet(ctx context.Context, n *node) error {
	if err := n.join(ctx, h.url, string(masterTable), "org_office", "pr_contact"); err != nil {
		return err
	}
	return h.do(ctx, []string{"peer", "accept", filepath.Base(n.dir)})
}

// during runs fn and returns what the hub used meanwhile.
func (h *hub) during(fn func() (usage, error)) (caller, answering usage, err error) {
	before, err := h.used()
	if err != nil {
		return caller, answering, err
	}
	if caller, err = fn(); err != nil {
		return caller, answering, err
	}
	time.Sleep(50 * time.Millisecond) // what it writes down after the answer counts too
	after, err := h.used()
	h.peak.reach(after.rss, "the hub")
	return caller, usage{wall: caller.wall, cpu: after.cpu - before.cpu, rss: after.rss}, err
}

// pushing measures a push of new records to our own responder, with proof of
// delivery, and a pull of them by another node; of each both sides.
func (b *bench) pushing(ctx context.Context) error {
	made, err := b.made(ctx)
	if err != nil {
		return err
	}
	defer made.drop()
	var push, importing, exporting, pull comparison
	for range b.repeats {
		if err := b.exchange(ctx, made, &push, &importing, &exporting, &pull); err != nil {
			return err
		}
	}
	b.addPush(push, place{})
	b.add(row{Work: "Responder: import of " + b.many(), Against: "C: parse + insert", CPU: importing.cpu(), Wall: importing.wall(), Goal: 2, Memory: importing.ours.rss(), Of: importing.ours, Note: "with the proof asked of it; wall is the exchange's"})
	b.add(row{Work: "Responder: export of " + b.many(), Against: "C: database → S3XML", CPU: exporting.cpu(), Wall: exporting.wall(), Goal: 2, Memory: exporting.ours.rss(), Of: exporting.ours, Note: "packed with zstd; wall is the exchange's"})
	b.add(row{Work: "First pull of " + b.many() + " from a Fieldsync", Against: "C: parse + insert", CPU: pull.cpu(), Wall: pull.wall(), Memory: pull.ours.rss(), Of: pull.ours})
	return nil
}

func (b *bench) exchange(ctx context.Context, made *node, push, importing, exporting, pull *comparison) error {
	h, err := b.newHub(ctx)
	if err != nil {
		return err
	}
	defer h.drop()
	defer h.stop()
	puller := b.newNode("puller")
	defer puller.drop()
	sent, received, limitExport, err := b.pushOnce(ctx, h, made, place{})
	if err != nil {
		return err
	}
	limitPull, err := b.limitPull(ctx, nil, nil)
	if err != nil {
		return err
	}
	if err := h.meet(ctx, puller); err != nil {
		return err
	}
	got, given, err := h.during(func() (usage, error) { return puller.sync(ctx, created(b.records)) })
	if err != nil {
		return err
	}
	push.with(sent, limitExport)
	importing.with(received, limitPull)
	exporting.with(given, limitExport)
	pull.with(got, limitPull)
	return nil
}

// pushOnce pushes what was made to a hub, and exports the same with the limit.
func (b *bench) pushOnce(ctx context.Context, h *hub, made *node, at place) (sent, received, limit usage, err error) {
	pusher := b.newNode("pusher")
	defer pusher.drop()
	if err := copyFolder(pusher.dir, made.dir); err != nil {
		return sent, received, limit, err
	}
	if err := h.meet(ctx, pusher); err != nil {
		return sent, received, limit, err
	}
	pusher.put(at)
	sent, received, err = h.during(func() (usage, error) { return pusher.sync(ctx, counts{Delivered: withParts(b.records)}) })
	if err != nil {
		return sent, received, limit, err
	}
	limit, err = b.plain(ctx, append(slices.Clone(at.under), b.limit, "export", pusher.database(), string(masterTable), filepath.Join(b.work, "export.xml"))...)
	return sent, received, limit, err
}

// pushFrom measures the push alone, from some place.
func (b *bench) pushFrom(ctx context.Context, at place) error {
	made, err := b.made(ctx)
	if err != nil {
		return err
	}
	defer made.drop()
	var c comparison
	for range b.repeats {
		h, err := b.newHub(ctx)
		if err != nil {
			return err
		}
		sent, _, limit, err := b.pushOnce(ctx, h, made, at)
		h.stop()
		h.drop()
		if err != nil {
			return err
		}
		c.with(sent, limit)
	}
	b.addPush(c, at)
	return nil
}

func (b *bench) addPush(c comparison, at place) {
	b.add(row{Work: "Push of " + b.many() + " new, proved" + at.suffix, Against: "C: database → S3XML", CPU: c.cpu(), Wall: c.wall(), Goal: 3, Memory: c.ours.rss(), Of: c.ours, Note: at.note})
}

// made is a node whose records were made there.
func (b *bench) made(ctx context.Context) (*node, error) {
	n := b.newNode("made")
	return n, n.do(ctx, []string{"init", "--name", "made"}, []string{"import", b.document()})
}

func (c *comparison) with(ours, limit usage) {
	c.ours, c.limit = append(c.ours, ours), append(c.limit, limit)
}
