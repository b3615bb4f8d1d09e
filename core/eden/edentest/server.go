// Package edentest provides a Sahana Eden inside the test process: it answers,
// delays, breaks off and refuses as a real one was recorded to do, its bugs
// included, and keeps its records in memory so that a test can check how things
// ended. It is a stand-in for the protocol, not for the web pages.
package edentest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// The login every Server accepts unless an Option says otherwise.
const (
	User     = "admin@example.com"
	Password = "testing"
)

// app is the path of the application below the host.
const app = "/eden"

// A Server is one Eden. Its methods may be called while it serves.
type Server struct {
	// URL is the address of the application, without trailing slash.
	URL string
	// UUID is the identity it tells at registration.
	UUID string
	// Clock is what it stamps with and what its Date header says.
	Clock *Clock

	t    testing.TB
	http *httptest.Server

	mu        sync.Mutex // guards everything below
	users     map[string]string
	peers     map[string]string // registered uuid -> name
	rows      map[core.Link]*row
	order     []*row
	files     map[string][]byte
	documents map[string]document
	tasks     map[core.Resource]core.Task
	mandatory map[core.Resource][]string
	columns   map[core.Resource]map[string]bool // that a table ever had a value in
	knobs     knobs
	faults    []*injection
	requests  []Request
	served    int
}

// A Request is what a client sent.
type Request struct {
	Method   string
	Path     string // below the application: "/sync/sync.xml"
	Query    url.Values
	RawQuery string // as it came over the wire
	Header   http.Header
	Length   int64 // Content-Length; -1 if the body was chunked
	Body     []byte
}

// An Option changes a Server before it starts.
type Option func(*Server)

// WithUser replaces the login.
func WithUser(name, password string) Option {
	return func(s *Server) { s.users = map[string]string{name: password} }
}

// At stops the clock at now.
func At(now time.Time) Option {
	return func(s *Server) { s.Clock.Set(now) }
}

// WithTLS serves https with a certificate of its own; see Server.Certificate.
func WithTLS() Option {
	return func(s *Server) { s.knobs.tls = true }
}

// New starts an Eden that ends with the test.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{
		UUID: "urn:uuid:4ec1f815-73f5-49f0-86ed-babad1e2dd7d", Clock: new(Clock), t: t,
		users: map[string]string{User: Password}, peers: map[string]string{},
		rows: map[core.Link]*row{}, files: map[string][]byte{}, documents: map[string]document{},
		tasks: map[core.Resource]core.Task{}, mandatory: defaultMandatory(), columns: map[core.Resource]map[string]bool{},
	}
	for _, o := range opts {
		o(s)
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.knobs.tls {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL + app
	t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
	})
	return s
}

// Repository returns the repository as an administrator would enter it.
func (s *Server) Repository() core.Repository {
	r := core.Repository{ID: 1, Name: "hub", URL: s.URL}
	for name, password := range s.users {
		r.Username, r.Password = name, core.Secret(password)
	}
	return r
}

// HTTP returns the server below, for its certificate and connections.
func (s *Server) HTTP() *httptest.Server { return s.http }

// Requests returns what clients sent so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ForgetRequests empties the list of requests.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// serve is the whole way of one request: log it, inject what is to go wrong,
// check the login, dispatch.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req := s.record(r)
	r.Body = io.NopCloser(bytes.NewReader(req.Body)) // a fault's match may look into it
	w.Header().Set("Date", s.Clock.Now().UTC().Format(http.TimeFormat))
	a := &answer{s: s, w: w, r: r, body: req.Body, cut: -1}
	if s.inject(a) {
		return
	}
	w.Header().Set("X-Powered-By", "web2py")
	w.Header().Set("Set-Cookie", "session_id_eden=127.0.0.1-injected; HttpOnly; Path=/; SameSite=Lax")
	if !strings.HasPrefix(r.URL.Path, app+"/") {
		a.fail(http.StatusNotFound, "")
		return
	}
	if !strings.HasPrefix(req.Path, "/default/download/") && !s.login(r) {
		a.unauthorized()
		return
	}
	s.dispatch(a, req)
}

// dispatch finds the handler of a path.
func (s *Server) dispatch(a *answer, req Request) {
	s.mu.Lock()
	doc, static := s.documents[req.Path]
	s.mu.Unlock()
	controller, function := splitPath(req.Path)
	switch {
	case static:
		a.send(doc.status, doc.contentType, doc.body)
	case strings.HasPrefix(req.Path, "/default/download/"):
		s.download(a, strings.TrimPrefix(req.Path, "/default/download/"))
	case strings.HasPrefix(req.Path, "/sync/repository/register"):
		s.register(a, req)
	case req.Path == "/sync/sync.xml":
		s.sync(a, req, core.Resource(req.Query.Get("resource")), false)
	case req.Path == "/sync/sync":
		a.redirect(app + "/sync/index")
	case controller != "" && strings.HasSuffix(req.Path, "/sync.xml"):
		s.native(a, req, core.Resource(controller+"_"+function))
	case controller != "" && strings.HasSuffix(req.Path, "/fields.xml"):
		s.fields(a, req, core.Resource(controller+"_"+function))
	case req.Method == http.MethodDelete:
		s.deleteOne(a, req)
	case controller != "" && strings.Count(req.Path, "/") == 2 && strings.HasSuffix(req.Path, ".xml"):
		s.rest(a, req, core.Resource(controller+"_"+strings.TrimSuffix(function, ".xml")))
	default:
		a.fail(http.StatusNotFound, "")
	}
}

// record reads the body and logs the request.
func (s *Server) record(r *http.Request) Request {
	req := Request{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, app), Query: r.URL.Query(), RawQuery: r.URL.RawQuery,
		Header: r.Header.Clone(), Length: r.ContentLength, Body: readAll(r.Body)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, req)
	return req
}

// login checks Basic auth, and that the login has not been taken away.
func (s *Server) login(r *http.Request) bool {
	name, password, ok := r.BasicAuth()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
	if s.knobs.unauthorizedAfter >= 0 && s.knobs.limited && s.served > s.knobs.unauthorizedAfter {
		return false
	}
	want, known := s.users[name]
	return ok && known && want == password
}

// splitPath cuts "/org/office/sync.xml" into org and office.
func splitPath(path string) (controller, function string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}
