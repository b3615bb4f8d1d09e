package eden

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// replayed returns a peer that gets the recorded responses of a scenario.
func replayed(t *testing.T, scenario string, numbers ...int) (*edentest.Recording, *Peer) {
	t.Helper()
	rec := edentest.Replay(t, filepath.Join(edentest.Corpus(t), scenario), numbers...)
	return rec, newPeer(t, rec.Repository(), quick())
}

// corpusPulls are the recorded pulls, with what they delivered.
func TestRecordedPullsAreUnderstood(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		n        int
	}{
		{"04-first-sync-full-pull-then-push", 1}, {"05-second-sync-nothing-changed-echo", 1}, {"06-incremental-pull-hub-changed", 1},
		{"07-incremental-pull-nothing-new", 1}, {"10-push-deleted-record", 2}, {"11-pull-deleted-record", 1},
		{"12-conflict-pull-NEWER", 1}, {"12-conflict-pull-OTHER", 1}, {"12-conflict-pull-THIS", 1},
		{"13-pull-hrm_human_resource-with-references", 1}, {"14-pull-pr_person-with-components", 1}, {"17-pull-component-only-change", 1},
		{"21-pull-org-logo-files", 1}, {"32-client-pull-parameters", 1}, {"32-client-pull-parameters", 18}, {"32-client-pull-parameters", 22},
		{"34-client-pull-msince-formats", 2}, {"34-client-pull-msince-formats", 4}, {"34-client-pull-msince-formats", 5},
		{"41-client-time-zones", 0}, {"44-client-paging", 11}, {"45-client-files", 8}, {"49-client-components", 8}, {"49-client-components", 9}, {"49-client-components", 12},
	} {
		t.Run(fmt.Sprintf("%s/%02d", tt.scenario, tt.n), func(t *testing.T) {
			for _, e := range pullsOf(t, tt.scenario, tt.n) {
				checkRecordedPull(t, tt.scenario, e)
			}
		})
	}
}

// pullsOf returns the exchange n of a scenario, or with n 0 all pulls through
// sync/sync.
func pullsOf(t *testing.T, scenario string, n int) (out []edentest.Exchange) {
	t.Helper()
	for _, e := range edentest.Scenario(t, filepath.Join(edentest.Corpus(t), scenario)) {
		if e.N == n || n == 0 && e.Request.Method == http.MethodGet && e.QueryOf().Get("resource") != "" && e.Status == 200 {
			out = append(out, e)
		}
	}
	return out
}

// checkRecordedPull pulls the recorded response and compares what came with what
// a plain count of the document says.
func checkRecordedPull(t *testing.T, scenario string, e edentest.Exchange) {
	t.Helper()
	resource := core.Resource(e.QueryOf().Get("resource"))
	_, p := replayed(t, scenario, e.N)
	got, err := pull(p, replicate.PullRequest{Resource: resource})
	if err != nil {
		t.Fatal(err)
	}
	var want int
	if _, after, ok := bytes.Cut(e.Response, []byte(` results="`)); ok {
		_, _ = fmt.Sscanf(string(after), "%d", &want)
	}
	if got.reply.Masters != want || len(got.masters) != want {
		t.Errorf("%d masters, the document says %d", got.reply.Masters, want)
	}
	if len(got.bad) > 0 {
		t.Errorf("records that could not be read: %+v", got.bad)
	}
	if got.reply.Bytes != int64(len(e.Response)) {
		t.Errorf("%d bytes, the document has %d", got.reply.Bytes, len(e.Response))
	}
	elements := bytes.Count(e.Response, []byte("<resource name="))
	seen := got.reply.Dropped
	for _, recs := range [][]core.Record{got.masters, got.others} {
		for i := range recs {
			_ = recs[i].Walk(func(r *core.Record) error {
				seen++
				if r.Resource.Private() {
					t.Errorf("%s came through", r.Resource)
				}
				return nil
			})
		}
	}
	if seen != elements {
		t.Errorf("%d of %d elements arrived", seen, elements)
	}
}

