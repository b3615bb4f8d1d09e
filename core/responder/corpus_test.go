package responder_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// fieldNode is the uuid of the Eden that called in the recorded traffic.
const fieldNode = "urn:uuid:396762a6-5c60-43cd-8304-edc7c2175f6a"

// corpus returns the folder of a recorded scenario, or skips the test where
// the recordings are not at hand.
func corpus(t *testing.T, scenario string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Skip("no module root above the test")
		}
		dir = filepath.Dir(dir)
	}
	found, err := filepath.Glob(filepath.Join(dir, "..", "shared", "eden-corpus", scenario+"*"))
	if err != nil || len(found) == 0 {
		t.Skip("the recorded traffic (../shared/eden-corpus) is not here")
	}
	return found[0]
}

// An exchange is one recorded request with the answer it got.
type exchange struct {
	to, note string
	status   int
	request  []byte // as it went over the wire, its transfer coding undone
	response []byte // the body
}

func exchanges(t *testing.T, scenario string) []exchange {
	t.Helper()
	dir := corpus(t, scenario)
	content, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var meta []struct {
		N      int
		To     string
		Note   string
		Status int
	}
	if err := json.Unmarshal(content, &meta); err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for _, m := range meta {
		request, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%02d-request.http", m.N)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%02d-response.http", m.N)))
		if err != nil {
			t.Fatal(err)
		}
		_, body := cutHead(response)
		all = append(all, exchange{m.To, m.Note, m.Status, request, body})
	}
	return all
}

func cutHead(message []byte) (head, body []byte) {
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if head, body, ok := bytes.Cut(message, []byte(blank)); ok {
			return head, body
		}
	}
	return message, nil
}

// line is the request line and is what names an exchange.
func (e exchange) line() string {
	line, _, _ := strings.Cut(string(e.request), "\n")
	return strings.TrimSpace(line)
}

func (e exchange) target() string { return strings.Fields(e.line())[1] }

// send replays the request to the letter but for its length.
func (s *site) send(e exchange) reply {
	s.t.Helper()
	head, body := cutHead(e.request)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.http.URL, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	var out bytes.Buffer
	for i, line := range strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n") {
		name, _, _ := strings.Cut(strings.ToLower(line), ":")
		if i > 0 && slices.Contains([]string{"content-length", "transfer-encoding", "connection", "expect"}, name) {
			continue
		}
		out.WriteString(line + "\r\n")
	}
	out.WriteString("Connection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	out.Write(body)
	// The answer may come before the request was read to its end.
	go func() { _, _ = conn.Write(out.Bytes()) }()
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.Fields(e.line())[0]})
	if err != nil {
		s.t.Fatalf("%s: %v", e.line(), err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", e.line(), err)
	}
	return reply{res, string(content)}
}

// edenTables are what a hub would share.
var edenTables = []core.Resource{"org_organisation", "org_office", "org_facility", "org_sector", "org_organisation_type", "org_office_type",
	"gis_location", "pr_person", "pr_contact", "pr_image", "hrm_human_resource", "hrm_job_title", "cr_shelter", "doc_document"}

