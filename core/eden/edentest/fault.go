package edentest

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Fault is one thing that goes wrong with an answer. Faults of one injection
// act together: Delay and CutAfter, say.
type Fault func(*answer)

// injection is a set of faults waiting for requests.
type injection struct {
	left   int // < 0: for ever
	match  func(*http.Request) bool
	faults []Fault
}

// Inject lets the next n requests meet the faults; n < 0 all until Heal.
func (s *Server) Inject(n int, faults ...Fault) { s.InjectOn(nil, n, faults...) }

// InjectOn lets the next n requests for which match is true meet the faults.
func (s *Server) InjectOn(match func(*http.Request) bool, n int, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &injection{n, match, faults})
}

// Heal ends all injected trouble.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Path matches requests whose path contains part.
func Path(part string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.Contains(r.URL.Path, part) }
}

// Pushes matches requests that bring records.
func Pushes(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, "/sync.xml")
}

// Pulls matches requests for records.
func Pulls(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/sync.xml") && r.URL.Query().Get("resource") != "sync_config"
}

// inject applies the first injection that matches and reports whether it
// answered the request.
func (s *Server) inject(a *answer) bool {
	s.mu.Lock()
	var hit *injection
	for _, in := range s.faults {
		if in.left != 0 && (in.match == nil || in.match(a.r)) {
			in.left--
			hit = in
			break
		}
	}
	s.mu.Unlock()
	if hit != nil {
		for _, f := range hit.faults {
			f(a)
		}
	}
	return a.done
}

// Status answers with the status and an error page.
func Status(code int) Fault {
	return func(a *answer) { a.send(code, "text/html", []byte("<html><body>injected</body></html>")) }
}

// Busy answers 503 and when to come again, in seconds.
func Busy(seconds int) Fault {
	return func(a *answer) {
		a.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		a.send(http.StatusServiceUnavailable, "text/html", []byte("injected"))
	}
}

// Reply answers with a document of one's own.
func Reply(code int, contentType, body string) Fault {
	return func(a *answer) { a.send(code, contentType, []byte(body)) }
}

// Delay waits before the answer goes on, or until the client has gone.
func Delay(d time.Duration) Fault {
	return func(a *answer) { a.wait(d) }
}

// CutAfter breaks the connection after n bytes of the body.
func CutAfter(n int) Fault {
	return func(a *answer) { a.cut = n }
}

// StallAfter sends n bytes of the body and then nothing more until the client
// goes.
func StallAfter(n int) Fault {
	return func(a *answer) { a.cut, a.stall = n, true }
}

// Reset breaks the connection before anything is answered.
func Reset() Fault {
	return func(a *answer) { panic(http.ErrAbortHandler) }
}

// Raw sends these bytes in place of an answer over HTTP, and breaks the connection.
func Raw(text string) Fault {
	return func(a *answer) {
		if conn, _, err := http.NewResponseController(a.w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, text) // the client may have gone
			_ = conn.Close()
		}
		panic(http.ErrAbortHandler)
	}
}

// LoseReply lets the request take effect and breaks the connection in place of
// the answer: the outcome is unknown to the client.
func LoseReply() Fault {
	return func(a *answer) { a.cut, a.early = 0, true }
}

// Redirect sends the client elsewhere.
func Redirect(to string) Fault {
	return func(a *answer) { a.redirect(to) }
}

// Portal answers like the login page of a network in between.
func Portal() Fault {
	return Reply(http.StatusOK, "text/html", `<!DOCTYPE html><html><head><title>Welcome (injected)</title></head><body>
<form action="http://10.0.0.1/login" method="post"><input name="room"><input type="password" name="code"><button>Log in</button></form></body></html>`)
}

// PortalRedirect sends the client to the login page of a network in between.
func PortalRedirect() Fault {
	return func(a *answer) {
		a.redirect("http://portal.invalid/login?to=" + url.QueryEscape("http://"+a.r.Host+a.r.URL.String()))
	}
}

// Header sets a header of the answer, whoever gives it.
func Header(name, value string) Fault {
	return func(a *answer) { a.w.Header().Set(name, value) }
}

// RedirectHost sends the client to the same path at another host.
func RedirectHost(host string) Fault {
	return func(a *answer) { a.redirect(host + a.r.URL.RequestURI()) }
}
