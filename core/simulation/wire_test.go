package simulation

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"syscall"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/packing"
)

// A trouble is what may happen to a request on its way.
type trouble string

// The troubles of PROMISES that a network or a server makes.
const (
	drop      trouble = "drop"       // the request does not arrive
	lostReply trouble = "lost reply" // it is carried out, the answer does not arrive
	cut       trouble = "cut"        // the answer breaks off in the middle
	slow      trouble = "slow"       // no answer in time, and it is not carried out
	slowDone  trouble = "slow done"  // no answer in time, but it is carried out
	twice     trouble = "twice"      // a proxy sends it twice
	late      trouble = "late"       // no answer in time; it is carried out later, after others
	portal    trouble = "portal"     // a login page of a network in between
	gateway   trouble = "502 page"
	status500 trouble = "500"
	status503 trouble = "503"
	status401 trouble = "401"
)

var troubles = []trouble{drop, lostReply, cut, slow, slowDone, twice, late, portal, gateway, status500, status503, status401}

// A wire carries the requests of one laptop to one server, in the caller's
// goroutine, and spoils those it was told to.
type wire struct {
	s   *simulation
	hub hub
	// agreed reports whether the laptop knows that the server has the record.
	agreed func(core.Link) bool
	plan   map[int]trouble // by number of the request in a run
	from   int             // from this request on nothing passes; 0: never
	n      int
	size   float64 // where an answer is cut, as a share of it
	// meanwhile is what people do while the run is at the request of that number.
	meanwhile map[int]func()
	// atPush is what people do right before the next push arrives.
	atPush func()
	// atLong is the trouble of the next document that is written while it is sent, and
	// whileLong what people do meanwhile.
	atLong    trouble
	whileLong func()
}

// A letter is a request that arrives later than it was sent.
type letter struct {
	req  *http.Request
	body []byte
	left int // requests that overtake it
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

type timeout struct{}

func (timeout) Error() string   { return "injected: no answer in time" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// RoundTrip carries one request.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := w.take(req)
	if err != nil {
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		if trace.WroteRequest != nil {
			trace.WroteRequest(httptrace.WroteRequestInfo{})
		}
		defer func() {
			if trace.GotFirstResponseByte != nil {
				trace.GotFirstResponseByte()
			}
		}()
	}
	w.hub.deliverLate()
	w.n++
	w.interrupt(w.n)
	if do := w.atPush; do != nil && edentest.Pushes(req) {
		w.atPush = nil
		do()
	}
	what := w.plan[w.n]
	if streamed(req) && w.atLong != "" {
		what, w.atLong = w.atLong, ""
	}
	if w.from > 0 && w.n >= w.from {
		what = drop
	}
	if what != "" {
		w.s.tell("  request %d, %s %s: %s", w.n, req.Method, req.URL.Path, what)
	}
	return w.carry(req, body, what)
}

// take reads the body of the next request. A document that is written while it is read is
// seen growing: what people do at that request they do when it has begun.
func (w *wire) take(req *http.Request) (body []byte, err error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	if streamed(req) {
		body = make([]byte, 1<<20)
		n, err := req.Body.Read(body)
		if body = body[:n]; err != nil {
			return body, err
		}
		w.interrupt(w.n + 1)
		if do := w.whileLong; do != nil {
			w.whileLong = nil
			do()
		}
	}
	rest, err := io.ReadAll(req.Body)
	return append(body, rest...), err
}

// interrupt lets people do what they do at the request of that number, once.
func (w *wire) interrupt(n int) {
	if do := w.meanwhile[n]; do != nil {
		delete(w.meanwhile, n)
		do()
	}
}

// streamed reports whether a document cannot be sent twice.
func streamed(req *http.Request) bool {
	return req.Body != nil && req.Body != http.NoBody && req.GetBody == nil
}

func (w *wire) carry(req *http.Request, body []byte, what trouble) (*http.Response, error) {
	switch what {
	case drop:
		if streamed(req) { // of a long document a part arrives
			req, body := unpacked(req, body)
			part := io.MultiReader(bytes.NewReader(body[:int(float64(len(body))*w.size)]), broken{})
			_, _ = answerTo(w.hub, req, part, -1) // nobody hears the answer
		}
		return nil, errReset
	case lostReply:
		w.deliver(req, body)
		return nil, errReset
	case slow:
		return nil, timeout{}
	case slowDone:
		w.deliver(req, body)
		return nil, timeout{}
	case late:
		w.hub.post(&letter{req: req, body: body, left: 1 + w.s.rand.IntN(12)})
		return nil, timeout{}
	case twice:
		w.deliver(req, body)
	case portal:
		return page(req, http.StatusOK, `<!DOCTYPE html><html><form action="http://10.0.0.1/login"><input type="password"></form></html>`), nil
	case gateway:
		return page(req, http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1></html>"), nil
	case status500:
		return page(req, http.StatusInternalServerError, "injected"), nil
	case status503:
		return page(req, http.StatusServiceUnavailable, "injected"), nil
	case status401:
		return page(req, http.StatusUnauthorized, "injected"), nil
	}
	resp, err := w.deliver(req, body)
	if err == nil && what == cut {
		all, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(all[:int(float64(len(all))*w.size)]), broken{}))
	}
	return resp, err
}

