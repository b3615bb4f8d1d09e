package eden

import (
	"context"
	"net/http"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func TestARecordIsDeletedByItsOwnNumberOnly(t *testing.T) {
	for _, tt := range []struct{ url, id string }{
		{"http://127.0.0.1:8000/eden/pr/contact/87", "87"}, // corpus 49
		{"https://hub.example.org/pr/contact/1", "1"},
		{"http://hub/eden/pr/person/9/contact/87", ""}, // a number below its master
		{"http://hub/eden/pr/contact/87/", ""},
		{"http://hub/eden/pr/contact/-1", ""},
		{"http://hub/eden/pr/contact/87.xml", ""},
		{"http://hub/eden/org/office/87", ""},
		{"87", ""},
		{"", ""},
	} {
		if id, ok := localID(&core.Record{Resource: "pr_contact", URL: tt.url}); ok != (tt.id != "") || ok && id != tt.id {
			t.Errorf("%q: %q %v, want %q", tt.url, id, ok, tt.id)
		}
	}
}

func TestDeleteSaysWhatTheServerSaid(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office"})
	if err != nil {
		t.Fatal(err)
	}
	s.InjectOn(func(r *http.Request) bool { return r.Method == http.MethodDelete }, 1, edentest.Reply(http.StatusOK, "text/html", `{"status": "failed", "statuscode": "400", "message": "Integrity error"}`))
	err = p.Delete(context.Background(), &got.masters[0])
	wantKind(t, err, core.PeerRefused)
	if rec, _ := s.Get(got.masters[0].Link()); rec.Deleted {
		t.Error("deleted all the same")
	}
	if err := p.Delete(context.Background(), &got.masters[0]); err != nil {
		t.Error(err)
	}
	if rec, _ := s.Get(got.masters[0].Link()); !rec.Deleted {
		t.Error("not deleted")
	}
	wantKind(t, p.Delete(context.Background(), &got.masters[0]), core.WrongPath) // it is gone
}
