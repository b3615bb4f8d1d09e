package edentest

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// An answer is the reply to one request on its way out.
type answer struct {
	s    *Server
	w    http.ResponseWriter
	r    *http.Request
	body []byte // of the request

	done  bool
	cut   int // bytes of the body after which the connection breaks; -1: never
	stall bool
	early bool // break before the head
}

// send writes status, head and body, cutting where a fault says so.
func (a *answer) send(status int, contentType string, body []byte) {
	a.done = true
	if a.early {
		panic(http.ErrAbortHandler)
	}
	if contentType != "" {
		a.w.Header().Set("Content-Type", contentType)
	}
	if a.zips() {
		body = a.zip(body)
	}
	a.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	a.w.WriteHeader(status)
	if a.cut < 0 || a.cut >= len(body) {
		_, _ = a.w.Write(body)
		return
	}
	_, _ = a.w.Write(body[:a.cut])
	_ = http.NewResponseController(a.w).Flush()
	if a.stall {
		<-a.r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

func (a *answer) zips() bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	return a.s.knobs.gzip && strings.Contains(a.r.Header.Get("Accept-Encoding"), "gzip")
}

func (a *answer) zip(body []byte) []byte {
	a.w.Header().Set("Content-Encoding", "gzip")
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return []byte(b.String())
}

// xml sends an S3XML document.
func (a *answer) xml(body []byte) { a.send(http.StatusOK, "text/xml", body) }

// message sends a JSON message the way handlers do: 200, labelled text/html.
func (a *answer) message(body string) { a.send(http.StatusOK, "text/html", []byte(body)) }

// fail answers an error as a real Eden with routes.py does: 400 keeps its
// message, the rest is replaced by the status's name; under the built-in server
// a request with a body gets a bare 500 instead (corpus 60).
func (a *answer) fail(status int, message string) {
	a.s.mu.Lock()
	bug, delay, incomplete := a.s.knobs.routesBug, a.s.knobs.routesDelay, a.s.knobs.incomplete
	a.s.mu.Unlock()
	if status == http.StatusBadRequest {
		body := `{"status": "failed", "statuscode": "400"}`
		if message != "" {
			body = fmt.Sprintf(`{"status": "failed", "statuscode": "400", "message": %q}`, message)
		}
		a.send(status, "application/json", []byte(body))
		return
	}
	if bug && len(a.body) > 0 {
		a.wait(delay)
		if incomplete {
			a.send(http.StatusBadRequest, "text/html; charset=UTF-8", []byte("Bad Request - HTTP body is incomplete"))
			return
		}
		a.send(http.StatusInternalServerError, "text/plain", []byte("Server Error"))
		return
	}
	body := fmt.Appendf(nil, `{"status": "failed", "statuscode": "%d", "message": %q}`, status, strings.ToUpper(http.StatusText(status)))
	if incomplete {
		status = http.StatusInternalServerError
	}
	a.send(status, "application/json", body)
}

func (a *answer) unauthorized() {
	a.w.Header().Set("WWW-Authenticate", `Basic realm="eden"`)
	a.send(http.StatusUnauthorized, "text/html; charset=UTF-8", []byte("Authentication Required"))
}

func (a *answer) redirect(to string) {
	a.w.Header().Set("Location", to)
	a.send(http.StatusSeeOther, "text/html; charset=UTF-8", []byte(`You are being redirected <a href="`+html.EscapeString(to)+`">here</a>`))
}

// wait lets time pass, unless the client goes first.
func (a *answer) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func readAll(r io.Reader) []byte {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return b
}
