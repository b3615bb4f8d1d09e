package simulation

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// A schema is what a server's tables are like at the moment.
type schema struct {
	gone map[core.Resource]bool            // tables
	lost map[core.Resource]map[string]bool // columns
}

// has reports whether there is a table, and a column if field is not "".
func (s *schema) has(r core.Resource, field string) bool { return !s.gone[r] && !s.lost[r][field] }

func (s *schema) table(r core.Resource, there bool) {
	if s.gone == nil {
		s.gone = map[core.Resource]bool{}
	}
	s.gone[r] = !there
}

func (s *schema) column(r core.Resource, field string, there bool) {
	if s.lost == nil {
		s.lost = map[core.Resource]map[string]bool{}
	}
	if s.lost[r] == nil {
		s.lost[r] = map[string]bool{}
	}
	s.lost[r][field] = !there
}

// An Eden's own people do not see either what is gone.
func (e *edenHub) has(r core.Resource, field string) bool { return e.schema.has(r, field) }

// table lets a table vanish or come back, with what is in it.
func (e *edenHub) table(r core.Resource, there bool) {
	if e.schema.table(r, there); there {
		e.Known(r)
	} else {
		e.Unknown(r)
	}
}

// column lets a column vanish or come back, with what is in it.
func (e *edenHub) column(r core.Resource, field string, there bool) {
	if e.schema.column(r, field, there); there {
		e.RegainColumn(r, field)
		e.unheard = e.unheard || e.s.unheard(e, r, field)
	} else {
		e.LoseColumn(r, field)
	}
}

// unheard reports whether a column that is there again holds something of which a laptop
// cannot know: it got the record while the column was away and never had seen one with it,
// and the record has the same stamp still.
func (s *simulation) unheard(e *edenHub, r core.Resource, field string) bool {
	for _, l := range s.laptops {
		for _, k := range l.links {
			lost, err := l.db.LostColumns(s.ctx, k.repo)
			s.must(err)
			if k.hub != hub(e) || slices.Contains(lost[r], field) {
				continue
			}
			for _, there := range e.Records(r) {
				base, err := l.db.Base(s.ctx, k.repo, there.Link())
				if err == nil && base.ModifiedOn == there.ModifiedOn && !core.SameValue(base.Value(field), there.Value(field)) {
					return true
				}
			}
		}
	}
	return false
}

// A Fieldsync loses nothing; its administrator may end the sharing of a table, which
// its own people go on with.
func (n *nodeHub) has(core.Resource, string) bool { return true }

func (n *nodeHub) table(r core.Resource, there bool) {
	switch n.unshared.table(r, there); {
	case n.db != nil:
		n.s.must(n.db.Share(n.s.ctx, r, there))
	case there:
		n.memory.Share(r)
	default:
		n.memory.Unshare(r)
	}
}

// columns are the fields that people fill in, with those that came to the forms.
func (s *simulation) columns(r core.Resource) []string {
	return slices.Concat(fields[r], s.gained[r])
}

// schemaThere changes a server's tables: a column comes, goes or comes back, a
// table goes or comes back.
func (s *simulation) schemaThere() {
	h, r := pick(s, s.hubs), pick(s, s.resources)
	switch n := s.rand.IntN(100); {
	case n < 30:
		if len(s.gained[r]) == 0 {
			s.gained[r] = []string{"gained"}
			s.tell("%s: %s has a new column", h.name(), r)
		}
	case n < 50:
		there := s.missing(h, r)
		h.table(r, there)
		s.tell("%s: the table %s is there: %t", h.name(), r, there)
	default:
		e, ok := h.(*edenHub)
		if !ok {
			return
		}
		name := pick(s, fields[r][1:]) // nobody takes the name out of a table
		there := e.schema.lost[r][name]
		e.column(r, name, there)
		s.tell("%s: the column %s of %s is there: %t", h.name(), name, r, there)
	}
}

func (s *simulation) missing(h hub, r core.Resource) bool {
	switch h := h.(type) {
	case *edenHub:
		return h.schema.gone[r]
	case *nodeHub:
		return h.unshared.gone[r]
	}
	return false
}

// repair brings back what the servers' tables lost, but for some columns that stay
// away.
func (s *simulation) repair() {
	for _, h := range s.hubs {
		for _, r := range s.resources {
			if s.missing(h, r) {
				h.table(r, true)
			}
			e, ok := h.(*edenHub)
			if !ok {
				continue
			}
			for _, name := range fields[r] {
				if e.schema.lost[r][name] && s.chance(70) {
					e.column(r, name, true)
				}
			}
		}
	}
}

// lostAlone reports whether a server has lost columns of a table, and fields differ
// in no other.
func lostAlone(h hub, r core.Resource, names []string) bool {
	return slices.ContainsFunc(fields[r], func(name string) bool { return !h.has(r, name) }) &&
		len(placed(h, r, names)) == 0
}

// placed returns those of some fields for which a server has a column.
func placed(h hub, r core.Resource, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !h.has(r, name) })
}
