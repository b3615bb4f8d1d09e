package responder

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A stream is the body of an answer. It sends nothing before there is something
// to send, so that an early failure can still be told; it compresses if the
// peer can read that; and it gives the peer its time again with every piece.
type stream struct {
	c     *call
	begun bool
	gz    *gzip.Writer
	out   *bufio.Writer
}

const streamBuffer = 64 << 10

// packers are gzip writers for the next answers: each has tables of more than a
// megabyte.
var packers = sync.Pool{New: func() any {
	gz, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("bug: " + err.Error())
	}
	return gz
}}

func (c *call) newStream() *stream {
	s := &stream{c: c}
	var w io.Writer = pieces{s}
	if acceptsGzip(c.req.Header) {
		s.gz = packers.Get().(*gzip.Writer) // nothing else is put there
		s.gz.Reset(pieces{s})
		w = s.gz
	}
	s.out = bufio.NewWriterSize(w, streamBuffer)
	return s
}

func (s *stream) Write(p []byte) (int, error) { return s.out.Write(p) }

// close sends what is left.
func (s *stream) close() error {
	err := s.out.Flush()
	if err == nil && s.gz != nil {
		err = s.gz.Close()
		s.gz.Reset(nil)
		packers.Put(s.gz)
		s.gz = nil
	}
	return s.wrap(err)
}

// wrap marks an error that came too late to be told.
func (s *stream) wrap(err error) error {
	if err != nil && s.begun {
		return &brokenOff{err}
	}
	return err
}

// pieces is the response writer behind a stream's buffers.
type pieces struct{ s *stream }

func (p pieces) Write(b []byte) (int, error) {
	c := p.s.c
	if !p.s.begun {
		p.s.begun = true
		h := c.w.Header()
		h.Set("Content-Type", "text/xml; charset=utf-8")
		h.Set("Vary", "Accept-Encoding")
		if p.s.gz != nil {
			h.Set("Content-Encoding", "gzip")
		}
		c.w.WriteHeader(http.StatusOK)
	}
	// Not every ResponseWriter has deadlines; then there are none to move.
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout))
	return c.w.Write(b)
}

// acceptsGzip reads Accept-Encoding.
func acceptsGzip(h http.Header) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			coding, quality, _ := strings.Cut(item, ";")
			coding, quality = strings.TrimSpace(coding), strings.ReplaceAll(quality, " ", "")
			if (coding == "gzip" || coding == "*") && strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" {
				return true
			}
			if coding == "gzip" && quality == "" {
				return true
			}
		}
	}
	return false
}
