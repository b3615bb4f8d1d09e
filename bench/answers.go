//go:build linux

package main

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/fieldsync/fieldsync/core"
)

// Answers are in front of the bench's own peer and keep what it exported, as it was
// packed: what is asked for again is sent from memory, as the limits find their document
// made. Everything else goes through to it: the handshake, a registration, whoever is
// not logged in or not registered.
type answers struct {
	peer       http.Handler
	registered func(repository string) bool

	mu   sync.Mutex // guards kept and era
	kept map[string]*answer
	era  int // how often the records were changed
}

// An answer is what was sent once.
type answer struct {
	header http.Header
	body   []byte
}

func newAnswers(peer http.Handler, registered func(repository string) bool) *answers {
	return &answers{peer: peer, registered: registered, kept: make(map[string]*answer)}
}

// forget makes room for other answers: the records are not what they were.
func (a *answers) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = make(map[string]*answer)
	a.era++
}

// ServeHTTP answers from memory what was asked for before.
func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, is := a.question(r)
	if !is {
		a.peer.ServeHTTP(w, r)
		return
	}
	a.mu.Lock()
	kept, era := a.kept[key], a.era
	a.mu.Unlock()
	if kept != nil {
		maps.Copy(w.Header(), kept.header)
		_, _ = w.Write(kept.body) // whoever asked has gone, if this fails
		return
	}
	rec := &recorder{ResponseWriter: w}
	a.peer.ServeHTTP(rec, r) // it panics where an answer breaks off: such a one is not kept
	if rec.status != http.StatusOK || rec.failed {
		return
	}
	header := w.Header().Clone()
	header.Del("Date") // of its own time
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.era == era {
		a.kept[key] = &answer{header, rec.body.Bytes()}
	}
}

// question returns what the answer to an export depends on, and whether r asks for one
// that it may have. Who asks is none of it: the peer has nothing from anybody, and
// leaves nothing out for anybody.
func (a *answers) question(r *http.Request) (key string, is bool) {
	user, password, _ := r.BasicAuth()
	q := r.URL.Query()
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/sync.xml") || r.Header.Get(core.HandshakeHeader) != "" ||
		user != peerUser || password != peerPassword || !a.registered(q.Get("repository")) {
		return "", false
	}
	q.Del("repository")
	return strings.Join([]string{r.Host, r.URL.Path, q.Encode(), r.Header.Get("Accept-Encoding")}, "\n"), true
}

// A recorder passes an answer on, and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status int
	failed bool
	body   bytes.Buffer
}

// Unwrap is what http.ResponseController looks for.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (n int, err error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err = r.ResponseWriter.Write(b)
	r.failed = r.failed || err != nil
	r.body.Write(b[:n])
	return n, err
}
