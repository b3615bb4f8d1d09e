//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A satellite's line.
const (
	slowRate  = 64_000 // bits a second
	slowDelay = 250 * time.Millisecond
)

// slowLine syncs a few changes over 64 kbit/s and 500 ms there and back, and
// compares the bytes with the least that could be sent: the changed fields,
// packed.
func (b *bench) slowLine(ctx context.Context) error {
	records := min(b.records, 10_000)
	const changed = 100
	peer, err := b.peer(records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	line, err := newLine(peer.url, slowRate, slowDelay)
	if err != nil {
		return err
	}
	defer line.close()
	n := b.newNode("slow")
	defer n.drop()
	if err := n.join(ctx, peer.url, string(masterTable)); err != nil {
		return err
	}
	if _, err := n.sync(ctx, created(records)); err != nil {
		return err
	}
	if err := n.moveTo(ctx, line.url(peer.url)); err != nil {
		return err
	}
	idle, err := b.overLine(ctx, n, line, counts{})
	if err != nil {
		return err
	}
	every := records / changed
	if err := peer.change(ctx, every, 1); err != nil {
		return err
	}
	busy, err := b.overLine(ctx, n, line, counts{Updated: changed})
	if err != nil {
		return err
	}
	least := leastBytes(newDataset(records, 1), every)
	b.add(row{Work: "Nothing changed, over 64 kbit/s and 500 ms", Value: exactly(idle.took.Seconds()), Unit: "s", Runs: 1, Waits: true,
		Note: fmt.Sprintf("%d requests, %d connections, %s", idle.requests, idle.opened, kilobytes(idle.up+idle.down))})
	b.add(row{Work: fmt.Sprintf("%d changed, over 64 kbit/s and 500 ms", changed), Value: exactly(busy.took.Seconds()), Unit: "s", Runs: 1, Waits: true,
		Note: fmt.Sprintf("%d requests, %d connections, %s", busy.requests, busy.opened, kilobytes(busy.up+busy.down))})
	b.add(row{Work: "Bytes of that sync", Against: "gzip of the changed fields", Value: exactly(float64(busy.up+busy.down) / float64(least)), Unit: "×", Runs: 1,
		Note: fmt.Sprintf("%s; an Eden's protocol sends whole records", kilobytes(least))})
	return b.pushOverLine(ctx, changed)
}

// pushOverLine pushes new records to our own responder over that line.
func (b *bench) pushOverLine(ctx context.Context, records int) error {
	h, err := b.newHub(ctx)
	if err != nil {
		return err
	}
	defer h.drop()
	defer h.stop()
	line, err := newLine(h.url, slowRate, slowDelay)
	if err != nil {
		return err
	}
	defer line.close()
	n := b.newNode("slow-sender")
	defer n.drop()
	if err := h.meet(ctx, n, withComponents...); err != nil {
		return err
	}
	if _, err := n.sync(ctx, counts{}); err != nil {
		return err
	}
	document := filepath.Join(b.work, "slow.xml")
	if err := newDataset(records, 1).writeXML(document); err != nil {
		return err
	}
	defer func() { _ = os.Remove(document) }() // it is no more than clutter
	if err := n.do(ctx, []string{"import", document}); err != nil {
		return err
	}
	if err := n.moveTo(ctx, line.url(h.url)); err != nil {
		return err
	}
	sent, err := b.overLine(ctx, n, line, counts{Delivered: withParts(records)})
	if err != nil {
		return err
	}
	plain, err := os.Stat(document)
	if err != nil {
		return err
	}
	b.add(row{Work: fmt.Sprintf("%d new pushed to a Fieldsync, over 64 kbit/s and 500 ms", records), Value: exactly(sent.took.Seconds()), Unit: "s", Runs: 1, Waits: true,
		Note: fmt.Sprintf("%d requests, %d connections, %s; the records as S3XML: %s", sent.requests, sent.opened, kilobytes(sent.up+sent.down), kilobytes(plain.Size()))})
	return nil
}

// A trip is a sync over a line.
type trip struct {
	traffic
	took time.Duration
}

func (b *bench) overLine(ctx context.Context, n *node, l *line, want counts) (trip, error) {
	l.reset()
	u, err := n.sync(ctx, want)
	return trip{l.traffic(), u.wall}, err
}

// leastBytes is the size of the changed fields with their records' uuids, packed.
func leastBytes(d *dataset, every int) int64 {
	d.every, d.times = every, 1
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := 0; i < d.size(); i += every {
		rec := d.record(0, i)
		fmt.Fprintf(z, "%s\t%s", rec.UUID, rec.ModifiedOn)
		for _, name := range []string{"comments", "capacity"} {
			fmt.Fprintf(z, "\t%s=%s", name, value(&rec, name))
		}
		fmt.Fprintln(z)
	}
	_ = z.Close() // into memory
	return int64(packed.Len())
}

func value(rec *core.Record, name string) string { return rec.Value(name).Str }

// moveTo changes the address and registers there, which the next sync would do else.
func (n *node) moveTo(ctx context.Context, url string) error {
	return n.do(ctx, []string{"repository", "edit", "Bench", "--url", url}, []string{"repository", "register", "Bench"})
}
