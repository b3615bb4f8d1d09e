package edentest

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A query selects the masters of a document.
type query struct {
	resource core.Resource
	since    core.MTime
	deleted  bool
	filters  map[core.Resource][]condition
	start    string // as in the URL; "" if absent
	limit    string
	native   bool // through the resource's own controller
	plain    bool // its filters are for the masters alone

	bare       bool // neither fields nor references
	noRefs     bool
	noData     bool
	components bool
	shallow    bool // no referenced records
	urls       bool
}

// msince reads the one form Eden understands; anything else is no filter at
// all, without a word (corpus 34).
func msince(q url.Values) core.MTime {
	t, err := time.Parse("2006-01-02T15:04:05", q.Get("msince"))
	if err != nil {
		return 0
	}
	return core.MTimeOf(t)
}

// export makes the document of a query.
func (s *Server) export(q query) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	masters := s.page(s.masters(q), q)
	for i := range masters {
		showKey(&masters[i])
		s.knobs.without(&masters[i])
		s.knobs.hideOutline(&masters[i])
		s.showsOf(&masters[i], q)
	}
	related := s.related(masters, q)
	for i := range related {
		s.knobs.without(&related[i])
		s.knobs.hideOutline(&related[i])
		s.showsOf(&related[i], q)
	}
	w := &writer{bare: q.bare, noRefs: q.noRefs, noData: q.noData, sites: s.knobs.sites}
	r := root{masters: len(masters), empty: len(masters) == 0}
	if q.native && !s.knobs.ignorePaging {
		r.start, r.limit = q.start, q.limit
	}
	if q.urls {
		w.base, r.url = s.URL, s.URL
		w.id = func(l core.Link) int { return s.rows[l].id }
	}
	w.begin(r)
	if r.empty {
		return []byte(w.String())
	}
	for i := range masters {
		w.record(&masters[i], false)
	}
	for i := range related {
		w.record(&related[i], false)
	}
	w.WriteString("</s3xml>")
	return []byte(w.String())
}

// masters selects in Eden's order: with msince the newest first, without by id.
// Only the master's own stamp is looked at: a change in a component alone does
// not bring it.
func (s *Server) masters(q query) []core.Record {
	var out []core.Record
	for _, r := range s.order {
		if r.rec.Resource != q.resource || r.rec.ModifiedOn < q.since || r.rec.Deleted && !q.deleted || s.knobs.hidden(r.rec.Link()) {
			continue
		}
		if q.native && s.knobs.nativeHides != nil && s.knobs.nativeHides(r.rec.Link()) {
			continue
		}
		if !s.knobs.ignoreFilters && !matches(&r.rec, q.filters[q.resource]) {
			continue
		}
		rec := r.rec.Clone()
		if q.components && !rec.Deleted {
			rec.Components = s.componentsOf(rec.Link(), q.since)
		}
		out = append(out, rec)
	}
	if q.since != 0 {
		slices.SortStableFunc(out, func(a, b core.Record) int { return int(b.ModifiedOn - a.ModifiedOn) })
	}
	return out
}

// page cuts start and limit out of all masters.
func (s *Server) page(all []core.Record, q query) []core.Record {
	if !q.native || s.knobs.ignorePaging {
		return all
	}
	if start, err := strconv.Atoi(q.start); err == nil {
		all = all[min(start, len(all)):]
	}
	if limit, err := strconv.Atoi(q.limit); err == nil {
		all = all[:min(limit, len(all))]
	}
	return all
}

// related returns everything the masters refer to, directly or not, as Eden
// does: whatever its age, without components, never deleted ones.
func (s *Server) related(masters []core.Record, q query) []core.Record {
	if q.shallow {
		return nil
	}
	seen := map[core.Link]bool{}
	var todo, out []core.Record
	for i := range masters {
		seen[masters[i].Link()] = true
		todo = append(todo, masters[i])
	}
	for len(todo) > 0 {
		rec := todo[0]
		todo = todo[1:]
		for _, l := range append(targets(&rec), rec.Master) {
			r, ok := s.rows[l]
			if !ok || seen[l] || r.rec.Deleted || s.knobs.hidden(l) || s.knobs.unknown[l.Resource] || !q.plain && !s.knobs.ignoreFilters && !matches(&r.rec, q.filters[l.Resource]) {
				continue
			}
			seen[l] = true
			out = append(out, r.rec.Clone())
			todo = append(todo, r.rec)
		}
	}
	return out
}

// hideOutline takes out of a place what Eden does not load for an export.
func (k *knobs) hideOutline(rec *core.Record) {
	if k.outlines && rec.Resource == "gis_location" {
		rec.Unset("wkt")
	}
}

// showsOf takes the references out that lead to what a filter of their table excludes: of one
// record that is asked for by its uuid, those to others of the table, also to the one that it was
// merged into (spec eden-sync-protocol §9).
func (s *Server) showsOf(rec *core.Record, q query) {
	if q.plain || s.knobs.ignoreFilters {
		return
	}
	excluded := func(l core.Link) bool {
		r, there := s.rows[l]
		return there && !matches(&r.rec, q.filters[r.rec.Resource])
	}
	_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
		if excluded(core.Link{Resource: r.Resource, UUID: r.ReplacedBy}) {
			r.ReplacedBy = ""
		}
		r.Fields = slices.DeleteFunc(r.Fields, func(f core.Field) bool {
			return f.Value.Kind == core.Reference && excluded(core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str})
		})
		return nil
	})
}

// siteComponents belong to a site, whatever it is: an office, a shelter.
var siteComponents = map[core.Resource]bool{"inv_minimum": true}

// keyOf is the field by which a component points to its master: that of a person is the
// person's entity.
func keyOf(master, component core.Resource) string {
	switch {
	case master == "pr_person":
		return "pe_id"
	case siteComponents[component]:
		return "site_id"
	}
	_, name := master.Split()
	return name + "_id"
}

// showKey lets a component that is shown alone point to its master, as below it the key is
// implied (spec s3xml-format §7).
func showKey(rec *core.Record) {
	if key := keyOf(rec.Master.Resource, rec.Resource); !rec.Master.IsZero() && !rec.Deleted {
		if _, is := rec.Field(key); !is {
			rec.Set(core.Field{Name: key, Value: core.RefTo(rec.Master.Resource, rec.Master.UUID)})
		}
	}
}

// targets returns all links of a record and its components.
func targets(rec *core.Record) (out []core.Link) {
	_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
		out = append(out, r.PointsTo()...)
		return nil
	})
	return out
}
