package responder_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
)

const pullOrganisations = "/eden/sync/sync.xml?" + toOrganisations

// names lists the names of records, for comparison.
func names(recs []core.Record) string {
	var all []string
	for i := range recs {
		name := recs[i].Title()
		if recs[i].Deleted {
			name = "†" + recs[i].UUID
		}
		all = append(all, name)
	}
	return strings.Join(all, ",")
}

// threeOrganisations fills the store with A, B and the tombstone of C, made an
// hour apart.
func (s *site) threeOrganisations() {
	s.t.Helper()
	c := core.Record{Resource: "org_organisation", UUID: "urn:uuid:c", ModifiedOn: organisation("", "", "2026-01-03T10:00:00").ModifiedOn, Deleted: true}
	err := s.store.Fill(s.t.Context(), []core.Record{
		organisation("urn:uuid:a", "A", "2026-01-01T10:00:00"), organisation("urn:uuid:b", "B", "2026-01-02T10:00:00"), c})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestWhatAPullAsksForItGets(t *testing.T) {
	for _, tt := range []struct{ name, path, want string }{
		{"everything, tombstones too", pullOrganisations, "A,B,†urn:uuid:c"},
		{"without the prefix", strings.TrimPrefix(pullOrganisations, "/eden"), "A,B,†urn:uuid:c"},
		{"what was modified at msince or later", pullOrganisations + "&msince=2026-01-02T10:00:00", "B,†urn:uuid:c"},
		{"percent-encoded msince", pullOrganisations + "&msince=2026-01-02T10%3A00%3A01", "†urn:uuid:c"},
		{"an empty msince is none", pullOrganisations + "&msince=", "A,B,†urn:uuid:c"},
		{"nothing from the future", pullOrganisations + "&msince=2099-01-01T00:00:00", ""},
		{"a filter with raw brackets", pullOrganisations + "&[~]~.name__like=a*&msince=2026-01-01T00:00:00", "A,†urn:uuid:c"},
		{"a filter with encoded brackets", pullOrganisations + "&%5Borg_organisation%5D~.name=B", "B,†urn:uuid:c"},
		{"records by uuid, to read back", pullOrganisations + "&[~]~.uuid__belongs=urn:uuid:b,urn:uuid:c,urn:uuid:x", "B,†urn:uuid:c"},
		{"unknown parameters mean nothing", pullOrganisations + "&include_deleted=True&foo=bar&_x.y=1&name=B", "A,B,†urn:uuid:c"},
		{"pages mean nothing at sync/sync", pullOrganisations + "&start=1&limit=1", "A,B,†urn:uuid:c"},
		{"its own controller leaves tombstones out", "/eden/org/organisation/sync.xml?repository=" + laptop, "A,B"},
		{"its own controller knows pages", "/eden/org/organisation/sync.xml?include_deleted=True&start=1&limit=1&repository=" + laptop, "B"},
		{"its own controller knows plain filters", "/eden/org/organisation/sync.xml?~.name=B&repository=" + laptop, "B"},
		{"a page beyond the end", "/eden/org/organisation/sync.xml?start=10&limit=5&repository=" + laptop, ""},
		{"the plain export", "/eden/org/organisation.xml?repository=" + laptop, "A,B"},
		{"the plain export with filters", "/eden/org/organisation.xml?organisation.uid=urn:uuid:a&repository=" + laptop, "A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			s.threeOrganisations()
			root, recs := s.get(tt.path).records(t)
			if got := names(recs); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if root.Results != len(recs) || root.Success != (len(recs) > 0) || root.URL != s.http.URL+"/eden" {
				t.Errorf("root %+v of %d records", root, len(recs))
			}
		})
	}
}