func TestRecordedPagesAreSeenAsPages(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		n, limit int
		masters  int
		paged    bool
	}{
		{"33-client-pull-direct-resource-url", 1, 10, 3, false},
		{"33-client-pull-direct-resource-url", 2, 1, 1, true},
		{"33-client-pull-direct-resource-url", 3, 1, 1, true},
		{"33-client-pull-direct-resource-url", 5, 10, 0, false},
		{"44-client-paging", 2, 30, 30, true},
		{"44-client-paging", 4, 30, 13, true},
		{"44-client-paging", 6, 30, 30, true},
		{"44-client-paging", 8, 30, 13, true},
	} {
		t.Run(fmt.Sprintf("%s/%02d", tt.scenario, tt.n), func(t *testing.T) {
			rec, p := replayed(t, tt.scenario, tt.n)
			got, err := pull(p, replicate.PullRequest{Resource: "hrm_job_title", Limit: tt.limit})
			if strings.HasPrefix(tt.scenario, "33") {
				rec, p = replayed(t, tt.scenario, tt.n)
				got, err = pull(p, replicate.PullRequest{Resource: "cr_shelter", Limit: tt.limit})
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.reply.Paged != tt.paged || got.reply.Masters != tt.masters {
				t.Errorf("reply = %+v, want %d masters, paged %v", got.reply, tt.masters, tt.paged)
			}
			if len(rec.Requests()) != 1 {
				t.Errorf("%d requests", len(rec.Requests()))
			}
		})
	}
}

func TestRecordedRefusalsOfAPull(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		n        int
		want     core.Trouble
	}{
		{"22-eden-error-wrong-password", 1, core.Unauthorized}, {"24-eden-error-unknown-resource", 1, core.UnknownResource},
		{"31-rest-basics", 1, core.Unauthorized}, {"31-rest-basics", 6, core.WrongPath}, {"31-rest-basics", 28, core.WrongPath},
		{"31-rest-basics", 29, core.WrongPath}, {"31-rest-basics", 30, core.WrongPath}, {"31-rest-basics", 37, core.WrongPath}, {"31-rest-basics", 41, core.WrongPath},
		{"32-client-pull-parameters", 5, core.Unauthorized}, {"32-client-pull-parameters", 6, core.Unauthorized}, {"32-client-pull-parameters", 7, core.Forbidden},
		{"32-client-pull-parameters", 8, core.PeerRefused}, {"32-client-pull-parameters", 9, core.PeerRefused}, {"32-client-pull-parameters", 10, core.UnknownResource},
		{"32-client-pull-parameters", 11, core.UnknownResource}, {"32-client-pull-parameters", 12, core.UnknownResource}, {"32-client-pull-parameters", 15, core.WrongPath},
		{"32-client-pull-parameters", 17, core.WrongPath}, {"34-client-pull-msince-formats", 14, core.ServerFault}, {"43-client-permissions", 2, core.Forbidden},
		{"60-errors-builtin-server-with-routes", 7, core.Forbidden}, {"60-errors-builtin-server-with-routes", 8, core.UnknownResource},
		{"60-errors-builtin-server-with-routes", 9, core.WrongPath}, {"60-errors-builtin-server-with-routes", 10, core.WrongPath},
		{"62-errors-uwsgi-without-routes", 7, core.Forbidden}, {"62-errors-uwsgi-without-routes", 8, core.UnknownResource},
		{"62-errors-uwsgi-without-routes", 9, core.WrongPath}, {"62-errors-uwsgi-without-routes", 10, core.WrongPath},
	} {
		t.Run(fmt.Sprintf("%s/%02d", tt.scenario, tt.n), func(t *testing.T) {
			_, p := replayed(t, tt.scenario, tt.n)
			_, err := pull(p, anOffice)
			wantKind(t, err, tt.want)
		})
	}
}

