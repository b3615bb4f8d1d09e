package responder_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

func TestAPushIsStoredAndAnswered(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	r := s.push(toOrganisations, document(org("urn:uuid:a", "Ärzte &amp; Co", "2026-01-01T00:00:00"), org("urn:uuid:b", "B", "2026-01-01T00:00:00")))
	m := r.message(t)
	if r.StatusCode != http.StatusOK || !m.OK() || m.StatusCode != "200" || m.Records != 2 || len(m.Created) != 2 || len(m.Tree) != 0 {
		t.Errorf("%s %s", r.Status, r.body)
	}
	rec := s.stored("urn:uuid:a")
	if rec.Value("name").Str != "Ärzte & Co" || rec.MCI != 1 || rec.ModifiedOn.String() != "2026-01-01T00:00:00" {
		t.Errorf("stored %+v", rec)
	}
	if e := s.lastLog(); e.Mode != "push" || e.Direction != "incoming" || e.Action != "receive" || e.Result != core.ResultSuccess || e.Message != "Data received from peer" || e.Resource != "org_organisation" || e.Run == "" {
		t.Errorf("logged %+v", e)
	}
	again := s.push(toOrganisations, document(org("urn:uuid:a", "Ärzte &amp; Co", "2026-01-01T00:00:00"))).message(t)
	if len(again.Created)+len(again.Updated)+len(again.Deleted)+len(again.Tree) != 0 || again.Records != 1 {
		t.Errorf("pushed again: %+v", again)
	}
	gone := s.push(toOrganisations, document(`<resource name="org_organisation" uuid="urn:uuid:a" deleted="True" modified_on="2026-01-02T00:00:00"/>`)).message(t)
	if len(gone.Deleted) != 1 || !s.stored("urn:uuid:a").Deleted {
		t.Errorf("deleted: %+v", gone)
	}
}

// A Fieldsync that asks for it is told which records stand here as it sent them:
// not what was kept of ours, and not what is here already in another form.
func TestWhatStandsAsItCameIsSealed(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	body := document(org("urn:uuid:a", "A", "2026-01-01T00:00:00"), org("urn:uuid:b", "B", "2026-01-02T00:00:00"))
	if m := s.push(toOrganisations, body).message(t); len(m.Seals) != 0 {
		t.Errorf("%d seals that nobody asked for", len(m.Seals))
	}
	seal := func(uuid string) core.Seal {
		rec := s.stored(uuid)
		return core.SealOf(rec.Link(), rec.Hash(), rec.ModifiedOn)
	}
	again := s.push(toOrganisations+"&seals=1", body).message(t)
	if want := []core.Seal{seal("urn:uuid:a"), seal("urn:uuid:b")}; !slices.Equal(again.Seals, want) {
		t.Errorf("sent again: %x, want %x", again.Seals, want)
	}
	m := s.push(toOrganisations+"&seals=1", document(
		org("urn:uuid:a", "too old", "2025-01-01T00:00:00"), org("urn:uuid:b", "newer", "2026-01-03T00:00:00"), org("urn:uuid:c", "C", "2026-01-01T00:00:00"),
		`<resource name="org_organisation" uuid="urn:uuid:d" modified_on="2026-01-01T00:00:00"><data field="name" value="&quot;D&quot;"/>`+
			`<resource name="org_office" uuid="urn:uuid:e" modified_on="2026-01-01T00:00:00"><data field="name" value="&quot;E&quot;"/></resource></resource>`)).message(t)
	want := []core.Seal{seal("urn:uuid:b"), seal("urn:uuid:c"), seal("urn:uuid:d")}
	for _, one := range want {
		if !slices.Contains(m.Seals, one) {
			t.Errorf("%x is missing in %x", one, m.Seals)
		}
	}
	if slices.Contains(m.Seals, seal("urn:uuid:a")) {
		t.Error("what was not taken over is sealed")
	}
	far := s.push(toOrganisations+"&seals=1", document(org("urn:uuid:b", "of next year", "2036-01-01T00:00:00"))).message(t)
	if len(far.Seals) != 0 {
		t.Errorf("a stamp that was not taken over is sealed: %x", far.Seals)
	}
}

