package responder_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

// planted is what no answer may ever hold.
const planted = "PLANTED-SECRET"

// FuzzServe sends anything at all to a responder: nothing makes it panic or fail
// by its own fault, and what is not shared never comes out.
func FuzzServe(f *testing.F) {
	body := `<s3xml><resource name="org_office" uuid="urn:uuid:a" modified_on="2026-03-01T12:00:00"><data field="name">A</data></resource></s3xml>`
	for _, s := range []struct{ method, target, kind, body string }{
		{"GET", "/eden/sync/sync.xml?resource=org_office&repository=" + laptop, "", ""},
		{"GET", "/eden/sync/sync.xml?resource=sync_config", "", ""},
		{"GET", "/eden/org/office/sync.xml?start=0&limit=10&msince=2026-01-01T00:00:00&include_deleted=True", "", ""},
		{"GET", "/eden/org/office.xml?~.name__like=A*&fields=None&maxdepth=0&show_urls=false", "", ""},
		{"GET", "/eden/sync/sync.xml?resource=auth_user", "", ""},
		{"GET", "/eden/org/office/mform.json", "", ""},
		{"POST", "/eden/sync/sync.xml?resource=org_office&update_policy=NEWER&repository=" + laptop, "application/x-www-form-urlencoded", body},
		{"POST", "/eden/sync/sync.xml?resource=auth_user&repository=" + laptop, "text/xml", strings.ReplaceAll(body, "org_office", "auth_user")},
		{"POST", "/eden/sync/repository/register.json", "application/json", `{"uuid":"` + laptop + `","name":"Laptop","apitype":"eden"}`},
		{"GET", "/eden/default/download/doc_document.file.x.pdf", "", ""},
		{"PUT", "/eden/../../sync/sync.xml?[org_office]office.name=A&[~]~.uuid__belongs=\"a,b\",c", "multipart/form-data; boundary=x", "--x\r\n\r\n--x--"},
	} {
		f.Add(s.method, s.target, s.kind, []byte(s.body))
	}
	now := newClock()
	hash := cheapHash(password)
	f.Fuzz(func(t *testing.T, method, target, kind string, body []byte) {
		store := memory.New(core.Node{UUID: hub, Name: "hub"}, now.Now)
		store.SaveAccount(core.Account{Name: user, Hash: hash})
		store.Share("org_office")
		hidden := core.Record{Resource: "pr_person", UUID: "urn:uuid:hidden", ModifiedOn: 1}
		hidden.Set(core.Field{Name: "first_name", Value: core.Text(planted)})
		office := core.Record{Resource: "org_office", UUID: "urn:uuid:office", ModifiedOn: 1}
		office.Set(core.Field{Name: "contact_id", Value: core.RefTo("pr_person", hidden.UUID)})
		if err := store.Fill(t.Context(), []core.Record{hidden, office}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.AddPeer(t.Context(), core.Repository{UUID: laptop, Name: "Laptop", AcceptPush: true, AllowPull: true}); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://hub.example.org"+target, strings.NewReader(string(body)))
		if err != nil || !strings.HasPrefix(target, "/") {
			return // net/http itself lets nothing of the kind through
		}
		req.RequestURI, req.RemoteAddr = req.URL.RequestURI(), "192.0.2.1:4711"
		req.Header.Set("Content-Type", kind)
		req.SetBasicAuth(user, password.Reveal())
		hung := time.AfterFunc(20*time.Second, func() { panic(fmt.Sprintf("no answer: %q %q %q %q", method, target, kind, body)) })
		defer hung.Stop()
		rec := httptest.NewRecorder()
		shared(store, now).ServeHTTP(rec, req)
		if rec.Code < 200 || rec.Code >= 500 && rec.Code != http.StatusServiceUnavailable && rec.Code != http.StatusNotImplemented {
			t.Errorf("%s %q is answered %d: %.300s", method, target, rec.Code, rec.Body)
		}
		if strings.Contains(rec.Body.String(), planted) || strings.Contains(rec.Body.String(), hash) {
			t.Errorf("%s %q brought what is not shared: %.300s", method, target, rec.Body)
		}
	})
}

// cheapHash hashes with the least that a hash can cost: every input logs in.
func cheapHash(password core.Secret) string {
	const salt = "saltsaltsaltsalt"
	b64 := base64.RawStdEncoding
	return "$argon2id$v=19$m=8,t=1,p=1$" + b64.EncodeToString([]byte(salt)) + "$" +
		b64.EncodeToString(argon2.IDKey([]byte(password.Reveal()), []byte(salt), 1, 8, 1, 32))
}

// shared answers from store.
func shared(store responder.Store, now *clock) *responder.Responder {
	return responder.New(store, responder.Options{Now: now.Now, Rate: 1e9, Burst: 1e9, MaxBody: 1 << 20})
}
