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

// write puts the figures into the document. Rows of stages that were not measured
// this time stay, with the commit that they were measured at.
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
	return os.WriteFile(name, []byte(before+figuresBegin+"\n\n"+b.markdown(old)+"\n"+figuresEnd+after), 0o644)
}

func (b *bench) markdown(old string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s; median of %d, in brackets the range; slow pairs fewer.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine(), b.repeats)
	columns := append(headings[:len(headings):len(headings)], "commit")
	fmt.Fprintf(&out, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	for _, line := range b.merged(old) {
		fmt.Fprintln(&out, line)
	}
	return out.String()
}

// merged are the lines of the table: the old ones, each replaced where it was
// measured again, then those that are new.
func (b *bench) merged(old string) (lines []string) {
	commit := commit()
	again := make(map[string]string)
	for i := range b.rows {
		cells := b.rows[i].cells()
		again[lineKey(cells)] = fmt.Sprintf("| %s | %s |", strings.Join(cells, " | "), commit)
	}
	for line := range strings.Lines(old) {
		line = strings.TrimSpace(line)
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != len(headings)+1 || strings.TrimSpace(cells[0]) == headings[0] || strings.Contains(cells[0], "---") {
			continue
		}
		key := lineKey(cells)
		if replaced, is := again[key]; is {
			line = replaced
			delete(again, key)
		}
		lines = append(lines, line)
	}
	for i := range b.rows {
		key := lineKey(b.rows[i].cells())
		if line, is := again[key]; is {
			lines = append(lines, line)
			delete(again, key)
		}
	}
	return lines
}

// againstColumn is where headings has the program that a row compares with.
const againstColumn = 7

// lineKey says what a line of the table is about.
func lineKey(cells []string) string {
	return strings.TrimSpace(cells[0]) + " / " + strings.TrimSpace(cells[againstColumn])
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
