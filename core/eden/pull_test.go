package eden

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func TestPullPagesThroughTheResourcesOwnController(t *testing.T) {
	s, p := connect(t)
	for i := range 5 {
		s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i))
	}
	first, err := pull(p, replicate.PullRequest{Resource: "org_office", Start: 0, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	second, err := pull(p, replicate.PullRequest{Resource: "org_office", Start: 3, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !first.reply.Paged || first.reply.Masters != 3 || !second.reply.Paged || second.reply.Masters != 2 {
		t.Errorf("replies = %+v and %+v", first.reply, second.reply)
	}
	if got := append(uuids(first.masters), uuids(second.masters)...); len(slices.Compact(got)) != 5 {
		t.Errorf("the pages have %v", got)
	}
	if got := s.Requests()[0]; got.Path != "/org/office/sync.xml" || got.Query.Get("include_deleted") != "True" || got.Query.Get("repository") != node.UUID {
		t.Errorf("asked %s?%s", got.Path, got.RawQuery)
	}
}

func TestPullFallsBackToSyncSyncWhereTheControllerDoesNotAnswer(t *testing.T) {
	for name, fault := range map[string]edentest.Fault{
		"not found": edentest.Status(404), "forbidden": edentest.Status(403), "bad request": edentest.Status(400),
		"method not allowed": edentest.Status(405), "server error": edentest.Status(500),
		"redirect":   edentest.Redirect("/eden/default/index"),
		"a web page": edentest.Reply(200, "text/html", `<html><meta name="application-name" content="eden" /></html>`),
	} {
		t.Run(name, func(t *testing.T) {
			s, p := connect(t)
			s.Put(office("urn:uuid:a", "A", 1), office("urn:uuid:b", "B", 2))
			s.InjectOn(edentest.Path("/org/office"), -1, fault)
			for range 2 {
				got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				if got.reply.Paged || got.reply.Masters != 2 {
					t.Errorf("reply = %+v, want everything, unpaged", got.reply)
				}
			}
			var paths []string
			for _, r := range s.Requests() {
				paths = append(paths, r.Path)
			}
			if want := []string{"/org/office/sync.xml", "/sync/sync.xml", "/sync/sync.xml"}; !slices.Equal(paths, want) {
				t.Errorf("asked %v, want %v: what did not answer is remembered", paths, want)
			}
		})
	}
}

func TestPullSaysWhenPagingWasIgnored(t *testing.T) {
	s, p := connect(t)
	s.IgnorePaging()
	s.Put(office("urn:uuid:a", "A", 1), office("urn:uuid:b", "B", 2))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got.reply.Paged || got.reply.Masters != 2 {
		t.Errorf("reply = %+v, want 2 masters and not paged", got.reply)
	}
}

func TestPullWithoutLimitGoesStraightToSyncSync(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	if _, err := pull(p, replicate.PullRequest{Resource: "org_office"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Requests(); len(got) != 1 || got[0].Path != "/sync/sync.xml" || got[0].Query.Get("resource") != "org_office" {
		t.Errorf("requests = %+v", got)
	}
}

func TestMsinceIsSentInTheOneFormEdenReads(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:old", "Old", 1), office("urn:uuid:new", "New", 100))
	for _, limit := range []int{0, 10} {
		got, err := pull(p, replicate.PullRequest{Resource: "org_office", Since: at(100), Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.masters) != 1 || got.masters[0].UUID != "urn:uuid:new" {
			t.Errorf("got %v: msince was ignored", uuids(got.masters))
		}
	}
	for _, r := range s.Requests() {
		if q := r.RawQuery; !strings.Contains(q, "msince=2026-03-01T12:01:40&") && !strings.HasSuffix(q, "msince=2026-03-01T12:01:40") {
			t.Errorf("sent %s", q)
		}
	}
}

func TestFiltersAreWrittenAsEdenReadsThem(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "Afghan Aid", 1), office("urn:uuid:b", "Bread & Roses", 2))
	for _, tt := range []struct {
		name   string
		filter core.Filter
		raw    string
		want   []string
	}{
		{"like", core.Filter{Query: "~.name__like=Afghan*"}, "[~]~.name__like=Afghan%2A", []string{"urn:uuid:a"}},
		{"the table itself", core.Filter{Table: "org_office", Query: "~.name__like=Afghan%2A"}, "[~]~.name__like=Afghan%2A", []string{"urn:uuid:a"}},
		{"a value with an ampersand", core.Filter{Query: "~.name=Bread %26 Roses"}, "[~]~.name=Bread%20%26%20Roses", []string{"urn:uuid:b"}},
		{"repeated keys are all sent", core.Filter{Query: "~.name__like=A*&~.name__like=B*"}, "[~]~.name__like=A%2A&[~]~.name__like=B%2A", nil},
		{"another table", core.Filter{Table: "gis_location", Query: "~.level=L0"}, "[gis_location]~.level=L0", []string{"urn:uuid:a", "urn:uuid:b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, limit := range []int{0, 10} {
				s.ForgetRequests()
				got, err := pull(p, replicate.PullRequest{Resource: "org_office", Filters: []core.Filter{tt.filter}, Limit: limit})
				if err != nil {
					t.Fatal(err)
				}
				if raw := s.Requests()[0].RawQuery; !strings.Contains(raw, tt.raw) {
					t.Errorf("sent %s, want it to contain %s", raw, tt.raw)
				}
				if ids := uuids(got.masters); !slices.Equal(ids, tt.want) {
					t.Errorf("got %v, want %v", ids, tt.want)
				}
			}
		})
	}
}

func TestPullOfUUIDsKeepsURLsShortAndGetsEach(t *testing.T) {
	s, p := connect(t)
	var want []string
	for i := range 300 {
		id := core.NewUUID()
		s.Put(office(id, fmt.Sprint("Office ", i), i))
		want = append(want, id)
	}
	s.Put(office("urn:uuid:other", "Other", 1))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", UUIDs: want})
	if err != nil {
		t.Fatal(err)
	}
	ids := uuids(got.masters)
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) || got.reply.Masters != len(want) {
		t.Errorf("got %d records, %d counted, want %d", len(ids), got.reply.Masters, len(want))
	}
	for _, r := range s.Requests() {
		if n := len(s.URL) + len(r.Path) + len(r.RawQuery); n > maxURL {
			t.Errorf("a URL has %d bytes", n)
		}
	}
	if n := len(s.Requests()); n < 2 || n > 5 {
		t.Errorf("%d requests for 300 uuids", n)
	}
}

func TestPullOfUUIDsLeavesOutWhatWasNotAskedFor(t *testing.T) {
	s, p := connect(t)
	s.IgnoreFilters()
	s.Put(office("urn:uuid:a", "A", 1), office("urn:uuid:b", "B", 2))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", UUIDs: []string{"urn:uuid:b"}})
	if err != nil {
		t.Fatal(err)
	}
	if ids := uuids(got.masters); !slices.Equal(ids, []string{"urn:uuid:b"}) || got.reply.Masters != 1 {
		t.Errorf("got %v, %d counted", ids, got.reply.Masters)
	}
}

func TestOnlyTheFirstRecordsAreMasters(t *testing.T) {
	s, p := connect(t)
	parent := office("urn:uuid:parent", "Parent", 1)
	child := office("urn:uuid:child", "Child", 50)
	child.Set(core.Field{Name: "parent_id", Value: core.RefTo("org_office", parent.UUID)})
	s.Put(parent, child)
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Since: at(50)})
	if err != nil {
		t.Fatal(err)
	}
	if ids := uuids(got.masters); !slices.Equal(ids, []string{"urn:uuid:child"}) {
		t.Errorf("masters = %v", ids)
	}
	if ids := uuids(got.others); !slices.Equal(ids, []string{"urn:uuid:parent"}) {
		t.Errorf("a referenced record of the same table came as %v", ids)
	}
}

