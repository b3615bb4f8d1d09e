//go:build linux

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// asking is a peer of a bench, and a client with its login.
type asking struct {
	*testing.T
	url string
}

func newAsking(t *testing.T) *asking {
	peer, err := newPeer(30, 1)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(peer)
	t.Cleanup(server.Close)
	a := &asking{t, server.URL}
	for _, repository := range []string{"first", "second"} {
		if got := a.do(http.MethodPost, "/eden/sync/repository/register.json", `{"uuid": "`+repository+`", "name": "it"}`, "", peerPassword); got.status != http.StatusOK {
			t.Fatalf("registered: %d %s", got.status, got.body)
		}
	}
	return a
}

type asked struct {
	status       int
	body, coding string
}

func (a *asking) do(method, path, body, coding, password string) asked {
	req, err := http.NewRequestWithContext(context.Background(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	req.SetBasicAuth(peerUser, password)
	req.Header.Set("Accept-Encoding", coding)
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		a.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		a.Fatal(err)
	}
	return asked{answer.StatusCode, string(got), answer.Header.Get("Content-Encoding")}
}

func (a *asking) page(repository, limit, coding string) asked {
	return a.do(http.MethodGet, "/eden/org/organisation/sync.xml?repository="+repository+"&include_deleted=True&start=0&limit="+limit, "", coding, peerPassword)
}

func TestAnAnswerFromMemoryIsWhatIsAskedFor(t *testing.T) {
	a := newAsking(t)
	made, plain := a.page("first", "10", "zstd"), a.page("first", "10", "identity")
	for _, tt := range []struct {
		name string
		got  asked
		want asked
	}{
		{"once more", a.page("first", "10", "zstd"), made},
		{"by another repository", a.page("second", "10", "zstd"), made},
		{"packed otherwise", a.page("second", "10", "identity"), plain},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %d bytes, %q, instead of %d, %q", tt.name, len(tt.got.body), tt.got.coding, len(tt.want.body), tt.want.coding)
		}
	}
	if made.coding != "zstd" || plain.coding != "" || strings.Count(plain.body, `<resource name="org_organisation"`) != 10 {
		t.Errorf("packed with %q and %q: %.200s", made.coding, plain.coding, plain.body)
	}
	if other := a.page("first", "11", "identity"); strings.Count(other.body, `<resource name="org_organisation"`) != 11 {
		t.Errorf("another page: %.200s", other.body)
	}
}

func TestAChangeIsSeen(t *testing.T) {
	a := newAsking(t)
	before := a.page("first", "30", "identity")
	if got := a.do(http.MethodPost, "/change?every=3&time=1", "", "", peerPassword); got.status != http.StatusOK {
		t.Fatalf("changed: %+v", got)
	}
	after := a.page("first", "30", "identity")
	if after.status != http.StatusOK || after.body == before.body {
		t.Errorf("after the change: %d, %d bytes, the same as before", after.status, len(after.body))
	}
}

func TestWhoeverIsUnknownGetsNothingFromMemory(t *testing.T) {
	a := newAsking(t)
	if made := a.page("first", "10", ""); made.status != http.StatusOK {
		t.Fatalf("the page: %+v", made)
	}
	if got := a.page("third", "10", ""); got.status == http.StatusOK && strings.Contains(got.body, "org_organisation") {
		t.Errorf("a stranger got %.200s", got.body)
	}
	path := "/eden/org/organisation/sync.xml?repository=first&include_deleted=True&start=0&limit=10"
	if got := a.do(http.MethodGet, path, "", "", "wrong"); got.status != http.StatusUnauthorized {
		t.Errorf("with a wrong password: %d", got.status)
	}
}

func TestAnAnswerIsMadeOnce(t *testing.T) {
	made, breaks := 0, false
	exports := newAnswers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		made++
		_, _ = w.Write([]byte("<s3xml/>"))
		if breaks {
			panic(http.ErrAbortHandler)
		}
	}), func(string) bool { return true })
	ask := func() {
		defer func() { _ = recover() }() // of the answer that breaks off
		req := httptest.NewRequest(http.MethodGet, "/eden/org/organisation/sync.xml?start=0&limit=10", nil)
		req.SetBasicAuth(peerUser, peerPassword)
		exports.ServeHTTP(httptest.NewRecorder(), req)
	}
	for _, tt := range []struct {
		name string
		do   func()
		want int
	}{
		{"one that breaks off", func() { breaks = true; ask(); breaks = false }, 1},
		{"it is not kept", ask, 2},
		{"a whole one is", ask, 2},
		{"until the records change", func() { exports.forget(); ask() }, 3},
	} {
		if tt.do(); made != tt.want {
			t.Errorf("%s: made %d times instead of %d", tt.name, made, tt.want)
		}
	}
}
