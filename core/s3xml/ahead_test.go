package s3xml

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// digestsOf reads a document to its end and returns the digests of its records, each
// with what it was taken of.
func digestsOf(body []byte) map[core.Digest]core.Record {
	digests := make(map[core.Digest]core.Record)
	d := NewDecoder(bytes.NewReader(body), Limits{})
	d.Recognise(core.DigestKey{1}, nil)
	for {
		var rec core.Record
		err := d.Next(&rec)
		var bad *RecordError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return digests
		}
		_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
			if !r.Digest.IsZero() {
				digests[r.Digest] = *r
			}
			return nil
		})
	}
}

func TestDigestsOfAnotherKeyAreOthers(t *testing.T) {
	body := []byte(twoWithParts)
	digests := func(key core.DigestKey) (all []core.Digest) {
		d := NewDecoder(bytes.NewReader(body), Limits{})
		d.Recognise(key, nil)
		for {
			var rec core.Record
			if err := d.Next(&rec); err != nil {
				return all
			}
			_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
				all = append(all, r.Digest)
				return nil
			})
		}
	}
	one, again, other := digests(core.DigestKey{1}), digests(core.DigestKey{1}), digests(core.DigestKey{2})
	if len(one) == 0 || !slices.Equal(one, again) {
		t.Fatalf("%x, and then %x", one, again)
	}
	for i, d := range one {
		if d.IsZero() || slices.Contains(other, d) || slices.Contains(one[:i], d) {
			t.Errorf("the digest %x: with another key %x", d, other)
		}
	}
}

// passed reads a document whose records are known by their digests. It returns the
// records that were passed over, and the links of those that were read.
func passed(t *testing.T, body []byte, known map[core.Digest]core.Record) (over []core.Sighting, read []core.Link) {
	t.Helper()
	d := NewDecoder(bytes.NewReader(body), Limits{})
	d.Recognise(core.DigestKey{1}, func(all []core.Sighting) error {
		for i := range all {
			_, all[i].Known = known[all[i].Digest]
		}
		return nil
	})
	for {
		records, err := d.Pass()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) > 0 {
			over = append(over, records...)
			continue
		}
		var rec core.Record
		err = d.Next(&rec)
		var bad *RecordError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return over, read
		}
		_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
			read = append(read, r.Link())
			return nil
		})
	}
}

// checkPassing says of one document what holds of all: what is passed over is a record that
// was read from the same bytes, and nothing is passed over and read, or neither.
func checkPassing(t *testing.T, name string, body []byte) (over int) {
	t.Helper()
	known := digestsOf(body)
	sightings, read := passed(t, body, known)
	for _, s := range sightings {
		rec := known[s.Digest]
		if rec.Link() != s.Link || rec.ModifiedOn != s.ModifiedOn || rec.Deleted {
			t.Fatalf("%s: passed over %+v, which was %+v of %s, deleted: %v", name, s, rec.Link(), rec.ModifiedOn, rec.Deleted)
		}
	}
	_, all := passed(t, body, nil)
	if len(sightings)+len(read) != len(all) {
		t.Fatalf("%s: %d records passed over and %d read, but there are %d", name, len(sightings), len(read), len(all))
	}
	return len(sightings)
}

func TestWhatIsPassedOverWasReadFromTheSameBytes(t *testing.T) {
	over, documents := 0, 0
	corpus(t, func(name string, body []byte) {
		n := checkPassing(t, name, body)
		over += n
		if n > 0 {
			documents++
		}
	})
	t.Logf("%d records passed over in %d documents", over, documents)
	if over < 1000 {
		t.Errorf("only %d records of the recorded traffic were passed over", over)
	}
}

const twoWithParts = `<?xml version="1.0"?>
<s3xml success="true" results="2">
  <resource name="org_organisation" uuid="urn:uuid:a" modified_on="2026-01-02T03:04:05Z"><data field="name">A</data>
    <resource name="org_office" uuid="urn:uuid:a1" modified_on="2026-01-02T03:04:05Z"><data field="name">Office &amp; store</data></resource>
    <resource name="org_office" uuid="urn:uuid:a2" modified_on="2026-01-02T03:04:05Z"/>
    <data field="website">http://a.example.org</data>
  </resource>
  <resource name="org_organisation" uuid="urn:uuid:b" modified_on="2026-01-02T03:04:05Z"><data field="name">B</data></resource>
</s3xml>`

