package responder

import "github.com/fieldsync/fieldsync/core"

// manyRecords is how many of a table, all of them without a value of a field, make it likely
// that the table has no such column any more.
const manyRecords = 20

// Shown is which columns of its tables a push has shown so far.
type shown struct {
	records map[core.Resource]int
	fields  map[core.Resource]map[string]bool
}

func newShown() *shown {
	return &shown{records: make(map[core.Resource]int), fields: make(map[core.Resource]map[string]bool)}
}

// look takes in what a page shows, before it is applied.
func (s *shown) look(p *page) {
	if s == nil {
		return
	}
	for i := range p.items {
		_ = p.items[i].rec.Walk(func(r *core.Record) error { // never fails: fn does not
			if r.Deleted {
				return nil
			}
			s.records[r.Resource]++
			fields := s.fields[r.Resource]
			if fields == nil {
				fields = make(map[string]bool)
				s.fields[r.Resource] = fields
			}
			for j := range r.Fields {
				fields[r.Fields[j].Name] = true
			}
			return nil
		})
	}
}

// column reports whether the table seems to have the column; see intake.Rules.Shows.
func (s *shown) column(r core.Resource, field string) bool {
	return s.fields[r][field] || s.records[r] < manyRecords
}