func TestRecordedAnswersToARegistration(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		numbers  []int
		want     core.Trouble // Internal: it succeeded
		sender   string
	}{
		{"01-register-via-web-ui", []int{3}, core.Internal, "any"},
		{"02-register-hub-at-field", []int{1}, core.Internal, "any"},
		{"30-client-register", []int{1}, core.Unauthorized, ""}, {"30-client-register", []int{2}, core.Unauthorized, ""},
		{"30-client-register", []int{3}, core.Forbidden, ""},
		{"30-client-register", []int{4}, core.Internal, "urn:uuid:4ec1f815-73f5-49f0-86ed-babad1e2dd7d"},
		{"30-client-register", []int{5}, core.Internal, "urn:uuid:4ec1f815-73f5-49f0-86ed-babad1e2dd7d"},
		{"30-client-register", []int{6}, core.Internal, "urn:uuid:4ec1f815-73f5-49f0-86ed-babad1e2dd7d"},
		{"30-client-register", []int{7, 15, 4}, core.ServerFault, ""}, // the old form is tried, then the rights
		{"30-client-register", []int{9}, core.PeerRefused, ""}, {"30-client-register", []int{10}, core.PeerRefused, ""},
		{"30-client-register", []int{11}, core.PeerRefused, ""}, {"30-client-register", []int{12}, core.Internal, "any"},
		{"30-client-register", []int{13, 15}, core.WrongPath, ""}, {"30-client-register", []int{14}, core.WrongPath, ""},
		{"30-client-register", []int{15, 5}, core.Internal, "any"}, // 405, then the GET form works
		{"43-client-permissions", []int{1}, core.Forbidden, ""}, {"43-client-permissions", []int{8}, core.Internal, "any"},
	} {
		t.Run(fmt.Sprint(tt.scenario, tt.numbers), func(t *testing.T) {
			_, p := replayed(t, tt.scenario, tt.numbers...)
			sender, err := p.Register(context.Background(), node)
			if tt.want != core.Internal {
				wantKind(t, err, tt.want)
				return
			}
			if err != nil || sender == "" || tt.sender != "any" && sender != tt.sender {
				t.Errorf("sender = %q, %v", sender, err)
			}
		})
	}
}

