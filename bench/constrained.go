//go:build linux

package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
)

// narrowMemory is what a constrained laptop has for a program, in bytes.
const narrowMemory = 512 << 20

// A narrow place has one core and 512 MB.
type narrow struct {
	under []string // a command that runs programs there
	env   []string
	note  string
}

// narrowPlace is a cgroup of its own where systemd gives one; elsewhere the Go
// program is told, and either program is kept on one core.
func narrowPlace(ctx context.Context) narrow {
	oneCore := []string{"taskset", "-c", "0"}
	scope := []string{"systemd-run", "--scope", "--quiet", "--collect"}
	if os.Getuid() != 0 {
		scope = append(scope, "--user")
	}
	scope = append(scope, "-p", "MemoryMax="+strconv.Itoa(narrowMemory), "-p", "MemorySwapMax=0", "-p", "CPUQuota=100%")
	if exec.CommandContext(ctx, scope[0], append(scope[1:], "true")...).Run() == nil {
		return narrow{append(scope, oneCore...), nil, "in a cgroup"}
	}
	return narrow{oneCore, []string{"GOMAXPROCS=1", "GOMEMLIMIT=" + strconv.Itoa(narrowMemory)}, "by GOMAXPROCS and GOMEMLIMIT: there is no cgroup to be had here"}
}

// constrained pulls with one core and 512 MB.
func (b *bench) constrained(ctx context.Context) error {
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	place := narrowPlace(ctx)
	c, err := alternately(b.repeats,
		func() (usage, error) {
			n := b.newNode("constrained")
			defer n.drop()
			n.under, n.env = place.under, place.env
			return b.pullInto(ctx, n, peer)
		},
		func() (usage, error) { return b.limitPull(ctx, place.under, nil) })
	if err != nil {
		return err
	}
	b.add(row{Work: "First pull of " + b.many() + ", one core, 512 MB", Against: "C on one core", CPU: c.cpu(), Wall: c.wall(), Goal: 1.5, Memory: c.ours.rss(), Of: c.ours,
		Note: place.note})
	return nil
}