// unpacked returns a request whose body is not packed: the documents of a story are short,
// and a part of what is packed as a whole would never be one record.
func unpacked(req *http.Request, body []byte) (*http.Request, []byte) {
	u, err := packing.Unpack(req.Header.Get("Content-Encoding"), bytes.NewReader(body))
	if err != nil {
		panic(err) // it was packed a moment ago
	}
	if u == nil {
		return req, body
	}
	defer u.Close()
	if body, err = io.ReadAll(u); err != nil {
		panic(err)
	}
	req = req.Clone(req.Context())
	req.Header.Del("Content-Encoding")
	return req, body
}

// A broken reader is the end of a connection, not of an answer.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func page(req *http.Request, status int, body string) *http.Response {
	kind := "text/plain"
	if strings.HasPrefix(body, "<") {
		kind = "text/html"
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// deliver lets the server answer. Who may write there and not read cannot prove
// that a new record arrived, and sends it again: what that overwrites is written
// off, if the server was never known to have the record. What it was known to have
// is not sent unseen.
func (w *wire) deliver(req *http.Request, body []byte) (*http.Response, error) {
	e, ok := w.hub.(*edenHub)
	if !ok || !w.s.state.unreadable || req.Method == http.MethodGet {
		return answer(w.hub, req, body)
	}
	before := valuesOf(e.all(), nil)
	defer func() {
		after := valuesOf(e.all(), nil)
		for text := range before {
			if v := w.s.values[text]; v != nil && !after[text] && !w.agreed(v.link) {
				v.seen = true
			}
		}
	}()
	return answer(w.hub, req, body)
}

// answer hands a request to a server and returns what it says, or the error of a
// connection that broke with the server.
func answer(h hub, req *http.Request, body []byte) (resp *http.Response, err error) {
	return answerTo(h, req, bytes.NewReader(body), int64(len(body)))
}

// answerTo is answer to a body of that length; -1: it is not known.
func answerTo(h hub, req *http.Request, body io.Reader, length int64) (resp *http.Response, err error) {
	r := req.Clone(req.Context())
	r.Body, r.ContentLength = http.NoBody, length
	if length != 0 {
		r.Body = io.NopCloser(body)
	}
	r.RequestURI, r.RemoteAddr, r.Host = req.URL.RequestURI(), "192.0.2.1:4711", req.URL.Host
	rec := httptest.NewRecorder()
	rec.Header().Set("Date", h.clock().UTC().Format(http.TimeFormat))
	ended, killed := make(chan struct{}), true
	go func() { // which is all that is killed
		defer close(ended)
		if err = serve(h, rec, r); err == nil {
			resp = rec.Result()
			resp.Request = req
		}
		killed = false
	}()
	if <-ended; killed {
		h.reopen()
		return nil, errReset
	}
	return resp, err
}

// serve has a server answer; the error is that of an answer that it broke off.
func serve(h hub, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			err = errReset
		default:
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// pause is how far apart the steps of a story lie.
func (s *simulation) pause() time.Duration {
	return time.Duration(1+s.rand.IntN(3)*s.rand.IntN(600)) * time.Second
}
