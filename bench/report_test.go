//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestRowsThatWereNotMeasuredAgainStay(t *testing.T) {
	first := &bench{rows: []row{
		{Work: "Decode", Against: "SAX", CPU: exactly(1), Wall: exactly(1), Goal: 0.8},
		{Work: "Pull", Against: "C", CPU: exactly(3), Wall: exactly(3), Goal: 1.5},
		{Work: "First sync", Against: "PouchDB", Value: exactly(1), Unit: "s"}}}
	second := &bench{rows: []row{
		{Work: "Pull", Against: "C", CPU: exactly(2), Wall: exactly(2), Goal: 1.5},
		{Work: "First sync", Against: "Python", Value: exactly(2), Unit: "s"}}}
	lines := second.merged(first.markdown(""))
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for i, want := range []string{"| Decode | ≤ 0.80 × | 1.00 ×", "| Pull | ≤ 1.50 × | 2.00 ×", "| First sync |  |  | 1.00 s", "| First sync |  |  | 2.00 s"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want it to begin with %q", i, lines[i], want)
		}
	}
}
