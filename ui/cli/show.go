package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// say prints one line for a person.
func (c *commands) say(format string, args ...any) {
	fmt.Fprintln(c.io.Out, c.named(fmt.Sprintf(format, args...)))
}

// printJSON prints v, indented.
func (c *commands) printJSON(v any) error {
	enc := json.NewEncoder(c.io.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// table prints rows in columns, the first one being the header.
func (c *commands) table(rows [][]string) error {
	return c.rows(rows, oneLine)
}

// facts prints names and what stands there, all of it: it is not one of many.
func (c *commands) facts(rows [][]string) error {
	return c.rows(rows, printable)
}

func (c *commands) rows(rows [][]string, each func(string) string) error {
	w := tabwriter.NewWriter(c.io.Out, 2, 4, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = each(row[i])
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// printable takes out what could break a table or a terminal: records hold what
// strangers typed.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// oneLine is printable, and cut where it would fill the line.
func oneLine(s string) string {
	s = printable(s)
	const most = 70
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return s
}

// when prints a time in the laptop's zone; "never" if there is none.
func when(m core.MTime) string {
	if m.IsZero() {
		return "never"
	}
	return m.Time().Local().Format("2006-01-02 15:04:05")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// span says a length of time in whole minutes, or else in seconds.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return count(int(d/time.Minute), "minute")
	}
	return count(int(d/time.Second), "second")
}

// count puts a number before its noun: "1 record", "2 records".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
