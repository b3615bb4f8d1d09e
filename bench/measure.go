//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A usage is what a program used, from its start to its end.
type usage struct {
	wall, cpu time.Duration
	rss       int64 // the greatest, in bytes
}

// then is what two programs used that ran one after the other.
func (u usage) then(next usage) usage {
	return usage{wall: u.wall + next.wall, cpu: u.cpu + next.cpu, rss: max(u.rss, next.rss)}
}

// A command is a program that is measured, with its arguments.
type command struct {
	args   []string
	env    []string // added to the surroundings
	fails  bool     // the exit code does not matter
	within string   // the working folder
}

// run runs it by way of the little program measure, which tells what it used.
func (t *tools) run(ctx context.Context, c command) (usage, []byte, error) {
	report, told, err := os.Pipe()
	if err != nil {
		return usage{}, nil, err
	}
	defer report.Close()
	cmd := exec.CommandContext(ctx, t.measure, c.args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Dir = c.within
	cmd.ExtraFiles = []*os.File{told}
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err = cmd.Run()
	told.Close()
	if err != nil && !c.fails {
		return usage{}, nil, fmt.Errorf("%v: %w\n%s%s", c.args, err, tail(out.Bytes()), tail(complaint.Bytes()))
	}
	var wall, user, system, kib int64
	if _, err := fmt.Fscan(report, &wall, &user, &system, &kib); err != nil {
		return usage{}, nil, fmt.Errorf("%v: no measure: %w", c.args, err)
	}
	return usage{time.Duration(wall) * time.Microsecond, time.Duration(user+system) * time.Microsecond, kib << 10}, out.Bytes(), nil
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

// A series is one program's measurements.
type series []usage

func (s series) walls() []float64 { return seconds(s, func(u usage) time.Duration { return u.wall }) }
func (s series) cpus() []float64  { return seconds(s, func(u usage) time.Duration { return u.cpu }) }

// waits is what neither core was needed for.
func (s series) waits() []float64 {
	return seconds(s, func(u usage) time.Duration { return max(0, u.wall-u.cpu) })
}

func (s series) rss() (most int64) {
	for _, u := range s {
		most = max(most, u.rss)
	}
	return most
}

func seconds(s series, of func(usage) time.Duration) []float64 {
	out := make([]float64, len(s))
	for i, u := range s {
		out[i] = of(u).Seconds()
	}
	return out
}

// A comparison is two programs that ran alternately.
type comparison struct{ ours, limit series }

// alternately runs both n times in turn, ours first.
func alternately(n int, ours, limit func() (usage, error)) (c comparison, err error) {
	for range n {
		u, err := ours()
		if err != nil {
			return c, err
		}
		l, err := limit()
		if err != nil {
			return c, err
		}
		c.ours, c.limit = append(c.ours, u), append(c.limit, l)
	}
	return c, nil
}

// A spread is the median of some figures, with the least and the greatest.
type spread struct{ Median, Least, Most float64 }

func spreadOf(all []float64) spread {
	sorted := slices.Sorted(slices.Values(all))
	if len(sorted) == 0 {
		return spread{}
	}
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return spread{middle, sorted[0], sorted[len(sorted)-1]}
}

// ratios of what ran one after the other: the machine was in the same mood.
func ratios(ours, limit []float64) spread {
	all := make([]float64, len(ours))
	for i := range ours {
		all[i] = ours[i] / limit[i]
	}
	return spreadOf(all)
}

func (c comparison) cpu() spread  { return ratios(c.ours.cpus(), c.limit.cpus()) }
func (c comparison) wall() spread { return ratios(c.ours.walls(), c.limit.walls()) }
