package app

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// A laptop is a data folder with the real commands over it, and a server in trouble.
type laptop struct {
	t     *testing.T
	dir   string
	hq    *edentest.Server
	world surroundings
	free  uint64 // bytes on the disk

	out, err string // of the last command
}

// newLaptop has exchanged three offices with HQ, and has an edit that is not sent yet.
func newLaptop(t *testing.T) *laptop {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring: it is the developer's own
	t.Setenv("FIELDSYNC_PASSWORD", edentest.Password)
	l := &laptop{t: t, dir: t.TempDir(), hq: edentest.New(t), free: 1 << 40}
	l.world = surroundings{
		free: func(string) (uint64, error) { return l.free, nil },
		peers: eden.Options{Connect: 5 * time.Second, Answer: 2 * time.Second, Idle: 500 * time.Millisecond, Small: 2 * time.Second,
			RetryWait: time.Millisecond, RetryMax: 10 * time.Millisecond},
	}
	l.hq.Put(anOffice(1), anOffice(2), anOffice(3))
	l.must("repository", "add", "HQ", l.hq.URL, "--username", edentest.User, "--proxy", "none")
	l.must("resource", "add", "HQ", "org_office")
	l.must("sync")
	l.must("records", "set", "org_office", anOffice(1).UUID, "phone=mine")
	return l
}

func anOffice(n int) core.Record {
	r := core.Record{Resource: "org_office", UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n)}
	r.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("Office %d", n))})
	r.Set(core.Field{Name: "phone", Value: core.Text("1")})
	return r
}

// run carries out one command line and returns its exit code.
func (l *laptop) run(args ...string) int {
	l.t.Helper()
	a := commands()
	var node *cli.Node
	open := func(ctx context.Context, dir string) (n *cli.Node, err error) {
		node, err = l.world.open(ctx, dir)
		return node, err
	}
	a.Data, a.Open, a.Window, a.Hidden = l.dir, open, nil, nil
	var out, errs bytes.Buffer
	code := cli.Run(context.Background(), a, args, cli.IO{In: strings.NewReader(""), Out: &out, Err: &errs})
	if node != nil {
		_ = node.Close() // the last that a command does is to log its trouble, and Windows removes no file that is open
	}
	l.out, l.err = out.String(), errs.String()
	return code
}

func (l *laptop) must(args ...string) {
	l.t.Helper()
	if code := l.run(args...); code != 0 {
		l.t.Fatalf("%v: exit code %d\n%s%s", args, code, l.out, l.err)
	}
}

// state is everything that a failed sync must leave as it is: the records with their stamps, what is set aside, questions, and how
// far each table has got.
func (l *laptop) state() string {
	l.t.Helper()
	var all strings.Builder
	for _, args := range [][]string{{"export", "org_office"}, {"export", "org_organisation", "--format", "xml"}, {"records", "list", "--json"}, {"quarantine", "list", "--json"},
		{"conflicts", "list", "--json"}, {"resource", "list", "HQ", "--json"}, {"records", "list", "org_office", "--unsent", "--json"}} {
		if args[0] == "export" && len(args) == 2 {
			args = append(args, "--format", "xml")
		}
		l.must(args...)
		all.WriteString(l.out)
	}
	return all.String()
}

// told checks that the last command said what happened, whether the data is safe and what to do, in the catalogue's words.
func (l *laptop) told(kind core.Trouble, words string) {
	l.t.Helper()
	p := &core.Problem{Kind: kind, Subject: "HQ"}
	if !strings.Contains(l.err, words) {
		l.t.Errorf("what happened is not said: want %q in\n%s", words, l.err)
	}
	for what, sentence := range map[string]string{"whether the data is safe": p.Safe(), "what to do": p.TerminalHint()} {
		if sentence == "" || !strings.Contains(l.err, sentence) {
			l.t.Errorf("%s is not said: want %q in\n%s", what, sentence, l.err)
		}
	}
	for _, foreign := range []string{"dial tcp", "sqlite", "goroutine", "core.", "<nil>", "%!"} {
		if strings.Contains(l.err, foreign) {
			l.t.Errorf("a person is told %q:\n%s", foreign, l.err)
		}
	}
}

// office is a document with one office whose content is as given.
func officeDocument(inside string) string {
	return `<?xml version='1.0' encoding='utf-8'?><s3xml success="true" results="1"><resource name="org_office" uuid="urn:uuid:bad" mci="1" modified_on="2030-01-01T00:00:00">` + inside + `</resource></s3xml>`
}

