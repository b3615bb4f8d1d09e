package edentest

import (
	"bytes"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// Python2 makes an Eden that runs on Python 2: it reads no address that holds the file
// itself (data:), and leaves the field as it was, without a word (Edens of 2013 and 2016).
func (s *Server) Python2() { s.set(func(k *knobs) { k.python2 = true }) }

// unread drops the files that cannot be read.
func (k *knobs) unread(rec *core.Record) {
	if k.python2 {
		rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool {
			return f.Value.Kind == core.File && strings.HasPrefix(f.Value.Str, "data:")
		})
	}
}

// attach answers POST <prefix>/<name>.xml: documents with files beside them, imported
// whatever was changed when (spec eden-sync-protocol §6.2). Python 2 finds no file by a
// name that is not ASCII.
func (s *Server) attach(a *answer, req Request, resource core.Resource) {
	s.mu.Lock()
	unwritable, python2 := s.knobs.unwritable[resource], s.knobs.python2
	s.mu.Unlock()
	_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || unwritable {
		a.fail(http.StatusForbidden, "")
		return
	}
	files, document := make(map[string][]byte), []byte(nil)
	for r := multipart.NewReader(bytes.NewReader(req.Body), params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			break
		}
		content := readAll(part)
		if name := part.FileName(); strings.HasSuffix(name, ".xml") {
			document = content
		} else if !python2 || !strings.ContainsFunc(name, func(c rune) bool { return c > 127 }) {
			files[name] = content
		}
	}
	recs, err := parse(document)
	if err != nil {
		a.fail(http.StatusBadRequest, "XML Parse error: "+err.Error())
		return
	}
	for i := range recs {
		_ = recs[i].Walk(func(r *core.Record) error { // never fails: fn does not
			for j, f := range r.Fields {
				if content, ok := files[f.Value.Aux]; ok && f.Value.Kind == core.File {
					r.Fields[j].Value.Str = s.AddFile(f.Value.Aux, content)
				}
			}
			return nil
		})
	}
	s.mu.Lock()
	job := s.newImport(req, resource, true, s.legible(recs))
	job.policy, job.strategy = core.PolicyOther, core.StrategyAll
	job.run()
	reply := job.reply()
	s.mu.Unlock()
	a.message(reply)
}