func TestABodyIsReadHoweverItComes(t *testing.T) {
	content := document(org("urn:uuid:a", "A", "2026-01-01T00:00:00"))
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, _ = io.WriteString(gz, content)
	_ = gz.Close()
	var small bytes.Buffer
	z := packing.For(http.Header{"Accept-Encoding": {"zstd"}}).Pack(&small)
	_, _ = io.WriteString(z, content)
	_ = z.Close()
	form := func(field, file string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("comment", "not this one")
		part, _ := w.CreateFormFile(field, file)
		_, _ = io.WriteString(part, content)
		_ = w.Close()
		return b.String(), w.FormDataContentType()
	}
	named, namedType := form("file", "Push.XML")
	byField, byFieldType := form("push.xml", "blob")
	wrong, wrongType := form("file", "push.txt")
	for _, tt := range []struct {
		name, method, body string
		headers            []string
		want               int
	}{
		{"as Eden says it is", "POST", content, []string{"Content-Type", "application/x-www-form-urlencoded"}, 200},
		{"text/xml", "PUT", content, []string{"Content-Type", "text/xml"}, 200},
		{"as an attachment", "POST", content, []string{"Content-Type", "text/xml", "Content-Disposition", `attachment; filename="sync.xml"`}, 200},
		{"without a type", "POST", content, nil, 200},
		{"with a type that makes no sense", "POST", content, []string{"Content-Type", ";;;"}, 200},
		{"JSON by name", "POST", content, []string{"Content-Type", "application/json"}, 200},
		{"gzip", "POST", packed.String(), []string{"Content-Encoding", "gzip"}, 200},
		{"gzip by name only", "POST", content, []string{"Content-Encoding", "gzip"}, 400},
		{"zstd", "POST", small.String(), []string{"Content-Encoding", "zstd"}, 200},
		{"zstd by name only", "POST", content, []string{"Content-Encoding", "zstd"}, 400},
		{"zstd that breaks off", "POST", small.String()[:small.Len()-8], []string{"Content-Encoding", "zstd"}, 400},
		{"packed as nobody here knows", "POST", content, []string{"Content-Encoding", "br"}, 415},
		{"multipart with an .xml file", "POST", named, []string{"Content-Type", namedType}, 200},
		{"multipart with an .xml field", "POST", byField, []string{"Content-Type", byFieldType}, 200},
		{"multipart without .xml", "POST", wrong, []string{"Content-Type", wrongType}, 400},
		{"multipart that is none", "POST", content, []string{"Content-Type", "multipart/form-data; boundary=x"}, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			r := s.do(tt.method, "/eden/sync/sync.xml?"+toOrganisations, tt.body, tt.headers...)
			if r.StatusCode != tt.want {
				t.Fatalf("%s %s, want %d", r.Status, r.body, tt.want)
			}
			if r.Header.Get("Accept-Encoding") != packing.Accepted {
				t.Error("it does not say how a body may be packed")
			}
			if len(s.store.Records("org_organisation")) != map[bool]int{true: 1, false: 0}[tt.want == 200] {
				t.Errorf("%d records are stored", len(s.store.Records("org_organisation")))
			}
		})
	}
}

