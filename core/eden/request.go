package eden

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/hashicorp/go-retryablehttp"
)

// A call is one request as the operations describe it.
type call struct {
	op     string // "pull org_office", for problems and log
	method string
	url    string
	header http.Header
	body   []byte
	stream io.Reader // instead of body: of unknown length, for a call that is made once
	packed string    // the coding that either is packed with
	long   bool      // may take its time: a document, not a message
	once   bool      // must never be repeated: it changes something
	follow bool      // redirects may lead elsewhere: a file
}

// What ended a request by our own clock; each is the cause of its context.
var (
	errNoAnswer = errors.New("no answer in time")
	errSilence  = errors.New("the answer stopped coming")
	errTooLong  = errors.New("the request took too long")
)

// A reply is the head of an answer and its body: unpacked, limited, watched.
type reply struct {
	*http.Response
	body *body
	head []byte // the first bytes, for sniffing; still to be read from body
	// sent and arrived are when the request had left and its answer began: of
	// the last attempt, without the time it took to connect.
	sent, arrived atomic.Pointer[time.Time]
	// part lets go of the connection for good; nil: it may be used again.
	part func()
}

// clock notes the two times. The transport may call it from its own goroutines.
func (r *reply) clock(now func() time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) {
			t := now()
			r.sent.Store(&t)
		},
		GotFirstResponseByte: func() {
			t := now()
			r.arrived.Store(&t)
		},
	}
}

// middle returns the moment halfway between the request and its answer.
func (r *reply) middle() (time.Time, bool) {
	sent, arrived := r.sent.Load(), r.arrived.Load()
	if sent == nil || arrived == nil {
		return time.Time{}, false
	}
	return sent.Add(arrived.Sub(*sent) / 2), true
}

// send makes the request and returns as soon as the head of the answer is here.
// The error is a Problem. The caller closes the reply.
func (p *Peer) send(parent context.Context, c call) (*reply, error) {
	ctx, cancel := context.WithCancelCause(parent)
	first, total := p.opts.Answer, time.Duration(0)
	if !c.long {
		first, total = p.opts.Small, p.opts.Small
	}
	var whole *time.Timer
	if total > 0 {
		whole = time.AfterFunc(total, func() { cancel(errTooLong) })
	}
	// Retries and their pauses count into the wait for an answer, too.
	waiting := time.AfterFunc(p.opts.Connect+first, func() { cancel(errNoAnswer) })
	r := new(reply)
	resp, err := p.roundTrip(httptrace.WithClientTrace(ctx, r.clock(p.opts.Now)), c) //nolint:bodyclose // reply.Close does
	waiting.Stop()
	if err != nil {
		stop(whole)
		problem := p.troubleOf(ctx, c.op, err)
		cancel(nil)
		return nil, problem
	}
	p.opts.Log.Debug("Answered", "repository", p.repo.Name, "op", c.op, "status", resp.StatusCode, "type", resp.Header.Get("Content-Type"))
	p.learnPacking(resp)
	r.Response = resp
	if strays(resp.StatusCode) {
		r.part = p.client.CloseIdleConnections
	}
	r.body = newBody(ctx, cancel, resp.Body, p.opts.Idle, whole)
	if err := r.open(p.limitFor(c)); err != nil {
		problem := p.inBody(r, c.op, err)
		r.Close()
		return nil, problem
	}
	return r, nil
}

func (p *Peer) limitFor(c call) int64 {
	if c.long {
		return p.opts.MaxReply
	}
	return p.opts.MaxMessage
}

// roundTrip sends through the retrying client what may be repeated.
func (p *Peer) roundTrip(ctx context.Context, c call) (*http.Response, error) {
	if c.follow {
		ctx = context.WithValue(ctx, followAll{}, true)
	}
	var content io.Reader
	switch {
	case c.stream != nil:
		content = c.stream
	case c.body != nil:
		content = bytes.NewReader(c.body) // gives the request its Content-Length
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, content)
	if err != nil {
		return nil, err
	}
	for k, v := range c.header {
		req.Header[k] = v
	}
	req.Header.Set("Accept-Encoding", packing.Accepted)
	if c.packed != "" {
		req.Header.Set("Content-Encoding", c.packed)
	}
	if c.once {
		return p.client.Do(req)
	}
	again, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, err
	}
	return p.retrying.Do(again)
}

