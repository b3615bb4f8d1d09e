package eden

import (
	"bufio"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

// A forwarder is a small HTTP proxy with a login: it forwards plain requests and
// tunnels CONNECT.
type forwarder struct {
	*httptest.Server
	mu     sync.Mutex // guards seen
	seen   []string   // "GET http://…" or "CONNECT host:port"
	leaked []string   // Authorization headers in CONNECT
}

func newForwarder(t *testing.T, user, password string) *forwarder {
	f := &forwarder{}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != want {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.Host)
		if r.Method == http.MethodConnect && r.Header.Get("Authorization") != "" {
			f.leaked = append(f.leaked, r.Header.Get("Authorization"))
		}
		f.mu.Unlock()
		if r.Method == http.MethodConnect {
			tunnel(w, r.Host)
			return
		}
		forward(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *forwarder) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.seen...)
}

func forward(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.Header.Del("Proxy-Authorization")
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func tunnel(w http.ResponseWriter, target string) {
	there, err := net.Dial("tcp", target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = here.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
	join(here, buf.Reader, there)
}

// join copies both ways until one side ends.
func join(here net.Conn, fromHere io.Reader, there net.Conn) {
	go func() {
		_, _ = io.Copy(there, fromHere)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func TestAProxyWithLogin(t *testing.T) {
	for _, tt := range []struct {
		name     string
		tls      bool
		password core.Secret
		want     bool
	}{
		{"forwards plain requests", false, "secret", true},
		{"tunnels https", true, "secret", true},
		{"refuses plain requests with a wrong password", false, "wrong", false},
		{"refuses a tunnel with a wrong password", true, "wrong", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, repo := server(t, tt.tls)
			s.Put(office("urn:uuid:a", "A", 1))
			f := newForwarder(t, "ann", "secret")
			repo.Proxy = strings.Replace(f.URL, "http://", "http://ann@", 1)
			repo.ProxyPassword = tt.password
			_, err := pull(newPeer(t, repo, quick()), anOffice)
			if !tt.want {
				problem := wantKind(t, err, core.ProxyWrong)
				if strings.Contains(problem.Error(), "wrong"+"@") || strings.Contains(problem.Error(), ":wrong") {
					t.Errorf("the password is in %v", problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(f.log()) == 0 || len(f.leaked) > 0 {
				t.Errorf("the proxy saw %v, and of our account %v", f.log(), f.leaked)
			}
		})
	}
}

// server returns an Eden, with https if asked for, and a repository that trusts
// its certificate.
func server(t *testing.T, secure bool) (*edentest.Server, core.Repository) {
	t.Helper()
	if !secure {
		s := edentest.New(t)
		return s, s.Repository()
	}
	s := edentest.New(t, edentest.WithTLS())
	s.HTTP().Config.ErrorLog = log.New(io.Discard, "", 0)
	repo := s.Repository()
	repo.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.HTTP().Certificate().Raw})
	if err := os.WriteFile(repo.CAFile, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, repo
}

func TestTheRepositorysProxyComesBeforeTheNodes(t *testing.T) {
	for _, tt := range []struct{ repo, node, want string }{
		{"", "", ""},
		{"", "none", ""},
		{"", "http://p:1", "http://p:1"},
		{"", "system", "system"},
		{"none", "http://p:1", ""},
		{"http://q:2", "http://p:1", "http://q:2"},
		{"system", "http://p:1", "system"},
	} {
		if got := proxySetting(core.Repository{Proxy: tt.repo}, core.Node{Proxy: tt.node}); got != tt.want {
			t.Errorf("repository %q, node %q: %q, want %q", tt.repo, tt.node, got, tt.want)
		}
	}
}

func TestAProxyThatIsNotThereIsToBlame(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	_ = l.Close()
	for _, scheme := range []string{"http", "socks5"} {
		for _, secure := range []bool{false, true} {
			_, repo := server(t, secure)
			repo.Proxy = scheme + "://" + gone
			_, err := pull(newPeer(t, repo, quick()), anOffice)
			wantKind(t, err, core.ProxyWrong)
		}
	}
}

func TestAProxyThatCannotReachThePeerIsNot(t *testing.T) {
	f := newForwarder(t, "ann", "secret")
	repo := core.Repository{Name: "hub", URL: "https://127.0.0.1:1/eden", Proxy: strings.Replace(f.URL, "http://", "http://ann@", 1), ProxyPassword: "secret"}
	_, err := pull(newPeer(t, repo, quick()), anOffice)
	wantKind(t, err, core.Unreachable)
}

// newSocks is a SOCKS5 server with a login (RFC 1928, 1929), enough for CONNECT.
func newSocks(t *testing.T, user, password string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go socksServe(c, user, password)
		}
	}()
	return l.Addr().String()
}

func socksServe(c net.Conn, user, password string) {
	defer c.Close()
	r := bufio.NewReader(c)
	if greeting, ok := take(r, 2); !ok || !skip(r, int(greeting[1])) {
		return
	}
	_, _ = c.Write([]byte{5, 2})
	head, ok := take(r, 2)
	if !ok {
		return
	}
	name, ok1 := take(r, int(head[1]))
	size, ok2 := take(r, 1)
	if !ok1 || !ok2 {
		return
	}
	secret, ok := take(r, int(size[0]))
	if !ok || string(name) != user || string(secret) != password {
		_, _ = c.Write([]byte{1, 1})
		return
	}
	_, _ = c.Write([]byte{1, 0})
	req, ok := take(r, 4)
	if !ok || req[3] != 1 {
		return
	}
	ip, ok1 := take(r, 4)
	port, ok2 := take(r, 2)
	if !ok1 || !ok2 {
		return
	}
	there, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: ip, Port: int(port[0])<<8 | int(port[1])})
	if err != nil {
		_, _ = c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	join(c, r, there)
}

func take(r io.Reader, n int) ([]byte, bool) {
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err == nil
}

func skip(r io.Reader, n int) bool { _, ok := take(r, n); return ok }

func TestASOCKSProxy(t *testing.T) {
	s, repo := server(t, false)
	s.Put(office("urn:uuid:a", "A", 1))
	address := newSocks(t, "ann", "secret")
	repo.Proxy, repo.ProxyPassword = "socks5://ann@"+address, "secret"
	if got, err := pull(newPeer(t, repo, quick()), anOffice); err != nil || len(got.masters) != 1 {
		t.Errorf("%d records, %v", len(got.masters), err)
	}
	repo.ProxyPassword = "wrong"
	_, err := pull(newPeer(t, repo, quick()), anOffice)
	wantKind(t, err, core.ProxyWrong)
	repo.ProxyPassword, repo.URL = "secret", "http://127.0.0.1:1/eden"
	_, err = pull(newPeer(t, repo, quick()), anOffice)
	wantKind(t, err, core.Unreachable)
}

func TestCertificatesAreVerified(t *testing.T) {
	s, repo := server(t, true)
	if _, err := pull(newPeer(t, repo, quick()), anOffice); err != nil {
		t.Errorf("with the CA file: %v", err)
	}
	repo.CAFile = ""
	_, err := pull(newPeer(t, repo, quick()), anOffice)
	wantKind(t, err, core.CertificateWrong)
	for _, r := range s.Requests() {
		if r.Header.Get("Authorization") == "" {
			t.Error("a request came without login")
		}
	}
}

func TestTheLoginGoesOnlyToTheRepositorysOwnHost(t *testing.T) {
	var mu sync.Mutex
	var leaked []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		leaked = append(leaked, r.Header.Get("Authorization"))
		mu.Unlock()
		_, _ = w.Write([]byte("content"))
	}))
	t.Cleanup(elsewhere.Close)
	s, p := connect(t)
	s.InjectOn(edentest.Path("/moved"), -1, edentest.Redirect(elsewhere.URL+"/file"))
	s.InjectOn(edentest.Pulls, -1, edentest.Redirect(elsewhere.URL+"/login"))
	if _, err := fetched(p, elsewhere.URL+"/file", 100); err == nil {
		t.Error("an address of a document led to another host")
	}
	content, err := fetched(p, s.URL+"/moved/file", 100) // where the repository itself sends us, without the login
	if err != nil || string(content) != "content" {
		t.Errorf("%q, %v", content, err)
	}
	_, err = pull(p, anOffice)
	wantKind(t, err, core.Portal)
	if mu.Lock(); len(leaked) != 1 || leaked[0] != "" {
		t.Errorf("another host got %q", leaked)
	}
	mu.Unlock()
}