func TestAPushThatMayNotBeIsRefused(t *testing.T) {
	content := document(org("urn:uuid:a", "A", "2026-01-01T00:00:00"))
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + document(`<resource name="org_organisation" uuid="urn:uuid:a"><data field="name">&b;</data></resource>`)
	for _, tt := range []struct {
		name, query, body string
		status            int
		message           string
	}{
		{"an unknown repository", "resource=org_organisation&repository=urn:uuid:dead", content, 403, core.RegistrationRequired},
		{"no repository", "resource=org_organisation", content, 403, core.RegistrationRequired},
		{"no resource", "repository=" + laptop, content, 200, "Mixed resource synchronization not supported"},
		{"a table nobody shares", "resource=pr_person&repository=" + laptop, content, 400, "pr_person is not shared"},
		{"accounts", "resource=auth_user&repository=" + laptop, content, 400, "auth_user is not shared"},
		{"malformed XML", toOrganisations, content[:len(content)-12], 400, "XML Parse error: "},
		{"no XML", toOrganisations, "hello", 400, "XML Parse error: "},
		{"nothing", toOrganisations, "", 400, "XML Parse error: "},
		{"an entity bomb", toOrganisations, bomb, 400, "XML Parse error: "},
		{"a document within a record too deep", toOrganisations, strings.Repeat(`<resource name="org_organisation">`, 100), 400, "XML Parse error: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			r := s.push(tt.query, tt.body)
			m := r.message(t)
			if r.StatusCode != tt.status || m.OK() || !strings.Contains(m.Message, tt.message) {
				t.Errorf("%s %s, want %d with %q", r.Status, r.body, tt.status, tt.message)
			}
			if got := s.store.Records("org_organisation"); len(got) != 0 {
				t.Errorf("%d records were stored", len(got))
			}
			if tt.status == 400 {
				if e := s.lastLog(); e.Mode != "push" || e.Result != core.ResultFatal || e.Message == "" {
					t.Errorf("logged %+v", e)
				}
			}
		})
	}
}

func TestOfABrokenPageNothingIsAppliedAndWhatWasBeforeStays(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	var elements []string
	for i := range 2450 {
		elements = append(elements, org(fmt.Sprintf("urn:uuid:%d", i), "N", "2026-01-01T00:00:00"))
	}
	r := s.push(toOrganisations, "<s3xml>"+strings.Join(elements, "")+"<resource")
	if r.StatusCode != http.StatusBadRequest || !strings.Contains(r.message(t).Message, "the 2000 records before it were received") {
		t.Errorf("%s %s", r.Status, r.body)
	}
	if got := len(s.store.Records("org_organisation")); got != 2000 {
		t.Errorf("%d records are stored, want the two whole pages", got)
	}
}

func TestOneBadRecordIsSetAsideAndNamed(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	r := s.push(toOrganisations, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00"),
		`<resource name="org_organisation" uuid="urn:uuid:bad" modified_on="the day before"><data field="name">B</data></resource>`,
		org("urn:uuid:c", "C", "2026-01-01T00:00:00")))
	m := r.message(t)
	if r.StatusCode != 200 || !m.OK() || m.Records != 2 || len(m.Tree) != 1 || m.Tree[0].Link.UUID != "urn:uuid:bad" || m.Tree[0].Error == "" {
		t.Errorf("%s %s", r.Status, r.body)
	}
	if q := s.store.Quarantined(); len(q) != 1 || q[0].Outgoing || !strings.Contains(q[0].Content, "the day before") {
		t.Errorf("quarantined %+v", q)
	}
	if e := s.lastLog(); e.Result != core.ResultWarning || !e.Remote || !strings.Contains(e.Details, "urn:uuid:bad") {
		t.Errorf("logged %+v", e)
	}
}

func TestWhatIsNotSharedIsNamedAndWhatIsSharedComesAlong(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	m := s.push("resource=org_office&repository="+laptop, document(
		`<resource name="org_office" uuid="urn:uuid:o" modified_on="2026-01-01T00:00:00"><data field="name">O</data><reference field="organisation_id" resource="org_organisation" uuid="urn:uuid:a"/></resource>`,
		org("urn:uuid:a", "A", "2026-01-01T00:00:00"),
		`<resource name="pr_person" uuid="urn:uuid:p" modified_on="2026-01-01T00:00:00"><data field="first_name">P</data></resource>`,
		`<resource name="gis_location" uuid="urn:uuid:stub"/>`,
		`<resource name="auth_user" uuid="urn:uuid:u" modified_on="2026-01-01T00:00:00"><data field="password">sha512$x</data></resource>`,
	)).message(t)
	if len(m.Tree) != 1 || m.Tree[0].Link.UUID != "urn:uuid:p" || !strings.Contains(m.Tree[0].Error, "pr_person is not shared") || m.Records != 1 {
		t.Errorf("%+v", m)
	}
	if s.title("urn:uuid:a") != "A" {
		t.Error("the referenced record of a shared table is missing")
	}
	for _, l := range []core.Link{{Resource: "pr_person", UUID: "urn:uuid:p"}, {Resource: "gis_location", UUID: "urn:uuid:stub"}, {Resource: "auth_user", UUID: "urn:uuid:u"}} {
		if _, err := s.store.Record(t.Context(), l); err == nil {
			t.Errorf("%v was stored", l)
		}
	}
}

