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
	if err := h.do(ctx, []string{"init", "--name", "Hub"}, append([]string{"share", "add"}, withComponents...)); err != nil {
		return nil, err
	}
	if err := h.withInput(ctx, peerPassword+"\n", "account", "add", peerUser, "--password-stdin"); err != nil {
		return nil, err
	}
	var err error
	h.server, err = startServer(h.surroundings(), h.program, "--data", h.dir, "serve", "--address", "127.0.0.1:0")
	return h, err
}

// withComponents are tasks for the masters, and for the components beside them.
var withComponents = []string{string(masterTable), "org_office", "pr_contact"}

// meet makes a node known to the hub, with tasks for some tables, and accepted there.
func (h *hub) meet(ctx context.Context, n *node, tables ...string) error {
	if err := n.join(ctx, h.url, tables...); err != nil {
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

// An exchanged is what is compared of a push and of the pulls that follow it.
type exchanged struct {
	push, importing  comparison
	both             comparison // of a push, beside an export and an import
	packed, plain    comparison // as a Fieldsync and an Eden ask, of whom neither stores it
	exporting, pull  comparison // each record asked for once
	twice, pullTwice comparison // components once more, by tasks of their own
}

// pushing measures a push of new records to our own responder, with proof of
// delivery, and pulls of them by other nodes; of each both sides.
func (b *bench) pushing(ctx context.Context) error {
	made, err := b.made(ctx)
	if err != nil {
		return err
	}
	defer made.drop()
	var x exchanged
	for range b.repeats {
		if err := b.exchange(ctx, made, &x); err != nil {
			return err
		}
	}
	b.addPush(x.push, place{})
	b.add(row{Work: "The same push, both sides", Against: "C: export, then parse + insert", CPU: x.both.cpu(), Wall: x.both.wall(), Of: x.both.ours, Note: "what a push is bound by: somebody reads, and somebody writes"})
	b.add(row{Work: "Responder: import of " + b.many(), Against: "C: parse + insert", CPU: x.importing.cpu(), Wall: x.importing.wall(), Goal: 2, Memory: x.importing.ours.rss(), Of: x.importing.ours, Note: "with the proof asked of it; wall is the exchange's"})
	b.addExport(x.packed, "", 2, "page by page, packed with zstd, to one who takes it as it comes")
	b.addExport(x.plain, ", as an Eden asks for it", 2, "one document, not packed, as the limit writes it")
	b.addExport(x.exporting, ", to a Fieldsync that stores it", 0, "each record asked for once; packed with zstd; wall is the exchange's")
	b.addExport(x.twice, ", its components once more", 0, "tasks for the two tables of components too; C exports each record once")
	b.addPullFromHub(x.pull, "", "")
	b.addPullFromHub(x.pullTwice, ", its components once more", "tasks for the two tables of components too")
	return nil
}

func (b *bench) addExport(c comparison, what string, goal float64, note string) {
	b.add(row{Work: "Responder: export of " + b.many() + what, Against: "C: database → S3XML", CPU: c.cpu(), Wall: c.wall(), Goal: goal, Memory: c.ours.rss(), Of: c.ours, Note: note})
}

func (b *bench) addPullFromHub(c comparison, what, note string) {
	b.add(row{Work: "First pull of " + b.many() + " from a Fieldsync" + what, Against: "C: parse + insert", CPU: c.cpu(), Wall: c.wall(), Memory: c.ours.rss(), Of: c.ours, Note: note})
}

// exchange pushes to a new hub and pulls from it twice, by a node that has a task for the
// masters alone, and by one with tasks for the components too; between them those ask who
// store nothing. An export in C is between the two.
func (b *bench) exchange(ctx context.Context, made *node, x *exchanged) error {
	h, err := b.newHub(ctx)
	if err != nil {
		return err
	}
	defer h.drop()
	defer h.stop()
	sent, received, limitExport, err := b.pushOnce(ctx, h, made, place{})
	if err != nil {
		return err
	}
	limitPull, err := b.limitPull(ctx, nil, nil)
	if err != nil {
		return err
	}
	x.push.with(sent, limitExport)
	x.importing.with(received, limitPull)
	x.both.with(usage{wall: sent.wall, cpu: sent.cpu + received.cpu}, limitExport.then(limitPull))
	got, given, err := b.pullFrom(ctx, h, "puller", string(masterTable))
	if err != nil {
		return err
	}
	x.exporting.with(given, limitExport)
	x.pull.with(got, limitPull)
	if limitExport, err = b.limitExport(ctx, made.database(), place{}); err != nil {
		return err
	}
	answering, err := h.exportPlain(ctx, b.records)
	if err != nil {
		return err
	}
	x.plain.with(answering, limitExport)
	if answering, err = h.exportPacked(ctx, b.records); err != nil {
		return err
	}
	x.packed.with(answering, limitExport)
	if got, given, err = b.pullFrom(ctx, h, "component-puller", withComponents...); err != nil {
		return err
	}
	x.twice.with(given, limitExport)
	x.pullTwice.with(got, limitPull)
	return nil
}

// pullFrom makes the first pull of a new node, known to the hub by that name, by tasks for some tables.
func (b *bench) pullFrom(ctx context.Context, h *hub, name string, tables ...string) (got, given usage, err error) {
	puller := b.newNode(name)
	defer puller.drop()
	if err := h.meet(ctx, puller, tables...); err != nil {
		return got, given, err
	}
	return h.during(func() (usage, error) { return puller.sync(ctx, created(b.records)) })
}

// pushOnce pushes what was made to a hub, and exports the same with the limit.
func (b *bench) pushOnce(ctx context.Context, h *hub, made *node, at place) (sent, received, limit usage, err error) {
	pusher := b.newNode("pusher")
	defer pusher.drop()
	if err := copyFolder(pusher.dir, made.dir); err != nil {
		return sent, received, limit, err
	}
	if err := h.meet(ctx, pusher, withComponents...); err != nil {
		return sent, received, limit, err
	}
	pusher.put(at)
	sent, received, err = h.during(func() (usage, error) { return pusher.sync(ctx, counts{Delivered: withParts(b.records)}) })
	if err != nil {
		return sent, received, limit, err
	}
	limit, err = b.limitExport(ctx, pusher.database(), at)
	return sent, received, limit, err
}

// limitExport writes the document of a database in C.
func (b *bench) limitExport(ctx context.Context, database string, at place) (usage, error) {
	return b.plain(ctx, append(slices.Clone(at.under), b.limit, "export", database, string(masterTable), filepath.Join(b.work, "export.xml"))...)
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
