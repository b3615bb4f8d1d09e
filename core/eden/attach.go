package eden

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Attach posts the record as a form with the files beside it, to the resource's own
// controller, the only one that looks for files there (spec eden-sync-protocol §6.2). An
// Eden on Python 2 finds a file only by a name in ASCII.
func (p *Peer) Attach(ctx context.Context, rec *core.Record) error {
	op := "attach files to " + string(rec.Resource)
	body, kind, err := withParts(rec)
	if err != nil {
		return &core.Problem{Op: op, Kind: core.Internal, Err: err}
	}
	c := call{op: op, method: http.MethodPost, url: p.at(nativePath(rec.Resource)+".xml", nil), body: body, header: http.Header{"Content-Type": {kind}}, long: true, once: true}
	reply, problem := p.pushOnce(ctx, c)
	if problem == nil && len(reply.Refused) > 0 {
		problem = p.problem(op, core.PeerRefused, errors.New(reply.Message))
	}
	return orNil(problem)
}

// withParts writes a document with one record, and the files that lie in it as parts of
// their own.
func withParts(rec *core.Record) (body []byte, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	parts := parts{w, make(map[string]bool)}
	bare, err := parts.take(rec)
	if err != nil {
		return nil, "", err
	}
	part, err := w.CreateFormFile("sync.xml", "sync.xml")
	if err != nil {
		return nil, "", err
	}
	root := s3xml.NewRoot()
	root.Success, root.Results = true, 1
	e := s3xml.NewEncoder(part, root)
	if err := errors.Join(e.Encode(&bare), e.Close(), w.Close()); err != nil {
		return nil, "", err
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// parts are the files of a form. Each has a name of its own, by which its field finds it.
type parts struct {
	form *multipart.Writer
	used map[string]bool
}

// take returns the record without the files that lie in it and in its components, which
// become parts.
func (p *parts) take(rec *core.Record) (core.Record, error) {
	bare := *rec
	bare.Fields, bare.Components = slices.Clone(rec.Fields), slices.Clone(rec.Components)
	for i := range bare.Fields {
		f := &bare.Fields[i]
		content, inline, err := core.Inline(f.Value.Str)
		if err != nil || !inline || f.Value.Kind != core.File {
			continue // an address that cannot be read stays one
		}
		name := plainName(f.Value.Aux)
		for p.used[name] {
			name = "_" + name
		}
		p.used[name] = true
		f.Value = core.Value{Kind: core.File, Aux: name}
		part, err := p.form.CreateFormFile(name, name)
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			return bare, err
		}
	}
	for i := range bare.Components {
		var err error
		if bare.Components[i], err = p.take(&rec.Components[i]); err != nil {
			return bare, err
		}
	}
	return bare, nil
}

// plainName is a file's name in ASCII: letters lose their accents, those of other scripts
// are left out. What ends in .xml would be read as a document.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r > unicode.MaxASCII:
			return -1
		case r < ' ', strings.ContainsRune(`"\/`, r):
			return '-'
		}
		return r
	}, norm.NFD.String(name))
	ext := path.Ext(plain)
	stem := strings.Trim(strings.TrimSuffix(plain, ext), " ")
	if stem == "" {
		stem = "file"
	}
	if ext == ".xml" {
		ext = ".XML"
	}
	return stem + ext
}
