//go:build linux

package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"
)

// narrowMemory is what a constrained laptop has for a program, in bytes.
const narrowMemory = 512 << 20

// A place is where programs run that are measured. The zero place is this machine,
// with all that it has.
type place struct {
	suffix string   // of what the table calls the work
	under  []string // a command that runs programs there
	env    []string // for the Go program
	note   string
}

// narrowPlace has one core and 512 MB: in a cgroup of its own where systemd gives
// one; elsewhere the Go program is told, and either program is kept on one core.
func narrowPlace(ctx context.Context) place {
	p := place{suffix: ", one core, 512 MB", under: []string{"taskset", "-c", strconv.Itoa(firstCore())}}
	scope := []string{"systemd-run", "--scope", "--quiet", "--collect"}
	if os.Getuid() != 0 {
		scope = append(scope, "--user")
	}
	scope = append(scope, "-p", "MemoryMax="+strconv.Itoa(narrowMemory), "-p", "MemorySwapMax=0", "-p", "CPUQuota=100%")
	if exec.CommandContext(ctx, scope[0], append(scope[1:], "true")...).Run() == nil {
		p.under, p.note = append(scope, p.under...), "in a cgroup"
		return p
	}
	p.env, p.note = []string{"GOMAXPROCS=1", "GOMEMLIMIT=" + strconv.Itoa(narrowMemory)}, "by GOMAXPROCS and GOMEMLIMIT: there is no cgroup to be had here"
	return p
}

// firstCore is the first core that this process may use: a container may have others
// than 0.
func firstCore() int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 0
	}
	for n := range 64 * len(set) {
		if set.IsSet(n) {
			return n
		}
	}
	return 0
}

// put makes the node's programs run there.
func (n *node) put(p place) *node {
	n.under, n.env = p.under, p.env
	return n
}

// constrained measures with one core and 512 MB what is measured without.
func (b *bench) constrained(ctx context.Context) error {
	at := narrowPlace(ctx)
	peer, err := b.peer(b.records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	n := b.newNode("constrained").put(at)
	defer n.drop()
	if _, err := b.firstPull(ctx, peer, n, at, b.repeats); err != nil {
		return err
	}
	if err := b.afterFirstPull(ctx, peer, n, at); err != nil {
		return err
	}
	if err := b.listOf(ctx, n, at); err != nil {
		return err
	}
	if err := b.openWindow(ctx, n, at); err != nil {
		return err
	}
	return b.pushFrom(ctx, at)
}
