package responder_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core/responder"
)

func TestSurprisingRequests(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	for _, tt := range []struct {
		name, method, path string
		want               int
	}{
		{"HEAD", "HEAD", "/eden/sync/sync.xml?" + toOrganisations, 405},
		{"OPTIONS", "OPTIONS", "/eden/org/organisation.xml", 405},
		{"DELETE", "DELETE", "/eden/sync/sync.xml?" + toOrganisations, 405},
		{"PATCH", "PATCH", "/eden/sync/sync.xml?" + toOrganisations, 405},
		{"POST to the plain export", "POST", "/eden/org/organisation.xml", 405},
		{"the root", "GET", "/", 404},
		{"an unknown path", "GET", "/eden/sync/nothing/here/at/all.xml", 404},
		{"another extension", "GET", "/eden/sync/sync.json?" + toOrganisations, 404},
		{"a way up", "GET", "/eden/org/..%2f..%2fetc%2fpasswd", 404},
		{"a way up, plain", "GET", "/eden/default/download/..", 404},
		{"an unknown page of a resource", "GET", "/eden/org/organisation/create.xml", 404},
		{"a private table's export", "GET", "/eden/auth/user.xml?repository=" + laptop, 400},
		{"a private table's form", "GET", "/eden/auth/user/mform.json?repository=" + laptop, 400},
		{"a table that is not shared", "GET", "/eden/pr/person.xml?repository=" + laptop, 400},
		{"a broken name", "GET", "/eden/org/x;drop.xml?repository=" + laptop, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := s.do(tt.method, tt.path, "")
			if r.StatusCode != tt.want {
				t.Errorf("%s %s: %s %s, want %d", tt.method, tt.path, r.Status, r.body, tt.want)
			}
			if tt.want == 405 && r.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestOneAddressMayNotAskTooOften(t *testing.T) {
	s := newSite(t, func(o *responder.Options) { o.Rate, o.Burst = 0.5, 3 })
	for i := range 3 {
		if r := s.get("/eden/sync/sync.xml?resource=sync_config"); r.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %s", i+1, r.Status)
		}
	}
	if r := s.get("/eden/sync/sync.xml?resource=sync_config"); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "2" {
		t.Errorf("%s, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
	}
	s.clock.pass(2 * time.Second)
	if r := s.get("/eden/sync/sync.xml?resource=sync_config"); r.StatusCode != http.StatusOK {
		t.Errorf("after the wait: %s", r.Status)
	}
}

func TestTheFormsOfSharedTablesAreTold(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.edit(organisation("urn:uuid:1", "A", "2026-01-01T00:00:00"))
	r := s.get("/eden/org/organisation/mform.json?repository=" + laptop)
	if r.StatusCode != http.StatusOK || !strings.Contains(r.body, `"form":["name"]`) || !strings.Contains(r.body, `"controller":"org","function":"organisation"`) {
		t.Errorf("%s %s", r.Status, r.body)
	}
	r = s.get("/eden/org/organisation/fields.xml") // the peer is known by its account now
	if r.StatusCode != http.StatusOK || !strings.Contains(r.body, `<field name="name" type="string" readable="True" writable="True" has_options="False">`) {
		t.Errorf("%s %s", r.Status, r.body)
	}
	if r := s.get("/eden/org/office/mform.json?repository=" + laptop); r.StatusCode != http.StatusNotFound {
		t.Errorf("a table without records and schema: %s", r.Status)
	}
}