func TestRecordedAnswersToAPush(t *testing.T) {
	const refusedOrg = "urn:uuid:00000000-0000-4000-9000-0000000000"
	for _, tt := range []struct {
		scenario string
		numbers  []int
		want     core.Trouble // Internal: it succeeded
		refused  []string     // uuids
	}{
		{"04-first-sync-full-pull-then-push", []int{2}, core.Internal, nil}, {"08-push-new-record", []int{1}, core.Internal, nil},
		{"09-push-updated-record", []int{1}, core.Internal, nil}, {"10-push-deleted-record", []int{1}, core.Internal, nil},
		{"15-push-pr_person-with-components", []int{1}, core.Internal, nil}, {"19-push-org_office-with-location", []int{1}, core.Internal, nil},
		{"23-eden-error-unregistered", []int{1, 1}, core.Forbidden, nil}, // even the question about rights is answered 403 here
		{"35-client-push-content-types", []int{1, 4}, core.Internal, nil},
		{"35-client-push-content-types", []int{1, 6, 8}, core.ServerFault, nil},
		{"35-client-push-content-types", []int{2}, core.Internal, nil}, {"35-client-push-content-types", []int{19}, core.PeerRefused, nil},
		{"36-client-push-basics", []int{1}, core.Internal, nil}, {"36-client-push-basics", []int{14}, core.Internal, nil},
		{"37-client-push-errors", []int{1}, core.Unauthorized, nil}, {"37-client-push-errors", []int{2}, core.Unauthorized, nil},
		{"37-client-push-errors", []int{3}, core.Unauthorized, nil}, {"37-client-push-errors", []int{4, 4}, core.Forbidden, nil},
		{"37-client-push-errors", []int{5, 15}, core.NotRegistered, nil}, {"37-client-push-errors", []int{6, 15}, core.NotRegistered, nil},
		{"37-client-push-errors", []int{7}, core.PeerRefused, nil}, {"37-client-push-errors", []int{8}, core.PeerRefused, nil},
		{"37-client-push-errors", []int{9}, core.PeerRefused, nil}, {"37-client-push-errors", []int{12}, core.UnknownResource, nil},
		{"37-client-push-errors", []int{13}, core.PeerRefused, nil}, {"37-client-push-errors", []int{14}, core.PeerRefused, nil},
		{"37-client-push-errors", []int{17}, core.Internal, []string{refusedOrg + "34"}}, {"37-client-push-errors", []int{18}, core.Internal, []string{refusedOrg + "35"}},
		{"37-client-push-errors", []int{23}, core.Internal, []string{refusedOrg + "41"}}, {"37-client-push-errors", []int{24}, core.Internal, nil},
		{"37-client-push-errors", []int{26}, core.Internal, []string{refusedOrg + "60"}},
		{"48-client-transfer-encodings", []int{1, 1, 1}, core.ServerFault, nil}, {"48-client-transfer-encodings", []int{2}, core.PeerRefused, nil},
		{"48-client-transfer-encodings", []int{7}, core.PeerRefused, nil},
		{"60-errors-builtin-server-with-routes", []int{1, 1, 11}, core.ServerFault, nil},
		{"60-errors-builtin-server-with-routes", []int{2, 2, 7, 7}, core.Forbidden, nil}, // the bare 500 hid a missing right
		{"60-errors-builtin-server-with-routes", []int{1, 1, 7, 11}, core.NotRegistered, nil},
		{"60-errors-builtin-server-with-routes", []int{4}, core.PeerRefused, nil}, {"60-errors-builtin-server-with-routes", []int{5}, core.Unauthorized, nil},
		{"60-errors-builtin-server-with-routes", []int{11}, core.Internal, nil},
		{"62-errors-uwsgi-without-routes", []int{1}, core.NotRegistered, nil}, {"62-errors-uwsgi-without-routes", []int{2, 7}, core.Forbidden, nil},
		{"62-errors-uwsgi-without-routes", []int{3, 11}, core.Internal, nil}, {"62-errors-uwsgi-without-routes", []int{4}, core.PeerRefused, nil},
		{"62-errors-uwsgi-without-routes", []int{5}, core.Unauthorized, nil}, {"62-errors-uwsgi-without-routes", []int{11}, core.Internal, nil},
	} {
		t.Run(fmt.Sprint(tt.scenario, tt.numbers), func(t *testing.T) {
			rec, p := replayed(t, tt.scenario, tt.numbers...)
			reply, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1)))
			if n := len(rec.Requests()); n != len(tt.numbers) {
				t.Errorf("%d requests, want %d", n, len(tt.numbers))
			}
			if tt.want != core.Internal {
				wantKind(t, err, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(reply.Refused) != len(tt.refused) {
				t.Errorf("refused = %v, want %v", reply.Refused, tt.refused)
			}
			for _, uuid := range tt.refused {
				found := false
				for l, words := range reply.Refused {
					found = found || l.UUID == uuid && words != ""
				}
				if !found {
					t.Errorf("%s is not named in %v", uuid, reply.Refused)
				}
			}
		})
	}
}

func TestRecordedRejectionsNameComponentsAndReferences(t *testing.T) {
	for scenario, table := range map[string]core.Resource{
		"15-push-pr_person-location-rejected": "gis_location", "19-push-org_office-location-rejected": "gis_location",
	} {
		_, p := replayed(t, scenario, 1)
		reply, err := p.Push(context.Background(), pushOf(office("urn:uuid:a", "A", 1)))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for l, words := range reply.Refused {
			found = found || l.Resource == table && words != ""
		}
		if !found || reply.Message == "" {
			t.Errorf("%s: %+v", scenario, reply)
		}
	}
}

func TestRecordedDocumentsPushedByUsAreAcceptedByTheRecordedRules(t *testing.T) {
	corpus := edentest.Corpus(t)
	for _, resource := range []core.Resource{"org_organisation", "pr_person", "org_office", "gis_location", "supply_item", "hrm_human_resource"} {
		t.Run(string(resource), func(t *testing.T) {
			masters, others := document(t, filepath.Join(corpus, "documents", string(resource), "sync.xml"), resource)
			s, p := connect(t)
			req := pushOf(masters...)
			req.Related = others
			reply, err := p.Push(context.Background(), req)
			if err != nil || len(reply.Refused) > 0 {
				t.Fatalf("%d refused, %v: %.300s", len(reply.Refused), err, fmt.Sprint(reply.Refused))
			}
			for i := range masters {
				if masters[i].Deleted {
					continue // the deletion of what is unknown there is no news
				}
				if got, ok := s.Get(masters[i].Link()); !ok || got.ModifiedOn != masters[i].ModifiedOn {
					t.Errorf("%s is not as it was sent: %v %s, sent %s", masters[i].UUID, ok, got.ModifiedOn, masters[i].ModifiedOn)
				}
			}
			back, err := pull(p, replicate.PullRequest{Resource: resource})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, masters, back.masters)
		})
	}
}

