//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// The figures stand between these lines of docs/performance.md; what is around
// them is written by people.
const (
	figuresBegin = "<!-- figures: written by make bench -->"
	figuresEnd   = "<!-- end of figures -->"
)

// print writes the table for a terminal.
func (b *bench) print(f *os.File) {
	w := tabwriter.NewWriter(f, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(headings[:8], "\t"))
	for i := range b.rows {
		fmt.Fprintln(w, strings.Join(b.rows[i].cells()[:8], "\t"))
	}
	_ = w.Flush() // a terminal
}

// write puts the figures into the document.
func (b *bench) write(name string) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(document), figuresBegin)
	old, after, closed := strings.Cut(rest, figuresEnd)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the figures: %s … %s", name, figuresBegin, figuresEnd)
	}
	return os.WriteFile(name, []byte(before+figuresBegin+"\n\n"+b.markdown(old, commit())+"\n"+figuresEnd+after), 0o644)
}

func (b *bench) markdown(old, commit string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s; load at the beginning %s, at the end %s. Each figure is the median, in brackets the range; the last column says of which stage, of how many runs, and at which commit.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine(), b.load, load())
	columns := append(headings[:len(headings):len(headings)], "measured")
	fmt.Fprintf(&out, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	for _, line := range b.merged(old, commit) {
		fmt.Fprintln(&out, line)
	}
	return out.String()
}

// merged are the lines of the table in the order of the stages: for a stage that
// ran this time its rows, and no older ones; for the others the old lines, which
// say when they were measured. Lines of stages that there are no longer go.
func (b *bench) merged(old, commit string) (lines []string) {
	before := make(map[string][]string)
	for line := range strings.Lines(old) {
		line = strings.TrimSpace(line)
		if stage, is := stageOf(line); is {
			before[stage] = append(before[stage], line)
		}
	}
	for _, s := range stages {
		if !b.ran[s.name] {
			lines = append(lines, before[s.name]...)
			continue
		}
		for i := range b.rows {
			if r := &b.rows[i]; r.Stage == s.name {
				lines = append(lines, fmt.Sprintf("| %s | %s ×%d, %s |", strings.Join(r.cells(), " | "), r.Stage, r.Runs, commit))
			}
		}
	}
	return lines
}

// stageOf is the stage that a line of the table was measured by.
func stageOf(line string) (stage string, is bool) {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	if len(cells) != len(headings)+1 {
		return "", false
	}
	stage, _, is = strings.Cut(strings.TrimSpace(cells[len(headings)]), " ×")
	return stage, is
}

// machine says what the figures were measured on.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.Version())
}

// load is how many programs want to run, on the average of the last minute.
func load() string {
	avg, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(avg))[0]
}

// commit names the state of the sources.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown"
	}
	return string(bytes.TrimSpace(out))
}
