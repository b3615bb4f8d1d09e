//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
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
	fmt.Fprintf(&out, "%s, %s; load at the beginning %s, at the end %s. Each figure is the median, in brackets the range; below each table stands at which commit it was measured.\n",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine(), b.load, load())
	for _, table := range b.merged(old, commit) {
		fmt.Fprintf(&out, "\n%s", table)
	}
	return out.String()
}

// merged are the tables in the order of the stages: for a stage that ran this time its
// rows, and no older ones; for the others the old table. Tables of stages that there are
// no longer go.
func (b *bench) merged(old, commit string) (tables []string) {
	before := make(map[string]string)
	for part := range strings.SplitSeq("\n"+strings.TrimSpace(old), "\n"+tableHead) {
		title, _, _ := strings.Cut(part, "\n")
		before[title] = tableHead + strings.TrimSpace(part) + "\n"
	}
	for _, s := range stages {
		table := before[s.title]
		if b.ran[s.name] {
			table = b.table(s, commit)
		}
		if table != "" {
			tables = append(tables, table)
		}
	}
	return tables
}

// tableHead begins the line with the title of a table.
const tableHead = "### "

// table is what a stage measured, without the columns in which nothing stands.
func (b *bench) table(s stage, commit string) string {
	lines := [][]string{append(headings[:len(headings):len(headings)], "runs")}
	used := make([]bool, len(lines[0]))
	for i := range b.rows {
		if r := &b.rows[i]; r.Stage == s.name {
			lines = append(lines, append(r.cells(), strconv.Itoa(r.Runs)))
		}
	}
	if len(lines) == 1 {
		return ""
	}
	for _, cells := range lines[1:] {
		for i, cell := range cells {
			used[i] = used[i] || cell != ""
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s%s\n\n", tableHead, s.title)
	for n, cells := range lines {
		out.WriteString("|")
		for i, cell := range cells {
			if used[i] {
				fmt.Fprintf(&out, " %s |", cell)
			}
		}
		out.WriteString("\n")
		if n == 0 {
			fmt.Fprintf(&out, "|%s\n", strings.Repeat(" --- |", count(used)))
		}
	}
	fmt.Fprintf(&out, "\n`%s` at %s.\n", s.name, commit)
	return out.String()
}

func count(all []bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
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
