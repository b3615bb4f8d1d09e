package notice

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

var all = func() map[core.NoticeClass]bool {
	m := make(map[core.NoticeClass]bool)
	for _, class := range core.NoticeClasses() {
		m[class] = true
	}
	return m
}()

// A moment is what is the matter at a time after the start, and what is to be
// told of it.
type moment struct {
	after    time.Duration
	findings []Finding
	want     string // classes, with the count of records or days
}

func TestCondense(t *testing.T) {
	stopped, well := Finding{RepositoryID: 1, Attention: "stopped"}, Finding{RepositoryID: 1}
	for _, tt := range []struct {
		name    string
		off     core.NoticeClass
		moments []moment
	}{
		{"what lasts is told once", "", []moment{{0, []Finding{stopped}, "attention"}, {time.Hour, []Finding{stopped}, ""}, {100 * time.Hour, []Finding{stopped}, ""}}},
		{"what comes again is told again", "", []moment{{0, []Finding{stopped}, "attention"}, {time.Hour, []Finding{well}, ""}, {2 * time.Hour, []Finding{stopped}, "attention"}}},
		{"one for several repositories", "", []moment{{0, []Finding{{RepositoryID: 1, Portal: true}, {RepositoryID: 2, Portal: true}}, "portal"}}},
		{"a portal that flaps is told once an hour", "", []moment{{0, []Finding{{RepositoryID: 1, Portal: true}}, "portal"}, {time.Minute, []Finding{well}, ""},
			{2 * time.Minute, []Finding{{RepositoryID: 1, Portal: true}}, ""}, {70 * time.Minute, []Finding{{RepositoryID: 1, Portal: true}}, "portal"}}},
		{"more records to decide are told, fewer are not", "", []moment{{0, []Finding{{RepositoryID: 1, Decisions: 2}}, "conflicts 2"}, {time.Hour, []Finding{{RepositoryID: 1, Decisions: 1}}, ""},
			{2 * time.Hour, []Finding{{RepositoryID: 1, Decisions: 2}}, "conflicts 2"}}},
		{"new records within half an hour wait", "", []moment{{0, []Finding{{RepositoryID: 1, Decisions: 1}}, "conflicts 1"}, {time.Minute, []Finding{{RepositoryID: 1, Decisions: 9}}, ""},
			{40 * time.Minute, []Finding{{RepositoryID: 1, Decisions: 9}}, "conflicts 9"}}},
		{"days without a sync once a day", "", []moment{{0, []Finding{{RepositoryID: 1, OverdueDays: 7}}, "overdue 7"}, {10 * time.Hour, []Finding{{RepositoryID: 1, OverdueDays: 7}}, ""},
			{25 * time.Hour, []Finding{{RepositoryID: 1, OverdueDays: 8}}, "overdue 8"}}},
		{"off means off", core.NoticeAttention, []moment{{0, []Finding{stopped}, ""}}},
		{"trouble that is over is told if wanted", "", []moment{{0, []Finding{{RepositoryID: 1, Trouble: "peer"}}, "trouble"}, {2 * time.Hour, []Finding{well}, "recovered"}}},
		{"a clock that was set back does not silence", "", []moment{{0, []Finding{stopped}, "attention"}, {-1000 * time.Hour, []Finding{well}, ""}, {-900 * time.Hour, []Finding{stopped}, "attention"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Date(2026, 6, 10, 9, 0, 0, 0, time.UTC)
			wanted, shown := make(map[core.NoticeClass]bool), make(map[core.NoticeClass]Shown)
			for class := range all {
				wanted[class] = class != tt.off
			}
			for _, m := range tt.moments {
				notices, changed := Condense(start.Add(m.after), time.UTC, wanted, m.findings, shown)
				for _, s := range changed {
					shown[s.Class] = s
				}
				if got := words(notices); got != m.want {
					t.Errorf("after %s: told %q, want %q", m.after, got, m.want)
				}
			}
		})
	}
}

func words(notices []core.Notice) (out string) {
	for _, n := range notices {
		if out != "" {
			out += ", "
		}
		out += string(n.Class)
		if n.Class == core.NoticeConflicts || n.Class == core.NoticeOverdue {
			out += " " + count(n.Count)
		}
	}
	return out
}

func TestNoticesHoldConstantWordsAndNumbersOnly(t *testing.T) {
	for _, class := range core.NoticeClasses() {
		n := core.Notice{Class: class, Count: 3}
		if n.Title() == "" || n.Body() == "" {
			t.Errorf("%s says nothing", class)
		}
	}
}
