package s3xml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fieldsync/fieldsync/core"
)

func TestALentRecordIsTheOneToKeep(t *testing.T) {
	large := `<resource name="org_office" uuid="large">`
	for i := range 1300 {
		large += fmt.Sprintf(`<data field="f%d" odd="1">%s</data>`, i, strings.Repeat("x", 900))
	}
	documents := map[string][]byte{
		"a table": sampleDocument(40),
		"all sorts": []byte(`<s3xml><resource name="org_office" uuid="1" odd="a"><data field="a" odd="b">first</data>
			<reference field="b" resource="gis_location"><resource name="gis_location" uuid="2"><data field="c">within</data></resource></reference></resource>
			<resource name="org_office" uuid="3"/>` + large + `</resource><resource name="org_office" uuid="4"><data field="a">last</data></resource></s3xml>`),
	}
	for name, doc := range documents {
		if read := sameWhenLent(t, name, doc); read < 5 {
			t.Errorf("%s: %d records were read", name, read)
		}
	}
}

// sameWhenLent reads a document once more, its records lent, and returns how many.
func sameWhenLent(t *testing.T, name string, doc []byte) (read int) {
	t.Helper()
	want, _, end := decodeAll(bytes.NewReader(doc), Limits{})
	d := NewDecoder(bytes.NewReader(doc), Limits{})
	var room core.Room
	d.Lend(&room)
	for {
		room.Empty()
		var rec core.Record
		var bad *RecordError
		switch err := d.Next(&rec); {
		case errors.As(err, &bad):
		case err != nil:
			if complete := errors.Is(err, io.EOF); complete != (end == nil) || read != len(want) {
				t.Errorf("%s: lent %d records, then %v; want %d, then %v", name, read, err, len(want), end)
			}
			return read
		case read == len(want) || !cmp.Equal(rec, want[read]):
			t.Fatalf("%s: record %d, lent, is another one: %v", name, read, rec.Link())
		default:
			read++
		}
	}
}

// What was lent lies where the record before lay, and texts are never used again.
func TestTextsOfALentRecordStay(t *testing.T) {
	d := NewDecoder(bytes.NewReader(sampleDocument(3)), Limits{})
	var room core.Room
	d.Lend(&room)
	var first, second core.Record
	if err := d.Next(&first); err != nil {
		t.Fatal(err)
	}
	name, of := first.Fields[0].Value.Str, first.UUID
	room.Empty()
	if err := d.Next(&second); err != nil {
		t.Fatal(err)
	}
	if &first.Fields[0] != &second.Fields[0] {
		t.Error("a lent record has room of its own")
	}
	if want := sampleRecord(0); name != want.Fields[0].Value.Str || first.UUID != of || of != want.UUID {
		t.Errorf("a text became another: %q of %s", name, first.UUID)
	}
}
