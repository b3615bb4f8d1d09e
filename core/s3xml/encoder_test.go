package s3xml

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestAFieldIsWrittenSoThatEdenUnderstandsIt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		field core.Field
		want  string
	}{
		{"a text is JSON in value", core.Field{Value: core.Text(`1.10`)}, `<data field="f" value="&quot;1.10&quot;"/>`},
		{"with its representation beside it", core.Field{Value: core.Text("TL"), Text: "Timor <b> & \"more\"\r\n"}, `<data field="f" value="&quot;TL&quot;">Timor &lt;b&gt; &amp; "more"&#13;` + "\n</data>"},
		{"quotes, backslashes, lines and tabs", core.Field{Value: core.Text("\"\\<&>\n\r\t'é")}, `<data field="f" value="&quot;\&quot;\\&lt;&amp;&gt;\n\r\t'é&quot;"/>`},
		{"control characters and broken UTF-8 are left out", core.Field{Value: core.Text("a\x00\x08\x0b\x1f\uFFFE\xffb"), Text: "\x01c\xe2\x82"}, `<data field="f" value="&quot;ab&quot;">c</data>`},
		{"an integer", core.Field{Value: core.Value{Kind: core.Integer, Str: "5"}, Text: "five"}, `<data field="f" value="5">five</data>`},
		{"a date", core.Field{Value: core.Value{Kind: core.Bare, Str: "1980-05-06"}}, `<data field="f" value="1980-05-06"/>`},
		{"JSON", core.Field{Value: core.Value{Kind: core.JSON, Str: `{"a": "<"}`}}, `<data field="f" value="{&quot;a&quot;: &quot;&lt;&quot;}"/>`},
		{"line ends in a bare value are references", core.Field{Value: core.Value{Kind: core.Bare, Str: "a\n\t\rb"}}, `<data field="f" value="a&#10;&#9;&#13;b"/>`},
		{"an upload", core.Field{Value: core.Value{Kind: core.File, Str: "http://h/?a=1&b", Aux: "x.png"}}, `<data field="f" url="http://h/?a=1&amp;b" filename="x.png"/>`},
		{"a reference", core.Field{Value: core.RefTo("org_site", "u"), Text: "Site"}, `<reference field="f" resource="org_site" uuid="u">Site</reference>`},
		{"several", core.Field{Value: core.Value{Kind: core.References, Str: `["a","b"]`, Aux: "org_site"}}, `<reference field="f" resource="org_site" uuid="[&quot;a&quot;,&quot;b&quot;]"/>`},
		{"a cleared text or number", core.Field{Text: "was"}, `<data field="f" value="&quot;&quot;" null="true"/>`},
		{"a cleared date", core.Field{Value: core.Value{Aux: core.NullDate}}, `<data field="f" null="true"/>`},
		{"a cleared reference", core.Field{Value: core.Value{Aux: core.NullReference}}, `<reference field="f" null="true"/>`},
		{"unknown attributes, but none that would change the element", core.Field{Value: core.Text("x"), Attrs: []core.Attr{
			{Name: "unit", Value: "k\"g"}, {Name: "unit", Value: "again"}, {Name: "value", Value: "5"}, {Name: "field", Value: "g"},
			{Name: "null", Value: "true"}, {Name: "a b", Value: "c"}, {Name: "x:y", Value: "z"}, {Name: "xmlns", Value: "z"}, {Name: "", Value: "z"}}},
			`<data field="f" value="&quot;x&quot;" unit="k&quot;g"/>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.field.Name = "f"
			rec := core.Record{Resource: "org_office", UUID: "u", MCI: core.MCIUnknown, Fields: []core.Field{tt.field}}
			got := string(AppendRecord(nil, &rec))
			if want := `<resource name="org_office" uuid="u">` + tt.want + `</resource>`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestARecordIsWrittenAsEdenWritesIt(t *testing.T) {
	full := core.Record{
		Resource: "org_office", UUID: "u", MCI: 0, CreatedOn: 1709276400, ModifiedOn: 1709278200, CreatedBy: "a@x", ModifiedBy: "b@x", OwnedBy: "c@x",
		OwnedGroup: "G & H", URL: "http://h", Attrs: []core.Attr{{Name: "based_on", Value: "ff"}, {Name: "uuid", Value: "other"}, {Name: "x", Value: "y"}},
		Fields:     []core.Field{{Name: "o", Value: core.RefTo("org_site", "s")}, {Name: "n", Value: core.Text("v")}},
		Components: []core.Record{{Resource: "pr_contact", Alias: "contact", UUID: "c", MCI: 3}, {Resource: "auth_user", UUID: "secret"}},
		Unknown:    "<map/>",
	}
	tombstone := full
	tombstone.Deleted, tombstone.ReplacedBy = true, "w"
	for name, tt := range map[string]struct {
		rec  core.Record
		want string
	}{
		"all parts, references last": {full, `<resource name="org_office" uuid="u" mci="0" created_on="2024-03-01T07:00:00" modified_on="2024-03-01T07:30:00" url="http://h"` +
			` created_by="a@x" modified_by="b@x" owned_by_user="c@x" owned_by_group="G &amp; H" based_on="ff" x="y"><data field="n" value="&quot;v&quot;"/>` +
			`<reference field="o" resource="org_site" uuid="s"/><resource name="pr_contact" alias="contact" uuid="c" mci="3"/><map/></resource>`},
		"a tombstone is its identity": {tombstone, `<resource name="org_office" uuid="u" deleted="True" mci="0" modified_on="2024-03-01T07:30:00" replaced_by="w" based_on="ff"/>`},
		"a private record is nothing": {core.Record{Resource: "auth_user", UUID: "u"}, ""},
	} {
		if got := string(AppendRecord(nil, &tt.rec)); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestADocument(t *testing.T) {
	const declaration = "<?xml version='1.0' encoding='utf-8'?>\n"
	office := core.Record{Resource: "org_office", UUID: "u", MCI: core.MCIUnknown}
	for name, tt := range map[string]struct {
		root Root
		recs []core.Record
		want string
	}{
		"without records there is no success": {Root{Success: true, Results: 0, Domain: "h"}, nil, `<s3xml success="false" results="0" domain="h"></s3xml>`},
		"with records there is":               {Root{Results: 1, URL: "http://h?a&b"}, []core.Record{office}, `<s3xml success="true" results="1" url="http://h?a&amp;b"><resource name="org_office" uuid="u"/></s3xml>`},
		"what is absent is left out":          {NewRoot(), []core.Record{office}, `<s3xml success="true"><resource name="org_office" uuid="u"/></s3xml>`},
		"a page":                              {Root{Results: 1, Start: 20, Limit: 10}, nil, `<s3xml success="false" start="20" limit="10" results="1"></s3xml>`},
	} {
		var out bytes.Buffer
		e := NewEncoder(&out, tt.root)
		if out.Len() > 0 {
			t.Errorf("%s: NewEncoder wrote", name)
		}
		for i := range tt.recs {
			if err := e.Encode(&tt.recs[i]); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(e.Close(), e.Close()); err != nil {
			t.Error(err)
		}
		if got := out.String(); got != declaration+tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}

// A document that is held is the same as one that is not, whatever its number of
// results turned out to be.
func TestADocumentThatIsHeldUntilItHasBeenCounted(t *testing.T) {
	rec := core.Record{Resource: "org_office", UUID: "u", Fields: []core.Field{{Name: "a", Value: core.Text(strings.Repeat("x", 1000))}}}
	for _, tt := range []struct{ held, after int }{{0, 0}, {0, 2}, {1, 0}, {1, 1}, {1000, 200}} {
		root := NewRoot()
		root.Results = tt.held
		var plain, held bytes.Buffer
		p, h := NewEncoder(&plain, root), NewEncoder(&held, NewRoot())
		h.Hold()
		for n := range tt.held + tt.after {
			if n == tt.held {
				if held.Len() > 0 {
					t.Error("what is held was written")
				}
				if err := h.Release(tt.held); err != nil {
					t.Error(err)
				}
			}
			if err := errors.Join(p.Encode(&rec), h.Encode(&rec)); err != nil {
				t.Fatal(err)
			}
		}
		if tt.after == 0 {
			if err := h.Release(tt.held); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(p.Close(), h.Close()); err != nil {
			t.Error(err)
		}
		want := strings.Replace(plain.String(), `success="true" results="0"`, `success="false" results="0"`, 1) // no master, but what came along
		if held.String() != want {
			t.Errorf("%d held and %d after: %.200s instead of %.200s", tt.held, tt.after, held.String(), want)
		}
		if h.Held() != 0 {
			t.Errorf("%d bytes are held", h.Held())
		}
	}
	e := NewEncoder(fullDisk{}, NewRoot())
	e.Hold()
	if e.Encode(&rec) != nil || e.Release(1) == nil || e.Close() == nil {
		t.Error("the error was forgotten")
	}
}

func TestTheEncoderRefusesWhatMayNotTravel(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out, NewRoot())
	for _, rec := range []core.Record{{Resource: "auth_user", UUID: "u"}, {Resource: "org_office"}, {Resource: "no name", UUID: "u"}} {
		if e.Encode(&rec) == nil {
			t.Errorf("%+v was taken", rec.Link())
		}
		if EncodeJSON(io.Discard, NewRoot(), []core.Record{rec}) == nil {
			t.Errorf("%+v was taken as JSON", rec.Link())
		}
	}
	if err := e.Close(); err != nil || strings.Contains(out.String(), "resource") {
		t.Errorf("got %s, %v", out.String(), err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("injected") }

func TestAWritersErrorIsFinal(t *testing.T) {
	e := NewEncoder(fullDisk{}, NewRoot())
	rec := core.Record{Resource: "org_office", UUID: "u", Fields: []core.Field{{Name: "a", Value: core.Text(strings.Repeat("x", flushSize))}}}
	if e.Encode(&rec) == nil || e.Encode(&rec) == nil || e.Close() == nil || e.Close() == nil {
		t.Error("the error was forgotten")
	}
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	rec := sampleRecord(7)
	e := NewEncoder(io.Discard, NewRoot())
	if n := testing.AllocsPerRun(500, func() { _ = e.Encode(&rec) }); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}

func TestDecodingAllocatesAHandfulForARecord(t *testing.T) {
	const records = 2000
	doc := sampleDocument(records)
	n := testing.AllocsPerRun(5, func() {
		if recs, _, err := decodeCount(bytes.NewReader(doc)); err != nil || recs != records {
			t.Error(recs, err)
		}
	})
	if n/records > 5 { // one of them is the record itself
		t.Errorf("%.1f allocations a record", n/records)
	}
}