// entities is a document whose text unfolds to a billion characters.
func entities() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE s3xml [<!ENTITY a0 "lol">`)
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	b.WriteString(`]>` + strings.SplitN(officeDocument(`<data field="name">&a9;</data>`), "?>", 2)[1])
	return b.String()
}

// answers lets each pull be answered with a document.
func answers(contentType string, body func() string) func(*laptop) {
	return func(l *laptop) { l.hq.InjectOn(edentest.Pulls, -1, edentest.Reply(200, contentType, body())) }
}

func injected(match func(*http.Request) bool, faults ...edentest.Fault) func(*laptop) {
	return func(l *laptop) { l.hq.InjectOn(match, -1, faults...) }
}

// TestWhatBadInputGets lets a sync meet each kind of trouble with the server, from the terminal: the sentence, the exit code, the
// cause in the log, and nothing lost and nothing half-written; when the trouble is over, the edit that waited arrives.
func TestWhatBadInputGets(t *testing.T) {
	text := func(s string) func() string { return func() string { return s } }
	for _, tt := range []struct {
		name    string
		trouble func(*laptop)
		kind    core.Trouble
		words   string
		code    int
		cause   string // somewhere in the log's details
	}{
		{"unreachable host", func(l *laptop) { l.elsewhere("http://127.0.0.1:1/eden") }, core.Unreachable, "HQ does not answer.", 1, "refused"},
		{"a host without a name", func(l *laptop) { l.elsewhere("http://no-such-host.invalid/eden") }, core.Unreachable, "HQ does not answer.", 1, "no-such-host"},
		{"wrong path", func(l *laptop) { l.elsewhere(l.hq.HTTP().URL + "/wrong") }, core.WrongPath, "but not under this path", 7, "404"},
		{"not an Eden", injected(nil, edentest.Reply(200, "text/xml", `<rss version="2.0"><channel/></rss>`)), core.NotEden, "What answers at the address of HQ is not a Sahana Eden server.", 7, "rss"},
		{"not an Eden: plain text", injected(nil, edentest.Reply(200, "text/plain", "It works!")), core.NotEden, "is not a Sahana Eden server", 7, ""},
		{"HTML instead of XML: a login page of the network", injected(nil, edentest.Portal()), core.Portal, "This network wants you to log in first.", 1, ""},
		{"HTML instead of XML: from an address that has worked before", answers("text/html", text("<html><body>Welcome</body></html>")), core.Portal, "This network wants you to log in first.", 1, "a web page"},
		{"truncated body", injected(edentest.Pulls, edentest.CutAfter(200)), core.Truncated, "The answer of HQ broke off.", 1, ""},
		{"a document that ends too soon", answers("text/xml", text(officeDocument(`<data field="name">Bad</data>`)[:180])), core.Truncated, "The answer of HQ broke off.", 1, ""},
		{"malformed XML", answers("text/xml", text(officeDocument(`<data field="name">Bad</name>`))), core.Malformed, "HQ sent something that cannot be read.", 7, "line 1"},
		{"control characters", answers("text/xml", text(officeDocument("<data field=\"name\">Bad \x01</data>"))), core.Malformed, "HQ sent something that cannot be read.", 7, "line 1"},
		{"DOCTYPE", answers("text/xml", text(`<!DOCTYPE s3xml SYSTEM "http://127.0.0.1:1/x.dtd">`+officeDocument(""))), core.Dangerous, "HQ sent something that is not safe to read.", 7, "DOCTYPE"},
		{"an entity bomb", answers("text/xml", entities), core.Dangerous, "HQ sent something that is not safe to read.", 7, "DOCTYPE"},
		{"a document nested without end", answers("text/xml", func() string { return officeDocument(strings.Repeat(`<resource name="a_b">`, 10000)) }), core.Dangerous, "not safe to read", 7, ""},
		{"100 MB in one field", answers("text/xml", func() string { return officeDocument(`<data field="name">` + strings.Repeat("x", 100<<20) + `</data>`) }),
			core.Dangerous, "HQ sent something that is not safe to read.", 7, "a text longer than"},
		{"unknown table", func(l *laptop) { l.hq.Unknown("org_office") }, core.UnknownResource, "HQ does not have these kinds of record, which this laptop asks for: org_office.", 7, "400"},
		{"wrong password", func(l *laptop) { l.hq.SetPassword("changed") }, core.Unauthorized, "HQ refused the user name or password.", 7, "401"},
		{"no rights", func(l *laptop) { l.hq.Forbid(true) }, core.Forbidden, "Your account at HQ may not do this.", 7, "403"},
		{"no right to write", func(l *laptop) { l.hq.WriteRight("org_office", false) }, core.NoWriteRight, "HQ takes no changes of these kinds of record from this laptop: org_office.", 7, "403"},
		{"not registered", injected(edentest.Pushes, edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "Registration required"}`)),
			core.NotRegistered, "HQ does not know this laptop yet.", 7, "Registration required"},
		{"not registered any more, or no right: a server that does not say which", func(l *laptop) { l.hq.Unregister(l.uuid()) }, core.NoWriteRight, "HQ takes no changes of these kinds of record from this laptop: org_office.", 7, "403"},
		{"5xx", injected(nil, edentest.Status(500)), core.ServerFault, "HQ reports an error of its own.", 1, "500"},
		{"busy", injected(nil, edentest.Busy(3600)), core.Busy, "HQ is busy.", 1, "503"},
		{"a peer that never answers", injected(edentest.Pulls, edentest.Delay(20*time.Second)), core.Timeout, "HQ takes too long to answer.", 1, ""},
		{"a peer that stops in the middle", injected(edentest.Pulls, edentest.StallAfter(100)), core.Timeout, "HQ takes too long to answer.", 1, ""},
		{"certificate problem", (*laptop).selfSigned, core.CertificateWrong, "The security certificate of HQ cannot be verified.", 7, "certificate"},
		{"proxy refusing", func(l *laptop) { l.proxy(http.StatusForbidden) }, core.ProxyWrong, "The proxy server refused the connection to HQ.", 7, ""},
		{"proxy that wants a login", func(l *laptop) { l.proxy(http.StatusProxyAuthRequired) }, core.ProxyWrong, "The proxy server refused the connection to HQ.", 7, "407"},
		{"disk full", func(l *laptop) { l.free = 1 << 20 }, core.DiskFull, "There is too little room on the disk.", 1, "1 MiB are free"},
		{"no password", (*laptop).forgetPassword, core.NoPassword, "There is no password for HQ.", 7, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			tt.trouble(l)
			before := l.state()
			if code := l.run("sync"); code != tt.code {
				t.Errorf("exit code %d, want %d:\n%s%s", code, tt.code, l.out, l.err)
			}
			l.told(tt.kind, tt.words)
			if after := l.state(); after != before {
				t.Errorf("the store is not as it was:\n%s\nbefore\n%s", after, before)
			}
			if l.must("log", "--details"); !strings.Contains(l.out, tt.cause) {
				t.Errorf("the log does not tell the cause %q:\n%s", tt.cause, l.out)
			}
			l.recovers()
		})
	}
}

