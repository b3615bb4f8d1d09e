package edentest

import (
	"net/http"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// sync answers sync/sync.xml and, with native set, <prefix>/<name>/sync.xml.
func (s *Server) sync(a *answer, req Request, resource core.Resource, native bool) {
	s.mu.Lock()
	forbidden, unknown := s.knobs.forbidden, s.knobs.unknown[resource]
	s.mu.Unlock()
	switch {
	case forbidden:
		a.fail(http.StatusForbidden, "")
	case req.Method == http.MethodPost || req.Method == http.MethodPut:
		s.receive(a, req, resource, native)
	case req.Method != http.MethodGet:
		a.fail(http.StatusMethodNotAllowed, "")
	case len(req.Query["msince"]) > 1:
		a.fail(http.StatusInternalServerError, "")
	case resource == "" || resource == "mixed":
		a.message(`{"status": "failed", "statuscode": "400", "message": "Mixed resource synchronization not supported"}`)
	case !strings.Contains(string(resource), "_"):
		a.send(http.StatusBadRequest, "text/html; charset=UTF-8", nil)
	case resource == "sync_config":
		a.xml([]byte(`<?xml version='1.0' encoding='utf-8'?>` + "\n" + `<s3xml success="true" results="1" domain="vm" url="` + s.URL +
			`"><resource name="sync_config" uuid="` + s.UUID + `" mci="1" created_on="2026-11-22T23:30:01" modified_on="2026-11-22T23:30:01"/></s3xml>`))
	case unknown || !resource.Valid():
		a.fail(http.StatusBadRequest, "")
	default:
		a.xml(s.export(syncQuery(req, resource, native)))
	}
}

// syncQuery takes over what the handler is given. sync/sync passes on only
// repository, msince and [table] filters, and always adds the deleted records;
// the resource's own controller passes everything.
func syncQuery(req Request, resource core.Resource, native bool) query {
	q := query{resource: resource, since: msince(req.Query), deleted: true, filters: syncFilters(req.Query, resource), components: true, urls: true}
	if native {
		q.native = true
		q.start, q.limit = req.Query.Get("start"), req.Query.Get("limit")
		_, q.deleted = req.Query["include_deleted"]
		q.filters[resource] = append(q.filters[resource], plainFilters(req.Query)...)
	}
	return q
}

// native answers <prefix>/<name>/sync.xml.
func (s *Server) native(a *answer, req Request, resource core.Resource) {
	s.mu.Lock()
	gone := s.knobs.noNative[resource] || s.knobs.unknown[resource] || !resource.Valid()
	s.mu.Unlock()
	if gone {
		a.fail(http.StatusNotFound, "")
		return
	}
	s.sync(a, req, resource, true)
}

// rest answers the plain export <prefix>/<name>.xml.
func (s *Server) rest(a *answer, req Request, resource core.Resource) {
	s.mu.Lock()
	gone := s.knobs.noNative[resource] || s.knobs.unknown[resource] || !resource.Valid()
	forbidden := s.knobs.forbidden
	s.mu.Unlock()
	switch {
	case forbidden:
		a.fail(http.StatusForbidden, "")
	case gone:
		a.fail(http.StatusNotFound, "")
	case req.Method == http.MethodPost:
		s.attach(a, req, resource)
	case req.Method != http.MethodGet:
		a.fail(http.StatusMethodNotAllowed, "")
	default:
		a.xml(s.export(restQuery(req, resource)))
	}
}

func restQuery(req Request, resource core.Resource) query {
	_, deleted := req.Query["include_deleted"]
	none := func(key string) bool { return strings.EqualFold(req.Query.Get(key), "none") }
	return query{
		resource: resource, since: msince(req.Query), deleted: deleted, native: true, plain: true,
		filters: map[core.Resource][]condition{resource: plainFilters(req.Query)},
		start:   req.Query.Get("start"), limit: req.Query.Get("limit"),
		bare: none("fields") && none("references"), noRefs: none("references"), noData: none("fields"),
		components: !none("mcomponents"), shallow: req.Query.Get("maxdepth") == "0" || none("references"),
		urls: req.Query.Get("show_urls") != "false",
	}
}
