// Package notice turns what is the matter with repositories into notifications
// that people can bear: at most one for a class and change of state, one for all
// repositories together, and none of the classes that are switched off.
package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Finding is what is the matter with one repository.
type Finding struct {
	RepositoryID int64
	Attention    string // why a person is needed, as a short key; "" if not
	Decisions    int    // records that wait for a person
	Portal       bool
	Trouble      string // the cause that has lasted a while; "" if none
	OverdueDays  int    // days without an exchange, if they are too many; else 0
}

// Shown is what was told last of a class; it is stored, so that a restart does
// not tell it again.
type Shown struct {
	Class core.NoticeClass
	At    core.MTime // when a notification was last shown; zero: never
	State string     // what it spoke of: "1=password;3=proxy"
}

// least is the least time between two notifications of a class.
var least = map[core.NoticeClass]time.Duration{
	core.NoticeAttention: 5 * time.Minute,
	core.NoticeConflicts: 30 * time.Minute,
	core.NoticePortal:    time.Hour,
	core.NoticeTrouble:   time.Hour,
	core.NoticeOverdue:   12 * time.Hour,
	core.NoticeRecovered: time.Hour,
}

// Condense returns the notifications to show at now and what is to be remembered.
// It is pure. A class that is not wanted is remembered as if it had been shown:
// switching it on later tells of later things.
func Condense(now time.Time, loc *time.Location, wanted map[core.NoticeClass]bool, findings []Finding, shown map[core.NoticeClass]Shown) (notices []core.Notice, changed []Shown) {
	for _, class := range core.NoticeClasses() {
		was := shown[class]
		was.Class = class
		was.At = min(was.At, core.MTimeOf(now)) // the clock was set back
		d := desk{class: class, now: now, loc: loc, was: was, matters: mattersOf(class, findings, shown)}
		notice, is := d.decide()
		if notice != nil && wanted[class] {
			notices = append(notices, *notice)
		}
		if is != shown[class] && (is.State != "" || shown[class].State != "") {
			changed = append(changed, is)
		}
	}
	return notices, changed
}

// matters are what a class speaks of: a text for each repository.
type matters map[int64]string

func mattersOf(class core.NoticeClass, findings []Finding, shown map[core.NoticeClass]Shown) matters {
	m := make(matters)
	troubled := parse(shown[core.NoticeTrouble].State)
	for _, f := range findings {
		text := ""
		switch class {
		case core.NoticeAttention:
			text = f.Attention
		case core.NoticeConflicts:
			text = count(f.Decisions)
		case core.NoticePortal:
			if f.Portal {
				text = "portal"
			}
		case core.NoticeTrouble:
			text = f.Trouble
		case core.NoticeOverdue:
			text = count(f.OverdueDays)
		case core.NoticeRecovered:
			if troubled[f.RepositoryID] != "" && f.Trouble == "" && f.Attention == "" && !f.Portal {
				text = "recovered"
			}
		}
		if text != "" {
			m[f.RepositoryID] = text
		}
	}
	return m
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// A desk decides about one class.
type desk struct {
	class   core.NoticeClass
	now     time.Time
	loc     *time.Location
	was     Shown
	matters matters
}

func (d desk) decide() (*core.Notice, Shown) {
	told := parse(d.was.State)
	var fresh []int64
	for id, text := range d.matters {
		if d.isNew(told[id], text) {
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return nil, Shown{d.class, d.was.At, d.kept(told).String()}
	}
	if d.was.At != 0 && d.now.Sub(d.was.At.Time()) < least[d.class] {
		return nil, Shown{d.class, d.was.At, d.kept(told).String()} // later, if it is still the matter
	}
	slices.Sort(fresh)
	n := &core.Notice{Class: d.class, Repositories: fresh, Count: d.total(), At: core.MTimeOf(d.now)}
	return n, Shown{d.class, n.At, d.matters.String()}
}

// isNew reports whether text is worth telling after told.
func (d desk) isNew(told, text string) bool {
	switch d.class {
	case core.NoticeConflicts:
		return number(text) > number(told)
	case core.NoticeOverdue:
		return d.was.At.IsZero() || told == "" || d.was.At.Time().In(d.loc).Format(time.DateOnly) != d.now.In(d.loc).Format(time.DateOnly)
	}
	return text != told
}

// kept is what was told and is still the matter: what is over is forgotten, what
// was not told yet stays to be told.
func (d desk) kept(told matters) matters {
	out := make(matters)
	for id, text := range d.matters {
		switch {
		case told[id] == "":
		case d.class == core.NoticeConflicts && number(text) < number(told[id]):
			out[id] = text
		default:
			out[id] = told[id]
		}
	}
	return out
}

// total is the number that the notification names.
func (d desk) total() (n int) {
	for _, text := range d.matters {
		switch d.class {
		case core.NoticeConflicts:
			n += number(text)
		case core.NoticeOverdue:
			n = max(n, number(text))
		default:
			n++
		}
	}
	return n
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// String is the stored form.
func (m matters) String() string {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare)
	parts := make([]string, 0, len(ids))
	for _, id := range ids {
		parts = append(parts, fmt.Sprintf("%d=%s", id, m[id]))
	}
	return strings.Join(parts, ";")
}

func parse(state string) matters {
	m := make(matters)
	for part := range strings.SplitSeq(state, ";") {
		if id, text, ok := strings.Cut(part, "="); ok {
			if n, err := strconv.ParseInt(id, 10, 64); err == nil {
				m[n] = text
			}
		}
	}
	return m
}