// newHub is a responder in the place of the recorded hub: the recorded clients
// are known and accepted.
func newHub(t *testing.T) *site {
	t.Helper()
	s := newSite(t, nil)
	s.store.Share(edenTables...)
	for _, uuid := range []string{fieldNode, laptop} {
		if _, err := s.store.AddPeer(t.Context(), core.Repository{UUID: uuid, Name: uuid, AcceptPush: true, AllowPull: true}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestARealEdenRegisters(t *testing.T) {
	for _, scenario := range []string{"01-", "02-"} {
		s := newSite(t, nil)
		for _, e := range exchanges(t, scenario) {
			if !strings.Contains(e.target(), "register.json") {
				continue // the administrator's browser
			}
			var recorded, ours map[string]any
			r := s.send(e)
			if err := json.Unmarshal(e.response, &recorded); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(r.body), &ours); err != nil {
				t.Fatal(err)
			}
			recorded["sender"], recorded["message"] = hub, "Registration successful"
			if scenario == "02-" { // there our own uuid registers at another node
				recorded = map[string]any{"status": "failed", "statuscode": "400", "message": ours["message"]}
			}
			if fmt.Sprint(ours) != fmt.Sprint(recorded) {
				t.Errorf("%s: answered %v, recorded %v", scenario, ours, recorded)
			}
		}
	}
}

// knownDifferences are the exchanges that we answer with another status than
// Eden, with the reason.
var knownDifferences = map[string]struct {
	status int
	why    string
}{
	"30-/user without permission":                           {401, "the account does not exist here"},
	"30-/register, uuid only (minimal)":                     {200, "a missing name is no reason to fail"},
	"30-/register without extension":                        {404, "there is no page to be sent to"},
	"30-/register.xml":                                      {405, "only the old form, a GET, is answered there"},
	"37-/user without sync permission":                      {401, "the account does not exist here"},
	"37-/XML with DOCTYPE entity":                           {400, "entities are refused"},
	"37-/push to protected table auth_user":                 {400, "accounts are never taken"},
	"38-/direct MASTER create new record with mci=2 (bug?)": {200, "refused and named instead of a crash"},
	"48-/chunked request body":                              {200, "read"},
	"48-/gzip request body":                                 {200, "unpacked"},
}

func TestARecordedClientRegistersInEveryWay(t *testing.T) {
	s := newSite(t, nil)
	for _, e := range exchanges(t, "30-") {
		want := e.status
		if known, ok := knownDifferences["30-/"+e.note]; ok {
			want = known.status
		}
		r := s.send(e)
		if r.StatusCode != want {
			t.Errorf("%s: %s, recorded %d: %s", e.note, r.Status, e.status, r.body)
		}
		if r.StatusCode != http.StatusOK {
			continue
		}
		recorded, err := s3xml.ParseMessage(bytes.NewReader(e.response))
		if err != nil || want != e.status {
			continue
		}
		if m := r.message(t); m.Status != recorded.Status || m.StatusCode != recorded.StatusCode || m.Message != recorded.Message || m.Sender != hub {
			t.Errorf("%s: %+v, recorded %+v", e.note, m, recorded)
		}
	}
}

// understand decodes what the hub once answered.
func understand(t *testing.T, e exchange) (s3xml.Root, []core.Record) {
	t.Helper()
	root, recs, err := decode(bytes.NewReader(e.response))
	if err != nil {
		t.Fatalf("%s: the recorded answer: %v", e.line(), err)
	}
	return root, recs
}

// TestARealEdenPulls fills our store with what the hub once had, replays the
// request and compares the answers.
func TestARealEdenPulls(t *testing.T) {
	for _, scenario := range []string{"04-", "05-", "06-", "07-", "10-", "13-", "14-"} {
		t.Run(scenario, func(t *testing.T) {
			for _, e := range exchanges(t, scenario) {
				if !strings.HasPrefix(e.line(), "GET") {
					continue
				}
				s := newHub(t)
				root, recorded := understand(t, e)
				fillRecorded(t, s, recorded)
				ourRoot, ours := s.send(e).records(t)
				compareMasters(t, root, recorded, ourRoot, ours)
			}
		})
	}
}

// fillRecorded stores what a document said, one hop nearer to the origin.
func fillRecorded(t *testing.T, s *site, recorded []core.Record) {
	t.Helper()
	seen := make(map[core.Link]bool)
	for _, rec := range recorded {
		rec = rec.Clone()
		if seen[rec.Link()] {
			continue
		}
		seen[rec.Link()] = true
		rec.Components = slices.DeleteFunc(rec.Components, func(c core.Record) bool { return seen[c.Link()] || topLevel(recorded, c.Link()) })
		_ = rec.Walk(func(r *core.Record) error {
			seen[r.Link()] = true
			if r.MCI > 0 {
				r.MCI--
			}
			return nil
		})
		if err := s.store.Fill(t.Context(), []core.Record{rec}); err != nil {
			t.Fatal(err)
		}
	}
}

func topLevel(recs []core.Record, l core.Link) bool {
	return slices.ContainsFunc(recs, func(r core.Record) bool { return r.Link() == l })
}

func compareMasters(t *testing.T, root s3xml.Root, recorded []core.Record, ourRoot s3xml.Root, ours []core.Record) {
	t.Helper()
	if ourRoot.Success != root.Success {
		t.Errorf("success %v, recorded %v", ourRoot.Success, root.Success)
	}
	index := make(map[core.Link]core.Record)
	for i, r := range ours {
		if _, twice := index[r.Link()]; twice {
			t.Errorf("%v is there twice", r.Link())
		}
		if i < ourRoot.Results {
			index[r.Link()] = r
		}
	}
	for _, want := range recorded[:root.Results] {
		got, ok := index[want.Link()]
		if !ok {
			t.Errorf("%v is missing", want.Link())
			continue
		}
		if !core.SameContent(&got, &want) || got.ModifiedOn != want.ModifiedOn || !want.Deleted && got.MCI != want.MCI {
			t.Errorf("%v: %+v, recorded %+v", want.Link(), got, want)
		}
	}
}

// TestARealEdenPushes replays every recorded push and looks for each pushed
// record in the store, unless the answer names it as not taken over.
func TestARealEdenPushes(t *testing.T) {
	for _, scenario := range []string{"04-", "05-", "08-", "09-", "10-", "15-push-pr_person-location", "15-push-pr_person-with", "19-push-org_office-location", "19-push-org_office-with", "20-"} {
		t.Run(scenario, func(t *testing.T) {
			s := newHub(t)
			for _, e := range exchanges(t, scenario) {
				if !strings.HasPrefix(e.line(), "POST") {
					continue
				}
				r := s.send(e)
				m := r.message(t)
				if r.StatusCode != http.StatusOK || !m.OK() {
					t.Fatalf("%s: %s %s", e.line(), r.Status, r.body)
				}
				checkPushed(t, s, e, m)
			}
		})
	}
}

// find returns our version of a record; missing is true if there is none.
func (s *site) find(l core.Link) (rec core.Record, missing bool) {
	s.t.Helper()
	rec, err := s.store.Record(s.t.Context(), l)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		s.t.Fatal(err)
	}
	return rec, err != nil
}

// contains reports whether all that was pushed of a record stands in got. Eden
// nests a link record in both its masters, each time without the reference that
// the nesting implies: together they are the whole.
func contains(got, pushed *core.Record) bool {
	for _, f := range pushed.Fields {
		if !core.SameValue(got.Value(f.Name), f.Value) {
			return false
		}
	}
	return got.Deleted == pushed.Deleted
}

func checkPushed(t *testing.T, s *site, e exchange, m s3xml.Message) {
	t.Helper()
	_, body := cutHead(e.request)
	_, pushed, err := decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	refused := make(map[core.Link]string)
	for _, r := range m.Tree {
		refused[r.Link] = r.Error
	}
	stored := 0
	for _, rec := range pushed {
		_ = rec.Walk(func(p *core.Record) error {
			got, missing := s.find(p.Link())
			switch {
			case refused[p.Link()] != "":
			case missing:
				if !p.Deleted { // else it was never here
					t.Errorf("%v is neither stored nor named", p.Link())
				}
			case !contains(&got, p):
				t.Errorf("%v is stored as %+v, pushed %+v", p.Link(), got, *p)
			default:
				stored++
			}
			return nil
		})
	}
	for l, reason := range refused {
		if !strings.Contains(reason, "is not shared") {
			t.Errorf("%v: %s", l, reason)
		}
	}
	if stored == 0 && !strings.Contains(string(body), `deleted="True"`) {
		t.Errorf("%s: nothing was stored", e.line())
	}
}

// TestARecordedClientPushes replays a foreign client's requests in their order.
func TestARecordedClientPushes(t *testing.T) {
	for _, scenario := range []string{"36-", "37-", "38-", "48-", "49-"} {
		t.Run(scenario, func(t *testing.T) {
			s := newHub(t)
			for _, e := range exchanges(t, scenario) {
				if e.to != "hub" || !strings.Contains(e.target(), "sync.xml") || strings.HasPrefix(e.line(), "GET") {
					continue
				}
				want := e.status
				if known, ok := knownDifferences[scenario+"/"+e.note]; ok {
					want = known.status
				}
				r := s.send(e)
				if r.StatusCode != want {
					t.Errorf("%s (%s): %s, recorded %d: %s", e.note, e.line(), r.Status, e.status, r.body)
					continue
				}
				if r.StatusCode == http.StatusOK && r.Header.Get("Content-Type") == "application/json" {
					r.message(t)
				}
				if r.StatusCode == http.StatusForbidden && r.message(t).Message != core.RegistrationRequired {
					t.Errorf("%s: %s", e.note, r.body)
				}
			}
		})
	}
}