func TestMastersWithoutResultsAreThoseOfTheTable(t *testing.T) {
	s, p := connect(t)
	s.Inject(1, edentest.Reply(200, "text/xml", `<s3xml><resource name="org_office" uuid="u1"><data field="name">A</data></resource><resource name="org_organisation" uuid="u2"/></s3xml>`))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.masters) != 1 || len(got.others) != 1 {
		t.Errorf("masters %v, others %v", uuids(got.masters), uuids(got.others))
	}
}

func TestAccountsInsidePersonDocumentsAreDroppedUnread(t *testing.T) {
	s, p := connect(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	s.Put(person)
	s.AddAccount(person.UUID, "ann@example.org")
	got, err := pull(p, replicate.PullRequest{Resource: "pr_person", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if got.reply.Dropped != 1 {
		t.Errorf("dropped = %d, want 1", got.reply.Dropped)
	}
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, "HASH") {
		t.Error("a password hash came through")
	}
}

func TestNoReadRightLooksLikeNothing(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	s.ReadRight("org_office", false)
	for _, limit := range []int{0, 10} {
		got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: limit})
		if err != nil || got.reply.Masters != 0 {
			t.Errorf("got %d records, %v; want none and no error", got.reply.Masters, err)
		}
	}
}

func TestTombstonesComeWithoutMCI(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	s.Delete(core.Link{Resource: "org_office", UUID: "urn:uuid:a"})
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.masters) != 1 || !got.masters[0].Deleted || got.masters[0].MCI != core.MCIUnknown {
		t.Errorf("got %+v", got.masters)
	}
}

