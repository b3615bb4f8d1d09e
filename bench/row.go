//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A row is one figure with its goal. It is either a comparison with another
// program that ran alternately, as ratios, or a value of its own.
type row struct {
	Work    string
	Against string
	CPU     spread // ratios
	Wall    spread
	Waits   bool // its time passes with waiting, for a disk or a line
	Faster  bool // ratios are to be read the other way round: how many times faster
	Value   spread
	Unit    string
	Goal    float64 // at most; at least if Faster. 0: none
	Memory  int64   // peak, in bytes
	Of      series  // our own measurements
	Process spread  // CPU time as a multiple of what an empty program takes
	Runs    int     // how often it was measured; 0: as often as Of
	Stage   string
	Note    string
}

func (r *row) compares() bool { return r.CPU.Median > 0 }

// reached is the figure that stands beside the goal.
func (r *row) reached() spread {
	switch {
	case !r.compares():
		return r.Value
	case r.Faster:
		return spread{1 / r.Wall.Median, 1 / r.Wall.Most, 1 / r.Wall.Least}
	}
	return r.CPU
}

// verdict says whether the goal is reached, in CPU time and in wall time where
// there are both.
func (r *row) verdict() string {
	if r.Goal == 0 {
		return ""
	}
	if r.Faster {
		return yes(r.reached().Median >= r.Goal)
	}
	if !r.compares() {
		return yes(r.Value.Median <= r.Goal)
	}
	cpu, wall := r.CPU.Median <= r.Goal, r.Wall.Median <= r.Goal
	switch {
	case cpu && wall:
		return "yes"
	case cpu:
		return "CPU only"
	case wall:
		return "wall only"
	}
	return "**no**"
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "**no**"
}

var headings = []string{"work", "goal", "CPU", "wall", "met", "our time", "our memory", "against", "note"}

func (r *row) cells() []string {
	goal, cpu, wall, took, memory := "", "", "", "", ""
	sign, unit := "≤ ", r.Unit
	if r.Faster {
		sign = "≥ "
	}
	if r.compares() {
		unit = "×"
		cpu, wall = ratio(r.CPU), ratio(r.Wall)
		if r.Faster {
			cpu, wall = fmt.Sprintf("%s × less", short(1/r.CPU.Median)), fmt.Sprintf("%s faster", ratio(r.reached()))
		}
	} else {
		wall = r.Value.text(r.Unit)
	}
	if r.Goal > 0 {
		goal = sign + strings.TrimSpace(short(r.Goal)+" "+strings.TrimSuffix(unit, " fewer"))
	}
	if len(r.Of) > 0 {
		took = fmt.Sprintf("%s s CPU, %s s", short(spreadOf(r.Of.cpus()).Median), short(spreadOf(r.Of.walls()).Median))
	}
	if r.Memory > 0 {
		memory = megabytes(r.Memory)
	}
	return []string{r.Work, goal, cpu, wall, r.verdict(), took, memory, r.Against, r.Note}
}

func ratio(s spread) string { return s.text("×") }

// text is the median with the range.
func (s spread) text(unit string) string {
	out := strings.TrimSpace(short(s.Median) + " " + unit)
	if s.Least != s.Most {
		out += fmt.Sprintf(" (%s–%s)", short(s.Least), short(s.Most))
	}
	return out
}

// short writes a figure with three digits that count, at most two behind the
// point.
func short(x float64) string {
	switch {
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

func exactly(x float64) spread { return spread{x, x, x} }

func inMilliseconds(s []float64) spread {
	m := spreadOf(s)
	return spread{m.Median * 1000, m.Least * 1000, m.Most * 1000}
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
func kilobytes(n int64) string { return fmt.Sprintf("%.1f kB", float64(n)/1e3) }

// thousands writes 100,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
