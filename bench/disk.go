//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A slow disk: an old laptop's, or a memory card.
const (
	diskLatency = 20 * time.Millisecond // of each wait for it
	diskRate    = 20_000_000            // bytes a second
	diskRecords = 30_000                // of the first pull; its time is the disk's
)

// onSlowDisk is what a program finds that is to have one. Files that Go writes
// itself are as fast as ever: of Fieldsync two small ones a run, its witnesses.
func (t *tools) onSlowDisk() []string {
	return []string{"LD_PRELOAD=" + t.slowDisk, fmt.Sprintf("SLOW_DISK=%d %d", diskLatency.Microseconds(), diskRate), "SLOW_DISK_COUNT=" + t.waitsFile()}
}

// waitsFile is where the library counts.
func (t *tools) waitsFile() string { return filepath.Join(t.work, "waits") }

// waits are those for the disk, and the bytes that were waited for.
type waits struct{ Times, Bytes int64 }

func (w waits) String() string { return fmt.Sprintf("%d waits, %s", w.Times, megabytes(w.Bytes)) }

// waiting counts during fn.
func (t *tools) waiting(fn func() (usage, error)) (u usage, w waits, err error) {
	if err := os.WriteFile(t.waitsFile(), make([]byte, binary.Size(w)), 0o644); err != nil {
		return u, w, err
	}
	if u, err = fn(); err != nil {
		return u, w, err
	}
	b, err := os.ReadFile(t.waitsFile())
	if err != nil {
		return u, w, err
	}
	if _, err = binary.Decode(b, binary.NativeEndian, &w); err == nil && w.Times == 0 {
		err = errors.New("nobody waited for the slow disk")
	}
	return u, w, err
}

// slowDisk measures a first pull beside the limit on the same slow disk, and what
// it costs there to find little or nothing, and to edit.
func (b *bench) slowDisk(ctx context.Context) error {
	if err := b.with(min(b.records, diskRecords), func() error { return b.firstPullToSlowDisk(ctx) }); err != nil {
		return err
	}
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	n := b.newNode("disk")
	defer n.drop()
	if _, err := b.pullInto(ctx, n, peer); err != nil {
		return err
	}
	n.env = b.onSlowDisk()
	if err := b.littleToSlowDisk(ctx, peer, n); err != nil {
		return err
	}
	return b.editOnSlowDisk(ctx, n)
}

func (b *bench) firstPullToSlowDisk(ctx context.Context) error {
	if err := b.prepare(b.records); err != nil {
		return err
	}
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	if err := b.warm(ctx, peer); err != nil {
		return err
	}
	var ours, limit waits
	c, err := alternately(b.repeats,
		func() (u usage, err error) {
			n := b.newNode("disk")
			defer n.drop()
			n.env = b.onSlowDisk()
			u, ours, err = b.waiting(func() (usage, error) { return b.pullInto(ctx, n, peer) })
			return u, err
		},
		func() (u usage, err error) {
			u, limit, err = b.waiting(func() (usage, error) { return b.limitPull(ctx, nil, b.onSlowDisk()) })
			return u, err
		})
	if err != nil {
		return err
	}
	b.add(row{Work: "First pull of " + b.many() + ", slow disk", Against: "C on a slow disk", CPU: c.cpu(), Wall: c.wall(), Waits: true, Goal: 1.5, Memory: c.ours.rss(), Of: c.ours,
		Note: fmt.Sprintf("20 ms for each wait, 20 MB/s, by a library below SQLite; %s; C: %s", ours, limit)})
	return nil
}

// littleToSlowDisk syncs where little or nothing has changed.
func (b *bench) littleToSlowDisk(ctx context.Context, peer *server, n *node) error {
	few, sync := b.hundredthChanged(ctx, peer, n)
	for _, ask := range []struct {
		work string
		run  func() (usage, error)
	}{
		{few + ", slow disk", sync},
		{"Nothing changed, 1 table, slow disk", func() (usage, error) { return n.sync(ctx, counts{}) }},
	} {
		var s series
		var last waits
		for range b.repeats {
			u, w, err := b.waiting(ask.run)
			if err != nil {
				return err
			}
			s, last = append(s, u), w
		}
		b.add(row{Work: ask.work, Value: inMilliseconds(s.walls()), Unit: "ms", Waits: true, Memory: s.rss(), Of: s, Note: "whole process; " + last.String()})
		b.add(row{Work: ask.work + ": waits for the disk", Value: exactly(float64(last.Times)), Runs: 1})
	}
	return nil
}

// editOnSlowDisk edits records, and has the limit change the same ones.
func (b *bench) editOnSlowDisk(ctx context.Context, n *node) error {
	times := func(args ...string) (took []float64, u usage, err error) {
		u, _, err = b.waiting(func() (usage, error) {
			u, out, err := b.run(ctx, command{args: args, env: n.env})
			if err == nil {
				err = json.Unmarshal(out, &took)
			}
			return u, err
		})
		return took, u, err
	}
	ours, u, err := times(b.self, "edit", n.dir)
	if err != nil {
		return err
	}
	limit, _, err := times(b.limit, "edit", n.database(), string(masterTable))
	if err != nil {
		return err
	}
	took, least := spreadOf(ours), spreadOf(limit)
	b.add(row{Work: "One edit stored, slow disk", Value: took, Unit: "ms", Waits: true, Memory: u.rss, Runs: len(ours),
		Note: fmt.Sprintf("C: update + commit takes %s ms: %s ×", short(least.Median), short(took.Median/least.Median))})
	return nil
}
