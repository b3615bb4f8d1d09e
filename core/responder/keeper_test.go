package responder_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

// wish is what the administrator wants at present.
type wish struct {
	mu sync.Mutex
	s  core.Serving
}

func (w *wish) set(s core.Serving) { w.mu.Lock(); defer w.mu.Unlock(); w.s = s }
func (w *wish) get(context.Context) (core.Serving, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.s, nil
}

func startKeeper(t *testing.T) (*wish, func(core.Serving) responder.State) {
	w := &wish{}
	k := responder.NewKeeper(w.get, memory.New(core.Node{UUID: core.NewUUID(), Name: "hub"}, time.Now), responder.Options{}, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w, func(s core.Serving) responder.State {
		t.Helper()
		w.set(s)
		state, err := k.Apply(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
}

// A bug where the settings are read is told, and gone with the next reading.
func TestTheKeeperOutlivesABug(t *testing.T) {
	var said strings.Builder
	reads := 0
	settings := func(context.Context) (core.Serving, error) {
		if reads++; reads == 2 {
			panic("injected: a bug in the settings")
		}
		return core.Serving{On: true, Address: "127.0.0.1:0"}, nil
	}
	k := responder.NewKeeper(settings, memory.New(core.Node{UUID: core.NewUUID(), Name: "hub"}, time.Now),
		responder.Options{Log: slog.New(slog.NewTextHandler(&said, nil))}, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Serve(ctx) }()
	if s, err := k.Apply(ctx); err != nil || !core.IsKind(s.Err, core.Internal) {
		t.Errorf("with the bug: %+v, %v", s, err)
	}
	if s, err := k.Apply(ctx); err != nil || s.Err != nil || status(s.URL) != http.StatusUnauthorized {
		t.Errorf("after it: %+v, %v", s, err)
	}
	cancel()
	if err := <-ended; err != nil || !strings.Contains(said.String(), "injected: a bug in the settings") {
		t.Errorf("it ended with %v; the log says %q", err, said.String())
	}
}

// buggyAccounts has a bug where an account is looked up.
type buggyAccounts struct{ *memory.Store }

func (buggyAccounts) Account(context.Context, string) (core.Account, error) {
	panic("injected: a bug in a look-up")
}

// A bug in an answer is told, ends that answer, and is no whole one for the peer.
func TestABugInAnAnswerEndsOnlyThatAnswer(t *testing.T) {
	var said strings.Builder
	store := buggyAccounts{memory.New(core.Node{UUID: core.NewUUID(), Name: "hub"}, time.Now)}
	server := httptest.NewServer(responder.New(store, responder.Options{Log: slog.New(slog.NewTextHandler(&said, nil))}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/sync/sync.xml", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("somebody", "secret")
	if r, err := http.DefaultClient.Do(req); err == nil {
		_ = r.Body.Close()
		t.Errorf("it was answered: %s", r.Status)
	}
	if got := status(server.URL); got != http.StatusUnauthorized {
		t.Errorf("the next one: %d", got)
	}
	server.Close()
	if !strings.Contains(said.String(), "buggyAccounts") {
		t.Errorf("the log says %q", said.String())
	}
}

func status(url string) int {
	r, err := http.Get(url + "/sync/sync.xml?resource=org_office") //nolint:noctx // loopback
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	return r.StatusCode
}

func TestPeersAreAnsweredWhileItIsSwitchedOn(t *testing.T) {
	_, apply := startKeeper(t)
	if s := apply(core.Serving{Address: "127.0.0.1:0"}); s.On || s.URL != "" {
		t.Errorf("off: %+v", s)
	}
	on := apply(core.Serving{On: true, Address: "127.0.0.1:0"})
	if on.Err != nil || status(on.URL) != http.StatusUnauthorized {
		t.Fatalf("on: %+v, status %d", on, status(on.URL))
	}
	if again := apply(core.Serving{On: true, Address: "127.0.0.1:0"}); again.URL != on.URL {
		t.Errorf("nothing changed, but it moved from %s to %s", on.URL, again.URL)
	}
	network := apply(core.Serving{On: true, Address: ":0", Hosts: []string{"hub.example.org"}})
	if network.Err != nil || !strings.HasPrefix(network.URL, "https://hub.example.org:") || len(network.Fingerprint) != 95 {
		t.Errorf("over a network: %+v", network)
	}
	if status(on.URL) != 0 {
		t.Error("the old place still answers")
	}
	if off := apply(core.Serving{Address: ":0"}); off.On || off.URL != "" {
		t.Errorf("off again: %+v", off)
	}
}

func TestAPlaceThatIsTakenIsSaidAndTriedAgain(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, apply := startKeeper(t)
	want := core.Serving{On: true, Address: taken.Addr().String()}
	if s := apply(want); s.URL != "" || s.Err == nil || !strings.Contains(core.AsProblem(s.Err).Message(), "cannot listen") {
		t.Errorf("taken: %+v", s)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if s := apply(want); s.Err != nil || status(s.URL) != http.StatusUnauthorized {
		t.Errorf("free: %+v", s)
	}
}
