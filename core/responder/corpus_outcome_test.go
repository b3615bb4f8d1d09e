package responder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// A standing is how a record stood on the recorded hub after a push.
type standing struct {
	label   string
	uuid    string
	website string
	deleted bool
	mci     int
	mtime   string
}

var stateLine = regexp.MustCompile(`STATE \d+ (\d{3}) \w+ \| web=(\S+) del=(True|False) mci=(\d) created=\S+ \S+ mtime=(\S+ \S+) by=`)

// outcomes reads an outcome.txt: the standing after each push, in their order.
func outcomes(t *testing.T, scenario string) (all []standing) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus(t, scenario), "outcome.txt"))
	if err != nil {
		t.Fatal(err)
	}
	label := ""
	for line := range strings.Lines(string(text)) {
		m := stateLine.FindStringSubmatch(line)
		if m == nil {
			label = strings.TrimSpace(line)
			continue
		}
		mci, _ := strconv.Atoi(m[4])
		all = append(all, standing{label, "urn:uuid:00000000-0000-4000-9000-000000000" + m[1], m[2], m[3] == "True", mci, strings.Replace(m[5], " ", "T", 1)})
	}
	return all
}

const (
	hubSite    = "http://hub.example.org"
	clientSite = "http://client.example.org"
)

// unlikeEden are the pushes after which our record stands otherwise than on the recorded hub, with the rule we keep: Eden's
// sync/sync drops strategy and policies that come with a push, the manual promises that they are transferred (THIS and OTHER
// swapped).
var unlikeEden = map[string]struct{ website, rule string }{
	"sync/sync update_policy=MASTER client newer mci=1 hub.mci=0": {hubSite, "MASTER was transferred, and the record originated here"},
	"sync/sync update_policy=OTHER client newer mci=1 hub.mci=0":  {hubSite, "their OTHER is our THIS"},
	"sync/sync update_policy=THIS client older mci=1 hub.mci=0":   {clientSite, "their THIS is our OTHER"},
	"sync/sync strategy=create (update not allowed)":              {hubSite, "the strategy was transferred"},
}

// TestRecordedPoliciesEndAsRecorded replays scenarios 38 and 39: a client pushes onto a record of ours, with the policies in
// the address or with a task of the hub's own, through both addresses. The record must end as it did on the hub, and what was
// not taken is named.
func TestRecordedPoliciesEndAsRecorded(t *testing.T) {
	for _, scenario := range []string{"38-", "39-"} {
		sent := exchanges(t, scenario)
		states := outcomes(t, scenario)
		if len(states) != len(sent) {
			t.Fatalf("%s: %d pushes, %d outcomes", scenario, len(sent), len(states))
		}
		for i, want := range states {
			if strings.Contains(want.label, "create new record") {
				continue // see TestMASTERCreatesOnlyFromTheOriginator
			}
			t.Run(want.label, func(t *testing.T) {
				s := newHub(t)
				s.seed(want)
				s.hubTask(want.label)
				m := s.send(sent[i]).message(t)
				if !m.OK() {
					t.Fatalf("%+v", m)
				}
				website, stamp := want.website, max(want.mtime, "2026-06-01T00:00:00") // the hub lets a stamp go back (W4)
				unlike, differs := unlikeEden[want.label]
				if differs {
					website, stamp = unlike.website, ""
				}
				got := s.stored(want.uuid)
				if got.Deleted != want.deleted || !want.deleted && got.Value("website").Str != website || got.MCI != want.mci {
					t.Errorf("it stands as %+v, on the hub as %+v (%s)", got, want, unlike.rule)
				}
				if stamp != "" && !want.deleted && got.ModifiedOn.String() != stamp {
					t.Errorf("its stamp is %s, on the hub %s", got.ModifiedOn, stamp)
				}
				taken := want.deleted || website == clientSite
				if named := len(m.Tree) == 1 && m.Tree[0].Link.UUID == want.uuid && m.Tree[0].Error != ""; named == taken {
					t.Errorf("taken %v, named as not taken %v: %+v", taken, named, m)
				}
			})
		}
	}
}

