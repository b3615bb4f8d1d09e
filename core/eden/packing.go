package eden

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
)

// unpack puts a reader over the body where the server packed it, and the limit over
// that, so that a small packet cannot become an endless one.
func (r *reply) unpack(limit int64) error {
	unpacked, err := packing.Unpack(r.Header.Get("Content-Encoding"), r.body.r)
	switch {
	case errors.Is(err, io.EOF):
		return nil // no body at all
	case err != nil:
		return err
	case unpacked != nil:
		r.body.r, r.body.unpacker = unpacked, unpacked
	}
	r.body.r = &limited{r: r.body.r, left: limit}
	return nil
}

// learnPacking notes what the peer says that it unpacks. An Eden says nothing, and what
// goes there is never packed; a proxy's refusal says nothing about what is behind it.
func (p *Peer) learnPacking(answer *http.Response) {
	with := packing.For(answer.Header)
	if !sameHost(p.base, answer.Request.URL) || with == nil && answer.StatusCode >= http.StatusMultipleChoices {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unpacks = with
}

// packsWith returns how a document for the peer is packed; nil if it is not.
func (p *Peer) packsWith() *packing.Coding {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plainOnly {
		return nil
	}
	return p.unpacks
}

// cannotUnpack reports whether the peer refused a document because of its packing, and
// has none packed any more then.
func (p *Peer) cannotUnpack(problem *core.Problem) bool {
	if statusOf(orNil(problem)) != http.StatusUnsupportedMediaType {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plainOnly = true
	return true
}

// packed returns a document packed.
func packed(with *packing.Coding, document []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(document) / 6)
	p := with.Pack(&b)
	_, err := p.Write(document)
	if err = errors.Join(err, p.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