// document reads an exported document.
func document(t *testing.T, file string, resource core.Resource) (masters, others []core.Record) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := s3xml.NewDecoder(f, s3xml.Limits{})
	root, err := d.Root()
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		var rec core.Record
		if err := d.Next(&rec); err == io.EOF {
			return masters, others
		} else if err != nil {
			t.Fatal(err)
		}
		if n < root.Results && rec.Resource == resource {
			masters = append(masters, rec)
		} else {
			others = append(others, rec)
		}
	}
}

// compare checks that every living master came back with its own content.
func compare(t *testing.T, sent, got []core.Record) {
	t.Helper()
	byUUID := map[string]*core.Record{}
	for i := range got {
		byUUID[got[i].UUID] = &got[i]
	}
	different := 0
	for i := range sent {
		back, ok := byUUID[sent[i].UUID]
		if sent[i].Deleted {
			continue
		}
		if !ok {
			t.Errorf("%s did not come back", sent[i].UUID)
			continue
		}
		for _, f := range sent[i].Fields {
			if v := back.Value(f.Name); !core.SameValue(v, f.Value) && f.Value.Kind != core.Reference && different < 5 {
				different++
				t.Errorf("%s.%s: sent %+v, came back %+v", sent[i].UUID, f.Name, f.Value, v)
			}
		}
	}
}

func TestRecordedSchemasAreRead(t *testing.T) {
	corpus := edentest.Corpus(t)
	for _, resource := range []core.Resource{"org_office", "org_sector", "cr_shelter_type", "supply_item", "gis_location"} {
		t.Run(string(resource), func(t *testing.T) {
			s, p := connect(t)
			for file, path := range map[string]string{"fields.xml": "/fields.xml", "struct.xml": "/create.xml"} {
				body, err := os.ReadFile(filepath.Join(corpus, "documents", string(resource), file))
				if err != nil {
					continue
				}
				s.Document(nativePath(resource)+path, "text/xml", string(body))
			}
			got, err := p.Schema(context.Background(), resource)
			if err != nil {
				t.Fatal(err)
			}
			name, ok := got.Field("name")
			if !ok || name.Type != "string" {
				t.Errorf("name = %+v", name)
			}
			if _, own := got.Field("root_organisation"); own {
				t.Error("fields of a component are among the resource's own")
			}
			for _, f := range got.Fields {
				if f.Type == "" || f.Type == "reference" && f.Target == "" {
					t.Errorf("field %+v", f)
				}
			}
		})
	}
}

func TestRecordedDownloads(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		n        int
		want     core.Trouble // Internal: the file came
	}{
		{"20-push-file-and-image", 2, core.Internal}, {"20-push-file-and-image", 4, core.Internal}, {"21-pull-org-logo-files", 2, core.Internal},
		{"45-client-files", 9, core.Internal}, {"45-client-files", 10, core.Internal}, {"45-client-files", 11, core.WrongPath},
	} {
		t.Run(fmt.Sprintf("%s/%02d", tt.scenario, tt.n), func(t *testing.T) {
			_, p := replayed(t, tt.scenario, tt.n)
			got, err := fetched(p, "default/download/file", 1<<20)
			if tt.want != core.Internal {
				wantKind(t, err, tt.want)
				return
			}
			for _, e := range edentest.Scenario(t, filepath.Join(edentest.Corpus(t), tt.scenario)) {
				if e.N == tt.n && (err != nil || !bytes.Equal(got, e.Response)) {
					t.Errorf("%d of %d bytes, %v", len(got), len(e.Response), err)
				}
			}
		})
	}
}