func TestAComponentChangeIsSeenOnlyThroughItsOwnTable(t *testing.T) {
	s, p := connect(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:c", ModifiedOn: at(100)}
	contact.Set(core.Field{Name: "value", Value: core.Text("ann@example.org")})
	person.Components = []core.Record{contact}
	s.Put(person)
	got, err := pull(p, replicate.PullRequest{Resource: "pr_person", Since: at(50)})
	if err != nil || len(got.masters) != 0 {
		t.Errorf("the person came: %v, %v", uuids(got.masters), err)
	}
	got, err = pull(p, replicate.PullRequest{Resource: "pr_contact", Since: at(50)})
	if err != nil || len(got.masters) != 1 {
		t.Errorf("the contact did not come: %v, %v", uuids(got.masters), err)
	}
	s.Delete(core.Link{Resource: "pr_contact", UUID: "urn:uuid:c"})
	if got, err = pull(p, replicate.PullRequest{Resource: "pr_person"}); err != nil || len(got.masters) != 1 || len(got.masters[0].Components) != 0 {
		t.Errorf("a deleted component shows in its master: %+v, %v", got.masters, err)
	}
	if got, err = pull(p, replicate.PullRequest{Resource: "pr_contact"}); err != nil || len(got.masters) != 1 || !got.masters[0].Deleted {
		t.Errorf("the component's tombstone did not come: %+v, %v", got.masters, err)
	}
}

func TestTheValueCountsAndNotItsRepresentation(t *testing.T) {
	s, p := connect(t)
	rec := office("urn:uuid:a", "A", 1)
	rec.Set(core.Field{Name: "phone1", Value: core.Text("+670 <1> & 2"), Text: "\u200e+670 <1> & 2"})
	s.Put(rec)
	got, err := pull(p, replicate.PullRequest{Resource: "org_office"})
	if err != nil || len(got.masters) != 1 {
		t.Fatal(err)
	}
	if v := got.masters[0].Value("phone1"); v != core.Text("+670 <1> & 2") {
		t.Errorf("phone1 = %+v", v)
	}
}

func TestARecordThatCannotBeReadIsHandedOverAsBad(t *testing.T) {
	s, p := connect(t)
	s.Inject(1, edentest.Reply(200, "text/xml", `<s3xml results="2"><resource name="org_office" uuid="u1" modified_on="soon"><data field="name">A</data></resource><resource name="org_office" uuid="u2" modified_on="2026-03-01T12:00:00"><data field="name">B</data></resource></s3xml>`))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.bad) != 1 || got.bad[0].Link.UUID != "u1" || got.bad[0].Reason == "" || got.bad[0].Content == "" {
		t.Errorf("bad = %+v", got.bad)
	}
	if got.reply.Masters != 2 || len(got.masters) != 1 {
		t.Errorf("masters = %v, counted %d", uuids(got.masters), got.reply.Masters)
	}
}

func TestAnErrorOfTheReceiverEndsThePullAndComesBackAsItIs(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1), office("urn:uuid:b", "B", 2))
	stop := errors.New("the disk is full")
	n := 0
	_, err := p.Pull(context.Background(), replicate.PullRequest{Resource: "org_office", Limit: 10}, func(*core.Record, bool, *replicate.BadRecord) error {
		n++
		return stop
	})
	if err != stop || n != 1 {
		t.Errorf("err = %v after %d records", err, n)
	}
	if len(s.Requests()) != 1 {
		t.Errorf("%d requests", len(s.Requests()))
	}
}

func TestACompressedReplyIsUnpacked(t *testing.T) {
	s, p := connect(t)
	s.Gzip()
	for i := range 50 {
		s.Put(office(core.NewUUID(), "The same name again and again", i))
	}
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 100})
	if err != nil || got.reply.Masters != 50 {
		t.Fatalf("masters = %d, %v", got.reply.Masters, err)
	}
	if s.Requests()[0].Header.Get("Accept-Encoding") != "zstd, gzip" {
		t.Error("neither zstd nor gzip was asked for")
	}
	if got.reply.Bytes > 8000 {
		t.Errorf("%d bytes over the wire", got.reply.Bytes)
	}
}

