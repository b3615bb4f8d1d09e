package edentest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// noteColumns remembers the fields of a row: a table has them from then on, whether
// any row has a value in them or not.
func (s *Server) noteColumns(r core.Resource, fields ...core.Field) {
	if s.columns[r] == nil {
		s.columns[r] = map[string]bool{}
	}
	for _, f := range fields {
		s.columns[r][f.Name] = true
	}
}

// without removes from a record, and from its components, what this deployment has
// no column or no table for.
func (k *knobs) without(rec *core.Record) {
	if lost := k.lost[rec.Resource]; len(lost) > 0 {
		rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool { return lost[f.Name] })
	}
	rec.Components = slices.DeleteFunc(rec.Components, func(c core.Record) bool { return k.unknown[c.Resource] })
	for i := range rec.Components {
		k.without(&rec.Components[i])
	}
}

// fields answers <prefix>/<name>/fields.xml: the columns, without labels (spec
// s3xml-format §14.1).
func (s *Server) fields(a *answer, req Request, resource core.Resource) {
	s.mu.Lock()
	gone := s.knobs.noNative[resource] || s.knobs.unknown[resource] || !resource.Valid()
	forbidden := s.knobs.forbidden
	var names []string
	for name := range s.columns[resource] {
		if !s.knobs.lost[resource][name] {
			names = append(names, name)
		}
	}
	s.mu.Unlock()
	slices.Sort(names)
	switch {
	case forbidden:
		a.fail(http.StatusForbidden, "")
	case gone:
		a.fail(http.StatusNotFound, "")
	case req.Method != http.MethodGet:
		a.fail(http.StatusMethodNotAllowed, "")
	default:
		var b strings.Builder
		fmt.Fprintf(&b, `<fields resource="%s">`, resource)
		for _, name := range names {
			fmt.Fprintf(&b, `<field name="%s" type="string" readable="True" writable="True" has_options="False"/>`, xmlText(name))
		}
		b.WriteString("</fields>")
		a.xml([]byte(b.String()))
	}
}
