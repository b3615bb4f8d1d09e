package s3xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// sampleRecord is the i-th record of a data set that looks like an Eden's:
// organisations with about fifteen fields, every third with components.
func sampleRecord(i int) core.Record {
	uuid := func(kind, n int) string {
		return fmt.Sprintf("urn:uuid:%08x-%04x-4a5b-8c7d-%012x", uint32(n)*2654435761, kind, n)
	}
	stamp := core.MTime(1420070400 + i*977)
	text := func(name, value string) core.Field { return core.Field{Name: name, Value: core.Text(value)} }
	number := func(name string, n int) core.Field {
		return core.Field{Name: name, Value: core.Value{Kind: core.Integer, Str: fmt.Sprint(n)}}
	}
	rec := core.Record{
		Resource: "org_organisation", UUID: uuid(1, i), MCI: i % 3, CreatedOn: stamp, ModifiedOn: stamp + 86400, CreatedBy: "admin@example.org", ModifiedBy: "o'neil@example.org",
		Fields: []core.Field{
			text("name", fmt.Sprintf("Água & Saneamento %d", i)), text("acronym", fmt.Sprintf("A%d", i%9973)),
			{Name: "country", Value: core.Text("TL"), Text: "Timor-Leste"}, text("contact", "water Committee"), text("phone", fmt.Sprintf("+670 %07d", i)),
			text("website", fmt.Sprintf("http://www.water%d.org/?a=1&b=2", i)), number("year", 1900+i%124),
			{Name: "facility_status", Value: core.Value{Kind: core.Integer, Str: fmt.Sprint(1 + i%5)}, Text: "Compromised"}, number("capacity", i%5000),
			{Name: "obsolete", Value: core.Value{Kind: core.Boolean, Str: "false"}, Text: "-"},
			text("comments", strings.Repeat("Camp road flooded, bridge assessment pending. ", 1+i%3)),
			{Name: "organisation_type_id", Value: core.RefTo("org_organisation_type", uuid(4, i%8)), Text: "NGO"},
			{Name: "location_id", Value: core.RefTo("gis_location", uuid(5, i%5000)), Text: fmt.Sprintf("Ward %d", i%5000), Attrs: []core.Attr{{Name: "lat", Value: "-8.5500"}, {Name: "lon", Value: "125.5700"}}},
		},
	}
	if i%3 == 0 {
		rec.Components = []core.Record{{Resource: "pr_contact", Alias: "contact", UUID: uuid(3, i), MCI: 1, CreatedOn: stamp, ModifiedOn: stamp, Master: rec.Link(),
			Fields: []core.Field{{Name: "contact_method", Value: core.Text("EMAIL"), Text: "Email"}, text("value", fmt.Sprintf("contact%d@example.org", i))}}}
	}
	return rec
}

// sampleDocument holds n of them; half of the texts are written as Eden writes
// them where a field has no representation: as the element's text.
func sampleDocument(n int) []byte {
	var out bytes.Buffer
	e := NewEncoder(&out, Root{Results: n, Domain: "hub", URL: "http://hub/eden"})
	for i := range n {
		rec := sampleRecord(i)
		_ = e.Encode(&rec)
	}
	_ = e.Close()
	doc := out.String()
	for _, name := range []string{"name", "acronym", "contact", "phone", "comments"} {
		doc = plainTexts(doc, name)
	}
	return []byte(doc)
}

// plainTexts turns value="&quot;X&quot;"/> of a field into >X</data>.
func plainTexts(doc, name string) string {
	opening := `<data field="` + name + `" value="&quot;`
	parts := strings.Split(doc, opening)
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.Replace(parts[i], `&quot;"/>`, `</data>`, 1)
	}
	return strings.Join(parts, `<data field="`+name+`">`)
}

func decodeCount(r io.Reader) (records, fields int, err error) {
	d := NewDecoder(r, Limits{})
	for {
		var rec core.Record
		if err := d.Next(&rec); err != nil {
			if errors.Is(err, io.EOF) {
				return records, fields, nil
			}
			return records, fields, err
		}
		records++
		fields += len(rec.Fields)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		doc := sampleDocument(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if got, _, err := decodeCount(bytes.NewReader(doc)); err != nil || got != n {
					b.Fatal(got, err)
				}
			}
		})
	}
}

// BenchmarkPass passes over what came before as the same bytes, as a pull does with
// what has not changed.
func BenchmarkPass(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		doc := sampleDocument(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				d := NewDecoder(bytes.NewReader(doc), Limits{})
				d.Recognise(core.DigestKey{1}, func(all []core.Sighting) error {
					for i := range all {
						all[i].Known, all[i].Row = true, 1
					}
					return nil
				})
				passed := 0
				for {
					known, err := d.Pass()
					if err != nil {
						b.Fatal(err)
					}
					if known == nil {
						break
					}
					passed++
				}
				if err := d.Next(new(core.Record)); !errors.Is(err, io.EOF) || passed != n {
					b.Fatal(passed, err)
				}
			}
		})
	}
}

// BenchmarkEncodingXML is the yardstick: the tokens alone, no records.
func BenchmarkEncodingXML(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		doc := sampleDocument(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				dec := xml.NewDecoder(bytes.NewReader(doc))
				for {
					if _, err := dec.RawToken(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		recs := make([]core.Record, n)
		for i := range recs {
			recs[i] = sampleRecord(i)
		}
		size := int64(len(sampleDocument(n)))
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				e := NewEncoder(io.Discard, NewRoot())
				for i := range recs {
					if err := e.Encode(&recs[i]); err != nil {
						b.Fatal(err)
					}
				}
				if err := e.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
