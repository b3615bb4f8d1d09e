package simulation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A value is one thing that somebody entered, and what is known of its fate.
type value struct {
	link  core.Link
	field string
	// seen: somebody who had it before their eyes changed it, deleted its
	// record, or decided against it.
	seen bool
}

// newValue makes a value that is nowhere else.
func (s *simulation) newValue(l core.Link, field string) string {
	s.tokens++
	v := fmt.Sprintf("v%d", s.tokens)
	s.values[v] = &value{link: l, field: field}
	return v
}

// supersede notes that somebody who had rec before their eyes changed a field, or
// everything.
func (s *simulation) supersede(rec core.Record, field string) {
	for _, f := range rec.Fields {
		if v := s.values[f.Value.Str]; v != nil && (field == "" || f.Name == field) {
			v.seen = true
		}
	}
}

// account checks that nothing is lost: every value is somewhere.
func (s *simulation) account() {
	s.t.Helper()
	for _, h := range s.hubs {
		s.served[h] = valuesOf(h.all(), h.conflicts())
	}
	for text, v := range s.values {
		v.seen = v.seen || s.wentUnseen(text, v) // also if the column comes back before the others hear of it
		if v.seen || s.kept(text, v) {
			continue
		}
		s.t.Errorf("%s, entered as %s of %s, is lost: it is in no record and in no list of conflicts", text, v.field, short(v.link))
	}
}

// kept reports whether a value is anywhere.
func (s *simulation) kept(text string, v *value) bool {
	return s.found(text) || s.wentWithMaster(text, v) || (s.strange || s.unlisted[text]) && s.inHistory(text, v)
}

func (s *simulation) found(text string) bool {
	for _, l := range s.laptops {
		if l.kept[text] {
			return true
		}
	}
	for _, kept := range s.served {
		if kept[text] {
			return true
		}
	}
	return false
}

// wentWithMaster reports whether a value stood in a component that an Eden deleted
// along with its master, on the word of somebody who had not seen the component:
// then the history tells of it.
func (s *simulation) wentWithMaster(text string, v *value) bool {
	if v.link.Resource != "pr_contact" {
		return false
	}
	return s.inHistory(text, v)
}

// inHistory reports whether a laptop's history tells of a value.
func (s *simulation) inHistory(text string, v *value) bool {
	for _, l := range s.laptops {
		history, err := l.db.History(s.ctx, v.link)
		if err != nil {
			continue // it never was on this laptop
		}
		for _, version := range history {
			if version.Record.Value(v.field).Str == text {
				return true
			}
		}
	}
	return false
}

// wentUnseen reports whether a value stands in a column that an Eden has no more, of a
// record that is deleted there: nobody could see it.
func (s *simulation) wentUnseen(text string, v *value) bool {
	return slices.ContainsFunc(s.hubs, func(h hub) bool {
		rec, there := h.get(v.link)
		return there && rec.Deleted && !h.has(v.link.Resource, v.field) && rec.Value(v.field).Str == text
	})
}

// short is a link for the story.
func short(l core.Link) string {
	if l.UUID == "" {
		return "nothing"
	}
	_, name := l.Resource.Split()
	if n := strings.TrimLeft(l.UUID[len("urn:uuid:"):len("urn:uuid:")+8], "0"); n != "" { // a laptop made it
		return fmt.Sprintf("%s %02s", name, n)
	}
	return name + " " + l.UUID[len(l.UUID)-2:]
}
