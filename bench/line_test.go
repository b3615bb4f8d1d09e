//go:build linux

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestALineCountsAndIsAsSlowAsItShouldBe(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", 8000))
	}))
	defer server.Close()
	l, err := newLine(server.URL, 640_000, 50*time.Millisecond) // 8,000 bytes take 100 ms
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	start := time.Now()
	answer, err := http.Get(l.url(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("the answer took %s, less than the line needs", took)
	}
	if got := l.traffic(); got.requests != 1 || got.opened != 1 || got.down < 8000 || got.down > 9000 || got.up < 50 {
		t.Errorf("the line counted %+v", got)
	}
}
