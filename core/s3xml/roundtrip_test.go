package s3xml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core"
)

// FuzzDecode: whatever comes in, the decoder does not panic, and what it decodes
// is encoded so that it decodes to the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`<?xml version='1.0' encoding='utf-8'?><s3xml success="true" results="1"><resource name="org_office" uuid="urn:uuid:1" mci="2" modified_on="2026-01-02T03:04:05"><data field="name" value="&quot;A &amp;amp; B\n&quot;">A</data><data field="year" value="1.50"/><reference field="organisation_id" resource="org_organisation" uuid="urn:uuid:2" lat="1.5">Red &lt;</reference><resource name="pr_contact" alias="contact" uuid="x/y"><data field="value"> t </data></resource></resource></s3xml>`,
		`<s3xml><resource name="org_office" uuid="u" deleted="TRUE" replaced_by="v" based_on="00ff"><data/></resource><!-- c --><?pi x?></s3xml>`,
		`<s3xml><resource name="org_office" uuid="u"><reference field="x"><resource name="org_site" uuid="w"/></reference><map><a b='"'/></map><data field="f" null="true"/><reference field="g" null="true"/><data field="h" url="u" filename="n"/></resource></s3xml>`,
		`<s3xml><resource name="org_office" uuid="u"><data field="x">a<b/>c</data><reference field="y"><foo/>t</reference><data field="j" value="{&quot;a&quot;: [1]}"/><reference field="l" uuid="[&quot;a&quot;,&quot;b&quot;]"/><data field="n" value="null"/><data field="d" value="2020-01-01"/><![CDATA[ & ]]></resource></s3xml>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		recs, bad, _ := decodeAll(bytes.NewReader(doc), Limits{Depth: 8, Bytes: 1 << 20})
		for _, b := range bad {
			_, _ = ParseRecord(b.Content)
			_ = b.Error()
		}
		for i := range recs {
			again, xml, err := roundTrip(recs[i])
			if err != nil {
				t.Fatalf("encoded as %s: %v", xml, err)
			}
			if diff := difference(recs[i], again); diff != "" {
				t.Fatalf("encoded as %s: %s", xml, diff)
			}
		}
		_, _ = ParseMessage(bytes.NewReader(doc))
	})
}

// FuzzDecodeJSON: S3JSON of a stranger does not harm.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"$_org_office":[{"name":"X","y":{"@value":5,"$":"five"},"$k_o":{"@resource":"org_organisation","@uuid":["a"]},"@uuid":"u"}],"@success":"true"}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		_, recs, err := DecodeJSON(bytes.NewReader(doc), Limits{Depth: 8, Bytes: 1 << 20})
		var syntax *SyntaxError
		var rejected *RecordError
		if err != nil && !errors.As(err, &syntax) && !errors.As(err, &rejected) {
			t.Fatalf("an error of no known type: %v", err)
		}
		for i := range recs {
			if recs[i].UUID == "" || !recs[i].Resource.Valid() {
				t.Fatalf("a record without identity: %+v", recs[i].Link())
			}
		}
	})
}

func TestAnyRecordComesBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := drawRecord(t, 2)
		again, xml, err := roundTrip(rec)
		if err != nil {
			t.Fatalf("%s: %v", xml, err)
		}
		if diff := difference(rec, again); diff != "" {
			t.Fatalf("%s: %s", xml, diff)
		}
	})
}

func TestAnyRecordComesBackTheSameFromS3JSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := drawRecord(t, 0)
		rec.Unknown = "" // XML has no place there
		for i := range rec.Fields {
			if v := &rec.Fields[i].Value; v.Kind == core.Bare {
				v.Str = "2026-01-02T03:04:05" // other bare values become texts
			}
		}
		var out bytes.Buffer
		if err := EncodeJSON(&out, NewRoot(), []core.Record{rec}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		_, recs, err := DecodeJSON(&out, Limits{})
		if err != nil || len(recs) != 1 {
			t.Fatalf("%s: %d records, %v", text, len(recs), err)
		}
		if diff := difference(rec, recs[0]); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
	})
}

var (
	drawText = rapid.StringOf(rapid.RuneFrom([]rune("aZ09 _-&<>\"'\\/\n\t\r{}[]:,;é€漢😀\u00a0\u200e]]>")))
	drawName = rapid.StringMatching(`[a-z][a-z0-9_]{0,12}`)
	drawUUID = rapid.StringMatching(`(urn:uuid:)?[a-zA-Z0-9/&"<'é]{1,20}`)
	drawTime = rapid.Map(rapid.Int64Range(int64(firstStamp), int64(lastStamp)), func(n int64) core.MTime { return core.MTime(n) })
)

