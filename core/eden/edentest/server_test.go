package edentest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// client is the uuid of the recorded foreign client.
const client = "urn:uuid:11111111-2222-4333-8444-555555555555"

// The fake is held to the recordings: the same request, byte for byte, must get
// the same status and, for messages, the same outcome.
func TestRecordedRequestsGetTheRecordedAnswers(t *testing.T) {
	corpus := Corpus(t)
	for scenario, skip := range map[string]map[int]string{
		"30-client-register":           {3: "an account without rights", 16: "apitype is not kept", 17: "apitype is not kept"},
		"35-client-push-content-types": {},
		"36-client-push-basics":        {4: "records of another scenario", 27: "validators", 10: "records without uuid", 11: "records without uuid"},
		"37-client-push-errors": {4: "an account without rights", 10: "another root element", 11: "entities are refused here", 18: "validators", 19: "validators",
			20: "validators", 21: "validators", 22: "validators", 23: "validators", 25: "validators", 29: "validators", 30: "accounts"},
		"48-client-transfer-encodings": {1: "was stored without its chunks", 8: "sessions", 9: "sessions", 10: "sessions"},
	} {
		s := New(t, WithUser("admin@example.com", "testing"))
		s.Register(client)
		s.Unknown("org_nosuch")
		for _, e := range Scenario(t, filepath.Join(corpus, scenario)) {
			if reason := skip[e.N]; reason != "" {
				if strings.HasPrefix(reason, "records") { // others go on from there
					resend(t, s, e)
				}
				continue
			}
			t.Run(fmt.Sprintf("%s/%02d %s", scenario, e.N, e.Note), func(t *testing.T) {
				status, body := resend(t, s, e)
				if status != e.Status {
					t.Errorf("status %d, recorded %d: %s", status, e.Status, body)
				}
				if want, ok := outcome(e.Response); ok {
					if got, _ := outcome(body); got != want {
						t.Errorf("outcome %+v, recorded %+v", got, want)
					}
				}
			})
		}
	}
}

// resend sends a recorded request without following redirects.
func resend(t *testing.T, s *Server, e Exchange) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), e.Request.Method, strings.TrimSuffix(s.URL, app)+e.Request.URL.RequestURI(), bytes.NewReader(e.Sent))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "Content-Type", "Content-Disposition", "Content-Encoding"} {
		if v := e.Request.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// A told is what a message says happened.
type told struct {
	Status, StatusCode        string
	Records                   int
	Created, Updated, Deleted int
	Tree                      bool
}

func outcome(body []byte) (told, bool) {
	var m struct {
		Status, StatusCode        string
		Records                   int
		Created, Updated, Deleted []int
		Tree                      json.RawMessage
	}
	if json.Unmarshal(body, &m) != nil {
		return told{}, false
	}
	return told{m.Status, m.StatusCode, m.Records, len(m.Created), len(m.Updated), len(m.Deleted), m.Tree != nil}, true
}

func TestAMasterRuleOnACopyOfACopyCrashesTheServer(t *testing.T) {
	s := New(t)
	s.Register(client)
	s.Task(core.Task{Resource: "org_office", Update: core.PolicyMaster, Strategy: core.StrategyAll})
	body := `<s3xml><resource name="org_office" uuid="urn:uuid:a" mci="2" modified_on="2026-03-01T12:00:00"><data field="name">A</data></resource></s3xml>`
	if resp := push(t, s, body); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("status = %d", resp.StatusCode)
	}
	if n := len(s.Records("org_office")); n != 0 {
		t.Errorf("%d records were kept", n)
	}
}

// What a record was merged into is imported first, wherever it stands in the document (spec
// eden-sync-protocol §11.2); if that fails, nothing is merged.
func TestARecordThatTakesAnothersPlaceIsImportedFirst(t *testing.T) {
	for name, takes := range map[string]bool{"it is taken": true, "it is refused": false} {
		t.Run(name, func(t *testing.T) {
			s := New(t)
			s.Register(client)
			merged := core.Link{Resource: "org_office", UUID: "urn:uuid:a"}
			s.Put(core.Record{Resource: merged.Resource, UUID: merged.UUID})
			if !takes {
				s.Require("org_office", "name")
			}
			field := map[bool]string{true: "name", false: "phone1"}[takes]
			body := `<s3xml><resource name="org_office" uuid="urn:uuid:a" deleted="True" replaced_by="urn:uuid:b" modified_on="2030-03-01T12:00:00"/>
<resource name="org_office" uuid="urn:uuid:b" mci="1" modified_on="2030-03-01T12:00:00"><data field="` + field + `">B</data></resource></s3xml>`
			push(t, s, body)
			rec, _ := s.Get(merged)
			if _, there := s.Get(core.Link{Resource: "org_office", UUID: "urn:uuid:b"}); there != takes || rec.Deleted != takes || rec.ReplacedBy == "urn:uuid:b" != takes {
				t.Errorf("the other one is there: %t, this one is %+v", there, rec)
			}
		})
	}
}

// push sends a document of offices as the client.
func push(t *testing.T, s *Server, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/sync/sync.xml?resource=org_office&repository="+client, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(User, Password)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}
