package edentest

import (
	"net/http"
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
		if r.id == id && r.rec.Resource == resource && !r.rec.Deleted {
			s.bury(r, "")
			return true
		}
	}
	return false
}
