package s3xml

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
)

// decodeAll reads a whole document; bad are the records that were set aside.
func decodeAll(r io.Reader, limits Limits) (recs []core.Record, bad []*RecordError, err error) {
	d := NewDecoder(r, limits)
	for {
		var rec core.Record
		var rejected *RecordError
		switch err := d.Next(&rec); {
		case errors.Is(err, io.EOF):
			return recs, bad, nil
		case errors.As(err, &rejected):
			bad = append(bad, rejected)
		case err != nil:
			return recs, bad, err
		default:
			recs = append(recs, rec)
		}
	}
}

// decodeOne reads the only record of a document, which must be good.
func decodeOne(t *testing.T, element string) core.Record {
	t.Helper()
	recs, bad, err := decodeAll(strings.NewReader("<s3xml>"+element+"</s3xml>"), Limits{})
	if err != nil || len(bad) > 0 || len(recs) != 1 {
		t.Fatalf("decode %s: %d records, rejected %v, error %v; want one record", element, len(recs), bad, err)
	}
	return recs[0]
}

// onWire is what of a record travels: of a tombstone little, and fields in the
// order in which they are written.
func onWire(r core.Record) core.Record {
	if r.Deleted {
		var based []core.Attr
		if i := slices.IndexFunc(r.Attrs, func(a core.Attr) bool { return a.Name == basedOn }); i >= 0 {
			based = r.Attrs[i : i+1]
		}
		return core.Record{Resource: r.Resource, UUID: r.UUID, Alias: r.Alias, Master: r.Master, MCI: r.MCI,
			ModifiedOn: r.ModifiedOn, Deleted: true, ReplacedBy: r.ReplacedBy, Attrs: based}
	}
	r = r.Clone()
	slices.SortStableFunc(r.Fields, func(a, b core.Field) int { return strings.Compare(a.Name, b.Name) })
	for i := range r.Components {
		r.Components[i] = onWire(r.Components[i])
	}
	return r
}

// difference compares what travels of two records, their hashes included.
func difference(want, got core.Record) string {
	w, g := onWire(want), onWire(got)
	if !reflect.DeepEqual(w, g) { // much faster than the words for it
		if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
			return diff
		}
	}
	if want.Hash() != got.Hash() {
		return "same parts, but other hashes"
	}
	return ""
}

// roundTrip encodes a record and decodes it again.
func roundTrip(rec core.Record) (again core.Record, xml string, err error) {
	xml = string(AppendRecord(nil, &rec))
	again, err = ParseRecord(xml)
	again.Master = rec.Master
	return again, xml, err
}
