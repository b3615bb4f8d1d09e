package s3xml

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
)

func TestTheRootSaysWhatTheDocumentHolds(t *testing.T) {
	for _, tt := range []struct {
		name, doc string
		want      Root
	}{
		{"what Eden writes", `<s3xml success="true" start="10" limit="5" results="3" domain="hub" url="http://hub/eden"/>`,
			Root{Success: true, Results: 3, Start: 10, Limit: 5, Domain: "hub", URL: "http://hub/eden"}},
		{"nothing said", `<s3xml/>`, Root{Results: -1, Start: -1, Limit: -1}},
		{"the name of the root does not matter", `<anything success="True" results="0"/>`, Root{Success: true, Results: 0, Start: -1, Limit: -1}},
		{"numbers that are none", `<s3xml results="many" start="-4"/>`, Root{Results: -1, Start: -1, Limit: -1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecoder(strings.NewReader(tt.doc), Limits{})
			for range 2 {
				if got, err := d.Root(); err != nil || got != tt.want {
					t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
				}
			}
			var rec core.Record
			for range 2 {
				if err := d.Next(&rec); !errors.Is(err, io.EOF) {
					t.Errorf("Next = %v, want io.EOF", err)
				}
			}
			if d.Offset() != int64(len(tt.doc)) {
				t.Errorf("Offset = %d, want %d", d.Offset(), len(tt.doc))
			}
		})
	}
}

// TestWhatComesAlongIsTheSameVersion: an Eden of before 2021 marks by ref="True" what is
// in a document because another record refers to it. It changed the content of an
// organisation with each office that came, and back with the next organisation.
func TestWhatComesAlongIsTheSameVersion(t *testing.T) {
	element := func(mark string) core.Record {
		return decodeOne(t, `<resource name="org_organisation" uuid="urn:uuid:1" modified_on="2024-03-01T07:00:00"`+mark+`><data field="name">Red Cross</data></resource>`)
	}
	alone, along := element(""), element(` ref="True"`)
	if !core.SameContent(&alone, &along) {
		t.Errorf("%+v and %+v are not the same", alone, along)
	}
}