// policyCase is a push onto a record that is here.
type policyCase struct {
	name     string
	task     *core.Task
	query    string
	modified string // of what is pushed; ours is of June
	mci      string
	taken    bool
}

func TestPolicies(t *testing.T) {
	task := func(update core.Policy, strategy core.Strategy) *core.Task {
		task := core.NewTask(0, "org_organisation")
		task.Update, task.Strategy = update, strategy
		return &task
	}
	const older, newer = "2026-05-01T00:00:00", "2026-07-01T00:00:00"
	for _, tt := range []policyCase{
		{"without anything NEWER decides: newer", nil, "", newer, "1", true},
		{"without anything NEWER decides: older", nil, "", older, "1", false},
		{"without anything NEWER decides: same second", nil, "", "2026-06-01T00:00:00", "1", true},
		{"their THIS is our OTHER", nil, "&update_policy=THIS&conflict_policy=THIS", older, "1", true},
		{"their OTHER is our THIS", nil, "&update_policy=OTHER&conflict_policy=OTHER", newer, "1", false},
		{"their NEWER is ours", nil, "&update_policy=NEWER", older, "1", false},
		{"MASTER takes from the originator", nil, "&update_policy=MASTER", older, "1", true},
		{"MASTER refuses a copy", nil, "&update_policy=MASTER", newer, "2", false},
		{"an unknown policy is NEWER", nil, "&update_policy=SOMETIMES", newer, "1", true},
		{"a strategy without update updates nothing", nil, "&strategy=create,delete", newer, "1", false},
		{"a strategy of unknown words is all", nil, "&strategy=dance", newer, "1", true},
		{"our task goes before their policy: THIS", task(core.PolicyThis, core.StrategyAll), "&update_policy=THIS", newer, "1", false},
		{"our task goes before their policy: OTHER", task(core.PolicyOther, core.StrategyAll), "&update_policy=OTHER", older, "1", true},
		{"our task's strategy goes before theirs", task(core.PolicyOther, core.Strategy(core.MethodCreate)), "&strategy=create,update", newer, "1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			peer := s.admit()
			if tt.task != nil {
				tt.task.RepositoryID = peer.ID
				s.store.SaveTask(*tt.task)
			}
			ours := organisation("urn:uuid:a", "ours", "2026-06-01T00:00:00")
			ours.MCI = 1
			s.edit(ours)
			element := strings.Replace(org("urn:uuid:a", "theirs", tt.modified), `mci="1"`, `mci="`+tt.mci+`"`, 1)
			m := s.push(toOrganisations+tt.query, document(element)).message(t)
			if got := s.title("urn:uuid:a") == "theirs"; got != tt.taken {
				t.Errorf("taken: %v, want %v: %+v", got, tt.taken, m)
			}
			if named := len(m.Tree) == 1 && m.Tree[0].Link.UUID == "urn:uuid:a" && m.Tree[0].Error != ""; named == tt.taken {
				t.Errorf("taken: %v, named as refused: %v: %+v", tt.taken, named, m)
			}
		})
	}
}

// A task counts for its table's records that come nested below others, too.
func TestATaskCountsForTheComponentsOfItsTable(t *testing.T) {
	for _, update := range []core.Policy{core.PolicyThis, core.PolicyOther} {
		s := newSite(t, nil)
		task := core.NewTask(s.admit().ID, "org_office")
		task.Update = update
		s.store.SaveTask(task)
		nested := func(name, modified string) string {
			office := fmt.Sprintf(`<resource name="org_office" uuid="urn:uuid:o" mci="1" modified_on=%q><data field="name">%s</data></resource></resource>`, modified, name)
			return document(strings.TrimSuffix(org("urn:uuid:a", "A", modified), "</resource>") + office)
		}
		s.push(toOrganisations, nested("first", "2026-05-01T00:00:00"))
		s.push(toOrganisations, nested("second", "2026-07-01T00:00:00"))
		want := map[core.Policy]string{core.PolicyThis: "first", core.PolicyOther: "second"}[update]
		if got, err := s.store.Record(t.Context(), core.Link{Resource: "org_office", UUID: "urn:uuid:o"}); err != nil || got.Title() != want {
			t.Errorf("%s: the office is %q (%v), want %q", update, got.Title(), err, want)
		}
	}
}

