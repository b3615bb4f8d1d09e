package edentest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// deleteOne answers DELETE /<prefix>/<name>/<id>.xml: the record is deleted as by a
// person in the browser, without the validation that an import goes through (spec
// s3xml-format §12).
func (s *Server) deleteOne(a *answer, req Request) {
	controller, function := splitPath(req.Path)
	_, last, _ := strings.Cut(strings.TrimPrefix(req.Path, "/"+controller+"/"), "/")
	id, err := strconv.Atoi(strings.TrimSuffix(last, ".xml"))
	if err == nil && s.remove(core.Resource(controller+"_"+function), id) {
		a.message(`{"status": "success", "statuscode": "200", "message": "Record deleted"}`)
		return
	}
	a.send(http.StatusNotFound, "application/json", []byte(`{"status": "failed", "statuscode": "404", "message": "Record not found"}`))
}

// remove buries the living record with that number.
func (s *Server) remove(resource core.Resource, id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.order {
		if r.id == id && r.rec.Resource == resource && !r.rec.Deleted && !s.restricted(r.rec.Link()) {
			s.bury(r, "")
			return true
		}
	}
	return false
}

// restricted reports whether a record may not be deleted because a living one points to it.
func (s *Server) restricted(l core.Link) bool {
	if r := s.rows[l]; !s.knobs.restrict[l.Resource] || r == nil || r.rec.Deleted {
		return false
	}
	return slices.ContainsFunc(s.order, func(r *row) bool {
		return !r.rec.Deleted && r.rec.Link() != l && slices.ContainsFunc(r.rec.Fields, func(f core.Field) bool { return f.Links(l) })
	})
}

// emptied empties the fields that lead to a record which is deleted, where they do not keep it
// from that. What is written so is dated now, as everything is (Eden: S3Delete.cascade).
func (s *Server) emptied(l core.Link) {
	for _, r := range s.order {
		if r.rec.Deleted {
			continue
		}
		for _, f := range slices.Clone(r.rec.Fields) {
			if s.knobs.setNull[f.Name] && f.Links(l) {
				r.rec.Unset(f.Name)
				r.rec.ModifiedOn = core.MTimeOf(s.Clock.Now())
			}
		}
	}
}

// rewire has what points to a record that was merged point to the other one, where the tables know
// what becomes of it (Eden: S3RecordMerger).
func (s *Server) rewire(from, to core.Link) {
	if to.UUID == "" || s.knobs.restrict == nil && s.knobs.setNull == nil {
		return
	}
	for _, r := range s.order {
		for i := range r.rec.Fields {
			if f := &r.rec.Fields[i]; !r.rec.Deleted && f.Links(from) {
				f.Value = core.RefTo(to.Resource, to.UUID)
				r.rec.ModifiedOn = core.MTimeOf(s.Clock.Now())
			}
		}
	}
}

// Restricted reports whether a record may not be deleted; see Restrict.
func (s *Server) Restricted(l core.Link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restricted(l)
}
