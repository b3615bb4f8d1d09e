package responder_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

// serve runs a responder on loopback until the returned function is called.
func serve(t *testing.T, store responder.Store, opts responder.Options) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- responder.New(store, opts).Serve(ctx, listener) }()
	return listener.Addr().String(), func() error {
		cancel()
		return <-ended
	}
}

func newStore(t *testing.T) *memory.Store {
	t.Helper()
	store := memory.New(core.Node{UUID: hub}, time.Now)
	store.SaveAccount(core.Account{Name: user, Hash: hashed()})
	store.Share("org_organisation")
	return store
}

func identityRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/eden/sync/sync.xml?resource=sync_config", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	return req
}

func TestASelfMadeCertificateProtectsTheConnection(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	made, err := responder.LoadOrMakeCertificate(certFile, keyFile, []string{"127.0.0.1", "laptop.local"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := responder.LoadOrMakeCertificate(certFile, keyFile, nil, time.Now())
	if err != nil || again.Fingerprint() != made.Fingerprint() || len(strings.Split(made.Fingerprint(), ":")) != 32 {
		t.Errorf("fingerprints %s and %s, %v", made.Fingerprint(), again.Fingerprint(), err)
	}
	if info, err := os.Stat(keyFile); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the key can be read by others: %v, %v", info.Mode(), err)
	}
	address, stop := serve(t, newStore(t), responder.Options{Certificate: again})
	pem, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	res, err := (&http.Client{Transport: transport}).Do(identityRequest(t, "https://"+address))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), hub) {
		t.Errorf("%s %s %v", res.Status, body, err)
	}
	_ = res.Body.Close()
	transport.CloseIdleConnections()
	if _, err := (&http.Client{}).Do(identityRequest(t, "https://"+address)); err == nil {
		t.Error("the certificate is trusted by those who do not know it")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestACertificateThatCannotBeReadIsAProblem(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := os.WriteFile(certFile, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := responder.LoadOrMakeCertificate(certFile, keyFile, nil, time.Now()); !core.IsKind(err, core.FileUnreadable) {
		t.Errorf("half a pair: %v", err)
	}
	if content, err := os.ReadFile(certFile); err != nil || string(content) != "no certificate" {
		t.Error("the file was overwritten")
	}
}

func TestPasswordsDoNotTravelInTheClear(t *testing.T) {
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = responder.New(newStore(t), responder.Options{}).Serve(t.Context(), listener)
	if !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("plain HTTP on all addresses: %v", err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

func TestARequestUnderWayIsFinishedAtTheEnd(t *testing.T) {
	store := newStore(t)
	if _, err := store.AddPeer(t.Context(), core.Repository{UUID: laptop, AcceptPush: true}); err != nil {
		t.Fatal(err)
	}
	address, stop := serve(t, store, responder.Options{})
	body, feed := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/eden/sync/sync.xml?"+toOrganisations, body)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	answered := make(chan string, 1)
	// The body is read only once the request is being served.
	req.Header.Set("Expect", "100-continue")
	transport := &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: time.Minute}
	go func() {
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer res.Body.Close()
		content, _ := io.ReadAll(res.Body)
		answered <- res.Status + string(content)
	}()
	content := document(org("urn:uuid:a", "A", "2026-01-01T00:00:00"))
	if _, err := io.WriteString(feed, content[:20]); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	if _, err := io.WriteString(feed, content[20:]); err != nil {
		t.Fatal(err)
	}
	_ = feed.Close()
	if got := <-answered; !strings.HasPrefix(got, "200") {
		t.Error(got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := len(store.Records("org_organisation")); got != 1 {
		t.Errorf("%d records are stored", got)
	}
}

func TestARequestThatDoesNotEndIsEnded(t *testing.T) {
	store := newStore(t)
	if _, err := store.AddPeer(t.Context(), core.Repository{UUID: laptop, AcceptPush: true}); err != nil {
		t.Fatal(err)
	}
	address, stop := serve(t, store, responder.Options{Grace: 50 * time.Millisecond})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	auth := identityRequest(t, "http://x").Header.Get("Authorization")
	_, err = io.WriteString(conn, "POST /eden/sync/sync.xml?"+toOrganisations+" HTTP/1.1\r\nHost: x\r\nAuthorization: "+auth+"\r\nContent-Length: 100\r\n\r\n<s3xml>")
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if len(store.Records("org_organisation")) != 0 {
		t.Error("half a document was stored")
	}
}

func TestHeadersBeyondReasonAreRefused(t *testing.T) {
	address, stop := serve(t, newStore(t), responder.Options{MaxHeader: 8 << 10})
	req := identityRequest(t, "http://"+address)
	req.Header.Set("X-Large", strings.Repeat("x", 64<<10))
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err == nil {
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s", res.Status)
		}
		_ = res.Body.Close()
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// slow takes its time before an export, and notices if it is called off.
type slow struct{ responder.Store }

func (s slow) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (int, error) {
	if len(q.UUIDs) == 0 {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
	return s.Store.Export(ctx, q, yield)
}

func TestASlowAnswerIsNotTakenForASlowCaller(t *testing.T) {
	store := newStore(t)
	if _, err := store.AddPeer(t.Context(), core.Repository{UUID: laptop, AllowPull: true}); err != nil {
		t.Fatal(err)
	}
	address, stop := serve(t, slow{store}, responder.Options{HeaderTimeout: 20 * time.Millisecond, ReadTimeout: 20 * time.Millisecond, WriteTimeout: 20 * time.Millisecond})
	req := identityRequest(t, "http://"+address)
	req.URL.RawQuery = toOrganisations
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s %s %v", res.Status, body, err)
	}
	_ = res.Body.Close()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestManyPeersAtOnceAreServed(t *testing.T) {
	store := newStore(t)
	const peers, rounds = 8, 5
	for i := range peers {
		if _, err := store.AddPeer(t.Context(), core.Repository{UUID: fmt.Sprintf("urn:uuid:peer%d", i), AllowPull: true, AcceptPush: true}); err != nil {
			t.Fatal(err)
		}
	}
	address, stop := serve(t, store, responder.Options{MaxConcurrent: 3, Rate: 1000, Burst: 1000})
	client := &http.Client{Transport: &http.Transport{}}
	ended := make(chan error, peers)
	for i := range peers {
		go func() { ended <- exchangeOften(t, client, address, i, rounds) }()
	}
	for range peers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := len(store.Records("org_organisation")); got != peers*rounds {
		t.Errorf("%d records are stored, want %d", got, peers*rounds)
	}
}

// exchangeOften pushes one record and pulls everything, several times.
func exchangeOften(t *testing.T, client *http.Client, address string, peer, rounds int) error {
	query := fmt.Sprintf("resource=org_organisation&repository=urn:uuid:peer%d", peer)
	for round := range rounds {
		for _, body := range []string{document(org(fmt.Sprintf("urn:uuid:%d-%d", peer, round), "N", "2026-01-01T00:00:00")), ""} {
			req := identityRequest(t, "http://"+address)
			req.URL.RawQuery = query
			if body != "" {
				req.Method, req.Body, req.ContentLength = http.MethodPost, io.NopCloser(strings.NewReader(body)), int64(len(body))
			}
			res, err := client.Do(req)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s %s %w", res.Status, content, err)
			}
		}
	}
	return nil
}