func TestTheResourcesOwnControllerTakesPushesToo(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	r := s.do(http.MethodPost, "/eden/org/organisation/sync.xml?repository="+laptop, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00")))
	if r.StatusCode != 200 || s.title("urn:uuid:a") != "A" {
		t.Errorf("%s %s", r.Status, r.body)
	}
}

func TestAnEditOfWhatThePeerDidNotKnowIsAConflict(t *testing.T) {
	for _, tt := range []struct {
		name, policy string
		winner       string
		stands       string
	}{
		{"the newer one wins by default", "", "theirs", "theirs"},
		{"their THIS lets theirs win", "&conflict_policy=THIS", "theirs", "theirs"},
		{"their OTHER lets ours win", "&conflict_policy=OTHER", "ours", "ours"},
		{"their ASK asks there: ours stays until then", "&conflict_policy=ASK", "ours", "ours"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			base := organisation("urn:uuid:a", "base", "2026-01-01T00:00:00")
			s.edit(base)
			s.get(pullOrganisations).records(t)
			s.clock.pass(time.Hour)
			s.edit(organisation("urn:uuid:a", "ours", "2026-11-23T13:00:00"))
			hash := base.Hash()
			element := strings.Replace(org("urn:uuid:a", "theirs", "2026-11-23T14:00:00"), " mci=", fmt.Sprintf(" based_on=%q mci=", hash.String()), 1)
			s.clock.pass(2 * time.Hour)
			m := s.push(toOrganisations+tt.policy, document(element)).message(t)
			conflicts := s.store.Conflicts()
			if len(conflicts) != 1 || conflicts[0].Winner != tt.winner || conflicts[0].Ours.Title() != "ours" || conflicts[0].Theirs.Title() != "theirs" {
				t.Fatalf("conflicts %+v", conflicts)
			}
			if got := s.title("urn:uuid:a"); got != tt.stands {
				t.Errorf("%s stands, want %s", got, tt.stands)
			}
			if refused := len(m.Tree) == 1; refused != (tt.winner == "ours") {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestAnEditOfWhatThePeerWasGivenIsNoConflict(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.edit(organisation("urn:uuid:a", "base", "2026-01-01T00:00:00"))
	s.get(pullOrganisations).records(t)
	m := s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2026-11-23T11:00:00"))).message(t)
	if len(s.store.Conflicts()) != 0 || s.title("urn:uuid:a") != "theirs" || len(m.Updated) != 1 {
		t.Errorf("%+v, %+v", m, s.store.Conflicts())
	}
}

func TestRecordsWithoutAUsableUUIDAreNamedAndBlockNothing(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	m := s.push(toOrganisations, document(
		`<resource name="org_organisation" modified_on="2026-01-01T00:00:00"><data field="name">none</data></resource>`,
		org("two words", "blank", "2026-01-01T00:00:00"),
		`<resource name="org_organisation" uuid="urn:uuid:b" modified_on="2026-01-01T00:00:00"><resource name="pr_contact"><data field="value">x</data></resource></resource>`,
		org("urn:uuid:a", "A", "2026-01-01T00:00:00"))).message(t)
	if !m.OK() || m.Records != 1 || len(m.Tree) != 3 || s.title("urn:uuid:a") != "A" {
		t.Errorf("%+v", m)
	}
	if got := len(s.store.Quarantined()); got != 3 {
		t.Errorf("%d records were set aside", got)
	}
}

func TestLimitsOfABody(t *testing.T) {
	s := newSite(t, func(o *responder.Options) { o.MaxBody = 4096 })
	s.admit()
	large := document(org("urn:uuid:a", strings.Repeat("x", 10000), "2026-01-01T00:00:00"))
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, _ = io.WriteString(gz, large)
	_ = gz.Close()
	if r := s.push(toOrganisations, large); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %s %s", r.Status, r.body)
	}
	var smaller bytes.Buffer
	z := packing.For(http.Header{"Accept-Encoding": {"zstd"}}).Pack(&smaller)
	_, _ = io.WriteString(z, large)
	_ = z.Close()
	for coding, body := range map[string]string{"gzip": packed.String(), "zstd": smaller.String()} {
		if r := s.do(http.MethodPost, "/eden/sync/sync.xml?"+toOrganisations, body, "Content-Encoding", coding); r.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a body of %s that unpacks to a large one: %s %s", coding, r.Status, r.body)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+"/eden/sync/sync.xml?"+toOrganisations, io.MultiReader(strings.NewReader(large)))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body of unknown length: %s", res.Status)
	}
	if len(s.store.Records("org_organisation")) != 0 {
		t.Error("something of it was stored")
	}
}

func TestTroubleWithTheStoreIsNoSuccess(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	for _, tt := range []struct {
		err    error
		status int
	}{
		{&core.Problem{Kind: core.DiskFull}, http.StatusServiceUnavailable},
		{&core.Problem{Kind: core.StoreDamaged}, http.StatusInternalServerError},
		{io.ErrClosedPipe, http.StatusInternalServerError},
	} {
		s.http.Config.Handler = responder.New(refusing{s.store, tt.err}, responder.Options{Now: s.clock.Now})
		r := s.push(toOrganisations, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00")))
		if r.StatusCode != tt.status || r.message(t).OK() || strings.Contains(r.body, "closed pipe") {
			t.Errorf("%v: %s %s, want %d", tt.err, r.Status, r.body, tt.status)
		}
		if e := s.lastLog(); e.Result != core.ResultFatal || e.Mode != "push" {
			t.Errorf("logged %+v", e)
		}
	}
}

// refusing fails every import.
type refusing struct {
	responder.Store
	err error
}

func (r refusing) Import(context.Context, func(intake.Tx) error) error { return r.err }

func TestThePeersClockIsTakenIntoAccount(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.push(toOrganisations, document(`<resource name="org_organisation" uuid="urn:uuid:a"><data field="name">A</data></resource>`))
	if got := s.stored("urn:uuid:a").ModifiedOn; got != core.MTimeOf(s.clock.Now()) {
		t.Errorf("a record without stamp is of %v", got)
	}
	date := s.clock.Now().Add(time.Hour).Format(http.TimeFormat)
	s.do(http.MethodPost, "/eden/sync/sync.xml?"+toOrganisations, document(`<resource name="org_organisation" uuid="urn:uuid:b"><data field="name">B</data></resource>`), "Date", date)
	if got := s.stored("urn:uuid:b").ModifiedOn; got != core.MTimeOf(s.clock.Now().Add(time.Hour)) {
		t.Errorf("a record without stamp, of a peer an hour ahead, is of %v", got)
	}
}

func TestTheProgramLearnsWhatChanged(t *testing.T) {
	var bus event.Bus
	var changed []core.Resource
	cancel := bus.Subscribe(func(e event.Event) {
		if c, ok := e.(event.Changed); ok {
			changed = append(changed, c.Resource)
		}
	})
	defer cancel()
	s := newSite(t, func(o *responder.Options) { o.Events = &bus })
	s.admit()
	s.push(toOrganisations, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00")))
	s.push(toOrganisations, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00")))
	if len(changed) != 1 || changed[0] != "org_organisation" {
		t.Errorf("changed: %v", changed)
	}
}

func TestTheReplyIsReadByAnyClient(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.edit(organisation("urn:uuid:a", "ours", "2026-06-01T00:00:00"))
	r := s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2026-05-01T00:00:00")))
	if r.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(r.body, `{"status": "success", "statuscode": "200", "message": "1 of 1 records were not taken over`) ||
		!strings.Contains(r.body, `"tree": {"$_org_organisation": [{`) || !strings.Contains(r.body, `"@uuid": "urn:uuid:a"`) || !strings.Contains(r.body, `"@error": "Not taken over`) {
		t.Errorf("%s", r.body)
	}
	if m, err := s3xml.ParseMessage(strings.NewReader(r.body)); err != nil || m.Records != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestARecordThatWasNotTakenOverHasARowInTheLog(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.edit(organisation("urn:uuid:a", "ours", "2026-06-01T00:00:00"))
	s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2026-05-01T00:00:00"), org("urn:uuid:b", "B", "2026-05-01T00:00:00")))
	log := s.store.Log()
	single, whole := log[len(log)-2], log[len(log)-1]
	if l, ok := single.Record(); !ok || l.UUID != "urn:uuid:a" || single.Message != core.LogNotTaken || !strings.HasPrefix(single.Details, "Not taken over") {
		t.Errorf("the row of the record: %+v", single)
	}
	if _, ok := whole.Record(); ok || whole.Run != single.Run || whole.Counts == nil || whole.Counts.Received != 2 {
		t.Errorf("the row of the push: %+v", whole)
	}
}

// Scenarios 20 and 45: files come as addresses, which are kept and not fetched, or whole within the document.
func TestFilesWithinAPushLieBesideTheirRecord(t *testing.T) {
	s := newHub(t)
	element := func(uuid, address string) string {
		return `<resource name="doc_document" uuid="` + uuid + `" modified_on="2026-11-01T00:00:00"><data field="name">D</data><data field="file" url="` + address + `" filename="report.txt"/></resource>`
	}
	m := s.push("resource=doc_document&repository="+laptop, document(
		element("urn:uuid:inline", "data:text/plain;base64,dGhlIHJlcG9ydA=="), element("urn:uuid:plain", "data:,the%20report"),
		element("urn:uuid:there", "http://127.0.0.1:1/eden/default/download/x.txt"), element("urn:uuid:broken", "data:text/plain;base64,***"))).message(t)
	if len(m.Created) != 3 || len(m.Tree) != 1 || m.Tree[0].Link.UUID != "urn:uuid:broken" || !strings.Contains(m.Tree[0].Error, "report.txt cannot be read") {
		t.Errorf("%+v", m)
	}
	for _, uuid := range []string{"urn:uuid:inline", "urn:uuid:plain"} {
		l := core.Link{Resource: "doc_document", UUID: uuid}
		a, content, err := s.store.Attachment(t.Context(), l, "file")
		if err != nil || string(content) != "the report" || a.Name != "report.txt" {
			t.Errorf("%s: %q, %+v, %v", uuid, content, a, err)
		}
		rec, _ := s.find(l)
		if v := rec.Value("file"); v.Str != "" || v.Aux != "report.txt" {
			t.Errorf("%s stands as %+v", uuid, v)
		}
	}
	rec, _ := s.find(core.Link{Resource: "doc_document", UUID: "urn:uuid:there"})
	if got := rec.Value("file").Str; got != "http://127.0.0.1:1/eden/default/download/x.txt" {
		t.Errorf("an address stands as %q", got)
	}
	for _, e := range exchanges(t, "45-") {
		if e.note == "push with data: URL (base64)" {
			if m := s.send(e).message(t); !m.OK() || len(m.Tree) != 0 {
				t.Errorf("the recorded one: %+v", m)
			}
		}
	}
}

// A request that was overtaken on its way brings a record as it was made, long after an
// edit of it came: the edit stays.
func TestARequestThatWasOvertakenBringsNothingBack(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	made, edited := org("urn:uuid:a", "as it was made", "2026-11-01T00:00:00"), org("urn:uuid:a", "edited", "2026-11-02T00:00:00")
	s.push(toOrganisations+"&seals=1", document(edited))
	s.push(toOrganisations+"&seals=1", document(made))
	if got := s.title("urn:uuid:a"); got != "edited" {
		t.Errorf("it is %q", got)
	}
	s.push(toOrganisations, document(org("urn:uuid:a", "edited again", "2026-11-03T00:00:00")))
	if got := s.title("urn:uuid:a"); got != "edited again" {
		t.Errorf("a later edit: %q", got)
	}
}
