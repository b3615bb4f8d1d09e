package eden

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// An unpacker is a server that takes every push and remembers how it came.
type unpacker struct {
	accepts, refuses string   // a header of its answers; the coding that it does not read after all
	codings          []string // of the pushes
	documents        []string
}

func (u *unpacker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if u.accepts != "" {
		w.Header().Set("Accept-Encoding", u.accepts)
	}
	coding := r.Header.Get("Content-Encoding")
	u.codings = append(u.codings, coding)
	if coding != "" && coding == u.refuses {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	var body io.Reader = r.Body
	if unpacked, err := packing.Unpack(coding, r.Body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	} else if unpacked != nil {
		defer unpacked.Close()
		body = unpacked
	}
	document, err := io.ReadAll(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	u.documents = append(u.documents, string(document))
	fmt.Fprint(w, `{"status": "success", "statuscode": "200"}`)
}

// start returns a peer that calls the server by a host's name.
func (u *unpacker) start(t *testing.T, host string) *Peer {
	t.Helper()
	srv := httptest.NewServer(u)
	t.Cleanup(srv.Close)
	opts := quick()
	opts.Transport = edentest.CalledAs(strings.TrimPrefix(srv.URL, "http://"))
	return newPeer(t, core.Repository{Name: "hub", URL: "http://" + host}, opts)
}

// twice pushes the same two times.
func twice(t *testing.T, p *Peer, req func() replicate.PushRequest) {
	t.Helper()
	for range 2 {
		if _, err := p.Push(t.Context(), req()); err != nil {
			t.Fatal(err)
		}
	}
}

func batch() replicate.PushRequest { return pushOf(office("urn:uuid:a", strings.Repeat("A", 5000), 1)) }

// streamed is a push whose records are asked for while it is written.
func streamed() replicate.PushRequest {
	req := batch()
	left := 3
	req.More = func() (records, related []core.Record, err error) {
		if left == 0 {
			return nil, nil, nil
		}
		left--
		return []core.Record{office(fmt.Sprintf("urn:uuid:%d", left), strings.Repeat("B", 200_000), 1)}, nil, nil
	}
	return req
}

func TestAPushIsPackedForWhoSaysThatItUnpacks(t *testing.T) {
	for _, tt := range []struct {
		name, host string
		server     unpacker
		req        func() replicate.PushRequest
		want       []string
	}{
		{"an Eden says nothing", "eden.example", unpacker{}, batch, []string{"", ""}},
		{"a Fieldsync", "hub.example", unpacker{accepts: "zstd, gzip"}, batch, []string{"", "zstd"}},
		{"one that knows gzip", "hub.example", unpacker{accepts: "gzip"}, batch, []string{"", "gzip"}},
		{"one on this computer", "127.0.0.1", unpacker{accepts: "zstd"}, batch, []string{"", "zstd"}},
		{"thousands of records", "hub.example", unpacker{accepts: "zstd"}, streamed, []string{"", "zstd"}},
		{"thousands of records to this computer", "localhost", unpacker{accepts: "zstd"}, streamed, []string{"", ""}},
		{"one that cannot after all", "hub.example", unpacker{accepts: "zstd", refuses: "zstd"}, batch, []string{"", "zstd", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.server.start(t, tt.host)
			twice(t, p, tt.req)
			if !slices.Equal(tt.server.codings, tt.want) {
				t.Errorf("packed as %q instead of %q", tt.server.codings, tt.want)
			}
			if d := tt.server.documents; len(d) != 2 || d[0] != d[1] || !strings.HasSuffix(d[0], "</s3xml>") {
				t.Errorf("%d documents, of which the second one is not the first", len(d))
			}
		})
	}
}

// What was refused because it was packed is not packed again; the engine sends what a long
// document had in batches.
func TestWhatCannotBeUnpackedIsNotSentPackedAgain(t *testing.T) {
	u := &unpacker{accepts: "zstd", refuses: "zstd"}
	p := u.start(t, "hub.example")
	twice(t, p, batch)
	if _, err := p.Push(t.Context(), batch()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "zstd", "", ""}; !slices.Equal(u.codings, want) {
		t.Errorf("packed as %q instead of %q", u.codings, want)
	}

	u = &unpacker{accepts: "zstd", refuses: "zstd"}
	p = u.start(t, "hub.example")
	if _, err := p.Push(t.Context(), batch()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Push(t.Context(), streamed()); err == nil {
		t.Fatal("a long document that was refused was taken for stored")
	}
	if _, err := p.Push(t.Context(), streamed()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "zstd", ""}; !slices.Equal(u.codings, want) {
		t.Errorf("packed as %q instead of %q", u.codings, want)
	}
}

// A hub that was put back to an older program in the midst of a run says nothing any more.
func TestWhoSaysNothingAnyMoreGetsNothingPacked(t *testing.T) {
	u := &unpacker{accepts: "zstd"}
	p := u.start(t, "hub.example")
	twice(t, p, batch)
	u.accepts = ""
	twice(t, p, batch)
	if want := []string{"", "zstd", "zstd", ""}; !slices.Equal(u.codings, want) {
		t.Errorf("packed as %q instead of %q", u.codings, want)
	}
}
