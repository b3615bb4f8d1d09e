//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTheTableKeepsOtherStagesAndForgetsWhatIsNotMeasuredAnyMore(t *testing.T) {
	first := &bench{ran: map[string]bool{"decode": true, "pull": true, "rivals": true}, rows: []row{
		{Stage: "decode", Work: "Decode", Against: "SAX", CPU: exactly(1), Wall: exactly(1), Goal: 0.8, Runs: 5},
		{Stage: "pull", Work: "Pull", Against: "C", CPU: exactly(3), Wall: exactly(3), Goal: 1.5, Runs: 5},
		{Stage: "pull", Work: "Pull of another size", Against: "C", CPU: exactly(3), Wall: exactly(3), Runs: 5},
		{Stage: "rivals", Work: "First sync", Against: "PouchDB", Value: exactly(1), Unit: "s", Runs: 1}}}
	second := &bench{ran: map[string]bool{"pull": true, "list": true}, rows: []row{
		{Stage: "list", Work: "List", Value: exactly(2), Unit: "ms", Runs: 5},
		{Stage: "pull", Work: "Pull", Against: "C", CPU: exactly(2), Wall: exactly(2), Goal: 1.5, Runs: 3}}}
	old := first.markdown("", "abc") + "\n### Of a stage that is gone\n\n| work |\n| --- |\n| nothing |\n"
	got := strings.Join(second.merged(old, "def"), "\n")
	want := `### Reading a document

| work | goal | CPU | wall | met | against | runs |
| --- | --- | --- | --- | --- | --- | --- |
| Decode | ≤ 0.80 × | 1.00 × | 1.00 × | **no** | SAX | 5 |

` + "`decode` at abc." + `

### A pull

| work | goal | CPU | wall | met | against | runs |
| --- | --- | --- | --- | --- | --- | --- |
| Pull | ≤ 1.50 × | 2.00 × | 2.00 × | **no** | C | 3 |

` + "`pull` at def." + `

### The list of records

| work | wall | runs |
| --- | --- | --- |
| List | 2.00 ms | 5 |

` + "`list` at def." + `

### Beside what a user would pick instead

| work | wall | against | runs |
| --- | --- | --- | --- |
| First sync | 1.00 s | PouchDB | 1 |

` + "`rivals` at abc." + `
`
	if got != want {
		t.Errorf("the tables are\n%s\ninstead of\n%s", got, want)
	}
	if again := strings.Join((&bench{}).merged(got, "ghi"), "\n"); again != want {
		t.Errorf("nothing was measured, and the tables are\n%s", again)
	}
}

func TestAStageBringsTheStagesThatItNeeds(t *testing.T) {
	for _, tt := range []struct {
		names  []string
		rivals bool
		want   []string
	}{
		{[]string{"decode"}, false, []string{"decode"}},
		{[]string{"list"}, false, []string{"pull", "list"}},
		{[]string{"large"}, false, []string{"pull", "growth", "large"}},
		{[]string{"rivals"}, false, []string{"rivals"}},
		{nil, false, []string{"decode", "pull", "search", "list", "size", "window", "growth", "tables", "push", "constrained", "disk", "slow", "peak", "large"}},
		{nil, true, []string{"decode", "pull", "search", "list", "size", "window", "growth", "tables", "push", "constrained", "disk", "slow", "peak", "rivals", "large"}},
	} {
		is, err := wanted(tt.names, tt.rivals)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range stages {
			if is[s.name] {
				got = append(got, s.name)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v, rivals %t: %v, want %v", tt.names, tt.rivals, got, tt.want)
		}
	}
	if _, err := wanted([]string{"pul"}, false); err == nil {
		t.Error("a stage that is none is accepted")
	}
}