func TestWhatAPullMayNotAskForIsRefused(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	for _, tt := range []struct {
		name, path string
		status     int
		message    string
	}{
		{"msince with a zone", pullOrganisations + "&msince=2099-01-01T00:00:00Z", 400, "msince must be"},
		{"msince with a fraction", pullOrganisations + "&msince=2099-01-01T00:00:00.5", 400, "msince must be"},
		{"msince without time", pullOrganisations + "&msince=2099-01-01", 400, "msince must be"},
		{"msince in words", pullOrganisations + "&msince=yesterday", 400, "msince must be"},
		{"two different msince", pullOrganisations + "&msince=2099-01-01T00:00:00&msince=2000-01-01T00:00:00", 400, "twice"},
		{"no resource", "/eden/sync/sync.xml?repository=" + laptop, 200, "Mixed resource synchronization not supported"},
		{"resource mixed", "/eden/sync/sync.xml?resource=mixed&repository=" + laptop, 200, "Mixed resource synchronization not supported"},
		{"a name without underscore", "/eden/sync/sync.xml?resource=organisation&repository=" + laptop, 400, "Invalid request"},
		{"a table nobody shares", "/eden/sync/sync.xml?resource=pr_person&repository=" + laptop, 400, "pr_person is not shared"},
		{"accounts", "/eden/sync/sync.xml?resource=auth_user&repository=" + laptop, 400, "auth_user is not shared"},
		{"an unknown peer", "/eden/sync/sync.xml?resource=org_organisation&repository=urn:uuid:dead", 403, core.RegistrationRequired},
		{"a page that is no number", "/eden/org/organisation/sync.xml?limit=x&repository=" + laptop, 400, "limit must be a whole number"},
		{"a page of nothing", "/eden/org/organisation/sync.xml?limit=0&repository=" + laptop, 400, "limit must be at least 1"},
		{"a filter that cannot be", pullOrganisations + "&[~]~.geo__intersects=x", 400, "intersects"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := s.get(tt.path)
			m := r.message(t)
			if r.StatusCode != tt.status || m.OK() || !strings.Contains(m.Message, tt.message) || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s, want %d with %q", r.Status, r.body, tt.status, tt.message)
			}
		})
	}
}

// Who has a login and has not registered learns what nobody is given, and nothing else.
func TestAStrangerIsToldWhatNobodyIsGiven(t *testing.T) {
	s := newSite(t, nil)
	for table, want := range map[string]string{"org_organisation": core.RegistrationRequired, "pr_person": "pr_person is not shared"} {
		if m := s.get("/eden/sync/sync.xml?repository=urn:uuid:dead&resource=" + table).message(t).Message; m != want {
			t.Errorf("%s: %q, want %q", table, m, want)
		}
	}
	s.store.Unshare("org_organisation", "org_office", "gis_location") // each peer has tasks of its own then
	if m := s.get("/eden/sync/sync.xml?repository=urn:uuid:dead&resource=pr_person").message(t).Message; m != core.RegistrationRequired {
		t.Errorf("nothing is shared: %q", m)
	}
}

func TestATaskSharesItsResourceWithItsPeerOnly(t *testing.T) {
	s := newSite(t, nil)
	peer := s.admit()
	s.store.SaveTask(core.NewTask(peer.ID, "cr_shelter"))
	other, err := s.store.AddPeer(t.Context(), core.Repository{UUID: "urn:uuid:other", AllowPull: true})
	if err != nil {
		t.Fatal(err)
	}
	if r := s.get("/eden/sync/sync.xml?resource=cr_shelter&repository=" + laptop); r.StatusCode != http.StatusOK {
		t.Errorf("the task's peer: %s %s", r.Status, r.body)
	}
	if r := s.get("/eden/sync/sync.xml?resource=cr_shelter&repository=" + other.UUID); r.StatusCode != http.StatusBadRequest {
		t.Errorf("another peer: %s %s", r.Status, r.body)
	}
}

func TestEveryExportIsOneHopFurtherFromTheOrigin(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	rec := organisation("urn:uuid:a", "A", "2026-01-01T10:00:00")
	rec.MCI, rec.URL = 1, "https://elsewhere.example.org/eden/org/organisation/7"
	part := core.Record{Resource: "org_sector_organisation", UUID: "urn:uuid:p", Master: rec.Link(), ModifiedOn: rec.ModifiedOn}
	part.Set(core.Field{Name: "sector_id", Value: core.RefTo("org_sector", "urn:uuid:s")})
	account := core.Record{Resource: "auth_user", UUID: "urn:uuid:u", Master: rec.Link(), ModifiedOn: rec.ModifiedOn}
	rec.Components = []core.Record{part, account}
	if err := s.store.Fill(t.Context(), []core.Record{rec}); err != nil {
		t.Fatal(err)
	}
	r := s.get(pullOrganisations)
	_, recs := r.records(t)
	if len(recs) != 1 || recs[0].MCI != 2 || len(recs[0].Components) != 1 || recs[0].Components[0].MCI != 1 {
		t.Errorf("%+v", recs)
	}
	if strings.Contains(r.body, "auth_user") || strings.Contains(r.body, "elsewhere") {
		t.Errorf("account or foreign address in %s", r.body)
	}
}

