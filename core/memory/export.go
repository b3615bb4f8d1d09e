package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

// Export hands over records with their components nested, oldest change first,
// and returns how many masters there were. The records are copies made at one
// moment; nothing is locked while yield works.
func (s *Store) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (masters int, err error) {
	for _, rec := range s.selected(q) {
		if err := ctx.Err(); err != nil {
			return masters, err
		}
		if err := yield(&rec); err != nil {
			return masters, err
		}
		masters++
	}
	return masters, nil
}

// selected copies what the query asks for.
func (s *Store) selected(q responder.ExportQuery) []core.Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*entry
	for _, e := range s.candidates(q) {
		if s.fits(q, e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(s.lastSeq(a), s.lastSeq(b)) })
	found = found[min(max(q.Start, 0), len(found)):]
	if q.Limit > 0 {
		found = found[:min(q.Limit, len(found))]
	}
	records := make([]core.Record, 0, len(found))
	for _, e := range found {
		records = append(records, s.nested(q, e, nil))
	}
	return records
}

func (s *Store) candidates(q responder.ExportQuery) []*entry {
	var all []*entry
	if len(q.UUIDs) > 0 {
		for _, uuid := range q.UUIDs {
			if e, ok := s.entries[core.Link{Resource: q.Resource, UUID: uuid}]; ok {
				all = append(all, e)
			}
		}
		return all
	}
	for l, e := range s.entries {
		if l.Resource == q.Resource {
			all = append(all, e)
		}
	}
	return all
}

func (s *Store) fits(q responder.ExportQuery, e *entry) bool {
	if e.rec.Deleted && !q.Deleted {
		return false
	}
	if (q.Since != 0 || q.Except != 0) && !s.isSelected(e, q) {
		return false
	}
	return e.rec.Deleted || core.MatchAll(q.Filters, q.Resource, &e.rec, s.lookUp)
}

func (s *Store) lookUp(l core.Link) (core.Record, bool) {
	e, ok := s.entries[l]
	if !ok || e.rec.Deleted {
		return core.Record{}, false
	}
	return e.rec, true
}

// isSelected reports whether the record, or one of its components, was modified or
// arrived here at or after the query's Since and is not left out.
func (s *Store) isSelected(e *entry, q responder.ExportQuery) bool {
	if s.isNews(e, q) {
		return true
	}
	for l := range s.parts[e.rec.Link()] {
		if s.isNews(s.entries[l], q) {
			return true
		}
	}
	return false
}

func (s *Store) isNews(e *entry, q responder.ExportQuery) bool {
	if e.rec.ModifiedOn < q.Since && e.arrived < q.Since {
		return false
	}
	b, ok := s.bases[baseKey{q.Except, e.rec.Link()}]
	return q.Except == 0 || !ok || b.seq < e.seq || b.rec.ModifiedOn != e.rec.ModifiedOn
}

// lastSeq orders masters by their own last change or that of a component.
func (s *Store) lastSeq(e *entry) int64 {
	last := e.seq
	for l := range s.parts[e.rec.Link()] {
		last = max(last, s.entries[l].seq)
	}
	return last
}

// nested copies a record with its components below it. above are the records
// it stands in: Eden nests the person in the staff member and the staff member
// in the person, and neither must be nested in itself.
func (s *Store) nested(q responder.ExportQuery, e *entry, above []core.Link) core.Record {
	rec := bared(q, e)
	if q.NoComponents || e.rec.Deleted {
		return rec
	}
	above = append(slices.Clip(above), e.rec.Link())
	for _, part := range s.partsOf(q, e) {
		if !slices.Contains(above, part.rec.Link()) {
			rec.Components = append(rec.Components, s.nested(q, part, above))
		}
	}
	return rec
}

// partsOf returns the components to nest, oldest change first.
func (s *Store) partsOf(q responder.ExportQuery, e *entry) []*entry {
	var parts []*entry
	for l := range s.parts[e.rec.Link()] {
		part := s.entries[l]
		if part.rec.Deleted && !q.Deleted {
			continue
		}
		if part.rec.Deleted || core.MatchAll(q.Filters, q.Resource, &part.rec, s.lookUp) {
			parts = append(parts, part)
		}
	}
	slices.SortFunc(parts, func(a, b *entry) int { return cmp.Compare(a.seq, b.seq) })
	return parts
}

// bared copies a version, without its fields if an inventory is asked for.
func bared(q responder.ExportQuery, e *entry) core.Record {
	rec := e.rec.Clone()
	if q.Bare {
		rec.Fields, rec.Attrs, rec.Unknown = nil, nil, ""
	}
	return rec
}
