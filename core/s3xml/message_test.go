package s3xml

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
)

func TestParseMessage(t *testing.T) {
	for _, tt := range []struct {
		name, json string
		want       Message
	}{
		{"a push that went well", `{"status": "success", "statuscode": "200", "records": 2, "created": [10], "updated": [3, 1]}`,
			Message{Status: "success", StatusCode: "200", Records: 2, Created: []int{10}, Updated: []int{3, 1}}},
		{"a registration names the node", "{\"status\": \"success\", \"statuscode\": 200, \"message\": \"ok\", \"sender\": \"urn:uuid:1\"}\r\n \n",
			Message{Status: "success", StatusCode: "200", Message: "ok", Sender: "urn:uuid:1"}},
		{"numbers may be texts, and null is nothing", `{"status":"failed","records":"3","message":null,"created":["7"]}`,
			Message{Status: "failed", Records: 3, Created: []int{7}}},
		{"seals are one text", `{"status":"success","seals":"AQAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAADAA=="}`, Message{Status: "success", Seals: []core.Seal{{1}, {2}}}},
		{"seals that are none", `{"status":"success","seals":"!"}`, Message{Status: "success"}},
		{"seals that end in the middle", `{"status":"success","seals":"` + strings.Repeat("AQAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAADAA==", 2) + `"}`, Message{Status: "success"}},
		{"a byte order mark is passed over", "\xEF\xBB\xBF{\"status\":\"success\"}", Message{Status: "success"}},
		{"a record error", `{"status":"success","message":"m","tree":{"$_org_office":[{"@uuid":"u","@error":"no right"}]}}`,
			Message{Status: "success", Message: "m", Tree: []Refusal{{Link: core.Link{Resource: "org_office", UUID: "u"}, Error: "no right"}}}},
		{"errors of fields and references", `{"tree":{"$_org_office":[{"name":{"@value":"","@error":"name: Enter a value"},"$k_location_id":{"@uuid":"l","@error":"bad place"},"@uuid":"u","@error":"Validation error"}]}}`,
			Message{Tree: []Refusal{{Link: core.Link{Resource: "org_office", UUID: "u"}, Error: "Validation error",
				Fields: map[string]string{"name": "name: Enter a value", "location_id": "bad place"}}}}},
		{"a failed component inside of a good master", `{"tree":{"$_pr_person":[{"@uuid":"p","$_pr_contact":[{"@uuid":"c","value":{"@error":"bad"}}]}]}}`,
			Message{Tree: []Refusal{{Link: core.Link{Resource: "pr_contact", UUID: "c"}, Fields: map[string]string{"value": "bad"}}}}},
		{"a failed record inside of a reference", `{"tree":{"$_org_office":[{"@uuid":"o","@error":"e","$k_location_id":{"$_gis_location":[{"@uuid":"l","@error":"f"}]}}]}}`,
			Message{Tree: []Refusal{
				{Link: core.Link{Resource: "org_office", UUID: "o"}, Error: "e"},
				{Link: core.Link{Resource: "gis_location", UUID: "l"}, Error: "f"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseMessage(strings.NewReader(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsNoMessage(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       core.Trouble
	}{
		{"a web page is malformed", "<html><body>Login</body></html>", core.Malformed},
		{"nothing is truncated", "", core.Truncated},
		{"half an answer is truncated", `{"status": "succ`, core.Truncated},
		{"a list is no message", `[]`, core.Malformed},
		{"an answer and more is malformed", `{"status":"success"} x`, core.Malformed},
		{"endless nesting is dangerous", strings.Repeat(`{"a":`, 1000), core.Dangerous},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseMessage(strings.NewReader(tt.text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Kind != tt.want {
				t.Errorf("got %v, want a SyntaxError of kind %d", err, tt.want)
			}
		})
	}
}

func TestAMessageReadsBackAsItWasWritten(t *testing.T) {
	for _, m := range []Message{
		{Status: "success", StatusCode: "200", Records: 3, Created: []int{1, 2}, Deleted: []int{9}},
		{Status: "failed", StatusCode: "403", Message: "you \"may\" not"},
		{Status: "success", StatusCode: "200", Message: "Registration successful", Sender: "urn:uuid:5"},
		{Status: "success", StatusCode: "200", Records: 2, Seals: []core.Seal{{1, 2, 3}, {255, 254}}},
		{Status: "success", StatusCode: "200", Message: "m", Tree: []Refusal{
			{Link: core.Link{Resource: "org_office", UUID: "a"}, Error: "e", Fields: map[string]string{"name": "n", "code": "c"}},
			{Link: core.Link{Resource: "pr_person", UUID: "b"}, Error: "e"},
			{Link: core.Link{Resource: "org_office", UUID: "c"}, Error: "e"}}},
	} {
		text := string(m.Append(nil))
		got, err := ParseMessage(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		byLink := cmpopts.SortSlices(func(a, b Refusal) bool { return a.Link.UUID < b.Link.UUID })
		if diff := cmp.Diff(m, got, cmpopts.EquateEmpty(), byLink); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestAsManySealsAreReadAsAreWritten(t *testing.T) {
	var seals []core.Seal
	for n := range 9 {
		m := Message{Status: "success", StatusCode: "200", Seals: seals}
		got, err := ParseMessage(strings.NewReader(string(m.Append(nil))))
		if diff := cmp.Diff(seals, got.Seals, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%d seals: %v %s", n, err, diff)
		}
		seals = append(seals, core.Seal{byte(n + 1), 15: byte(255 - n)})
	}
}

func TestAMessageIsWrittenAsEdenWritesIt(t *testing.T) {
	for want, m := range map[string]Message{
		`{"status": "success", "statuscode": "200", "records": 1, "created": [10, 11]}`:          {Status: "success", StatusCode: "200", Records: 1, Created: []int{10, 11}},
		`{"status": "success", "statuscode": "200", "records": 0}`:                               {Status: "success", StatusCode: "200"},
		`{"status": "failed", "statuscode": "500", "message": "INTERNAL"}`:                       {Status: "failed", StatusCode: "500", Message: "INTERNAL"},
		`{"status": "success", "statuscode": "200", "message": "Hello", "sender": "urn:uuid:1"}`: {Status: "success", StatusCode: "200", Message: "Hello", Sender: "urn:uuid:1"},
	} {
		if got := string(m.Append(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestARefusalInASentence(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		refusal    Refusal
	}{
		{"the record's reason alone", "no right", Refusal{Error: "no right"}},
		{"fields by name, each named once", "Validation error: [lat] out of range; lon: out of range; name: Enter a value",
			Refusal{Error: "Validation error", Fields: map[string]string{"name": "name: Enter a value", "lon": "out of range", "lat": "[lat] out of range"}}},
		{"a field alone", "year: no year", Refusal{Fields: map[string]string{"year": "no year"}}},
		{"the same reason is not said twice", "name: value(s) required", Refusal{Error: "name: value(s) required", Fields: map[string]string{"name": "value(s) required"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.refusal.Sentence(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEveryAnswerOfEdenToAPushIsRead(t *testing.T) {
	answers, refusals, explained := 0, 0, 0
	corpus(t, func(name string, body []byte) {
		text := strings.TrimSpace(string(body))
		if !strings.HasSuffix(name, "response.http") || !strings.HasPrefix(text, `{"status"`) {
			return
		}
		m, err := ParseMessage(strings.NewReader(string(body)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		answers++
		refusals += len(m.Tree)
		if m.Status == "" || m.StatusCode == "" || m.OK() != (m.Status == "success") {
			t.Errorf("%s: read as %+v", name, m)
		}
		if strings.Contains(text, `"tree"`) != (len(m.Tree) > 0) || strings.Contains(text, `"created"`) != (len(m.Created) > 0) {
			t.Errorf("%s: read as %+v", name, m)
		}
		for _, r := range m.Tree {
			if r.Sentence() == "" || !r.Link.Resource.Valid() {
				t.Errorf("%s: a refusal without reason or table: %+v", name, r)
			}
			if r.Fields != nil {
				explained++
			}
		}
	})
	t.Logf("%d answers, %d refused records, %d with reasons of fields", answers, refusals, explained)
	if answers < 100 || refusals < 20 || explained < 9 {
		t.Error("too few were found")
	}
}
