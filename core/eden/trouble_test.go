package eden

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var anOffice = replicate.PullRequest{Resource: "org_office"}

func TestEveryBadAnswerToAPullHasItsKind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults []edentest.Fault
		want   core.Trouble
	}{
		{"wrong path", []edentest.Fault{edentest.Status(404)}, core.WrongPath},
		{"unauthorized", []edentest.Fault{edentest.Status(401)}, core.Unauthorized},
		{"forbidden", []edentest.Fault{edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "FORBIDDEN"}`)}, core.Forbidden},
		{"forbidden, in web2py's words alone", []edentest.Fault{edentest.Reply(403, "text/html", "403 FORBIDDEN<!-- xxxxxxxxxx //-->")}, core.Forbidden},
		{"a firewall's page", []edentest.Fault{edentest.Reply(403, "text/html", "<!DOCTYPE html><html><title>Just a moment...</title></html>")}, core.Barred},
		{"a firewall's other page", []edentest.Fault{edentest.Reply(406, "text/html", "<html><h1>Not Acceptable</h1></html>")}, core.Barred},
		{"unknown table", []edentest.Fault{edentest.Reply(400, "application/json", `{"status": "failed", "statuscode": "400"}`)}, core.UnknownResource},
		{"server error", []edentest.Fault{edentest.Status(500)}, core.ServerFault},
		{"bad gateway", []edentest.Fault{edentest.Status(502)}, core.ServerFault},
		{"unavailable", []edentest.Fault{edentest.Status(503)}, core.ServerFault},
		{"unavailable for an hour", []edentest.Fault{edentest.Busy(3600)}, core.Busy},
		{"too many requests", []edentest.Fault{edentest.Status(429)}, core.Busy},
		{"network authentication required", []edentest.Fault{edentest.Status(511)}, core.Portal},
		{"a portal's page", []edentest.Fault{edentest.Portal()}, core.Portal},
		{"a portal's redirect", []edentest.Fault{edentest.PortalRedirect()}, core.Portal},
		{"a redirect to the server's own login", []edentest.Fault{edentest.Redirect("/eden/default/user/login?_next=x")}, core.Unauthorized},
		{"a redirect to another page of the server", []edentest.Fault{edentest.Redirect("/eden/sync/index")}, core.WrongPath},
		{"another web site", []edentest.Fault{edentest.Reply(200, "text/html", "<!DOCTYPE html><html><body>Welcome to our bakery</body></html>")}, core.NotEden},
		{"a web page of Eden's", []edentest.Fault{edentest.Reply(200, "text/html", `<html><meta name="application-name" content="eden" /><form><input type="password"></form></html>`)}, core.WrongPath},
		{"HTML labelled as XML", []edentest.Fault{edentest.Reply(200, "text/xml", "<html><body>bakery</body></html>")}, core.NotEden},
		{"plain text", []edentest.Fault{edentest.Reply(200, "text/plain", "It works!")}, core.NotEden},
		{"a news feed", []edentest.Fault{edentest.Reply(200, "text/xml", `<?xml version="1.0"?><rss version="2.0"><channel/></rss>`)}, core.NotEden},
		{"JSON of something else", []edentest.Fault{edentest.Reply(200, "application/json", `[1, 2`)}, core.NotEden},
		{"JSON of another service", []edentest.Fault{edentest.Reply(200, "application/json", `{"error": "no such route"}`)}, core.NotEden},
		{"a message that says failed", []edentest.Fault{edentest.Reply(200, "text/html", `{"status": "failed", "statuscode": "400", "message": "Mixed resource synchronization not supported"}`)}, core.PeerRefused},
		{"nothing at all", []edentest.Fault{edentest.Reply(200, "text/xml", "")}, core.Truncated},
		{"cut in the head of the document", []edentest.Fault{edentest.CutAfter(30)}, core.Truncated},
		{"cut within a record", []edentest.Fault{edentest.CutAfter(300)}, core.Truncated},
		{"a document that ends too early", []edentest.Fault{edentest.Reply(200, "text/xml", `<s3xml results="1"><resource name="org_office" uuid="u">`)}, core.Truncated},
		{"not well formed", []edentest.Fault{edentest.Reply(200, "text/xml", `<s3xml results="1"><resource name="org_office" uuid="u"></data></s3xml>`)}, core.Malformed},
		{"a DOCTYPE", []edentest.Fault{edentest.Reply(200, "text/xml", `<!DOCTYPE s3xml [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><s3xml>&b;</s3xml>`)}, core.Dangerous},
		{"too deep", []edentest.Fault{edentest.Reply(200, "text/xml", `<s3xml results="1">`+strings.Repeat(`<resource name="org_office" uuid="u">`, 60))}, core.Dangerous},
		{"an answer broken off before it began", []edentest.Fault{edentest.Reset()}, core.Unreachable},
		{"cut within a header", []edentest.Fault{edentest.Raw("HTTP/1.1 200 OK\r\nServer: Rocket\r\nConte")}, core.Unreachable},
		{"cut within the status", []edentest.Fault{edentest.Raw("HTTP/1.1 2")}, core.Unreachable},
		{"cut before the status", []edentest.Fault{edentest.Raw("HTTP/1.1")}, core.Unreachable},
		{"cut within the first word", []edentest.Fault{edentest.Raw("HTT")}, core.Unreachable},
		{"another protocol", []edentest.Fault{edentest.Raw("220 mail.example.org ESMTP\r\n")}, core.NotEden},
		{"a packed answer that is not packed", []edentest.Fault{header("Content-Encoding", "gzip"), edentest.Reply(200, "text/xml", `<s3xml success="false" results="0"/>`)}, core.Malformed},
		{"an answer packed with zstd that is not", []edentest.Fault{header("Content-Encoding", "zstd"), edentest.Reply(200, "text/xml", `<s3xml success="false" results="0"/>`)}, core.Malformed},
		{"a packing nobody asked for", []edentest.Fault{header("Content-Encoding", "br"), edentest.Reply(200, "text/xml", "xxx")}, core.Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := connect(t)
			s.Put(office("urn:uuid:a", "A", 1))
			s.Inject(-1, tt.faults...)
			got, err := pull(p, anOffice)
			wantKind(t, err, tt.want)
			if len(got.masters) > 0 {
				t.Errorf("records were handed over: %v", uuids(got.masters))
			}
			// Once the trouble is over, the same peer works.
			s.Heal()
			if got, err := pull(p, anOffice); err != nil || len(got.masters) != 1 {
				t.Errorf("afterwards: %d records, %v", len(got.masters), err)
			}
		})
	}
}

// header sets a header before the faults after it answer.
func header(name, value string) edentest.Fault { return edentest.Header(name, value) }

// Who has entered no password is not told that it was refused.
func TestAServerThatAsksForALoginRefusedNone(t *testing.T) {
	s := edentest.New(t)
	repo := s.Repository()
	for _, tt := range []struct {
		user, password string
		want           core.Trouble
	}{{"", "", core.NoPassword}, {repo.Username, "", core.NoPassword}, {repo.Username, "wrong", core.Unauthorized}} {
		repo.Username, repo.Password = tt.user, core.Secret(tt.password)
		if _, err := newPeer(t, repo, quick()).Probe(t.Context()); !core.IsKind(err, tt.want) {
			t.Errorf("%q with %q: %v", tt.user, tt.password, err)
		}
	}
}

func TestAMovedServerIsNamed(t *testing.T) {
	s, p := connect(t)
	s.Inject(1, edentest.RedirectHost("http://www.hub.example.org"))
	_, err := pull(p, anOffice)
	if problem := wantKind(t, err, core.WrongPath); !strings.Contains(problem.Message(), "http://www.hub.example.org/eden") {
		t.Errorf("message = %s", problem.Message())
	} else if said := problem.MessageIn(func(s string) string { return "a déménagé de %s à %s" }); !strings.Contains(said, "http://www.hub.example.org/eden") || strings.Contains(said, "moved") {
		t.Errorf("in another language: %s", said)
	}
}

func TestAPageAtAPlainAddressThatHasWorkedIsTheNetworks(t *testing.T) {
	s := edentest.New(t)
	repo := s.Repository()
	repo.LastConnected = at(1)
	s.Inject(1, edentest.Reply(200, "text/html", "<html><body>Please accept our terms</body></html>"))
	_, err := pull(newPeer(t, repo, quick()), anOffice)
	wantKind(t, err, core.Portal)
}

func TestNobodyThereIsUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String() + "/eden"
	_ = l.Close()
	for _, url := range []string{address, "http://name.invalid/eden"} {
		_, err = pull(newPeer(t, core.Repository{Name: "hub", URL: url}, quick()), anOffice)
		problem := wantKind(t, err, core.Unreachable)
		if strings.Contains(problem.Error(), node.UUID) {
			t.Errorf("the whole address is in the text: %v", problem)
		}
	}
}

func TestWhatDoesNotSpeakHTTPIsNotEden(t *testing.T) {
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
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("220 mail.example.org ESMTP\r\n\r\n"))
			_ = c.Close()
		}
	}()
	_, err = pull(newPeer(t, core.Repository{Name: "hub", URL: "http://" + l.Addr().String()}, quick()), anOffice)
	wantKind(t, err, core.NotEden)
	_, err = pull(newPeer(t, core.Repository{Name: "hub", URL: "https://" + l.Addr().String()}, quick()), anOffice)
	wantKind(t, err, core.NotEncrypted)
}

// An address that is entered without http:// is taken for one with https://.
func TestAServerWithoutEncryptionIsToldFromOneThatIsNoEden(t *testing.T) {
	s := edentest.New(t)
	address := strings.TrimPrefix(s.URL, "http://")
	_, err := pull(newPeer(t, core.Repository{Name: "hub", URL: "https://" + address}, quick()), anOffice)
	wantKind(t, err, core.NotEncrypted)
}

func TestASlowPeerEndsInTimeout(t *testing.T) {
	slow := quick()
	slow.Connect, slow.Answer, slow.Idle, slow.Small = 20*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond, 30*time.Millisecond
	for _, tt := range []struct {
		name  string
		fault edentest.Fault
		call  func(*Peer) error
	}{
		{"no answer to a pull", edentest.Delay(time.Minute), func(p *Peer) error { _, err := pull(p, anOffice); return err }},
		{"a reply that stops coming", edentest.StallAfter(300), func(p *Peer) error { _, err := pull(p, anOffice); return err }},
		{"no answer to a push", edentest.Delay(time.Minute), func(p *Peer) error {
			_, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1)))
			return err
		}},
		{"no answer to a registration", edentest.Delay(time.Minute), func(p *Peer) error { _, err := p.Register(context.Background(), node); return err }},
		{"no answer to a probe", edentest.Delay(time.Minute), func(p *Peer) error { _, err := p.Probe(context.Background()); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := edentest.New(t)
			s.Put(office("urn:uuid:a", "A", 1))
			s.Inject(-1, tt.fault)
			wantKind(t, tt.call(newPeer(t, s.Repository(), slow)), core.Timeout)
		})
	}
}

func TestAReceiverMayTakeItsTime(t *testing.T) {
	opts := quick()
	opts.Idle = 20 * time.Millisecond
	s := edentest.New(t)
	for i := range 200 {
		s.Put(office(core.NewUUID(), strings.Repeat("long ", 100), i))
	}
	n := 0
	_, err := newPeer(t, s.Repository(), opts).Pull(context.Background(), anOffice, func(*core.Record, bool, *replicate.BadRecord) error {
		if n++; n == 1 {
			<-time.After(40 * time.Millisecond) // the deadline must not run meanwhile
		}
		return nil
	})
	if err != nil || n != 200 {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestCancelEndsARequestAtOnce(t *testing.T) {
	for name, fault := range map[string]edentest.Fault{
		"before the answer": edentest.Delay(time.Minute), "in the middle of it": edentest.StallAfter(3000), "while waiting for a retry": edentest.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			opts := quick()
			opts.RetryWait, opts.RetryMax = time.Minute, time.Minute
			s := edentest.New(t)
			for i := range 100 {
				s.Put(office(core.NewUUID(), "Office", i))
			}
			s.Inject(-1, fault)
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(15*time.Millisecond, cancel)
			started := time.Now()
			_, err := pullWith(ctx, newPeer(t, s.Repository(), opts), anOffice)
			wantKind(t, err, core.Cancelled)
			if took := time.Since(started); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestACallersDeadlineIsATimeout(t *testing.T) {
	s, p := connect(t)
	s.Inject(-1, edentest.Delay(time.Minute))
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Millisecond)
	defer cancel()
	_, err := pullWith(ctx, p, anOffice)
	wantKind(t, err, core.Timeout)
}

// pack packs a document in one of the ways that are asked for.
func pack(t *testing.T, coding string, document io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	var z io.WriteCloser = gzip.NewWriter(&b)
	if coding == "zstd" {
		var err error
		if z, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(z, document); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packedPeer answers every request with the packed bytes.
func packedPeer(t *testing.T, coding string, packed []byte, opts Options) *Peer {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(packed)
	}))
	t.Cleanup(srv.Close)
	return newPeer(t, core.Repository{Name: "hub", URL: srv.URL}, opts)
}

func TestAPackedBombIsRefused(t *testing.T) {
	for _, coding := range []string{"gzip", "zstd"} {
		bomb := io.MultiReader(strings.NewReader(`<s3xml results="1"><resource name="org_office" uuid="u"><data field="name">`), bytes.NewReader(bytes.Repeat([]byte("A"), 4<<20)))
		opts := quick()
		opts.MaxReply = 1 << 20
		_, err := pull(packedPeer(t, coding, pack(t, coding, bomb), opts), anOffice)
		wantKind(t, err, core.Dangerous)
	}
}

// An answer that needs a hundred megabytes to be unpacked is none.
func TestAnAnswerThatRefersFarBackIsRefused(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(128<<20), zstd.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(`<s3xml results="1">`))
	_ = z.Flush()
	_, _ = z.Write([]byte(`</s3xml>`))
	_ = z.Close()
	_, err = pull(packedPeer(t, "zstd", b.Bytes(), quick()), anOffice)
	wantKind(t, err, core.Malformed)
}

// What breaks off is not taken for whole, and the reader that it leaves behind serves
// the next answer.
func TestAPackedAnswerThatBreaksOffIsTruncated(t *testing.T) {
	var document strings.Builder
	document.WriteString(`<s3xml results="500">`)
	for n := range 500 {
		fmt.Fprintf(&document, `<resource name="org_office" uuid="urn:uuid:%d"><data field="name">Office %d</data></resource>`, n, n*n*n)
	}
	document.WriteString(`</s3xml>`)
	for _, coding := range []string{"gzip", "zstd"} {
		packed := pack(t, coding, strings.NewReader(document.String()))
		for _, cut := range []int{len(packed) / 2, len(packed) - 5} {
			_, err := pull(packedPeer(t, coding, packed[:cut], quick()), anOffice)
			wantKind(t, err, core.Truncated)
		}
		got, err := pull(packedPeer(t, coding, packed, quick()), anOffice)
		if err != nil || len(got.masters) != 500 {
			t.Errorf("%s: %d records, %v", coding, len(got.masters), err)
		}
	}
}

func TestAnEndlessFieldIsRefused(t *testing.T) {
	s, p := connect(t)
	s.Inject(1, edentest.Reply(200, "text/xml", `<s3xml results="1"><resource name="org_office" uuid="u"><data field="name">`+strings.Repeat("A", 17<<20)))
	_, err := pull(p, anOffice)
	wantKind(t, err, core.Dangerous)
}

func TestARunOutOfAuthorityEndsAtOnce(t *testing.T) {
	s, p := connect(t)
	s.UnauthorizedAfter(2)
	for i := range 3 {
		_, err := pull(p, anOffice)
		if i < 2 && err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			wantKind(t, err, core.Unauthorized)
		}
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("%d requests: a refused password must not be tried again", n)
	}
}

func TestTheControllersRefusalOfThePasswordIsNoReasonToFallBack(t *testing.T) {
	s, p := connect(t)
	s.SetPassword("changed")
	_, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 10})
	wantKind(t, err, core.Unauthorized)
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestOurNameIsSentAndCookiesAreNotKept(t *testing.T) {
	s := edentest.New(t)
	opts := quick()
	opts.UserAgent = "Fieldsync/1.0"
	p := newPeer(t, s.Repository(), opts)
	for range 2 {
		if _, err := pull(p, anOffice); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.Requests() {
		if r.Header.Get("User-Agent") != "Fieldsync/1.0" || r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") == "" {
			t.Errorf("sent %v", r.Header)
		}
	}
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name string
		repo core.Repository
		want core.Trouble
	}{
		{"no address", core.Repository{}, core.InvalidSetting},
		{"a proxy of an unknown kind", core.Repository{URL: "http://hub", Proxy: "ftp://proxy"}, core.InvalidSetting},
		{"a proxy without host", core.Repository{URL: "http://hub", Proxy: "http://"}, core.InvalidSetting},
		{"a CA file that is not there", core.Repository{URL: "https://hub", CAFile: "no-such-file.pem"}, core.FileUnreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.repo, node, Options{})
			if !core.IsKind(err, tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
