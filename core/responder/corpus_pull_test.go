package responder_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// otherAnswers are the pulls of a foreign client that we answer otherwise than the recorded hub, with the reason. masters is -1
// where there is no document.
var otherAnswers = map[string]struct {
	status, masters int
	why             string
}{
	"minimal: only resource":            {403, -1, "who does not say who it is gets nothing (DESIGN §6)"},
	"unregistered repository uuid":      {403, -1, "a stranger gets nothing"},
	"normal user":                       {401, -1, "the account does not exist here"},
	"sync.json":                         {404, -1, "there is no such path"},
	"sync.s3json":                       {404, -1, "there is no such path; Eden answers XML under it"},
	"sync without ext":                  {404, -1, "there is no page to be sent to"},
	"broken filter":                     {200, 0, "a filter that no record can match matches none; Eden drops it and sends the whole table"},
	"DELETE":                            {405, -1, "the method is wrong, the path is not"},
	"direct record":                     {404, -1, "there is no such path"},
	"future with Z":                     {400, -1, "Eden ignores what it cannot read and sends the whole table (spec eden-sync-protocol §18.2.6)"},
	"future with +00:00 (plus encoded)": {400, -1, "as above"},
	"future, microseconds":              {400, -1, "as above"},
	"future, date only":                 {400, -1, "as above"},
	"future, space separator":           {400, -1, "as above"},
	"garbage":                           {400, -1, "as above"},
	"future, without seconds":           {400, -1, "as above"},
	"double msince":                     {400, -1, "Eden crashes"},
}

// TestARecordedClientPulls replays scenarios 32, 33 and 34 onto the shelters that the hub had: the same requests must find the
// same masters, but for what otherAnswers says.
func TestARecordedClientPulls(t *testing.T) {
	for _, scenario := range []string{"32-", "33-", "34-"} {
		t.Run(scenario, func(t *testing.T) {
			s := newHub(t)
			_, shelters := understand(t, exchanges(t, "32-")[1])
			fillRecorded(t, s, shelters)
			for _, e := range exchanges(t, scenario) {
				note := e.note
				if note == "" { // the request of 34/01, which only looks
					note = "minimal: only resource"
				}
				status, masters := e.status, -1
				if e.status == http.StatusOK && strings.Contains(string(e.response), "<s3xml") {
					root, _ := understand(t, e)
					masters = root.Results
				}
				why := ""
				if other, ok := otherAnswers[note]; ok {
					status, masters, why = other.status, other.masters, other.why
				}
				r := s.send(e)
				if r.StatusCode != status {
					t.Errorf("%s (%s): %s, want %d %s: %.200s", note, e.line(), r.Status, status, why, r.body)
					continue
				}
				if masters < 0 {
					if strings.Contains(r.body, "<resource") {
						t.Errorf("%s: records came with %s", note, r.Status)
					}
					continue
				}
				root, recs := r.records(t)
				got := len(slices.DeleteFunc(recs, func(rec core.Record) bool { return rec.Resource != "cr_shelter" }))
				if root.Results != masters || got != masters {
					t.Errorf("%s (%s): results %d, %d shelters, want %d %s", note, e.line(), root.Results, got, masters, why)
				}
			}
		})
	}
}
