package edentest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// receive answers a push: transport rules first, then rights, then the import.
func (s *Server) receive(a *answer, req Request, resource core.Resource, native bool) {
	body, status := readable(req)
	s.mu.Lock()
	_, known := s.peers[req.Query.Get("repository")]
	unwritable, unknown := s.knobs.unwritable[resource], s.knobs.unknown[resource]
	s.mu.Unlock()
	switch {
	case status != http.StatusOK:
		a.fail(status, "XML Parse error: Start tag expected, '<' not found, line 1, column 1 (injected)")
	case resource == "" || resource == "mixed":
		a.message(`{"status": "failed", "statuscode": "400", "message": "Mixed resource synchronization not supported"}`)
	case unknown || !resource.Valid():
		a.fail(http.StatusBadRequest, "")
	case !known:
		a.fail(http.StatusForbidden, "")
	case unwritable || resource.Private():
		a.fail(http.StatusForbidden, "")
	default:
		s.importBody(a, req, resource, native, body)
	}
}

// readable applies what Python's form parser does to a body by its type: a body
// that is not a form is lost with a 500 unless it has a file name; chunked ones
// cannot be read; compressed ones are not XML (corpus 35, 48).
func readable(req Request) ([]byte, int) {
	if req.Length < 0 {
		return nil, http.StatusInternalServerError
	}
	if req.Header.Get("Content-Encoding") != "" {
		return nil, http.StatusBadRequest
	}
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	_, disposition, _ := mime.ParseMediaType(req.Header.Get("Content-Disposition"))
	switch {
	case disposition["filename"] != "", kind == "application/x-www-form-urlencoded", kind == "application/json":
		return req.Body, http.StatusOK
	case kind == "multipart/form-data":
		return part(req.Body, params["boundary"])
	case err != nil && req.Header.Get("Content-Type") == "" && req.Method == http.MethodPost:
		return req.Body, http.StatusOK
	}
	return nil, http.StatusInternalServerError
}

// part returns the first part whose file name ends in .xml.
func part(body []byte, boundary string) ([]byte, int) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		p, err := r.NextPart()
		if err != nil {
			return nil, http.StatusBadRequest
		}
		if strings.HasSuffix(p.FileName(), ".xml") {
			return readAll(p), http.StatusOK
		}
	}
}

// importBody reads the document and imports what belongs to the resource.
func (s *Server) importBody(a *answer, req Request, resource core.Resource, native bool, body []byte) {
	recs, err := parse(body)
	if err != nil {
		a.fail(http.StatusBadRequest, "XML Parse error: "+err.Error())
		return
	}
	s.mu.Lock()
	recs = s.legible(recs)
	job := s.newImport(req, resource, native, recs)
	crashed := job.run()
	reply := job.reply()
	s.mu.Unlock()
	if crashed {
		a.fail(http.StatusInternalServerError, "")
		return
	}
	a.message(reply)
}

// legible returns what of the records can be imported.
func (s *Server) legible(recs []core.Record) []core.Record {
	recs = slices.DeleteFunc(recs, func(r core.Record) bool { return s.knobs.unknown[r.Resource] })
	for i := range recs {
		s.knobs.without(&recs[i])
		_ = recs[i].Walk(func(r *core.Record) error { // never fails: fn does not
			r.UUID = importUID(r.UUID)
			s.knobs.unread(r)
			return nil
		})
	}
	return recs
}

func parse(body []byte) ([]core.Record, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("Document is empty, line 1, column 1 (injected)")
	}
	d := s3xml.NewDecoder(bytes.NewReader(body), s3xml.Limits{})
	var out []core.Record
	for {
		var rec core.Record
		err := d.Next(&rec)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
}