// seed stores the record as it stood on the hub before each push.
func (s *site) seed(want standing) {
	rec := organisation(want.uuid, "P", "2026-06-01T00:00:00")
	rec.CreatedOn, _ = core.ParseMTime("2026-01-01T00:00:00")
	rec.MCI = want.mci
	rec.Set(core.Field{Name: "website", Value: core.Text(hubSite)})
	s.edit(rec)
}

// hubTask gives the hub the task that a label of scenario 39 names.
func (s *site) hubTask(label string) {
	s.t.Helper()
	rest, ok := strings.CutPrefix(label, "hub task ")
	if !ok {
		return
	}
	peer, err := s.store.PeerByUUID(s.t.Context(), laptop)
	if err != nil {
		s.t.Fatal(err)
	}
	task := core.NewTask(peer.ID, "org_organisation")
	switch word, _, _ := strings.Cut(strings.TrimPrefix(rest, "policy="), " "); {
	case word == "strategy=create":
		task.Strategy = core.Strategy(core.MethodCreate)
	case word == "strategy":
		task.Strategy &^= core.Strategy(core.MethodDelete)
	default:
		policy, err := core.ParsePolicy(word)
		if err != nil {
			s.t.Fatal(err)
		}
		task.Update, task.Conflict = policy, policy
	}
	s.store.SaveTask(task)
}

// The recorded hub crashed on the first of them.
func TestMASTERCreatesOnlyFromTheOriginator(t *testing.T) {
	s := newHub(t)
	for _, e := range exchanges(t, "38-") {
		if !strings.Contains(e.note, "MASTER create new record") {
			continue
		}
		m := s.send(e).message(t)
		copied := strings.Contains(e.note, "mci=2")
		if got := len(m.Created) == 0; got != copied || !m.OK() {
			t.Errorf("%s: %+v", e.note, m)
		}
	}
	if got := s.store.Records("org_organisation"); len(got) != 1 || got[0].Title() != "Master create 1" {
		t.Errorf("stored: %+v", got)
	}
}

