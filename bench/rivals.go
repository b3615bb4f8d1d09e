//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rivals measures what a user would pick instead, with the same records over
// loopback: PouchDB, and a plain Python script with lxml and sqlite3.
func (b *bench) rivals(ctx context.Context) error {
	return errors.Join(b.python(ctx), b.pouchdb(ctx))
}

// python pulls the same pages from the same peer and writes a table for each
// resource.
func (b *bench) python(ctx context.Context) error {
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	name := filepath.Join(b.work, "python.db")
	script := func() (usage, error) {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			return usage{}, err
		}
		return b.plain(ctx, "/usr/bin/python3", filepath.Join(b.scripts, "pull.py"), peer.url, peerUser, peerPassword, name)
	}
	if err := b.warm(ctx, peer); err != nil {
		return err
	}
	if _, err := script(); err != nil { // its pages are others
		return err
	}
	c, err := alternately(b.repeats, func() (usage, error) { return b.pull(ctx, peer.url) }, script)
	if err != nil {
		return err
	}
	b.add(row{Work: "First sync of " + b.many(), Against: "Python, lxml + sqlite3", Faster: true, CPU: c.cpu(), Wall: c.wall(), Goal: 4, Memory: c.ours.rss(), Of: c.ours,
		Note: "Python: " + megabytes(c.limit.rss())})
	return nil
}

func (b *bench) pull(ctx context.Context, url string) (usage, error) {
	n := b.newNode("rival")
	defer n.drop()
	return b.pullInto(ctx, n, &server{url: url})
}

// pouchPackages are what npm installs.
var pouchPackages = []string{"express@4", "express-pouchdb@4", "pouchdb-core@9", "pouchdb-replication@9", "pouchdb-adapter-http@9", "pouchdb-adapter-leveldb@9"}

// A pouch is a database of PouchDB's that answers.
type pouch struct {
	*server
	home string
}

func (b *bench) newPouch(ctx context.Context) (*pouch, error) {
	home := filepath.Join(b.work, "pouchdb")
	if err := os.CopyFS(home, os.DirFS(filepath.Join(b.scripts, "pouchdb"))); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(home, "node_modules")); err != nil {
		npm := exec.CommandContext(ctx, "npm", append([]string{"install", "--prefix", home, "--no-audit", "--no-fund", "--loglevel", "error"}, pouchPackages...)...)
		if out, err := npm.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm install: %w\n%s", err, tail(out))
		}
	}
	data, err := os.MkdirTemp(b.work, "pouch-")
	if err != nil {
		return nil, err
	}
	s, err := startServer(nil, "node", filepath.Join(home, "server.js"), data)
	if err != nil {
		return nil, err
	}
	return &pouch{s, home}, nil
}

// pouchdb replicates the same records as documents.
func (b *bench) pouchdb(ctx context.Context) error {
	p, err := b.newPouch(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := b.compactSize(); err != nil {
		return err
	}
	if _, err := b.plain(ctx, "node", filepath.Join(p.home, "load.js"), p.url, b.lines()); err != nil {
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
	local := filepath.Join(b.work, "pouch-local")
	replicate := func(url string) (usage, error) {
		u, out, err := b.run(ctx, command{args: []string{"node", filepath.Join(p.home, "pull.js"), url, local}})
		if err != nil {
			return u, err
		}
		var did struct{ Written, Total int }
		if err := json.Unmarshal(out, &did); err != nil {
			return u, fmt.Errorf("%w: %s", err, tail(out))
		}
		if did.Total != b.records {
			return u, fmt.Errorf("PouchDB has %d documents", did.Total)
		}
		return u, nil
	}
	first, err := alternately(b.repeats,
		func() (usage, error) { return b.pull(ctx, peer.url) },
		func() (usage, error) {
			if err := os.RemoveAll(local); err != nil {
				return usage{}, err
			}
			return replicate(p.url)
		})
	if err != nil {
		return err
	}
	b.add(row{Work: "First sync of " + b.many(), Against: "PouchDB", Faster: true, CPU: first.cpu(), Wall: first.wall(), Goal: 12, Memory: first.ours.rss(), Of: first.ours,
		Note: "PouchDB: " + megabytes(first.limit.rss())})
	n := b.newNode("rival")
	defer n.drop()
	if err := n.join(ctx, peer.url, string(masterTable)); err != nil {
		return err
	}
	if _, err := n.sync(ctx, created(b.records)); err != nil {
		return err
	}
	again, err := alternately(b.repeats,
		func() (usage, error) { return n.sync(ctx, counts{}) },
		func() (usage, error) { return replicate(p.url) })
	if err != nil {
		return err
	}
	b.add(row{Work: "Nothing changed, " + b.many(), Against: "PouchDB", Faster: true, CPU: again.cpu(), Wall: again.wall(), Goal: 20, Memory: again.ours.rss(), Of: again.ours,
		Note: "PouchDB: " + megabytes(again.limit.rss())})
	return b.onTheWire(ctx, p, peer, local, replicate)
}

// onTheWire compares the bytes of a first sync.
func (b *bench) onTheWire(ctx context.Context, p *pouch, peer *server, local string, replicate func(url string) (usage, error)) error {
	ours, err := newLine(peer.url, 0, 0)
	if err != nil {
		return err
	}
	defer ours.close()
	theirs, err := newLine(p.url, 0, 0)
	if err != nil {
		return err
	}
	defer theirs.close()
	if _, err := b.pull(ctx, ours.url(peer.url)); err != nil {
		return err
	}
	if err := os.RemoveAll(local); err != nil {
		return err
	}
	if _, err := replicate(theirs.url(p.url)); err != nil {
		return err
	}
	a, z := ours.traffic(), theirs.traffic()
	b.add(row{Work: "Bytes of a first sync", Against: "PouchDB", Faster: true, Value: exactly(float64(z.up+z.down) / float64(a.up+a.down)), Unit: "× fewer", Goal: 1, Runs: 1,
		Note: strings.Join([]string{megabytes(a.up + a.down), megabytes(z.up + z.down)}, " against ")})
	return nil
}
