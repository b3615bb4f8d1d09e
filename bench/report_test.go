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
	old := first.markdown("", "abc") + "| of a stage | | | | | | | | | gone ×1, abc |\n"
	lines := second.merged(old, "def")
	want := [][2]string{
		{"| Decode | ≤ 0.80 × | 1.00 ×", "| decode ×5, abc |"},
		{"| Pull | ≤ 1.50 × | 2.00 ×", "| pull ×3, def |"},
		{"| List |  |  | 2.00 ms", "| list ×5, def |"},
		{"| First sync |  |  | 1.00 s", "| rivals ×1, abc |"}}
	if !slices.EqualFunc(lines, want, func(line string, w [2]string) bool {
		return strings.HasPrefix(line, w[0]) && strings.HasSuffix(line, w[1])
	}) {
		t.Errorf("the table is\n%s\nwant lines like\n%v", strings.Join(lines, "\n"), want)
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
