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
	_, after, closed := strings.Cut(rest, figuresEnd)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the figures: %s … %s", name, figuresBegin, figuresEnd)
	}
	return os.WriteFile(name, []byte(before+figuresBegin+"\n\n"+b.markdown()+"\n"+figuresEnd+after), 0o644)
}

func (b *bench) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s; commit %s; median of %d, in brackets the range.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine(), commit(), b.repeats)
	table := func(cells []string) { fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | ")) }
	table(headings)
	table(strings.Split(strings.Repeat("---,", len(headings)-1)+"---", ","))
	for i := range b.rows {
		table(b.rows[i].cells())
	}
	return out.String()
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
	load := ""
	if avg, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load at the end " + strings.Fields(string(avg))[0]
	}
	return fmt.Sprintf("%s, %d cores, %s%s", model, runtime.NumCPU(), runtime.Version(), load)
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return string(bytes.TrimSpace(out))
}
