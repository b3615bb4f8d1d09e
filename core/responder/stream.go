package responder

import (
	"bufio"
	"net/http"
	"time"

	"github.com/fieldsync/fieldsync/core/packing"
)

// A stream is the body of an answer. It sends nothing before there is something
// to send, so that an early failure can still be told; it compresses if the
// peer can read that; and it gives the peer its time again with every piece.
type stream struct {
	c     *call
	begun bool
	as    *packing.Coding // nil: the peer reads none
	pack  *packing.Packer // of it, until the stream is closed
	out   *bufio.Writer   // in front of the response writer
}

// streamBuffer is how much of an answer is sent at a time: a packer hands on a few
// hundred bytes, and each piece costs a deadline and a call of the system. On the
// slowest line it must pass in less than WriteTimeout.
const streamBuffer = 16 << 10

func (c *call) newStream() *stream {
	s := &stream{c: c}
	s.out = bufio.NewWriterSize(pieces{s}, streamBuffer)
	if s.as = packing.For(c.req.Header); s.as != nil {
		s.pack = s.as.Pack(s.out)
	}
	return s
}

func (s *stream) Write(p []byte) (int, error) {
	if s.pack != nil {
		return s.pack.Write(p)
	}
	return s.out.Write(p)
}

// close sends what is left.
func (s *stream) close() (err error) {
	if s.pack != nil {
		err = s.pack.Close()
	}
	if err == nil {
		err = s.out.Flush()
	}
	s.pack = nil
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
		if p.s.as != nil {
			h.Set("Content-Encoding", p.s.as.Name)
		}
		c.w.WriteHeader(http.StatusOK)
	}
	// Not every ResponseWriter has deadlines; then there are none to move.
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout))
	return c.w.Write(b)
}