func TestHTTPSIsNeverLeft(t *testing.T) {
	plain := edentest.New(t)
	s, repo := server(t, true)
	s.Inject(-1, edentest.Redirect(plain.URL+"/file"))
	p := newPeer(t, repo, quick())
	_, err := fetched(p, s.URL+"/file", 100)
	wantKind(t, err, core.WrongPath)
	if len(plain.Requests()) != 0 {
		t.Error("the redirect from https to http was followed")
	}
}

func TestWhichHostIsTheRepositorysOwn(t *testing.T) {
	for _, tt := range []struct {
		base, other string
		want        bool
	}{
		{"https://hub.example.org/eden", "https://hub.example.org/x", true},
		{"https://hub.example.org/eden", "https://HUB.example.org:443/x", true},
		{"https://hub.example.org/eden", "http://hub.example.org/x", false},
		{"https://hub.example.org/eden", "https://hub.example.org:8443/x", false},
		{"https://hub.example.org/eden", "https://files.hub.example.org/x", false},
		{"http://hub.example.org/eden", "https://hub.example.org/x", true},
		{"http://hub.example.org:8000/eden", "https://hub.example.org/x", false},
	} {
		base, _ := url.Parse(tt.base)
		other, _ := url.Parse(tt.other)
		if got := sameHost(base, other); got != tt.want {
			t.Errorf("%s and %s: %v", tt.base, tt.other, got)
		}
	}
}

func TestHTTP2(t *testing.T) {
	protocol := make(chan string, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol <- r.Proto
		_, _ = w.Write([]byte(`<s3xml success="false" results="0"/>`))
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pull(newPeer(t, core.Repository{Name: "hub", URL: srv.URL, CAFile: file}, quick()), anOffice); err != nil {
		t.Fatal(err)
	}
	if got := <-protocol; got != "HTTP/2.0" {
		t.Errorf("spoke %s", got)
	}
}
