package eden

import (
	"context"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

const mobileForm = `{"main": {"tablename": "org_office",
 "schema": {"zone": {"type": "string", "label": "Zone"},
  "name": {"type": "string", "label": "Name", "required": true},
  "organisation_id": {"type": "reference org_organisation", "label": "Organization", "required": true},
  "pe_id": {"type": "objectkey", "reftype": "pr_pentity"},
  "level": {"type": "string", "label": "Level", "default": "L1", "options": [["", ""], ["L0", "Country"], [1, "One"]]},
  "obsolete": {"type": "boolean", "label": "Obsolete", "readable": false, "writable": false},
  "code": {"type": "string", "writable": false},
  "bad name!": {"type": "string"}},
 "form": ["name", {"type": "section-break"}, {"type": "input", "field": "organisation_id"}],
 "strings": {"label": "Office Details", "plural": "Offices"}},
 "components": {"contact": {"table": "pr_contact", "multiple": true, "label": "Contact"}, "user": {"table": "auth_user"}}}`

const fieldList = `<?xml version='1.0' encoding='utf-8'?>
<fields resource="org_office"><field name="name" type="string" readable="True" writable="True" has_options="False"/>
<field name="opened" type="decimal(10,2)" readable="True" writable="True" has_options="False"/>
<field name="kind" type="integer" readable="True" writable="False" has_options="True"/>
<field name="sectors" type="list:reference org_sector" readable="False" writable="False" has_options="True"/>
<field name="deleted_rb" type="integer" readable="False" writable="False" has_options="False"/></fields>`

const createForm = `<s3xml><resource name="org_office"><field name="kind" type="integer" readable="True" writable="False" has_options="True" label="Kind" comment="What it is for"/>
<resource name="pr_contact"><field name="value" type="string" label="Value"/></resource></resource></s3xml>`

func field(t *testing.T, s core.Schema, name string) core.FieldSchema {
	t.Helper()
	f, ok := s.Field(name)
	if !ok {
		t.Fatalf("there is no field %s in %+v", name, s.Fields)
	}
	return f
}

func TestSchemaIsPutTogetherFromAllEndpoints(t *testing.T) {
	s, p := connect(t)
	s.Document("/org/office/mform.json", "application/json", mobileForm)
	s.Document("/org/office/fields.xml", "text/xml", fieldList)
	s.Document("/org/office/create.xml", "text/xml", createForm)
	s.Document("/org/office/options.s3json", "application/json", `{"option":[{"@value":""},{"@value":1,"$":"Office"},{"@value":2,"$":"Depot"}],"@name":"kind"}`)
	got, err := p.Schema(context.Background(), "org_office")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range got.Fields {
		names = append(names, f.Name)
	}
	if want := []string{"name", "organisation_id", "zone", "pe_id", "level", "obsolete", "code", "opened", "kind", "sectors"}; !slices.Equal(names, want) {
		t.Errorf("fields = %v, want %v: the form's order first", names, want)
	}
	if got.Label != "Office Details" || got.Plural != "Offices" || got.Fetched.IsZero() {
		t.Errorf("schema = %+v", got)
	}
	if f := field(t, got, "organisation_id"); f.Type != "reference" || f.Target != "org_organisation" || !f.Required || f.Label != "Organization" {
		t.Errorf("organisation_id = %+v", f)
	}
	if f := field(t, got, "pe_id"); f.Type != "reference" || f.Target != "pr_pentity" {
		t.Errorf("pe_id = %+v", f)
	}
	if f := field(t, got, "level"); f.Default != "L1" || !slices.Equal(f.Options, []core.Option{{Value: "L0", Label: "Country"}, {Value: "1", Label: "One"}}) {
		t.Errorf("level = %+v", f)
	}
	if f := field(t, got, "obsolete"); !f.Hidden || f.ReadOnly {
		t.Errorf("obsolete = %+v", f)
	}
	if f := field(t, got, "code"); f.Hidden || !f.ReadOnly {
		t.Errorf("code = %+v", f)
	}
	if f := field(t, got, "opened"); f.Type != "decimal" {
		t.Errorf("opened = %+v", f)
	}
	if f := field(t, got, "kind"); f.Label != "Kind" || f.Comment != "What it is for" || !f.ReadOnly || len(f.Options) != 2 {
		t.Errorf("kind = %+v", f)
	}
	if f := field(t, got, "sectors"); f.Type != "list:reference" || f.Target != "org_sector" || len(f.Options) != 0 {
		t.Errorf("sectors = %+v", f)
	}
	if len(got.Components) != 1 || got.Components[0] != (core.ComponentSchema{Alias: "contact", Resource: "pr_contact", Label: "Contact", Multiple: true}) {
		t.Errorf("components = %+v", got.Components)
	}
}

func TestSchemaDoesWithoutWhatIsMissing(t *testing.T) {
	s, p := connect(t)
	s.Document("/org/office/fields.xml", "text/xml", fieldList)
	s.InjectOn(edentest.Path("create.xml"), -1, edentest.Status(500))
	s.InjectOn(edentest.Path("mform.json"), -1, edentest.Reply(200, "application/json", `{"main": 5`))
	got, err := p.Schema(context.Background(), "org_office")
	if err != nil || len(got.Fields) != 4 {
		t.Errorf("%+v, %v", got.Fields, err)
	}
}

func TestASchemaThatNobodyKnows(t *testing.T) {
	s, p := connect(t)
	_, err := p.Schema(context.Background(), "org_office")
	wantKind(t, err, core.UnknownResource)
	s.SetPassword("other")
	s.ForgetRequests()
	_, err = p.Schema(context.Background(), "org_office")
	wantKind(t, err, core.Unauthorized)
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests after a refused password", n)
	}
}