func TestABrokenConnectionIsTriedAgainBeforeTheFirstRecordOnly(t *testing.T) {
	s, p := connect(t)
	for i := range 20 {
		s.Put(office(core.NewUUID(), "Office", i))
	}
	for _, f := range []edentest.Fault{edentest.Reset(), edentest.CutAfter(60), edentest.Busy(0)} {
		s.InjectOn(edentest.Pulls, 1, f)
		got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 100})
		if err != nil || len(got.masters) != 20 {
			t.Errorf("got %d records, %v; want a second try", len(got.masters), err)
		}
	}
	s.ForgetRequests()
	s.InjectOn(edentest.Pulls, 1, edentest.CutAfter(1500))
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Limit: 100})
	wantKind(t, err, core.Truncated)
	if len(got.masters) == 0 || len(s.Requests()) != 1 {
		t.Errorf("%d records, %d requests", len(got.masters), len(s.Requests()))
	}
}

// Asked for single records an Eden shows references into their own table to no others. What they
// point to there is asked first, of the plain export, which shows it; and into what they were merged.
func TestWhatRecordsPointToInTheirOwnTableIsAskedForAlong(t *testing.T) {
	s, p := connect(t)
	place := func(uuid, within string) core.Record {
		r := core.Record{Resource: "gis_location", UUID: uuid, ModifiedOn: at(1)}
		r.Set(core.Field{Name: "name", Value: core.Text(uuid)})
		if within != "" {
			r.Set(core.Field{Name: "parent", Value: core.RefTo("gis_location", within)})
		}
		return r
	}
	s.Put(place("urn:uuid:country", ""), place("urn:uuid:town", "urn:uuid:country"), place("urn:uuid:house", "urn:uuid:town"))
	ask := func(leads map[core.Link]core.MTime, uuids ...string) map[string]string {
		t.Helper()
		got, err := pull(p, replicate.PullRequest{Resource: "gis_location", UUIDs: uuids, Leads: leads})
		if err != nil {
			t.Fatal(err)
		}
		within := map[string]string{}
		for _, r := range got.masters {
			within[r.UUID] = r.Value("parent").Str
		}
		return within
	}
	if got := ask(nil, "urn:uuid:town"); len(got) != 1 || got["urn:uuid:town"] != "" {
		t.Errorf("got %v: this Eden is to hide it", got)
	}
	want := map[string]string{"urn:uuid:town": "urn:uuid:country", "urn:uuid:house": "urn:uuid:town"}
	leads := make(map[core.Link]core.MTime)
	if got := ask(leads, "urn:uuid:town", "urn:uuid:house"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(leads) != 2 || leads[core.Link{Resource: "gis_location", UUID: "urn:uuid:town"}] != at(1) {
		t.Errorf("they are dated %v", leads)
	}
	if r := s.Requests()[1]; r.Path != "/gis/location.xml" || r.RawQuery != "fields=None&maxdepth=0&show_urls=false&include_deleted=True&~.uuid__belongs=urn:uuid:town,urn:uuid:house" {
		t.Errorf("asked %s?%s", r.Path, r.RawQuery)
	}
}

func TestWhereNothingTellsWhatRecordsPointToTheyComeAllTheSame(t *testing.T) {
	s, p := connect(t)
	s.NoNative("org_office")
	s.Put(office("urn:uuid:a", "A", 1))
	for range 2 {
		got, err := pull(p, replicate.PullRequest{Resource: "org_office", UUIDs: []string{"urn:uuid:a"}, Leads: make(map[core.Link]core.MTime)})
		if err != nil || len(got.masters) != 1 {
			t.Errorf("got %v, %v", uuids(got.masters), err)
		}
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("%d requests: what did not answer is remembered", n)
	}
}

// A table's controller that goes away between two parts of one question has told nothing: what it
// showed before is not asked for along, and would look as if it had been taken out there.
func TestAControllerThatGoesAwayBetweenTwoPartsHasToldNothing(t *testing.T) {
	s, p := connect(t)
	uuids := make([]string, 200)
	for i := range uuids {
		uuids[i] = fmt.Sprintf("urn:uuid:%036d", i)
		r := core.Record{Resource: "gis_location", UUID: uuids[i], ModifiedOn: at(1)}
		r.Set(core.Field{Name: "name", Value: core.Text("a place")})
		s.Put(r)
	}
	asked := 0
	s.InjectOn(func(r *http.Request) bool {
		leads := edentest.Path("/gis/location.xml")(r)
		asked += count(leads)
		return leads && asked == 2
	}, 1, edentest.Status(http.StatusNotFound))
	leads := make(map[core.Link]core.MTime)
	got, err := pull(p, replicate.PullRequest{Resource: "gis_location", UUIDs: uuids, Leads: leads})
	if err != nil || len(got.masters) != len(uuids) || asked != 2 {
		t.Fatalf("%d records, %d questions, %v", len(got.masters), asked, err)
	}
	if len(leads) > 0 {
		t.Errorf("%d are said to show all that they point to", len(leads))
	}
}