// recovers ends the trouble: the edit that waited arrives.
func (l *laptop) recovers() {
	l.t.Helper()
	l.hq.Heal()
	l.hq.SetPassword(edentest.Password)
	l.hq.Forbid(false)
	l.hq.WriteRight("org_office", true)
	l.hq.Register(l.uuid())
	l.free = 1 << 40
	l.t.Setenv("FIELDSYNC_PASSWORD", edentest.Password)
	l.must("repository", "edit", "HQ", "--url", l.hq.URL, "--proxy", "none", "--password-stdin=false")
	if l.t.Name() == "TestWhatBadInputGets/unknown_table" {
		return // it stays unknown
	}
	l.must("sync")
	got, ok := l.hq.Get(core.Link{Resource: "org_office", UUID: anOffice(1).UUID})
	if !ok || got.Value("phone").Str != "mine" {
		l.t.Errorf("the edit that waited did not arrive: %+v", got)
	}
}

func (l *laptop) uuid() string {
	l.t.Helper()
	l.must("status", "--json")
	_, rest, _ := strings.Cut(l.out, `"uuid": "`)
	uuid, _, _ := strings.Cut(rest, `"`)
	return uuid
}

func (l *laptop) elsewhere(url string) { l.must("repository", "edit", "HQ", "--url", url) }

// selfSigned puts a certificate that nobody vouches for in HQ's place.
func (l *laptop) selfSigned() {
	s := edentest.New(l.t, edentest.WithTLS())
	l.elsewhere(s.URL)
}

// proxy puts a proxy that answers with a status in between.
func (l *laptop) proxy(status int) {
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == http.StatusProxyAuthRequired {
			w.Header().Set("Proxy-Authenticate", `Basic realm="injected"`)
		}
		http.Error(w, "injected", status)
	}))
	l.t.Cleanup(p.Close)
	s := edentest.New(l.t, edentest.WithTLS())
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.HTTP().URL, "https://"))
	l.must("repository", "edit", "HQ", "--url", "https://hq.example.org:"+port+"/eden", "--proxy", p.URL)
}

func (l *laptop) forgetPassword() {
	if runtime.GOOS == "windows" {
		l.t.Skip("passwords lie in the keyring there")
	}
	if err := os.Remove(filepath.Join(l.dir, "secrets.age")); err != nil {
		l.t.Fatal(err)
	}
	l.t.Setenv("FIELDSYNC_PASSWORD", "")
}