func TestReferencedRecordsComeAlongOnceAndOnlyIfShared(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	country := core.Record{Resource: "gis_location", UUID: "urn:uuid:l0", ModifiedOn: 1e9}
	town := core.Record{Resource: "gis_location", UUID: "urn:uuid:l3", ModifiedOn: 1e9}
	town.Set(core.Field{Name: "parent", Value: core.RefTo("gis_location", country.UUID)})
	gone := core.Record{Resource: "gis_location", UUID: "urn:uuid:gone", ModifiedOn: 1e9, Deleted: true}
	var offices []core.Record
	for i := range 3 {
		office := core.Record{Resource: "org_office", UUID: fmt.Sprintf("urn:uuid:o%d", i), ModifiedOn: 1e9}
		office.Set(core.Field{Name: "location_id", Value: core.RefTo("gis_location", town.UUID)})
		office.Set(core.Field{Name: "old_location_id", Value: core.RefTo("gis_location", gone.UUID)})
		office.Set(core.Field{Name: "office_type_id", Value: core.RefTo("org_office_type", "urn:uuid:t")})
		offices = append(offices, office)
	}
	kind := core.Record{Resource: "org_office_type", UUID: "urn:uuid:t", ModifiedOn: 1e9}
	if err := s.store.Fill(t.Context(), append(offices, country, town, gone, kind)); err != nil {
		t.Fatal(err)
	}
	root, recs := s.get("/eden/sync/sync.xml?resource=org_office&repository=" + laptop).records(t)
	count := make(map[core.Link]int)
	for _, r := range recs {
		count[r.Link()]++
	}
	if root.Results != 3 || len(recs) != 5 || count[country.Link()] != 1 || count[town.Link()] != 1 {
		t.Errorf("%d masters, records %v", root.Results, count)
	}
	for _, r := range recs[:root.Results] {
		if r.Resource != "org_office" {
			t.Errorf("a %s among the masters", r.Resource)
		}
	}
	if _, recs = s.get("/eden/org/office.xml?maxdepth=0&repository=" + laptop).records(t); len(recs) != 3 {
		t.Errorf("%d records without depth", len(recs))
	}
	if _, recs = s.get("/eden/org/office.xml?maxdepth=1&repository=" + laptop).records(t); len(recs) != 4 {
		t.Errorf("%d records at depth 1", len(recs))
	}
}

