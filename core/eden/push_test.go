package eden

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func pushOf(recs ...core.Record) replicate.PushRequest {
	return replicate.PushRequest{Resource: recs[0].Resource, Records: recs, Strategy: core.StrategyAll, Update: core.PolicyNewer, Conflict: core.PolicyNewer}
}

func TestAPushIsLabelledSoThatEdenCanReadIt(t *testing.T) {
	s, p := connect(t)
	rec := office("urn:uuid:a", "A", 1)
	rec.MCI = 1
	if _, err := p.Push(context.Background(), pushOf(rec)); err != nil {
		t.Fatal(err)
	}
	got, ok := s.Get(rec.Link())
	if !ok || got.Value("name") != core.Text("A") || got.ModifiedOn != at(1) || got.MCI != 1 {
		t.Errorf("the server has %+v", got)
	}
	r := s.Requests()[0]
	if r.Method != http.MethodPost || r.Length <= 0 || r.Header.Get("Content-Type") != "text/xml" ||
		r.Header.Get("Content-Disposition") != `attachment; filename="sync.xml"` || r.Header.Get("Content-Encoding") != "" || r.Header.Get("Expect") != "" {
		t.Errorf("sent %d bytes with %v", r.Length, r.Header)
	}
	if want := "resource=org_office&repository=" + node.UUID + "&strategy=create,update,delete,merge&update_policy=NEWER&conflict_policy=NEWER"; r.RawQuery != want {
		t.Errorf("query = %s, want %s", r.RawQuery, want)
	}
}

func TestAPushAnswered500IsRepeatedOnceAsAForm(t *testing.T) {
	s, p := connect(t)
	s.InjectOn(func(r *http.Request) bool { return r.Header.Get("Content-Type") == "text/xml" }, -1, edentest.Status(500))
	if _, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1))); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if _, ok := s.Get(core.Link{Resource: "org_office", UUID: "urn:uuid:a"}); !ok {
		t.Error("the record did not arrive")
	}
}

func TestAPushIsNeverRepeatedWhenItsOutcomeIsUnknown(t *testing.T) {
	for name, fault := range map[string]edentest.Fault{"reset": edentest.Reset(), "reply lost": edentest.LoseReply(), "gateway": edentest.Status(502), "busy": edentest.Busy(0)} {
		t.Run(name, func(t *testing.T) {
			s, p := connect(t)
			s.InjectOn(edentest.Pushes, 1, fault)
			_, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1)))
			if err == nil {
				t.Fatal("no error")
			}
			if !core.AsProblem(err).Retryable() {
				t.Errorf("%v is not to be tried later", err)
			}
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestRecordsRefusedByValidationAreNamed(t *testing.T) {
	s, p := connect(t)
	s.Reject(func(rec core.Record, field string) string {
		if field == "website" {
			return "Enter a valid URL"
		}
		if rec.Resource == "pr_contact" && field == "value" {
			return "Enter a valid email"
		}
		return ""
	})
	good, bad := office("urn:uuid:good", "Good", 1), office("urn:uuid:bad", "Bad", 1)
	bad.Set(core.Field{Name: "website", Value: core.Text("not a url")})
	reply, err := p.Push(context.Background(), pushOf(good, bad))
	if err != nil {
		t.Fatal(err)
	}
	if words := reply.Refused[bad.Link()]; !strings.Contains(words, "Enter a valid URL") || len(reply.Refused) != 1 {
		t.Errorf("refused = %v", reply.Refused)
	}
	if _, ok := s.Get(good.Link()); !ok {
		t.Error("the good record was not stored")
	}
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:c", ModifiedOn: at(1)}
	contact.Set(core.Field{Name: "value", Value: core.Text("no address")})
	person.Components = []core.Record{contact}
	if reply, err = p.Push(context.Background(), pushOf(person)); err != nil || reply.Refused[contact.Link()] == "" {
		t.Errorf("a refused component is not named: %v, %v", reply.Refused, err)
	}
}

func TestWhatAPolicyRefusesIsNotNamed(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "Theirs", 100))
	reply, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "Ours, older", 1)))
	if err != nil || len(reply.Refused) != 0 {
		t.Fatalf("%+v, %v", reply, err)
	}
	if got, _ := s.Get(core.Link{Resource: "org_office", UUID: "urn:uuid:a"}); got.Value("name") != core.Text("Theirs") {
		t.Error("NEWER was not applied: only reading back shows what was stored")
	}
}

