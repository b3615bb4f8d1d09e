package core

import "testing"

func TestFilterMatch(t *testing.T) {
	org := Record{Resource: "org_organisation", UUID: "urn:uuid:o", Fields: []Field{{Name: "name", Value: Text("Red Cross")}}}
	office := Record{Resource: "org_office", UUID: "urn:uuid:1", ModifiedOn: 1700000000, Fields: []Field{
		{Name: "name", Value: Text("Dili Office, East")},
		{Name: "beds", Value: Value{Kind: Integer, Str: "120"}},
		{Name: "obsolete", Value: Value{Kind: Boolean, Str: "false"}},
		{Name: "organisation_id", Value: RefTo("org_organisation", "urn:uuid:o")},
		{Name: "sectors", Value: Value{Kind: References, Str: `["urn:uuid:a","urn:uuid:b"]`}},
	}}
	lookup := func(l Link) (Record, bool) { return org, l == org.Link() }
	for _, tt := range []struct {
		query string
		want  bool
	}{
		{"", true},
		{"~.name__like=dili*", true},
		{"~.name__like=*off?ce*", true},
		{"~.name__like=A*,*East", true},
		{"~.name__like!=Dili*", false},
		{`~.name="Dili Office, East"`, true},
		{"~.name=Dili Office", false},
		{"~.name__ne=X", true},
		{"~.beds=120.0", true},
		{"~.beds__gt=99", true},
		{"~.beds__lt=99", false},
		{"~.beds__ge=120&~.beds__le=120", true},
		{"~.obsolete=False", true},
		{"~.phone=NONE", true},
		{"~.phone=1", false},
		{"~.name=NONE", false},
		{"~.uuid__belongs=urn:uuid:9,urn:uuid:1", true},
		{"~.organisation_id$name__like=red*", true},
		{"~.organisation_id$name=Blue", false},
		{"~.phone|~.name__like=Dili*", true},
		{"~.sectors__contains=urn:uuid:a,urn:uuid:b", true},
		{"~.sectors__contains=urn:uuid:a,urn:uuid:c", false},
		{"~.sectors__anyof=urn:uuid:c,urn:uuid:b", true},
		{"~.modified_on__ge=2023-01-01T00:00:00", true},
	} {
		if got := (Filter{Query: tt.query}).Match(&office, lookup); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.query, got, tt.want)
		}
	}
}

func TestFilterValidate(t *testing.T) {
	for _, bad := range []Filter{{Query: "name=X"}, {Query: "~.name"}, {Query: "~.name=%zz"}, {Table: "no table", Query: "~.a=1"}, {Query: "~.loc__intersects=POINT"}} {
		if err := bad.Validate(); !IsKind(err, InvalidSetting) {
			t.Errorf("%+v: got %v, want a sentence about the setting", bad, err)
		}
	}
	if err := (Filter{Query: "~.name__like=A*&~.year__gt=1990"}).Validate(); err != nil {
		t.Error(err)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("~.name__like=a*b?c", "abc")
	f.Fuzz(func(t *testing.T, query, name string) {
		rec := Record{Resource: "org_office", Fields: []Field{{Name: "name", Value: Text(name)}}}
		filter := Filter{Query: query}
		if filter.Match(&rec, nil) && filter.Validate() != nil {
			if _, err := filter.Conditions(); err != nil {
				t.Errorf("%q matches although it cannot be read", query)
			}
		}
	})
}