func TestOneChangedByteIsReadAnew(t *testing.T) {
	known := digestsOf([]byte(twoWithParts))
	if over, read := passed(t, []byte(twoWithParts), known); len(over) != 4 || len(read) != 0 {
		t.Fatalf("passed over %v, read %v", over, read)
	}
	for _, tt := range []struct{ name, old, new string }{
		{"a field", `"name">A<`, `"name">a<`},
		{"a field behind the components", "http://a", "http://b"},
		{"a field of a component", "Office", "office"},
		{"an attribute", `uuid="urn:uuid:a2" modified_on="2026-01-02T03:04:05Z"`, `uuid="urn:uuid:a2" modified_on="2026-01-02T03:04:06Z"`},
		{"a component more", `uuid="urn:uuid:a2" modified_on="2026-01-02T03:04:05Z"/>`,
			`uuid="urn:uuid:a2" modified_on="2026-01-02T03:04:05Z"/><resource name="org_office" uuid="urn:uuid:a3" modified_on="2026-01-02T03:04:05Z"/>`},
		{"a comment", `<data field="website">`, `<!-- </resource> --><data field="website">`},
		{"a CDATA section", `"name">A<`, `"name"><![CDATA[</resource>A]]><`},
		{"a tombstone", `uuid="urn:uuid:a2"`, `deleted="True" uuid="urn:uuid:a2"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := bytes.Replace([]byte(twoWithParts), []byte(tt.old), []byte(tt.new), 1)
			if bytes.Equal(body, []byte(twoWithParts)) {
				t.Fatal("nothing was replaced")
			}
			over, read := passed(t, body, known)
			if len(over) != 1 || over[0].Link.UUID != "urn:uuid:b" || len(read) < 3 {
				t.Errorf("passed over %v, read %v", over, read)
			}
		})
	}
}

// The same bytes below another master are another place.
func TestAComponentThatMovedIsReadAnew(t *testing.T) {
	const part = `<resource name="org_office" uuid="urn:uuid:p" modified_on="2026-01-02T03:04:05Z"/>`
	below := func(a, b string) []byte {
		return []byte(`<s3xml><resource name="org_organisation" uuid="urn:uuid:a" modified_on="2026-01-02T03:04:05Z">` + a +
			`</resource><resource name="org_organisation" uuid="urn:uuid:b" modified_on="2026-01-02T03:04:05Z">` + b + `</resource></s3xml>`)
	}
	_, read := passed(t, below("", part), digestsOf(below(part, "")))
	if len(read) != 3 {
		t.Errorf("read %v", read)
	}
}

func TestAnErrorOfWhoIsAskedEndsThePassing(t *testing.T) {
	d := NewDecoder(bytes.NewReader([]byte(twoWithParts)), Limits{})
	d.Recognise(core.DigestKey{1}, func([]core.Sighting) error { return io.ErrClosedPipe })
	if _, err := d.Pass(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func FuzzPass(f *testing.F) {
	f.Add([]byte(twoWithParts), 5, byte('<'))
	f.Add([]byte(`<s3xml><resource name="a_b" uuid="u" modified_on="2026-01-02T03:04:05Z"><reference field="x" resource="c_d" uuid="v"><resource name="c_d" uuid="v" modified_on="2026-01-02T03:04:05Z"/></reference></resource></s3xml>`), 0, byte(' '))
	f.Add([]byte(`<s3xml><resource name="a_b" uuid="u" modified_on="2026-01-02T03:04:05Z"><odd><resource name="c_d" uuid="v" modified_on="2026-01-02T03:04:05Z"/></odd></resource></s3xml>`), 0, byte(' '))
	f.Fuzz(func(t *testing.T, body []byte, at int, with byte) {
		checkPassing(t, "as it is", body)
		if at >= 0 && at < len(body) { // another document, known by the first
			known := digestsOf(body)
			changed := bytes.Clone(body)
			changed[at] = with
			fresh := digestsOf(changed)
			over, _ := passed(t, changed, known)
			for _, s := range over {
				if rec, ok := fresh[s.Digest]; !ok || rec.Link() != s.Link {
					t.Fatalf("passed over %+v, which reading does not find: %+v", s, rec.Link())
				}
			}
		}
	})
}

func TestAComponentUnderAnotherNameIsRecognised(t *testing.T) {
	body := []byte(`<s3xml><resource name="pr_person" uuid="p" modified_on="2026-01-01T00:00:00"><data field="first_name">A</data>` +
		`<resource name="pr_email_contact" alias="email" uuid="c" modified_on="2026-01-01T00:00:00"><data field="value">a@example.org</data></resource></resource></s3xml>`)
	over, read := passed(t, body, digestsOf(body))
	if len(over) != 2 || len(read) != 0 || over[1].Link != (core.Link{Resource: "pr_contact", UUID: "c"}) {
		t.Errorf("passed over %v, read %v", over, read)
	}
}
