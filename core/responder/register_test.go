package responder_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

const registerPath = "/eden/sync/repository/register.json"

func TestRegistration(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string // of the body
	}{
		{"a new peer is registered", "POST", registerPath, `{"uuid": "urn:uuid:1", "name": "a", "apitype": "eden"}`, 200,
			`{"status": "success", "statuscode": "200", "message": "Registration successful", "sender": "` + hub + `"}`},
		{"PUT does the same", "PUT", registerPath, `{"uuid": "urn:uuid:1", "name": "a"}`, 200, "Registration successful"},
		{"a known peer is updated", "POST", registerPath, `{"uuid": "` + laptop + `", "name": "renamed"}`, 200,
			`{"status": "success", "statuscode": "200", "message": "Registration update successful", "sender": "` + hub + `"}`},
		{"the prefix may be left out", "POST", "/sync/repository/register.json", `{"uuid": "urn:uuid:1", "name": "a"}`, 200, "Registration successful"},
		{"without a uuid it fails with HTTP 200", "POST", registerPath, `{"name": "x"}`, 200,
			`{"status": "failed", "statuscode": "400", "message": "No repository identifier specified", "sender": "` + hub + `"}`},
		{"bad JSON is 400", "POST", registerPath, `{"uuid": `, 400, "Invalid parameters: "},
		{"an empty body is 400", "POST", registerPath, ``, 400, "Invalid parameters: "},
		{"a uuid with blanks is 400", "POST", registerPath, `{"uuid": "a b", "name": "x"}`, 400, "Invalid parameters: "},
		{"our own uuid is 400", "POST", registerPath, `{"uuid": "` + hub + `", "name": "x"}`, 400, "the repository you are calling"},
		{"the form before 2016 is a GET", "GET", "/eden/sync/repository/register.xml?repository=urn:uuid:1", "", 200,
			`{"status": "success", "statuscode": "200", "message": "Registration successful", "sender": "` + hub + `"}`},
		{"the old form without a uuid fails with HTTP 200", "GET", "/eden/sync/repository/register.xml", "", 200, "No repository identifier specified"},
		{"GET of the new form is 405", "GET", registerPath, "", 405, `"failed"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			r := s.do(tt.method, tt.path, tt.body, "Content-Type", "application/x-www-form-urlencoded")
			if r.StatusCode != tt.status || !strings.Contains(r.body, tt.want) {
				t.Errorf("%s %s, want %d with %s", r.Status, r.body, tt.status, tt.want)
			}
		})
	}
}

func TestANewPeerIsRegisteredButNotAccepted(t *testing.T) {
	s := newSite(t, nil)
	s.do(http.MethodPost, registerPath, `{"uuid": "`+laptop+`", "name": "  field\nlaptop 1 "}`)
	peer, err := s.store.PeerByUUID(t.Context(), laptop)
	if err != nil || peer.AcceptPush || peer.AllowPull || peer.Name != "field laptop 1" {
		t.Fatalf("%+v, %v", peer, err)
	}
	if e := s.lastLog(); e.Mode != "register" || e.Direction != "incoming" || e.Result != core.ResultSuccess || e.Message != "Registration successful" || e.Resource != "none" {
		t.Errorf("logged %+v", e)
	}
	for name, r := range map[string]reply{
		"pull": s.get("/eden/sync/sync.xml?" + toOrganisations),
		"push": s.push(toOrganisations, document(org("urn:uuid:1", "A", "2026-01-01T00:00:00"))),
	} {
		if r.StatusCode != http.StatusForbidden || r.message(t).Message != core.AcceptanceRequired {
			t.Errorf("%s: %s %s", name, r.Status, r.body)
		}
		if e := s.lastLog(); e.Direction != "incoming" || e.Result != core.ResultFatal || e.Message != core.AcceptanceRequired {
			t.Errorf("%s logged %+v", name, e)
		}
	}
}

func TestRegisteringAgainKeepsWhatWasAccepted(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.do(http.MethodPost, registerPath, `{"uuid": "`+laptop+`", "name": "renamed"}`)
	if peer, err := s.store.PeerByUUID(t.Context(), laptop); err != nil || !peer.AcceptPush || !peer.AllowPull || peer.Name != "renamed" {
		t.Errorf("%+v, %v", peer, err)
	}
}

func TestTheIdentityIsToldWithoutRegistration(t *testing.T) {
	s := newSite(t, nil)
	root, recs := s.get("/eden/sync/sync.xml?resource=sync_config").rawRecords(t)
	if !strings.Contains(root, `uuid="`+hub+`"`) || !strings.Contains(root, `name="sync_config"`) || recs != 1 {
		t.Errorf("%d records in %s", recs, root)
	}
	if strings.Contains(root, "<data") {
		t.Errorf("more than the identity: %s", root)
	}
}

// rawRecords returns the text and the number of its elements: a decoder drops
// private tables.
func (r reply) rawRecords(t *testing.T) (string, int) {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Fatal(r.Status, r.body)
	}
	return r.body, strings.Count(r.body, "<resource ")
}

// An endingStore is one in which a run with a peer ends whenever the peer was looked up.
type endingStore struct {
	*memory.Store
	runs *int64
}

func (s endingStore) PeerByUUID(ctx context.Context, uuid string) (core.Repository, error) {
	peer, err := s.Store.PeerByUUID(ctx, uuid)
	if err == nil {
		*s.runs++
		ended := peer
		ended.ClockOffset = *s.runs
		err = s.SaveRepository(ctx, ended)
	}
	return peer, err
}

// Who calls us may be called by us, too. That a run with it ended is not undone by noting that it called.
func TestACallUndoesNothingThatARunLearns(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	runs := int64(0)
	s.http.Config.Handler = responder.New(endingStore{s.store, &runs}, responder.Options{Now: s.clock.Now, Welcome: true})
	for _, call := range []func(){
		func() { s.get(pullOrganisations).records(t) },
		func() { s.do("POST", registerPath, `{"uuid": "`+laptop+`", "name": "laptop"}`) },
	} {
		s.clock.pass(time.Minute)
		call()
		now, err := s.store.PeerByUUID(t.Context(), laptop)
		if err != nil || now.ClockOffset != runs || runs == 0 || now.LastConnected != core.MTimeOf(s.clock.Now()) {
			t.Errorf("after the call and %d runs it is %+v, %v", runs, now, err)
		}
	}
}
