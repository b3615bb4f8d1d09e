package edentest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// Corpus returns the folder of recorded traffic beside the module, and skips the
// test where there is none, as in a user's clone.
func Corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("the module's root was not found")
	}
	corpus := filepath.Join(dir, "..", "shared", "eden-corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("there is no recorded traffic here (../shared/eden-corpus); the other tests use the project's own fixtures")
	}
	return corpus
}

// An Exchange is one recorded request with its response.
type Exchange struct {
	N        int    `json:"n"`
	To       string `json:"to"`
	Line     string `json:"request"` // "GET /eden/… HTTP/1.1"
	Status   int    `json:"status"`
	Note     string `json:"note"`
	Request  *http.Request
	Sent     []byte // the request's body
	Header   http.Header
	Response []byte // the response's body
}

// Scenario reads all exchanges of a folder of the corpus.
func Scenario(t testing.TB, dir string) []Exchange {
	t.Helper()
	meta, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []Exchange
	if err := json.Unmarshal(meta, &list); err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].read(t, dir)
	}
	return list
}

func (e *Exchange) read(t testing.TB, dir string) {
	t.Helper()
	head, body := message(t, filepath.Join(dir, fmt.Sprintf("%02d-request.http", e.N)))
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	e.Request, e.Sent = req, body
	head, body = message(t, filepath.Join(dir, fmt.Sprintf("%02d-response.http", e.N)))
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head+"\r\n\r\n")), &http.Request{Method: http.MethodHead})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	e.Header, e.Response = resp.Header, body
	if e.Status == 0 {
		e.Status = resp.StatusCode
	}
}

// message splits a recorded message into head and body.
func message(t testing.TB, file string) (head string, body []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range []string{"\r\n\r\n", "\n\n"} {
		if h, rest, ok := bytes.Cut(b, []byte(gap)); ok {
			return strings.ReplaceAll(strings.ReplaceAll(string(h), "\r\n", "\n"), "\n", "\r\n"), rest
		}
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// A Recording answers requests with recorded responses, in order.
type Recording struct {
	URL string

	mu       sync.Mutex // guards the rest
	left     []Exchange
	requests []Request
}

// Replay serves the responses of a scenario, those with the given numbers or
// all, one for each request; when they are used up it answers 500.
func Replay(t testing.TB, dir string, numbers ...int) *Recording {
	t.Helper()
	rec := &Recording{}
	for _, e := range Scenario(t, dir) {
		if len(numbers) == 0 {
			rec.left = append(rec.left, e)
		}
	}
	for _, n := range numbers {
		for _, e := range Scenario(t, dir) {
			if e.N == n {
				rec.left = append(rec.left, e)
			}
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(rec.serve))
	rec.URL = srv.URL + app
	t.Cleanup(srv.Close)
	return rec
}

// Repository returns the recording as a repository.
func (rec *Recording) Repository() core.Repository {
	return core.Repository{ID: 1, Name: "hub", URL: rec.URL, Username: User, Password: Password}
}

// Requests returns what was asked so far.
func (rec *Recording) Requests() []Request {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return append([]Request(nil), rec.requests...)
}

func (rec *Recording) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	rec.mu.Lock()
	rec.requests = append(rec.requests, Request{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, app), Query: r.URL.Query(),
		RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Length: r.ContentLength, Body: body})
	var e Exchange
	if len(rec.left) > 0 {
		e, rec.left = rec.left[0], rec.left[1:]
	}
	rec.mu.Unlock()
	if e.N == 0 {
		http.Error(w, "injected: no more recorded responses", http.StatusInternalServerError)
		return
	}
	for k, v := range e.Header {
		if k != "Transfer-Encoding" && k != "Connection" {
			w.Header()[k] = v
		}
	}
	if _, ok := e.Header["Date"]; !ok {
		w.Header()["Date"] = nil
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(e.Response)))
	w.WriteHeader(e.Status)
	_, _ = io.Copy(w, bytes.NewReader(e.Response))
}

// QueryOf returns the parameters of a recorded request.
func (e Exchange) QueryOf() url.Values { return e.Request.URL.Query() }