func TestAttributesOfARecord(t *testing.T) {
	got := decodeOne(t, `<resource name="org_office" alias="branch" uuid="urn:uuid:1" mci="2" created_on="2024-03-01T07:00:00"
		modified_on="2024-03-01 08:30:00.5+01:00" url="http://hub/eden/org/office/9" created_by="ann@example.org" modified_by="bo@example.org"
		owned_by_user="cy@example.org" owned_by_group="Map Administrator" replaced_by="urn:uuid:2" tuid="t&amp;1" ref="True" id="9" error="none" llrepr="An office" approved="false" grade="A&amp;B" x:y="gone" xmlns:x="urn:x"/>`)
	want := core.Record{
		Resource: "org_office", Alias: "branch", UUID: "urn:uuid:1", MCI: 2, CreatedOn: 1709276400, ModifiedOn: 1709278200,
		URL: "http://hub/eden/org/office/9", CreatedBy: "ann@example.org", ModifiedBy: "bo@example.org", OwnedBy: "cy@example.org",
		OwnedGroup: "Map Administrator", ReplacedBy: "urn:uuid:2",
		Attrs: []core.Attr{{Name: "approved", Value: "false"}, {Name: "grade", Value: "A&B"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFieldBecomesAValue(t *testing.T) {
	value := func(kind core.Kind, str string) core.Value { return core.Value{Kind: kind, Str: str} }
	for _, tt := range []struct {
		name, xml string
		want      core.Field
	}{
		{"text without value", `<data field="f">A &amp;amp; B</data>`, core.Field{Value: core.Text("A &amp; B")}},
		{"text keeps its blanks and lines", "<data field=\"f\"> a\r\nb\rc </data>", core.Field{Value: core.Text(" a\nb\nc ")}},
		{"text in a CDATA section", `<data field="f">a<![CDATA[ <b> & ]]>c</data>`, core.Field{Value: core.Text("a <b> & c")}},
		{"an empty element is an empty text", `<data field="f"/>`, core.Field{Value: core.Text("")}},
		{"a JSON string", `<data field="f" value="&quot;a \&quot;b\&quot; \\ \/ \n \t \u00e9 \ud83d\ude00&quot;">x</data>`, core.Field{Value: core.Text("a \"b\" \\ / \n \t é 😀"), Text: "x"}},
		{"a control character in a JSON string is left out", `<data field="f" value="&quot;a\u0000\bb&quot;"/>`, core.Field{Value: core.Text("ab")}},
		{"half a surrogate stays as it is written", `<data field="f" value="&quot;\ud800&quot;"/>`, core.Field{Value: value(core.Bare, `"\ud800"`)}},
		{"the representation is dropped where it says the same", `<data field="f" value="&quot;Too&quot;">Too</data>`, core.Field{Value: core.Text("Too")}},
		{"an integer and its representation", `<data field="f" value="2">female</data>`, core.Field{Value: value(core.Integer, "2"), Text: "female"}},
		{"a negative integer", `<data field="f" value="-20"/>`, core.Field{Value: value(core.Integer, "-20")}},
		{"a double", `<data field="f" value="5000.0">5 000</data>`, core.Field{Value: value(core.Number, "5000.0"), Text: "5 000"}},
		{"a decimal keeps its zeros", `<data field="f" value="0.00">0.00</data>`, core.Field{Value: value(core.Number, "0.00")}},
		{"an exponent as Python writes it", `<data field="f" value="1e-05"/>`, core.Field{Value: value(core.Number, "1e-05")}},
		{"leading zeros are no number", `<data field="f" value="007"/>`, core.Field{Value: value(core.Bare, "007")}},
		{"NaN is no number", `<data field="f" value="NaN"/>`, core.Field{Value: value(core.Bare, "NaN")}},
		{"entities in a text", `<data field="f" value="&quot;a &amp; b &lt;c&gt; &apos;d&#233;&quot;">A</data>`, core.Field{Value: core.Text("a & b <c> 'dé"), Text: "A"}},
		{"an escape behind an entity", `<data field="f" value="&quot;a &amp; \n&quot;"/>`, core.Field{Value: core.Text("a & \n")}},
		{"an escape that is written as a character", `<data field="f" value="&quot;a&#92;tb&quot;"/>`, core.Field{Value: core.Text("a\tb")}},
		{"a tab as a character is no JSON", `<data field="f" value="&quot;a&#9;b&quot;"/>`, core.Field{Value: value(core.Bare, "\"a\tb\"")}},
		{"a text that ends too early is no JSON", `<data field="f" value="&quot;a&quot;b&quot;"/>`, core.Field{Value: value(core.Bare, `"a"b"`)}},
		{"a quotation mark as a character ends a text", `<data field="f" value="&quot;a&#34;"/>`, core.Field{Value: core.Text("a")}},
		{"a boolean", `<data field="f" value="false">-</data>`, core.Field{Value: value(core.Boolean, "false"), Text: "-"}},
		{"Python's False stays", `<data field="f" value="False"/>`, core.Field{Value: value(core.Bare, "False")}},
		{"a date", `<data field="f" value="1980-05-06">6 May</data>`, core.Field{Value: value(core.Bare, "1980-05-06"), Text: "6 May"}},
		{"a date-time", `<data field="f" value="2012-04-03T08:00:00"/>`, core.Field{Value: value(core.Bare, "2012-04-03T08:00:00")}},
		{"a time", `<data field="f" value="08:30:00"/>`, core.Field{Value: value(core.Bare, "08:30:00")}},
		{"an empty value", `<data field="f" value=""/>`, core.Field{Value: value(core.Bare, "")}},
		{"JSON to the letter", `<data field="f" value="{&quot;a&quot;:  [1.0, null]}"/>`, core.Field{Value: value(core.JSON, `{"a":  [1.0, null]}`)}},
		{"a list of texts", `<data field="f" value='["a", "b"]'>a, b</data>`, core.Field{Value: value(core.JSON, `["a", "b"]`), Text: "a, b"}},
		{"broken JSON stays", `<data field="f" value="{a}"/>`, core.Field{Value: value(core.Bare, "{a}")}},
		{"JSON null", `<data field="f" value="null"/>`, core.Field{}},
		{"cleared", `<data field="f" value="&quot;&quot;" null="true"/>`, core.Field{}},
		{"a cleared date", `<data null="true" field="f"/>`, core.Field{Value: core.Value{Aux: core.NullDate}}},
		{"a cleared reference", `<reference field="f" null="true"/>`, core.Field{Value: core.Value{Aux: core.NullReference}}},
		{"an upload", `<data field="f" url="http://hub/x.png" filename="x.png"/>`, core.Field{Value: core.Value{Kind: core.File, Str: "http://hub/x.png", Aux: "x.png"}}},
		{"a reference", `<reference field="f" resource="org_organisation" uuid="urn:uuid:5">Red Cross</reference>`, core.Field{Value: core.RefTo("org_organisation", "urn:uuid:5"), Text: "Red Cross"}},
		{"a reference into the default table", `<reference uuid="5" field="f"/>`, core.Field{Value: core.RefTo("", "5")}},
		{"a list of references", `<reference field="f" resource="org_sector" uuid="[&quot;a&quot;, &quot;b&quot;]">A, B</reference>`, core.Field{Value: core.Value{Kind: core.References, Str: `["a", "b"]`, Aux: "org_sector"}, Text: "A, B"}},
		{"coordinates of a reference", `<reference field="f" resource="gis_location" uuid="l" lat="-8.5500" lon="125.5700"/>`,
			core.Field{Value: core.RefTo("gis_location", "l"), Attrs: []core.Attr{{Name: "lat", Value: "-8.5500"}, {Name: "lon", Value: "125.5700"}}}},
		{"a reference by tuid", `<reference field="f" resource="gis_location" tuid="loc1"/>`, core.Field{Value: core.RefTo("gis_location", ""), Attrs: []core.Attr{{Name: "tuid", Value: "loc1"}}}},
		{"unknown attributes of a field", `<data field="f" unit="kg" value="5"/>`, core.Field{Value: value(core.Integer, "5"), Attrs: []core.Attr{{Name: "unit", Value: "kg"}}}},
		{"a tab in an attribute is a space, a reference to one is a tab", "<data field=\"f\" value=\"'a\t\r\nb&#9;c'\"/>", core.Field{Value: value(core.Bare, "'a  b\tc'")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Name = "f"
			rec := decodeOne(t, `<resource name="org_office" uuid="u">`+tt.xml+`</resource>`)
			if diff := cmp.Diff([]core.Field{tt.want}, rec.Fields, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			again, xml, err := roundTrip(rec)
			if err != nil || difference(rec, again) != "" {
				t.Errorf("%s: %v %s", xml, err, difference(rec, again))
			}
			element := `<resource name="org_office" uuid="u"><data field="e">1</data>` + tt.xml + `<data field="g" value="2">x</data></resource>`
			recs, bad, err := decodeAll(strings.NewReader("<s3xml>"+strings.Repeat(element, 3)+"</s3xml>"), Limits{})
			if err != nil || len(bad) > 0 || len(recs) != 3 {
				t.Fatal(len(recs), bad, err)
			}
			for i := range recs {
				if diff := cmp.Diff(tt.want, recs[i].Fields[1], cmpopts.EquateEmpty()); diff != "" || len(recs[i].Fields) != 3 {
					t.Errorf("when it has become familiar, in record %d: %s", i, diff)
				}
			}
		})
	}
}

func TestFamiliarFieldsMayBeMissingOrWrong(t *testing.T) {
	const open, closing = `<resource name="org_office" uuid="u">`, `</resource>`
	full := open + `<data field="a">1</data><data field="b" value="2"/><reference field="c" resource="org_site" uuid="3">C</reference><data field="d">4</data>` + closing
	doc := "<s3xml>" + full + full +
		open + `<data field="d">4</data><data field="a">1</data>` + closing + // another order
		open + `<data field="a">1</data><data field="a">1</data>` + closing + // twice
		open + `<reference field="c" resource="org_site" uuid=" 3">C</reference>` + closing + // no uuid
		open + `<reference field="c" resource="org_site" uuid="3"> </reference><data field="d">4</data x="1">` + closing // not well-formed
	recs, bad, err := decodeAll(strings.NewReader(doc), Limits{})
	var syntax *SyntaxError
	if len(recs) != 3 || len(bad) != 2 || !errors.As(err, &syntax) || syntax.Kind != core.Malformed {
		t.Fatalf("%d records, rejected %v, %v", len(recs), bad, err)
	}
	if diff := cmp.Diff(recs[0], recs[1]); diff != "" {
		t.Error(diff)
	}
	if len(recs[2].Fields) != 2 || recs[2].Fields[0].Name != "d" || recs[2].Fields[1].Value.Str != "1" {
		t.Errorf("got %+v", recs[2].Fields)
	}
	long := strings.Repeat("x", 100)
	_, _, err = decodeAll(strings.NewReader("<s3xml>"+full+open+`<data field="a">`+long+`</data>`+closing+"</s3xml>"), Limits{Field: 90})
	if !errors.As(err, &syntax) || syntax.Kind != core.Dangerous {
		t.Errorf("a familiar field over the limit: %v", err)
	}
}

func TestWhatIsForMapsIsNotKept(t *testing.T) {
	rec := decodeOne(t, `<resource name="org_office" uuid="o"><reference field="location_id" resource="gis_location" uuid="l"
		lat="-8.5500" popup_url="http://hub/eden/org/office/1" marker_height="20" other="kept">Dili</reference></resource>`)
	want := []core.Attr{{Name: "lat", Value: "-8.5500"}, {Name: "other", Value: "kept"}}
	if diff := cmp.Diff(want, rec.Fields[0].Attrs); diff != "" {
		t.Error(diff)
	}
}

func TestComponentsKnowTheirMaster(t *testing.T) {
	rec := decodeOne(t, `<resource name="org_organisation" uuid="m"><data field="name">M</data>
		<resource name="org_organisation_branch" alias="branch" uuid="c1"><data field="x">1</data>
			<resource name="org_office" uuid="d"><data field="y">2</data></resource></resource>
		<data field="year" value="1999"/><resource name="pr_contact" uuid="c2"/></resource>`)
	if len(rec.Fields) != 2 || len(rec.Components) != 2 || !rec.Master.IsZero() {
		t.Fatalf("got %+v", rec)
	}
	branch, contact := rec.Components[0], rec.Components[1]
	if branch.Alias != "branch" || branch.Master != rec.Link() || contact.Master != rec.Link() || contact.UUID != "c2" {
		t.Errorf("got %+v and %+v", branch, contact)
	}
	if len(branch.Components) != 1 || branch.Components[0].Master != branch.Link() || branch.Components[0].Fields[0].Value.Str != "2" {
		t.Errorf("got %+v", branch)
	}
}

func TestAComponentHasItsTablesName(t *testing.T) {
	rec := decodeOne(t, `<resource name="pr_person" uuid="p"><resource name="pr_email_contact" alias="email" uuid="c1"/>
		<resource name="pr_contact_emergency" uuid="c2"/><resource name="pr_contact" alias="phone" uuid="c3"/>
		<resource name="hrm_job_title_human_resource" alias="job_title" uuid="c4"/></resource>`)
	var got []string
	for _, c := range rec.Components {
		got = append(got, string(c.Resource)+" "+c.Alias+" below "+c.Master.UUID)
	}
	want := []string{"pr_contact email below p", "pr_contact_emergency  below p", "pr_contact phone below p", "hrm_job_title_human_resource job_title below p"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rec = decodeOne(t, `<resource name="org_organisation" uuid="o"><resource name="org_organisation_organisation" uuid="l"/></resource>`)
	if got := rec.Components[0]; got.Resource != "org_organisation_organisation" || got.Master.UUID != "o" {
		t.Errorf("got %+v", got)
	}
}

func TestARecordNestedBelowOneOfItsTablePointsToIt(t *testing.T) {
	body := `<s3xml><resource name="supply_item_category" uuid="top"><data field="code">A</data>
		<resource name="supply_item_category_item_category" uuid="child"><data field="code">AA</data>
			<resource name="supply_item_category_item_category" uuid="grandchild"/></resource>
		<resource name="supply_item_category_item_category" uuid="gone" deleted="True"/></resource></s3xml>`
	recs, bad, err := decodeAll(strings.NewReader(body), Limits{})
	if err != nil || len(bad) > 0 || len(recs) != 4 {
		t.Fatal(recs, bad, err)
	}
	parent := func(uuid string) core.Field {
		return core.Field{Name: "parent_item_category_id", Value: core.RefTo("supply_item_category", uuid)}
	}
	want := [][]core.Field{{{Name: "code", Value: core.Text("A")}}, {{Name: "code", Value: core.Text("AA")}, parent("top")}, {parent("child")}, nil}
	for i := range recs {
		slices.SortFunc(recs[i].Fields, func(a, b core.Field) int { return strings.Compare(a.Name, b.Name) })
		if diff := cmp.Diff(want[i], recs[i].Fields); diff != "" || recs[i].Resource != "supply_item_category" || !recs[i].Master.IsZero() || len(recs[i].Components) > 0 {
			t.Errorf("%+v: %s", recs[i], diff)
		}
	}
}

func TestARecordInsideOfAReferenceFollows(t *testing.T) {
	recs, bad, err := decodeAll(strings.NewReader(`<s3xml><resource name="org_office" uuid="o">
		<reference field="organisation_id"> <resource name="org_organisation" uuid="in"><data field="name">I</data></resource></reference>
		<reference field="sectors" resource="org_sector"><resource name="org_sector" uuid="s1"/><resource name="org_sector" uuid="s2"/></reference>
		</resource><resource name="org_office" uuid="next"/></s3xml>`), Limits{})
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	var uuids []string
	for _, r := range recs {
		uuids = append(uuids, r.UUID)
	}
	if diff := cmp.Diff([]string{"o", "in", "s1", "s2", "next"}, uuids); diff != "" {
		t.Error(diff)
	}
	want := []core.Field{
		{Name: "organisation_id", Value: core.RefTo("org_organisation", "in")},
		{Name: "sectors", Value: core.Value{Kind: core.References, Str: `["s1","s2"]`, Aux: "org_sector"}},
	}
	if diff := cmp.Diff(want, recs[0].Fields); diff != "" {
		t.Error(diff)
	}
	if recs[1].Fields[0].Value.Str != "I" || !recs[1].Master.IsZero() {
		t.Errorf("got %+v", recs[1])
	}
}

func TestATombstoneIsItsIdentity(t *testing.T) {
	rec := decodeOne(t, `<resource name="org_sector" uuid="old" deleted="tRuE" modified_on="2024-05-01T00:00:00" replaced_by="new" based_on="ff">
		<data field="name">ignored</data><data/><resource name="pr_contact"/></resource>`)
	want := core.Record{Resource: "org_sector", UUID: "old", MCI: core.MCIUnknown, Deleted: true, ModifiedOn: 1714521600, ReplacedBy: "new",
		Attrs: []core.Attr{{Name: "based_on", Value: "ff"}}}
	if diff := cmp.Diff(want, rec); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsUnknownIsKept(t *testing.T) {
	for _, tt := range []struct{ name, inside, want string }{
		{"elements, as they stand", `<map zoom='3'><!-- c --><p>1 &lt; 2</p></map><x/>`, `<map zoom='3'><!-- c --><p>1 &lt; 2</p></map><x/>`},
		{"an element inside of a field", `<data field="f">a<b/>c</data>`, `<b/>`},
		{"a reference that refers to nothing", `<reference field="f" resource="org_site" value="5">Five &amp;</reference>`, `<reference field="f" resource="org_site" value="5">Five &amp;</reference>`},
		{"not what uses a namespace", `<g:map/><map xmlns="urn:x"/><map><a b:c="d"/></map><y/>`, `<y/>`},
		{"not a private record in it", `<x>1<resource name="auth_user" uuid="a"><data field="password">secret</data></resource>2</x>`, `<x>12</x>`},
		{"not text between the elements", ` text <z/> text `, `<z/>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := decodeOne(t, `<resource name="org_office" uuid="u">`+tt.inside+`</resource>`)
			if rec.Unknown != tt.want {
				t.Errorf("got %s, want %s", rec.Unknown, tt.want)
			}
			if again, xml, err := roundTrip(rec); err != nil || again.Unknown != tt.want {
				t.Errorf("%s: got %s, %v", xml, again.Unknown, err)
			}
		})
	}
}

func TestPrivateRecordsAreNotRead(t *testing.T) {
	const secret = `<data field="password">secret</data></resource>`
	doc := `<s3xml><resource name="auth_user" uuid="1">` + secret + `<resource name="AUTH_group" uuid="2"/><resource name="auth&#95;role">` + secret +
		`<resource name="pr_person" uuid="p"><data field="first_name">Ann</data><resource name="auth_membership" uuid="3">` + secret + `
		<reference field="user_id" resource="auth_user" uuid="4"><resource name="auth_user" uuid="4">` + secret + `</reference></resource>
		<resource name="pr_person"><resource name="auth_user">` + secret + `</resource><fields><resource name="sync_config"/></fields></s3xml>`
	d := NewDecoder(strings.NewReader(doc), Limits{})
	var rec core.Record
	if err := d.Next(&rec); err != nil {
		t.Fatal(err)
	}
	if len(rec.Components) != 0 || len(rec.Fields) != 2 || d.Dropped() != 5 {
		t.Errorf("got %+v, %d dropped", rec, d.Dropped())
	}
	var bad *RecordError
	if err := d.Next(&rec); !errors.As(err, &bad) || strings.Contains(bad.Content, "secret") || !strings.Contains(bad.Content, "pr_person") {
		t.Errorf("got %v with content %s", err, bad.Content)
	}
	if err := d.Next(&rec); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
}

func TestABadRecordDoesNotEndTheStream(t *testing.T) {
	for _, tt := range []struct{ name, record, reason, element string }{
		{"no uuid", `<resource name="org_office"/>`, "no uuid", "resource"},
		{"an empty uuid", `<resource name="org_office" uuid=""/>`, "no uuid", "resource"},
		{"a long uuid", `<resource name="org_office" uuid="` + strings.Repeat("é", 129) + `"/>`, "128", "resource"},
		{"a uuid with a line end", `<resource name="org_office" uuid="a&#10;b"/>`, "control", "resource"},
		{"no name", `<resource uuid="u"/>`, "no resource name", "resource"},
		{"an invalid name", `<resource name="office; drop" uuid="u"/>`, "resource name", "resource"},
		{"no stamp", `<resource name="org_office" uuid="u" modified_on="gestern"/>`, "modified_on", "resource"},
		{"an empty stamp", `<resource name="org_office" uuid="u" created_on=""/>`, "created_on", "resource"},
		{"a stamp beyond the years", `<resource name="org_office" uuid="u" created_on="9999-12-31T23:59:59-02:00"/>`, "created_on", "resource"},
		{"no number", `<resource name="org_office" uuid="u" mci="one"/>`, "mci", "resource"},
		{"a negative number", `<resource name="org_office" uuid="u" mci="-1"/>`, "mci", "resource"},
		{"a number too large", `<resource name="org_office" uuid="u" mci="99999999999999999999"/>`, "mci", "resource"},
		{"a bad replacement", `<resource name="org_office" uuid="u" deleted="True" replaced_by=" x"/>`, "replaced_by", "resource"},
		{"a field without a name", `<resource name="org_office" uuid="u"><data>x</data></resource>`, "field without", "data"},
		{"an invalid field name", `<resource name="org_office" uuid="u"><data field="a b">x</data></resource>`, "field name", "data"},
		{"a field twice", `<resource name="org_office" uuid="u"><data field="a">1</data><resource name="pr_contact" uuid="c"><data field="a"/></resource><reference field="a" uuid="2"/></resource>`, "twice", "resource"},
		{"a component without uuid", `<resource name="org_office" uuid="u"><resource name="pr_contact"/></resource>`, "no uuid", "resource"},
		{"a reference to a bad table", `<resource name="org_office" uuid="u"><reference field="a" resource="x y" uuid="2"/></resource>`, "no resource", "reference"},
		{"a bad list of references", `<resource name="org_office" uuid="u"><reference field="a" uuid="[1]"/></resource>`, "list", "reference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := "<s3xml>\n" + tt.record + "\n<resource name=\"org_office\" uuid=\"next\"/></s3xml>"
			recs, bad, err := decodeAll(strings.NewReader(doc), Limits{})
			if err != nil || len(recs) != 1 || recs[0].UUID != "next" || len(bad) != 1 {
				t.Fatalf("got %+v, %v, %v", recs, bad, err)
			}
			e := bad[0]
			if !strings.Contains(e.Reason, tt.reason) || e.Line != 2 || e.Element != tt.element || e.Content != tt.record || !strings.Contains(e.Error(), "line 2") {
				t.Errorf("got %+v", e)
			}
			if _, err := ParseRecord(e.Content); err == nil {
				t.Error("the content was read as a good record")
			}
		})
	}
}

func TestTheContentOfABadRecordIsCut(t *testing.T) {
	doc := `<s3xml><resource name="org_office"><data field="a">` + strings.Repeat("é", maxContent) + `</data></resource></s3xml>`
	_, bad, err := decodeAll(strings.NewReader(doc), Limits{})
	if err != nil || len(bad) != 1 || len(bad[0].Content) > maxContent || len(bad[0].Content) < maxContent-4 {
		t.Errorf("got %v, %d", err, len(bad))
	}
}

func TestYearsFromZeroToNineThousand(t *testing.T) {
	for _, stamp := range []string{"0000-01-01T00:00:00", "0001-02-03T04:05:06", "1969-12-31T23:59:59", "9999-12-31T23:59:59"} {
		rec := decodeOne(t, `<resource name="org_office" uuid="u" modified_on="`+stamp+`"/>`)
		if xml := string(AppendRecord(nil, &rec)); !strings.Contains(xml, `modified_on="`+stamp+`"`) {
			t.Errorf("%s became %s", stamp, xml)
		}
	}
}

func TestARecordIsTheCallersToKeep(t *testing.T) {
	d := NewDecoder(strings.NewReader(`<s3xml><resource name="org_office" uuid="1"><data field="a">first</data></resource>
		<resource name="org_office" uuid="2"><data field="a">other</data></resource></s3xml>`), Limits{})
	var first, second core.Record
	if err := errors.Join(d.Next(&first), d.Next(&second)); err != nil {
		t.Fatal(err)
	}
	if first.UUID != "1" || first.Fields[0].Value.Str != "first" || second.Fields[0].Value.Str != "other" {
		t.Errorf("got %+v and %+v", first, second)
	}
	first.Set(core.Field{Name: "b"})
	if len(second.Fields) != 1 {
		t.Error("records share their fields")
	}
}

func TestParseRecordTakesOneRecord(t *testing.T) {
	for _, xml := range []string{"", "<!-- none -->", `<resource name="org_office" uuid="1"/><resource name="org_office" uuid="2"/>`,
		`</s3xml>`, `<resource name="org_office" uuid="1">`, `<resource name="org_office" uuid="1"/></s3xml><s3xml>`, `<resource name="auth_user" uuid="1"/>`} {
		if rec, err := ParseRecord(xml); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q: got %+v, %v", xml, rec, err)
		}
	}
}

// TestABadComponentSetsItsMasterAside: all of the top-level record is set aside, so it is
// the one to be named; a person who looks for it must find why it is not here, and a
// comparison must not take it for gone.
func TestABadComponentSetsItsMasterAside(t *testing.T) {
	_, bad, err := decodeAll(strings.NewReader(`<s3xml><resource name="pr_person" uuid="urn:uuid:1"><data field="first_name">Ann</data>
		<resource name="pr_contact" uuid="urn:uuid:2" modified_on="yesterday"/></resource></s3xml>`), Limits{})
	if err != nil || len(bad) != 1 {
		t.Fatalf("%v, %v, want one record set aside", bad, err)
	}
	if want := (core.Link{Resource: "pr_person", UUID: "urn:uuid:1"}); bad[0].Record != want || !strings.Contains(bad[0].Reason, "pr_contact urn:uuid:2") {
		t.Errorf("%+v, want it of %v, and the contact in the reason", bad[0], want)
	}
}

// TestARepresentationThatIsTheValueEscapedIsNone: as recorded, pr_person's comments.
func TestARepresentationThatIsTheValueEscapedIsNone(t *testing.T) {
	got := decodeOne(t, `<resource name="pr_person" uuid="urn:uuid:1"><data field="comments" value="&quot;Tetum &amp; &lt;b&gt;Portuguese&lt;/b&gt;&quot;">Tetum &amp;amp; &amp;lt;b&amp;gt;Portuguese&amp;lt;/b&amp;gt;</data>`+
		`<data field="gender" value="2">female &amp;amp; so on</data></resource>`)
	if f, _ := got.Field("comments"); f.Text != "" || f.Display() != "Tetum & <b>Portuguese</b>" {
		t.Errorf("a person reads %q", f.Display())
	}
	if f, _ := got.Field("gender"); f.Text == "" {
		t.Error("a representation of its own is lost")
	}
}