func TestAnInventoryHasStampsWithoutFields(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.threeOrganisations()
	_, recs := s.get("/eden/org/organisation.xml?fields=None&references=None&maxdepth=0&show_urls=false&include_deleted=True&msince=1970-01-01T00:00:00&start=0&limit=10&repository=" + laptop).records(t)
	if len(recs) != 3 {
		t.Fatalf("%d records", len(recs))
	}
	for _, r := range recs {
		if len(r.Fields) != 0 || r.ModifiedOn == 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestMoreThanAPageIsStreamed(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	var many []core.Record
	for i := range 2500 {
		rec := organisation(fmt.Sprintf("urn:uuid:%d", i), fmt.Sprintf("N%d", i), "2026-01-01T10:00:00")
		many = append(many, rec)
	}
	if err := s.store.Fill(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	root, recs := s.get(pullOrganisations).records(t)
	if root.Results != 2500 || len(recs) != 2500 {
		t.Errorf("%d announced, %d came", root.Results, len(recs))
	}
	if e := s.lastLog(); e.Mode != "pull" || e.Direction != "incoming" || e.Action != "send" || e.Message != "Data sent to peer (records: 2500)" || e.Resource != "org_organisation" || e.Repository != "laptop" {
		t.Errorf("logged %+v", e)
	}
}

// counting notes how it was asked.
type counting struct {
	responder.Store
	asked *[]responder.ExportQuery
}

func (c counting) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (int, error) {
	*c.asked = append(*c.asked, q)
	return c.Store.Export(ctx, q, yield)
}

// A store selects a master for a change of its component only if components are
// asked for: counting without them would cut the document short.
func TestTheMastersAreCountedAsTheyAreSelected(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	var many []core.Record
	for i := range 1001 { // more than is held until it is counted
		many = append(many, organisation(fmt.Sprintf("urn:uuid:%d", i), strings.Repeat("N", 5000), "2026-01-01T10:00:00"))
	}
	if err := s.store.Fill(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]bool{ // NoComponents of each export
		"&msince=2025-01-01T00:00:00": {false, false, false},
		"":                            {false, true, false},
		"&msince=2025-01-01T00:00:00&mcomponents=None": {true, true, true},
		"&msince=2026-06-01T00:00:00":                  {false},
	} {
		var asked []responder.ExportQuery
		s.http.Config.Handler = responder.New(counting{s.store, &asked}, responder.Options{Now: s.clock.Now})
		s.get(pullOrganisations + query).records(t)
		var got []bool
		for _, q := range asked {
			got = append(got, q.NoComponents)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: NoComponents was %v, want %v", query, got, want)
		}
	}
}

// What is held until it has been counted is read once.
func TestAPageIsReadOnce(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	var many []core.Record
	for i := range 2000 {
		many = append(many, organisation(fmt.Sprintf("urn:uuid:%d", i), "N", "2026-01-01T10:00:00"))
	}
	if err := s.store.Fill(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	var asked []responder.ExportQuery
	s.http.Config.Handler = responder.New(counting{s.store, &asked}, responder.Options{Now: s.clock.Now})
	root, recs, err := decode(strings.NewReader(s.get(pullOrganisations).body))
	if err != nil || root.Results != 2000 || len(recs) != 2000 {
		t.Errorf("%d of %d records, %v", len(recs), root.Results, err)
	}
	if len(asked) != 1 {
		t.Errorf("asked the store %d times: %+v", len(asked), asked)
	}
}

func TestAnAnswerIsPackedAsThePeerCanRead(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.threeOrganisations()
	for header, want := range map[string]string{"gzip, deflate": "gzip", "identity": "", "gzip;q=0": "", "br, gzip;q=0.5": "gzip",
		"zstd, gzip": "zstd", "gzip, zstd": "zstd", "zstd;q=0, gzip": "gzip", "zstd;q=0": ""} {
		r := s.get(pullOrganisations, "Accept-Encoding", header)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q is answered with %q", header, got)
			continue
		}
		if want != "" {
			var unpacked io.Reader
			var err error
			if unpacked, err = gzip.NewReader(strings.NewReader(r.body)); want == "zstd" {
				unpacked, err = zstd.NewReader(strings.NewReader(r.body))
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, recs, err := decode(unpacked); err != nil || len(recs) != 3 {
				t.Errorf("%d records, %v", len(recs), err)
			}
		}
	}
}

func TestACompletePullIsNoted(t *testing.T) {
	s := newSite(t, nil)
	peer := s.admit()
	s.threeOrganisations()
	served := func() int64 {
		last, err := s.store.LastServed(t.Context(), peer.ID, "org_organisation")
		if err != nil {
			t.Fatal(err)
		}
		return last.Seq
	}
	page := "/eden/org/organisation/sync.xml?include_deleted=True&repository=" + laptop + "&limit=2&start="
	for _, tt := range []struct {
		name, path string
		want       int64
	}{
		{"a pull since some time proves nothing at first", pullOrganisations + "&msince=2026-01-02T00:00:00", 0},
		{"nor does a filtered one", pullOrganisations + "&[~]~.name=A", 0},
		{"nor one by uuid", pullOrganisations + "&[~]~.uuid__belongs=urn:uuid:a", 0},
		{"nor one without tombstones", "/eden/org/organisation/sync.xml?repository=" + laptop, 0},
		{"nor one without components", pullOrganisations + "&mcomponents=None", 0},
		{"nor one that does not say who asks", "/eden/sync/sync.xml?resource=org_organisation", 0},
		{"nor the first page", page + "0", 0},
		{"nor a later page out of order", page + "3", 0},
		{"but all pages do: the first", page + "0", 0},
		{"one that begins within it", page + "1", 0},
		{"the last", page + "2", 3},
	} {
		s.get(tt.path).records(t)
		if got := served(); got != tt.want {
			t.Errorf("%s: served up to %d, want %d", tt.name, got, tt.want)
		}
	}
	s.clock.pass(time.Minute)
	s.edit(organisation("urn:uuid:d", "D", "2020-01-01T00:00:00"))
	s.get(pullOrganisations + "&msince=2026-01-02T00:00:00").records(t)
	if served() != 4 {
		t.Errorf("after a complete pull, one since before it is complete too: %d", served())
	}
	s.restart()
	s.edit(organisation("urn:uuid:e", "E", "2020-01-01T00:00:00"))
	s.get(pullOrganisations + "&msince=2026-11-23T12:00:00").records(t)
	if served() != 5 {
		t.Errorf("so it is when we were started anew: %d", served())
	}
	s.edit(organisation("urn:uuid:f", "F", "2020-01-01T00:00:00"))
	s.get(pullOrganisations + "&msince=2026-11-23T12:02:00").records(t)
	if served() != 5 {
		t.Errorf("but not one since after it: %d", served())
	}
	if peer, err := s.store.PeerByUUID(t.Context(), laptop); err != nil || peer.LastConnected != core.MTimeOf(s.clock.Now()) {
		t.Errorf("last connected %v, %v", peer.LastConnected, err)
	}
	pages := 0
	for _, e := range s.store.Log() {
		if e.Message == "Data sent to peer (records: 3)" {
			pages++
		}
	}
	if pages == 0 {
		t.Error("the pages of a pull are not logged together")
	}
}

func TestARecordThatArrivedLateIsNotHiddenByItsOldStamp(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.threeOrganisations()
	late := organisation("urn:uuid:late", "late", "2019-01-01T00:00:00")
	err := s.store.Import(t.Context(), func(tx intake.Tx) error {
		return tx.Put(t.Context(), &late, core.Change{Origin: 9, At: core.MTimeOf(s.clock.Now())})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, recs := s.get(pullOrganisations + "&msince=2026-06-01T00:00:00").records(t); names(recs) != "late" {
		t.Errorf("got %s", names(recs))
	}
}

func TestUploadsAreGivenToThoseWhoMayReadTheRecord(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	rec := organisation("urn:uuid:a", "A", "2026-01-01T10:00:00")
	rec.Set(core.Field{Name: "logo", Value: core.Value{Kind: core.File, Str: "http://hq.example.org/eden/default/download/org_organisation.logo.8bae.QUYucG5n.png", Aux: "Ä F.png"}})
	if err := s.store.Fill(t.Context(), []core.Record{rec}); err != nil {
		t.Fatal(err)
	}
	before := rec.Hash()
	if _, recs := s.get(pullOrganisations).records(t); recs[0].Value("logo").Str != rec.Value("logo").Str {
		t.Error("a file that is not here is said to be here")
	}
	if err := s.store.SaveAttachment(t.Context(), core.Attachment{Record: rec.Link(), Field: "logo", Name: "Ä F.png"}, []byte("<html>")); err != nil {
		t.Fatal(err)
	}
	_, recs := s.get(pullOrganisations).records(t)
	link := recs[0].Value("logo").Str
	if !strings.HasPrefix(link, s.http.URL+"/eden/default/download/org_organisation.logo.8bae.QUYucG5n.png?") {
		t.Fatalf("the file is at %s", link)
	}
	if recs[0].Hash() != before {
		t.Error("the other address made it another version")
	}
	r := s.get(strings.TrimPrefix(link, s.http.URL))
	if r.body != "<html>" || r.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s %v %q", r.Status, r.Header, r.body)
	}
	if r := s.get(strings.TrimPrefix(link, s.http.URL), "Authorization", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without login: %s", r.Status)
	}
	for _, query := range []url.Values{
		{"resource": {"auth_user"}, "uuid": {"urn:uuid:a"}, "field": {"logo"}},
		{"resource": {"org_organisation"}, "uuid": {"../../etc/passwd"}, "field": {"logo"}},
		{"resource": {"org_organisation"}, "uuid": {"urn:uuid:a"}, "field": {"../logo"}},
		{"resource": {"org_organisation"}, "uuid": {"urn:uuid:a"}, "field": {"other"}},
		{},
	} {
		if r := s.get("/eden/default/download/x.png?" + query.Encode()); r.StatusCode != http.StatusNotFound {
			t.Errorf("%v: %s", query, r.Status)
		}
	}
}

func TestAFailureInTheMiddleOfAnAnswerIsNotTakenForItsEnd(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.store.Share("cr_shelter")
	broken := newSite(t, nil)
	broken.http.Config.Handler = responder.New(failing{s.store}, responder.Options{Now: s.clock.Now})
	var many []core.Record
	for i := range 3000 {
		many = append(many, core.Record{Resource: "cr_shelter", UUID: fmt.Sprintf("urn:uuid:%d", i), ModifiedOn: 1e9,
			Fields: []core.Field{{Name: "comments", Value: core.Text(strings.Repeat("x", 3000))}}})
	}
	if err := s.store.Fill(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, broken.http.URL+"/eden/sync/sync.xml?resource=cr_shelter&repository="+laptop, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%s: %d bytes came without an error", res.Status, len(body))
	}
	if e := s.lastLog(); e.Result != core.ResultError || !strings.HasPrefix(e.Message, "Broken off after") {
		t.Errorf("logged %+v", e)
	}
}

// failing breaks off every export that has fields.
type failing struct{ responder.Store }

func (f failing) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (int, error) {
	n := 0
	return f.Store.Export(ctx, q, func(rec *core.Record) error {
		if n++; n > 2000 && !q.Bare {
			return io.ErrClosedPipe
		}
		return yield(rec)
	})
}
