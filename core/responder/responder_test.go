package responder_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hub    = "urn:uuid:4ec1f815-73f5-49f0-86ed-babad1e2dd7d"
	laptop = "urn:uuid:11111111-2222-4333-8444-555555555555"
	user   = "admin@example.com"

	password core.Secret = "testing"
)

var hashed = sync.OnceValue(func() string {
	hash, err := responder.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// A clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// A site is a responder behind a test server, with its store.
type site struct {
	t     *testing.T
	store *memory.Store
	clock *clock
	http  *httptest.Server
}

func newSite(t *testing.T, change func(*responder.Options)) *site {
	t.Helper()
	s := &site{t: t, clock: newClock()}
	s.store = memory.New(core.Node{UUID: hub, Name: "hub"}, s.clock.Now)
	s.store.SaveAccount(core.Account{Name: user, Hash: hashed()})
	s.store.Share("org_organisation", "org_office", "gis_location")
	opts := responder.Options{Now: s.clock.Now}
	if change != nil {
		change(&opts)
	}
	s.http = httptest.NewServer(responder.New(s.store, opts))
	t.Cleanup(s.http.Close)
	return s
}

// restart puts a new responder before the same store.
func (s *site) restart() {
	s.http.Config.Handler = responder.New(s.store, responder.Options{Now: s.clock.Now})
}

// admit makes the laptop a registered and accepted peer.
func (s *site) admit() core.Repository {
	s.t.Helper()
	peer, err := s.store.AddPeer(s.t.Context(), core.Repository{UUID: laptop, Name: "laptop", AcceptPush: true, AllowPull: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return peer
}

// A reply is a response with its body read.
type reply struct {
	*http.Response
	body string
}

func (s *site) do(method, path, body string, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	res, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res, string(content)}
}

func (s *site) get(path string, headers ...string) reply {
	return s.do(http.MethodGet, path, "", headers...)
}

func (s *site) push(query, document string) reply {
	return s.do(http.MethodPost, "/eden/sync/sync.xml?"+query, document)
}

const toOrganisations = "resource=org_organisation&repository=" + laptop

// message reads a JSON answer.
func (r reply) message(t *testing.T) s3xml.Message {
	t.Helper()
	m, err := s3xml.ParseMessage(strings.NewReader(r.body))
	if err != nil {
		t.Fatalf("%s: %v in %q", r.Status, err, r.body)
	}
	return m
}

// records decodes an S3XML answer.
func (r reply) records(t *testing.T) (s3xml.Root, []core.Record) {
	t.Helper()
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Fatalf("%s %s: %s", r.Status, r.Header.Get("Content-Type"), r.body)
	}
	root, recs, err := decode(strings.NewReader(r.body))
	if err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return root, recs
}

func decode(r io.Reader) (s3xml.Root, []core.Record, error) {
	d := s3xml.NewDecoder(r, s3xml.Limits{})
	root, err := d.Root()
	if err != nil {
		return root, nil, err
	}
	var all []core.Record
	for {
		var rec core.Record
		err := d.Next(&rec)
		if errors.Is(err, io.EOF) {
			return root, all, nil
		}
		if err != nil {
			return root, all, err
		}
		all = append(all, rec)
	}
}

// stored returns our version of an organisation.
func (s *site) stored(uuid string) core.Record {
	s.t.Helper()
	rec, err := s.store.Record(s.t.Context(), core.Link{Resource: "org_organisation", UUID: uuid})
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

// title is the name of an organisation as it stands here.
func (s *site) title(uuid string) string {
	s.t.Helper()
	rec := s.stored(uuid)
	return rec.Title()
}

// edit stores a version as made here by a person.
func (s *site) edit(rec core.Record) {
	s.t.Helper()
	err := s.store.Import(s.t.Context(), func(tx intake.Tx) error {
		return tx.Put(context.Background(), &rec, core.Change{Rule: "edit", At: core.MTimeOf(s.clock.Now())})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func organisation(uuid, name, modified string) core.Record {
	m, err := core.ParseMTime(modified)
	if err != nil {
		panic(err)
	}
	rec := core.Record{Resource: "org_organisation", UUID: uuid, ModifiedOn: m, CreatedOn: m}
	rec.Set(core.Field{Name: "name", Value: core.Text(name)})
	return rec
}

// document wraps elements.
func document(elements ...string) string { return "<s3xml>" + strings.Join(elements, "") + "</s3xml>" }

// org is an organisation as an element.
func org(uuid, name, modified string) string {
	return `<resource name="org_organisation" uuid="` + uuid + `" mci="1" modified_on="` + modified + `"><data field="name">` + name + `</data></resource>`
}

func (s *site) lastLog() core.LogEntry {
	s.t.Helper()
	log := s.store.Log()
	if len(log) == 0 {
		s.t.Fatal("nothing was logged")
	}
	return log[len(log)-1]
}