// TestRecordedBasicsEndAsRecorded replays scenario 36 in its order and looks at what stands here after each push. unlike says
// which rule we keep where the recorded hub ended otherwise.
func TestRecordedBasicsEndAsRecorded(t *testing.T) {
	const (
		byBase = "the hub kept its own by the stamp: the peer's last version is the one we agreed on, so its next one grew from it, whatever its clock says (PROMISES 6)"
		noUUID = "the hub made a record, and the next push another one: without a uuid nothing can be found again, so it is set aside and named"
	)
	look := map[string]func(*site, string) string{
		"title":   func(s *site, n string) string { return s.title(n) },
		"website": func(s *site, n string) string { r := s.stored(n); return r.Value("website").Str },
		"deleted": func(s *site, n string) string {
			r := s.stored(n)
			return strings.TrimSpace(fmt.Sprint(r.Deleted, " ", r.ReplacedBy))
		},
		"alive": func(s *site, _ string) string { return fmt.Sprint(len(s.store.Records("org_organisation"))) },
	}
	steps := []struct{ note, what, record, want, unlike string }{
		{"create (PUT)", "title", "001", "Push PUT", ""},
		{"create (POST)", "title", "002", "Push POST", ""},
		{"UTF-8 and entities in name", "title", "006", "Água & Łódź 日本 😀", ""},
		{"create two more", "alive", "", "7", ""},
		{"again, nothing changed, same content and mtime", "title", "001", "Push PUT", ""},
		{"update, newer mtime", "title", "001", "Push PUT renamed", ""},
		{"update, older mtime (stale)", "title", "001", "STALE NAME", byBase},
		{"update without modified_on/created_on/mci", "title", "002", "Push POST, no modified_on", ""},
		{"create minimal: uuid and name only", "title", "007", "Minimal", ""},
		{"create without uuid", "alive", "", "8", noUUID},
		{"same again without uuid (deduplicated by name?)", "alive", "", "8", noUUID},
		{"new uuid, same name as existing (duplicate?)", "title", "009", "Push PUT renamed", ""},
		{"two records", "title", "011", "Eleven", ""},
		{"delete", "deleted", "010", "true", ""},
		{"delete the same again", "deleted", "010", "true", ""},
		{"delete unknown uuid", "alive", "", "10", ""},
		{"delete with stale mtime (must lose under NEWER)", "deleted", "011", "true", byBase},
		{"delete without modified_on", "deleted", "003", "true", ""},
		{"deleted=\"true\" lower case", "deleted", "008", "true", ""},
		{"undelete: push a deleted record again, newer mtime", "title", "010", "Ten back", ""},
		{"merge: deleted with replaced_by", "deleted", "004", "true urn:uuid:00000000-0000-4000-9000-000000000005", ""},
		{"empty document", "alive", "", "7", ""},
		{"document with only another resource", "alive", "", "7", ""},
		{"set field", "website", "012", "http://x.example.org", ""},
		{"clear with empty element", "website", "012", "", ""},
		{"set again with value attribute (JSON) - text is ignored", "website", "012", "http://y.example.org", ""},
		{"clear with value=\"null\"", "website", "012", "", "the hub took null for an address that is not valid"},
		{"set again, unquoted value attribute (not JSON)", "website", "012", "http://z.example.org", ""},
		{"absent data element leaves the field alone", "website", "012", "http://z.example.org", ""},
	}
	sent := exchanges(t, "36-")
	if len(sent) != len(steps) {
		t.Fatalf("%d pushes are recorded, %d are looked at", len(sent), len(steps))
	}
	s := newHub(t)
	for i, want := range steps {
		if sent[i].note != want.note {
			t.Fatalf("push %d is %q, want %q", i+1, sent[i].note, want.note)
		}
		s.send(sent[i])
		if got := look[want.what](s, "urn:uuid:00000000-0000-4000-9000-000000000"+want.record); got != want.want {
			t.Errorf("after %q: %s %s is %q, want %q %s", want.note, want.what, want.record, got, want.want, want.unlike)
		}
	}
}

// TestAStalePushMovesNoStampBack replays scenario 51: whatever the recorded hub made of it, a stamp of ours never goes back, or
// the change would be hidden from everybody who has pulled since (spec eden-sync-protocol W4).
func TestAStalePushMovesNoStampBack(t *testing.T) {
	s := newHub(t)
	var before core.MTime
	for _, e := range exchanges(t, "51-") {
		if m := s.send(e).message(t); !m.OK() {
			t.Fatalf("%s: %+v", e.note, m)
		}
		got := s.stored("urn:uuid:00000000-0000-4000-9000-000000000740")
		if got.ModifiedOn < before {
			t.Errorf("after %q the stamp went back from %s to %s", e.note, before, got.ModifiedOn)
		}
		before = got.ModifiedOn
	}
}

