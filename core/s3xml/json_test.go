package s3xml

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
)

func TestS3JSONOfEden(t *testing.T) {
	root, recs, err := DecodeJSON(strings.NewReader(`{"$_org_office": [{"name": "Dili Office", "obsolete": {"@value": false, "$": "-"}, "year": {"@value": 1999, "$": "1999"},
		"code": {"@value": "1.10", "$": "1.10"}, "opened": {"@value": "2012-04-03T08:00:00", "$": "2012-04-03 08:00"}, "tags": {"@value": ["a", "b"]}, "flag": {"@value": "False"},
		"plain": 5, "nothing": null, "logo": {"@url": "http://hub/x", "@filename": "x.png"},
		"$k_organisation_id": {"@resource": "org_organisation", "@uuid": "urn:uuid:o", "$": "Red Cross"}, "$k_sectors": {"@resource": "org_sector", "@uuid": ["s", "t"]},
		"$_pr_contact": [{"@uuid": "c", "value": "x"}],
		"@uuid": "urn:uuid:1", "@mci": "3", "@created_on": "2026-11-22T23:30:39", "@modified_on": "2026-11-22T23:30:41"}],
		"@success": "true", "@results": "1", "@domain": "hub", "@url": "http://hub/eden"}`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Root{Success: true, Results: 1, Start: -1, Limit: -1, Domain: "hub", URL: "http://hub/eden"}); root != want {
		t.Errorf("got %+v", root)
	}
	value := func(kind core.Kind, str string) core.Value { return core.Value{Kind: kind, Str: str} }
	want := []core.Record{{
		Resource: "org_office", UUID: "urn:uuid:1", MCI: 3, CreatedOn: 1795390239, ModifiedOn: 1795390241,
		Fields: []core.Field{
			{Name: "name", Value: core.Text("Dili Office")}, {Name: "obsolete", Value: value(core.Boolean, "false"), Text: "-"},
			{Name: "year", Value: value(core.Integer, "1999")}, {Name: "code", Value: core.Text("1.10")},
			{Name: "opened", Value: value(core.Bare, "2012-04-03T08:00:00"), Text: "2012-04-03 08:00"}, {Name: "tags", Value: value(core.JSON, `["a","b"]`)},
			{Name: "flag", Value: value(core.Bare, "False")}, {Name: "plain", Value: core.Text("5")},
			{Name: "logo", Value: core.Value{Kind: core.File, Str: "http://hub/x", Aux: "x.png"}},
			{Name: "organisation_id", Value: core.RefTo("org_organisation", "urn:uuid:o"), Text: "Red Cross"},
			{Name: "sectors", Value: core.Value{Kind: core.References, Str: `["s","t"]`, Aux: "org_sector"}},
		},
		Components: []core.Record{{Resource: "pr_contact", UUID: "c", MCI: core.MCIUnknown, Master: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Fields: []core.Field{{Name: "value", Value: core.Text("x")}}}},
	}}
	if diff := cmp.Diff(want, recs, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestS3JSONThatIsNone(t *testing.T) {
	for _, tt := range []struct {
		name, doc string
		want      core.Trouble
	}{
		{"a list", `[]`, core.Malformed},
		{"half of it", `{"$_org_office": [`, core.Truncated},
		{"too deep", strings.Repeat(`{"$_a_b":[`, 300), core.Dangerous},
		{"too long", `{"a": "` + strings.Repeat("x", 2000) + `"}`, core.Dangerous},
		{"an attribute twice", `{"$_org_office":[{"@uuid":"a","@uuid":"b"}]}`, core.Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, recs, err := DecodeJSON(strings.NewReader(tt.doc), Limits{Bytes: 1900})
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Kind != tt.want || len(recs) > 0 {
				t.Errorf("got %v, %v", recs, err)
			}
		})
	}
}

func TestABadRecordInS3JSONIsNamed(t *testing.T) {
	_, recs, err := DecodeJSON(strings.NewReader(`{"$_org_office":[{"@uuid":"a"},{"name":"no uuid","@name":"auth_user"},{"@uuid":"c"}],"$_auth_user":[{"@uuid":"u"}]}`), Limits{})
	var bad *RecordError
	if !errors.As(err, &bad) || bad.Reason != "no uuid" || len(recs) != 2 || recs[1].UUID != "c" {
		t.Errorf("got %+v, %v", recs, err)
	}
}

// Eden's S3JSON of the same moment says the same as its S3XML.
func TestS3JSONAndS3XMLOfEdenAgree(t *testing.T) {
	documents := map[string][]byte{}
	corpus(t, func(name string, body []byte) {
		if strings.HasSuffix(name, "rest.xml") || strings.HasSuffix(name, "rest.s3json") {
			documents[name] = body
		}
	})
	compared := 0
	for name, body := range documents {
		fromXML, ok := documents[strings.TrimSuffix(name, ".s3json")+".xml"]
		if !ok || strings.HasSuffix(name, ".xml") || !json.Valid(body) {
			continue
		}
		_, got, err := DecodeJSON(bytes.NewReader(body), Limits{})
		var bad *RecordError
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, _, err := decodeAll(bytes.NewReader(fromXML), Limits{})
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %d records, in XML %d, %v", name, len(got), len(want), err)
			continue
		}
		byLink := map[core.Link]*core.Record{}
		for i := range want {
			byLink[want[i].Link()] = &want[i]
		}
		for i := range got {
			w := byLink[got[i].Link()]
			if w == nil || w.ModifiedOn != got[i].ModifiedOn || len(w.Fields) != len(got[i].Fields) || len(w.Components) != len(got[i].Components) {
				t.Errorf("%s: %v differs from the XML", name, got[i].Link())
				continue
			}
			compared++
		}
	}
	t.Logf("%d records compared", compared)
	if compared < 1000 {
		t.Error("too few")
	}
}
