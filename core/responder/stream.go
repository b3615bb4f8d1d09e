package responder

import (
	"bufio"
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
	gz    *gzip.Writer  // nil: the peer cannot read it
	out   *bufio.Writer // in front of the response writer
}

// streamBuffer is how much of an answer is sent at a time: a packer hands on a few
// hundred bytes, and each piece costs a deadline and a call of the system. On the
// slowest line it must pass in less than WriteTimeout.
const streamBuffer = 16 << 10

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
	s.out = bufio.NewWriterSize(pieces{s}, streamBuffer)
	if acceptsGzip(c.req.Header) {
		s.gz = packers.Get().(*gzip.Writer) // nothing else is put there
		s.gz.Reset(s.out)
	}
	return s
}

func (s *stream) Write(p []byte) (int, error) {
	if s.gz != nil {
		return s.gz.Write(p)
	}
	return s.out.Write(p)
}

// close sends what is left.
func (s *stream) close() (err error) {
	if gz := s.gz; gz != nil {
		err = gz.Close()
		gz.Reset(nil)
		packers.Put(gz)
	}
	if err == nil {
		err = s.out.Flush()
	}
	s.gz = nil // it serves another answer by now
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