func drawRecord(t *rapid.T, depth int) core.Record {
	table := core.Resource("org_" + drawName.Draw(t, "table"))
	rec := core.Record{
		Resource: table, UUID: drawUUID.Draw(t, "uuid"), Alias: drawText.Draw(t, "alias"),
		MCI: rapid.IntRange(-1, 9).Draw(t, "mci"), CreatedOn: drawTime.Draw(t, "created"), ModifiedOn: drawTime.Draw(t, "modified"),
		CreatedBy: drawText.Draw(t, "by"), ModifiedBy: "b@example.org", OwnedBy: drawText.Draw(t, "owner"), OwnedGroup: drawText.Draw(t, "group"),
		Deleted: rapid.Bool().Draw(t, "deleted"), URL: drawText.Draw(t, "url"),
	}
	if rapid.Bool().Draw(t, "merged") {
		rec.ReplacedBy = drawUUID.Draw(t, "replaced")
	}
	rec.Attrs = drawAttrs(t)
	if rapid.Bool().Draw(t, "strange") {
		rec.Unknown = `<strange a="1">x &amp; <b/></strange>`
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "fields") {
		rec.Fields = append(rec.Fields, drawField(t, fmt.Sprintf("%s_%d", drawName.Draw(t, "field"), i)))
	}
	for range rapid.IntRange(0, depth).Draw(t, "components") {
		c := drawRecord(t, depth-1)
		c.Master = rec.Link()
		rec.Components = append(rec.Components, c)
	}
	if rec.Deleted {
		rec.Components = nil
	}
	return rec
}

func drawAttrs(t *rapid.T) []core.Attr {
	var attrs []core.Attr
	for i := range rapid.IntRange(0, 2).Draw(t, "attributes") {
		attrs = append(attrs, core.Attr{Name: fmt.Sprintf("x%d-é", i), Value: drawText.Draw(t, "attribute")})
	}
	return attrs
}

func drawField(t *rapid.T, name string) core.Field {
	f := core.Field{Name: name, Value: drawValue(t), Attrs: drawAttrs(t)}
	text := drawText.Draw(t, "text")
	reference := isReference(&f)
	if f.Value.Kind != core.Null && text != f.Value.Str && (!reference || strings.TrimSpace(text) != "") {
		f.Text = text
	}
	return f
}

func drawValue(t *rapid.T) core.Value {
	switch kind := core.Kind(rapid.IntRange(int(core.Null), int(core.File)).Draw(t, "kind")); kind {
	case core.Null:
		return core.Value{Aux: rapid.SampledFrom([]string{"", core.NullDate, core.NullReference}).Draw(t, "null")}
	case core.Integer:
		return core.Value{Kind: kind, Str: fmt.Sprint(rapid.Int64().Draw(t, "integer"))}
	case core.Number:
		return core.Value{Kind: kind, Str: rapid.StringMatching(`-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,9}([eE][+-]?[0-9]{1,2})?|[eE][0-9])`).Draw(t, "number")}
	case core.Boolean:
		return core.Value{Kind: kind, Str: fmt.Sprint(rapid.Bool().Draw(t, "boolean"))}
	case core.Bare:
		return core.Value{Kind: kind, Str: rapid.SampledFrom([]string{"2026-01-02", "08:30:00", "True", "", "abc", "007", "NaN"}).Draw(t, "bare")}
	case core.JSON:
		return core.Value{Kind: kind, Str: rapid.SampledFrom([]string{`{}`, `[]`, `{"a": "<é>", "b": [1, 2.50, null]}`, `["x", "y"]`}).Draw(t, "json")}
	case core.Reference:
		return core.RefTo("org_site", drawUUID.Draw(t, "target"))
	case core.References:
		list := appendJSONString([]byte{'['}, drawUUID.Draw(t, "first"))
		list = appendJSONString(append(list, ','), drawUUID.Draw(t, "second"))
		return core.Value{Kind: kind, Aux: "org_site", Str: string(append(list, ']'))}
	case core.File:
		return core.Value{Kind: kind, Str: drawText.Draw(t, "url"), Aux: drawText.Draw(t, "file name")}
	}
	return core.Text(drawText.Draw(t, "string"))
}