// open makes the body ready to read.
func (r *reply) open(limit int64) error {
	if err := r.unpack(limit); err != nil {
		return err
	}
	return r.sniff()
}

// sniff looks at the first bytes without consuming them.
func (r *reply) sniff() error {
	buf := make([]byte, 1024)
	n, err := 0, error(nil)
	for n < len(buf) && err == nil {
		var m int
		m, err = r.body.Read(buf[n:])
		n += m
	}
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	r.head = buf[:n]
	rest := r.body.r
	if err != nil {
		rest = failing{err} // the end, or where it broke off
	}
	r.body.r = io.MultiReader(bytes.NewReader(r.head), rest)
	return nil
}

// Close ends the request, whether or not its body was read to the end.
func (r *reply) Close() {
	r.body.Close()
	if r.part != nil {
		r.part()
	}
}

// strays reports whether something may follow an answer on its connection: web2py's own server
// ends one that went wrong within Eden's page of errors with a blank line too many, which the
// next request would take for its answer.
func strays(status int) bool {
	return status == http.StatusInternalServerError || status == http.StatusBadRequest
}

// A body watches a reply while it is read: each wait for bytes has a deadline,
// and bytes are counted.
type body struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	r      io.Reader
	raw    io.ReadCloser
	idle   time.Duration
	timer  *time.Timer
	whole  *time.Timer
	n      int64
	once   sync.Once

	unpacker *packing.Unpacker // nil: it is not packed
}

func newBody(ctx context.Context, cancel context.CancelCauseFunc, raw io.ReadCloser, idle time.Duration, whole *time.Timer) *body {
	b := &body{ctx: ctx, cancel: cancel, raw: raw, idle: idle, whole: whole}
	b.timer = time.AfterFunc(time.Hour, func() { cancel(errSilence) })
	b.timer.Stop()
	b.r = watched{b}
	return b
}

// watched reads from the connection with the deadline running; it does not run
// while the reader is busy with what it got.
type watched struct{ b *body }

// Read reads from the connection.
func (w watched) Read(buf []byte) (int, error) {
	w.b.timer.Reset(w.b.idle)
	n, err := w.b.raw.Read(buf)
	w.b.timer.Stop()
	w.b.n += int64(n)
	return n, err
}

// Read reads the unpacked body. An error after our own clock ran out, or after
// a cancel, is the context's cause.
func (b *body) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	if err != nil && !errors.Is(err, io.EOF) && b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	return n, err
}

// drainTime is how long a reply that nobody wants any more may delay us.
const drainTime = 200 * time.Millisecond

// Close drains a little, so that the connection can be used again, and lets go.
func (b *body) Close() {
	b.once.Do(func() {
		if b.ctx.Err() == nil {
			b.timer.Reset(drainTime)
			_, _ = io.CopyN(io.Discard, b.raw, 16<<10)
		}
		b.timer.Stop()
		stop(b.whole)
		_ = b.raw.Close()
		b.r = watched{b} // nobody reads on in what serves another body
		if b.unpacker != nil {
			b.unpacker.Close()
		}
		b.cancel(nil)
	})
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// limited ends with a sizeError where an ordinary LimitReader would pretend the
// end.
type limited struct {
	r    io.Reader
	left int64
}

// Read reads up to the limit.
func (l *limited) Read(buf []byte) (int, error) {
	if l.left <= 0 {
		return 0, &sizeError{}
	}
	if int64(len(buf)) > l.left {
		buf = buf[:l.left]
	}
	n, err := l.r.Read(buf)
	l.left -= int64(n)
	return n, err
}

type failing struct{ err error }

// Read fails.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A sizeError says that a reply went beyond the limit.
type sizeError struct{}

// Error says so.
func (*sizeError) Error() string { return "the reply is larger than allowed" }
