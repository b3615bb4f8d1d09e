package responder

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fieldsync/fieldsync/core/packing"
)

// errTooLarge says that a body is beyond the limit once it is unpacked.
var errTooLarge = errors.New("the unpacked body is too large")

// errAbandoned says that nobody reads a body any more.
var errAbandoned = errors.New("the rest of the body is not read")

// documents hands each S3XML document of a push to fn. The content type means
// nothing: Eden's own says it is a form (spec eden-sync-protocol §3.3). Of a
// multipart body the parts named *.xml count, else the body is the document.
func (c *call) documents(fn func(io.Reader) error) error {
	if c.req.ContentLength > c.opts.MaxBody {
		return errTooLarge
	}
	c.body = &patient{c: c, r: http.MaxBytesReader(c.w, c.req.Body, c.opts.MaxBody)}
	var body io.Reader = c.body
	unpacked, err := packing.Unpack(c.req.Header.Get("Content-Encoding"), body)
	if err != nil {
		return unpackable(err)
	}
	if unpacked != nil {
		defer unpacked.Close()
		body = &limited{r: unpacked, left: c.opts.MaxBody}
	}
	mediaType, params, err := mime.ParseMediaType(c.req.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") || params["boundary"] == "" {
		return fn(body)
	}
	return xmlParts(multipart.NewReader(body, params["boundary"]), fn)
}

// unpackable says that a body cannot be unpacked, and if that is for its coding which ones
// can: ServeHTTP names them in each answer.
func unpackable(err error) error {
	var unknown *packing.UnknownError
	if errors.As(err, &unknown) {
		return &answer{status: http.StatusUnsupportedMediaType, message: "UNSUPPORTED MEDIA TYPE", cause: err}
	}
	a := badRequest("XML Parse error: the body is not packed as it says")
	a.cause = err
	return a
}

func xmlParts(parts *multipart.Reader, fn func(io.Reader) error) error {
	found := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadableParts(err)
		}
		if !strings.HasSuffix(strings.ToLower(part.FileName()), ".xml") && !strings.HasSuffix(strings.ToLower(part.FormName()), ".xml") {
			continue
		}
		found = true
		if err := fn(part); err != nil {
			return err
		}
	}
	if !found {
		return badRequest("XML Parse error: none of the parts is an .xml file")
	}
	return nil
}

func unreadableParts(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, errTooLarge) {
		return err
	}
	a := badRequest("XML Parse error: the parts of the body cannot be read")
	a.cause = err
	return a
}

// patient gives the peer its time again with every piece that arrives.
type patient struct {
	c         *call
	r         io.Reader
	abandoned atomic.Bool
}

// abandon ends a Read that waits for the peer, and all that follow.
func (p *patient) abandon() {
	p.abandoned.Store(true)
	_ = http.NewResponseController(p.c.w).SetReadDeadline(time.Now()) // where there are none, nothing waits long
}

func (p *patient) Read(b []byte) (int, error) {
	// Not every ResponseWriter has deadlines; then there are none to move.
	control := http.NewResponseController(p.c.w)
	_ = control.SetReadDeadline(time.Now().Add(p.c.opts.ReadTimeout))
	_ = control.SetWriteDeadline(time.Now().Add(p.c.opts.ReadTimeout + p.c.opts.WriteTimeout))
	if p.abandoned.Load() {
		return 0, errAbandoned
	}
	n, err := p.r.Read(b)
	if err != nil && !p.abandoned.Load() {
		_ = control.SetReadDeadline(time.Time{}) // see ServeHTTP
	}
	return n, err
}

// limited ends with errTooLarge, not with io.EOF, when more comes than may.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLarge
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}
