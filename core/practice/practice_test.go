package practice_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func start(t *testing.T, seed uint64) *practice.Practice {
	t.Helper()
	p, err := practice.Start(t.Context(), practice.Options{Now: func() time.Time { return noon }, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// all returns every record of the repository with its components.
func all(t *testing.T, p *practice.Practice) map[core.Link]core.Record {
	t.Helper()
	found := make(map[core.Link]core.Record)
	for _, resource := range practice.Resources() {
		_, err := p.Store().Export(t.Context(), responder.ExportQuery{Resource: resource}, func(rec *core.Record) error {
			return rec.Walk(func(r *core.Record) error {
				found[r.Link()] = r.Clone()
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestTheSampleDataIsWellFormed(t *testing.T) {
	p := start(t, 1)
	records := all(t, p)
	if len(records) < 300 {
		t.Errorf("%d records, want at least 300", len(records))
	}
	scripts := make(map[string]bool)
	for link, rec := range records {
		if !core.ValidUUID(link.UUID) || !strings.HasPrefix(link.UUID, "urn:uuid:") || !link.Resource.Valid() || link.Resource.Private() {
			t.Errorf("%v cannot name a record", link)
		}
		if rec.ModifiedOn < rec.CreatedOn || rec.ModifiedOn > core.MTimeOf(noon) || rec.CreatedOn == 0 {
			t.Errorf("%v was made %v and changed %v", link, rec.CreatedOn, rec.ModifiedOn)
		}
		for _, f := range rec.Fields {
			for _, uuid := range f.Value.UUIDs() {
				if _, ok := records[core.Link{Resource: core.Resource(f.Value.Aux), UUID: uuid}]; !ok {
					t.Errorf("%v: %s leads nowhere: %s %s", link, f.Name, f.Value.Aux, uuid)
				}
			}
			for _, r := range f.Value.Str {
				for name, table := range unicode.Scripts {
					if f.Value.Kind == core.String && unicode.Is(table, r) {
						scripts[name] = true
					}
				}
			}
		}
	}
	for _, script := range []string{"Latin", "Arabic", "Devanagari", "Cyrillic", "Han", "Myanmar"} {
		if !scripts[script] {
			t.Errorf("no name in the script %s", script)
		}
	}
}

func TestTheSampleDataFitsItsSchema(t *testing.T) {
	p := start(t, 1)
	for link, rec := range all(t, p) {
		schema, err := p.Store().Schema(t.Context(), link.Resource)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range rec.Fields {
			fs, ok := schema.Field(f.Name)
			if !ok {
				t.Errorf("%s has no field %s in its schema", link.Resource, f.Name)
			} else if f.Value.Kind == core.Reference && string(fs.Target) != f.Value.Aux && fs.Target != "org_site" {
				t.Errorf("%s.%s points to %s, the schema says %s", link.Resource, f.Name, f.Value.Aux, fs.Target)
			}
		}
		for _, fs := range schema.Fields {
			if _, ok := rec.Field(fs.Name); fs.Required && !ok {
				t.Errorf("%v lacks the required field %s", link, fs.Name)
			}
		}
	}
}

func TestTheSameSeedMakesTheSameData(t *testing.T) {
	a, b, c := start(t, 7), start(t, 7), start(t, 8)
	left, right, other := all(t, a), all(t, b), all(t, c)
	if a.UUID() != b.UUID() || a.UUID() == c.UUID() || len(left) != len(right) {
		t.Fatalf("%s with %d records, %s with %d, %s with %d", a.UUID(), len(left), b.UUID(), len(right), c.UUID(), len(other))
	}
	for link, rec := range left {
		twin := right[link]
		if !core.SameContent(&rec, &twin) {
			t.Fatalf("%v differs", link)
		}
		if _, ok := other[link]; ok {
			t.Fatalf("%v is in another seed's data too", link)
		}
	}
}

func TestParentsComeFirstAmongTheResources(t *testing.T) {
	p := start(t, 1)
	place := make(map[core.Resource]int)
	for i, r := range practice.Resources() {
		place[r] = i + 1
	}
	for link, rec := range all(t, p) {
		for _, f := range rec.Fields {
			if target := core.Resource(f.Value.Aux); f.Value.Kind == core.Reference && place[link.Resource] > 0 && place[target] > place[link.Resource] {
				t.Errorf("%s comes before %s, which its %s points to", link.Resource, target, f.Name)
			}
		}
	}
}

// get asks the practice repository over HTTP.
func get(t *testing.T, p *practice.Practice, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) *http.Response {
	t.Helper()
	req.SetBasicAuth(practice.Username, practice.Password.Reveal())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

const laptop = "urn:uuid:11111111-2222-4333-8444-555555555555"

func register(t *testing.T, p *practice.Practice) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL()+"/sync/repository/register.json",
		strings.NewReader(`{"uuid": "`+laptop+`", "name": "laptop", "apitype": "eden"}`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := s3xml.ParseMessage(do(t, req).Body)
	if err != nil || !m.OK() || m.Sender != p.UUID() {
		t.Fatalf("registration: %+v, %v", m, err)
	}
}

func TestALaptopRegistersAndPullsEverythingAtOnce(t *testing.T) {
	p := start(t, 1)
	register(t, p)
	received := make(map[core.Link]core.Record)
	for _, resource := range practice.Resources() {
		d := s3xml.NewDecoder(get(t, p, "/sync/sync.xml?resource="+string(resource)+"&repository="+laptop).Body, s3xml.Limits{})
		for {
			var rec core.Record
			err := d.Next(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			_ = rec.Walk(func(r *core.Record) error {
				received[r.Link()] = *r
				return nil
			})
		}
	}
	for link, rec := range all(t, p) {
		got := received[link]
		if !core.SameContent(&got, &rec) {
			t.Errorf("%v arrived as %+v, it is %+v", link, got.Fields, rec.Fields)
		}
	}
}

func TestAColleagueChangesSomethingAndSaysSo(t *testing.T) {
	p := start(t, 3)
	seen := make(map[string]bool)
	for range 40 {
		before, err := p.Store().Seq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		what, err := p.Colleague(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		after, err := p.Store().Seq(t.Context())
		if err != nil || after == before {
			t.Errorf("%q, but nothing changed", what)
		}
		if !strings.HasSuffix(what.String(), ".") || strings.Contains(what.String(), "“”") {
			t.Errorf("%q is no sentence", what)
		}
		seen[strings.Fields(what.String())[2]] = true
	}
	if len(seen) < 3 {
		t.Errorf("colleagues do only %v", seen)
	}
}

func TestConflictAndDeleteAreVisibleAtThePracticeSide(t *testing.T) {
	p := start(t, 3)
	shelter := p.Records("cr_shelter")[0]
	what, err := p.Conflict(t.Context(), shelter.Link(), "phone", core.Text("+999 1 000 0000"))
	if err != nil || !strings.Contains(what.String(), "Phone") {
		t.Fatal(what, err)
	}
	rec, err := p.Record(shelter.Link())
	if err != nil || rec.Value("phone").Str != "+999 1 000 0000" || rec.ModifiedOn != core.MTimeOf(noon) {
		t.Fatalf("%+v, %v", rec, err)
	}
	if _, err := p.Delete(t.Context(), shelter.Link()); err != nil {
		t.Fatal(err)
	}
	if rec, err = p.Record(shelter.Link()); err != nil || !rec.Deleted || len(rec.Fields) != 0 {
		t.Errorf("%+v, %v", rec, err)
	}
	if _, err := p.Conflict(t.Context(), shelter.Link(), "phone", core.Text("1")); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a change of a deleted record: %v", err)
	}
}

func TestTheEndOfTheContextEndsThePracticeRepository(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := practice.Start(ctx, practice.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error("a second Close:", err)
	}
}

func TestFormsOfThePracticeTablesAreServed(t *testing.T) {
	p := start(t, 1)
	register(t, p)
	body, err := io.ReadAll(get(t, p, "/cr/shelter/mform.json?repository="+laptop).Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"tablename":"cr_shelter"`, `"required":true`, `["2","Open"]`, `"reference cr_shelter_type"`, `"plural":"Shelters"`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is missing in %s", want, body)
		}
	}
}