func TestAnUnknownReferenceIsDroppedUnlessItsRecordComesAlong(t *testing.T) {
	s, p := connect(t)
	org := core.Record{Resource: "org_organisation", UUID: "urn:uuid:org", ModifiedOn: at(1)}
	org.Set(core.Field{Name: "name", Value: core.Text("Org")})
	rec := office("urn:uuid:a", "A", 1)
	rec.Set(core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", org.UUID)})
	reply, err := p.Push(context.Background(), pushOf(rec))
	if err != nil || len(reply.Refused) != 0 {
		t.Fatalf("%+v, %v", reply, err)
	}
	if got, _ := s.Get(rec.Link()); got.Value("organisation_id").Kind != core.Null {
		t.Error("the reference should have been lost without a word")
	}
	req := pushOf(rec)
	req.Related = []core.Record{org}
	if _, err := p.Push(context.Background(), req); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Get(rec.Link()); got.Value("organisation_id").Str != org.UUID {
		t.Errorf("organisation_id = %+v", got.Value("organisation_id"))
	}
}

func TestASuperKeyHoldsOnlyWithAStubInTheSameDocument(t *testing.T) {
	s, p := connect(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	s.Put(person)
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:c", ModifiedOn: at(1)}
	contact.Set(core.Field{Name: "value", Value: core.Text("ann@example.org")})
	contact.Set(core.Field{Name: "pe_id", Value: core.RefTo("pr_person", person.UUID)})
	for _, stub := range []bool{false, true} {
		contact.UUID = map[bool]string{false: "urn:uuid:c1", true: "urn:uuid:c2"}[stub]
		req := pushOf(contact)
		if stub {
			req.Related = []core.Record{{Resource: "pr_person", UUID: person.UUID, MCI: core.MCIUnknown}}
		}
		if _, err := p.Push(context.Background(), req); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(contact.Link()); !ok || !got.Master.IsZero() != stub {
			t.Errorf("with a stub %v: stored %v, belongs to %+v", stub, ok, got.Master)
		}
	}
	if got, _ := s.Get(person.Link()); got.ModifiedOn != at(1) || got.Value("first_name") != core.Text("Ann") {
		t.Errorf("the stub changed the person: %+v", got)
	}
}

func TestALookupRecordWithItsOwnUUIDMakesADuplicate(t *testing.T) {
	s, p := connect(t)
	sector := core.Record{Resource: "org_sector", UUID: "urn:uuid:theirs", ModifiedOn: at(1)}
	sector.Set(core.Field{Name: "name", Value: core.Text("Agriculture")})
	s.Put(sector)
	sector.UUID = "urn:uuid:ours"
	if _, err := p.Push(context.Background(), pushOf(sector)); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Records("org_sector")); n != 2 {
		t.Errorf("%d sectors, want the duplicate a real server makes", n)
	}
}

func TestADeletionIsStampedByTheServer(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	s.Clock.Set(at(5000).Time())
	gone := core.Record{Resource: "org_office", UUID: "urn:uuid:a", ModifiedOn: at(10), Deleted: true, MCI: 1}
	if _, err := p.Push(context.Background(), pushOf(gone)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Get(gone.Link()); !got.Deleted || got.ModifiedOn != at(5000) {
		t.Errorf("the server has %+v", got)
	}
}

func TestAFutureStampIsSentOnEveryPull(t *testing.T) {
	s, p := connect(t)
	rec := office("urn:uuid:a", "A", 0)
	rec.ModifiedOn = core.MTimeOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	if _, err := p.Push(context.Background(), pushOf(rec)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := pull(p, replicate.PullRequest{Resource: "org_office", Since: core.MTimeOf(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)), Limit: 10})
		if err != nil || len(got.masters) != 1 {
			t.Errorf("got %d records, %v", len(got.masters), err)
		}
	}
	if got, _ := s.Get(rec.Link()); got.ModifiedOn != rec.ModifiedOn {
		t.Errorf("modified_on = %s", got.ModifiedOn)
	}
}

func TestAStalePushMovesModifiedOnBackIfItCarriesAReference(t *testing.T) {
	s, p := connect(t)
	org := core.Record{Resource: "org_organisation", UUID: "urn:uuid:org", ModifiedOn: at(1)}
	org.Set(core.Field{Name: "name", Value: core.Text("Org")})
	s.Put(org, office("urn:uuid:a", "Theirs", 100))
	stale := office("urn:uuid:a", "Ours", 5)
	if _, err := p.Push(context.Background(), pushOf(stale)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Get(stale.Link()); got.ModifiedOn != at(100) {
		t.Errorf("without a reference modified_on became %s", got.ModifiedOn)
	}
	stale.Set(core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", org.UUID)})
	if _, err := p.Push(context.Background(), pushOf(stale)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Get(stale.Link()); got.ModifiedOn != at(5) || got.Value("name") != core.Text("Theirs") {
		t.Errorf("with a reference the server has %+v", got)
	}
}

func TestPoliciesTravelButOnlyTheOwnControllerHonoursThem(t *testing.T) {
	for _, tt := range []struct {
		name    string
		policy  core.Policy
		enforce bool
		newer   bool
		taken   bool
	}{
		// corpus 38, outcome.txt
		{"sync/sync: NEWER takes the newer", core.PolicyNewer, false, true, true},
		{"sync/sync: THIS is dropped, the newer is taken", core.PolicyThis, false, true, true},
		{"sync/sync: THIS is dropped, the older is not taken", core.PolicyThis, false, false, false},
		{"sync/sync: OTHER is dropped, the older is not taken", core.PolicyOther, false, false, false},
		{"direct: our THIS overwrites even the newer", core.PolicyThis, true, false, true},
		{"direct: our OTHER never overwrites", core.PolicyOther, true, true, false},
		{"direct: MASTER does not touch what was made there", core.PolicyMaster, true, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := connect(t)
			s.Put(office("urn:uuid:a", "Theirs", 50))
			ours := office("urn:uuid:a", "Ours", map[bool]int{true: 100, false: 10}[tt.newer])
			ours.MCI = 1
			req := pushOf(ours)
			req.Update, req.Conflict, req.Enforce = tt.policy, tt.policy, tt.enforce
			if _, err := p.Push(context.Background(), req); err != nil {
				t.Fatal(err)
			}
			got, _ := s.Get(ours.Link())
			if taken := got.Value("name") == core.Text("Ours"); taken != tt.taken {
				t.Errorf("taken = %v, want %v", taken, tt.taken)
			}
		})
	}
}

func TestEnforceFallsBackToSyncSync(t *testing.T) {
	s, p := connect(t)
	s.NoNative("org_office")
	req := pushOf(office("urn:uuid:a", "A", 1))
	req.Enforce = true
	if _, err := p.Push(context.Background(), req); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(core.Link{Resource: "org_office", UUID: "urn:uuid:a"}); !ok {
		t.Error("the record did not arrive")
	}
}

func TestRefusalsOfAPush(t *testing.T) {
	rec := office("urn:uuid:a", "A", 1)
	for _, tt := range []struct {
		name  string
		spoil func(*edentest.Server)
		want  core.Trouble
		calls int
	}{
		{"not registered", func(s *edentest.Server) { s.Unregister(node.UUID) }, core.NotRegistered, 2},
		{"not registered, in words", func(s *edentest.Server) {
			s.InjectOn(edentest.Pushes, 1, edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "Registration required"}`))
		}, core.NotRegistered, 1},
		{"not accepted", func(s *edentest.Server) {
			s.InjectOn(edentest.Pushes, 1, edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "This peer has not been accepted yet (not accepted)"}`))
		}, core.NotAccepted, 1},
		{"no right at all", func(s *edentest.Server) { s.Forbid(true) }, core.Forbidden, 2},
		{"wrong password", func(s *edentest.Server) { s.SetPassword("other") }, core.Unauthorized, 1},
		{"a bare 500 that hides a 403", func(s *edentest.Server) { s.Forbid(true); s.RoutesBug(time.Millisecond) }, core.Forbidden, 4},
		{"a bare 500 that hides a missing registration", func(s *edentest.Server) { s.Unregister(node.UUID); s.RoutesBug(time.Millisecond) }, core.NotRegistered, 4},
		{"a 400 that hides one", func(s *edentest.Server) { s.Unregister(node.UUID); s.RoutesBugOf2013(time.Millisecond) }, core.NotRegistered, 3},
		{"a bare 500 for anything else", func(s *edentest.Server) {
			s.InjectOn(edentest.Pushes, -1, edentest.Reply(500, "text/plain", "Server Error"))
		}, core.ServerFault, 3},
		{"a body that is incomplete", func(s *edentest.Server) {
			s.InjectOn(edentest.Pushes, 1, edentest.Reply(400, "text/html", "Bad Request - HTTP body is incomplete"))
		}, core.PeerRefused, 2},
		{"unknown table", func(s *edentest.Server) { s.Unknown("org_office") }, core.UnknownResource, 1},
		{"malformed for the peer", func(s *edentest.Server) {
			s.Inject(1, edentest.Reply(400, "application/json", `{"status": "failed", "statuscode": "400", "message": "XML Parse error: expected '>'"}`))
		}, core.PeerRefused, 1},
		{"200 that says failed", func(s *edentest.Server) {
			s.Inject(1, edentest.Reply(200, "text/html", `{"status": "failed", "statuscode": "400", "message": "Mixed resource synchronization not supported"}`))
		}, core.PeerRefused, 1},
		{"a login page", func(s *edentest.Server) { s.Inject(1, edentest.Portal()) }, core.Portal, 1},
		{"a redirect to a login page", func(s *edentest.Server) { s.Inject(1, edentest.PortalRedirect()) }, core.Portal, 1},
		{"an answer cut short", func(s *edentest.Server) { s.Inject(1, edentest.CutAfter(20)) }, core.Truncated, 1},
		{"no answer", func(s *edentest.Server) { s.Inject(1, edentest.Reset()) }, core.Unreachable, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := connect(t)
			tt.spoil(s)
			_, err := p.Push(context.Background(), pushOf(rec))
			wantKind(t, err, tt.want)
			if n := len(s.Requests()); n != tt.calls {
				t.Errorf("%d requests, want %d", n, tt.calls)
			}
		})
	}
}