// TestAClientsContactsEndAsRecorded replays scenario 49: components made, changed and deleted inside their master, and pushed
// as a table of their own.
func TestAClientsContactsEndAsRecorded(t *testing.T) {
	contact := func(n string) core.Link {
		return core.Link{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-9000-000000000" + n}
	}
	unlike := map[core.Link]string{
		contact("702"): "the hub cannot delete an e-mail address that is pushed: its validation looks at tombstones, too",
		contact("703"): "deleted by somebody at the hub, between the pushes",
	}
	s := newHub(t)
	for _, e := range exchanges(t, "49-") {
		if strings.HasPrefix(e.line(), "POST") {
			s.send(e)
			continue
		}
		_, recorded := understand(t, e)
		for _, top := range recorded {
			_ = top.Walk(func(want *core.Record) error {
				byHub := !strings.HasPrefix(want.UUID, "urn:uuid:00000000") // it made one for what came without uuid
				got, missing := s.find(want.Link())
				if byHub || unlike[want.Link()] != "" {
					return nil
				}
				if missing || got.Deleted != want.Deleted || !core.SameValue(got.Value("value"), want.Value("value")) {
					t.Errorf("%s: %v is here %+v (missing %v), recorded %+v", e.note, want.Link(), got, missing, *want)
				}
				return nil
			})
		}
	}
	if got := s.contact(contact("702")); !got.Deleted {
		t.Error("a deletion that was pushed is carried out")
	}
}

func (s *site) contact(l core.Link) core.Record {
	s.t.Helper()
	rec, missing := s.find(l)
	if missing {
		s.t.Fatalf("%v is not here", l)
	}
	return rec
}

// TestATaskOfModeNoneSharesNothingByItself replays scenario 40: the recorded hub exchanges a resource although its task for the
// peer says none, and so do we while the resource is shared with everybody. The task alone opens nothing.
func TestATaskOfModeNoneSharesNothingByItself(t *testing.T) {
	for _, shared := range []bool{true, false} {
		s := newHub(t)
		peer, err := s.store.PeerByUUID(t.Context(), laptop)
		if err != nil {
			t.Fatal(err)
		}
		task := core.NewTask(peer.ID, "org_organisation")
		task.Mode = core.ModeNone
		s.store.SaveTask(task)
		if !shared {
			s.store.Unshare("org_organisation")
		}
		for _, e := range exchanges(t, "40-") {
			want := e.status
			if !shared {
				want = 400
			}
			if r := s.send(e); r.StatusCode != want {
				t.Errorf("shared %v, %s: %s, want %d: %s", shared, e.note, r.Status, want, r.body)
			}
		}
	}
}

// TestEveryLabelOfABodyIsRead replays scenario 35: the recorded hub answers eight of the labels with 500 and cannot unpack.
func TestEveryLabelOfABodyIsRead(t *testing.T) {
	s := newHub(t)
	for _, e := range exchanges(t, "35-") {
		if m := s.send(e).message(t); !m.OK() || m.Records != 1 {
			t.Errorf("%s: %+v", e.note, m)
		}
	}
}

// TestTimesAreReadInEveryForm replays scenario 41: five ways to write a time, and what the hub made of them.
func TestTimesAreReadInEveryForm(t *testing.T) {
	s := newHub(t)
	s.store.Share("event_event")
	for _, e := range exchanges(t, "41-") {
		if strings.HasPrefix(e.line(), "POST") {
			if m := s.send(e).message(t); !m.OK() || len(m.Tree) > 0 {
				t.Errorf("%s: %+v", e.note, m)
			}
			continue
		}
		_, recorded := understand(t, e)
		for _, want := range recorded {
			if want.Resource != "event_event" {
				continue
			}
			if want.Title() == "TZ utc 304" { // a date stays a date: only Eden knows that the field has a time, and makes it 08:00
				want.Set(core.Field{Name: "start_date", Value: core.Value{Kind: core.Bare, Str: "2026-11-01"}})
			}
			got, missing := s.find(want.Link())
			if missing || !core.SameValue(got.Value("start_date"), want.Value("start_date")) {
				t.Errorf("%s begins at %+v, on the hub at %+v", want.Title(), got.Value("start_date"), want.Value("start_date"))
			}
		}
	}
}

// TestRecordedStrangersAreRefusedAsRecorded replays scenarios 22 to 24.
func TestRecordedStrangersAreRefusedAsRecorded(t *testing.T) {
	for _, scenario := range []string{"22-", "23-", "24-"} {
		for _, e := range exchanges(t, scenario) {
			s := newHub(t)
			if scenario == "23-" {
				s = newSite(t, nil) // knows nobody
			}
			if scenario == "24-" {
				s.store.Unshare("cr_shelter")
			}
			if r := s.send(e); r.StatusCode != e.status || strings.Contains(r.body, "<resource") {
				t.Errorf("%s: %s, recorded %d: %s", e.line(), r.Status, e.status, r.body)
			}
		}
	}
}