func TestARegisteredLaptopRefusedWith403LacksTheRight(t *testing.T) {
	for name, answer := range map[string]func(*edentest.Server){
		"403":                      func(*edentest.Server) {},
		"a bare 500":               func(s *edentest.Server) { s.RoutesBug(0) },
		"400, of a web2py of 2013": func(s *edentest.Server) { s.RoutesBugOf2013(0) },
	} {
		t.Run(name, func(t *testing.T) {
			s, p := connect(t)
			if _, err := p.Register(context.Background(), node); err != nil {
				t.Fatal(err)
			}
			s.WriteRight("org_office", false)
			answer(s)
			_, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1)))
			wantKind(t, err, core.NoWriteRight)
		})
	}
}

func TestAccountTablesAreNeverPushed(t *testing.T) {
	s, p := connect(t)
	_, err := p.Push(context.Background(), pushOf(core.Record{Resource: "auth_user", UUID: "urn:uuid:u"}))
	wantKind(t, err, core.UnknownResource)
	if len(s.Requests()) != 0 {
		t.Error("something was sent")
	}
}

func TestAPushComesBackWithTheNextPull(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:theirs", "Theirs", 10))
	ours := office("urn:uuid:ours", "Ours", 20)
	ours.MCI = 1
	if _, err := p.Push(context.Background(), pushOf(ours)); err != nil {
		t.Fatal(err)
	}
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Since: at(11), Limit: 10})
	if err != nil || len(got.masters) != 1 || !core.SameContent(&got.masters[0], &ours) || got.masters[0].MCI != 2 {
		t.Errorf("the echo is %+v, %v", got.masters, err)
	}
}
