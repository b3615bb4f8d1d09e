//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

func TestTheDocumentIsOfTheRecordsThatThePeerServes(t *testing.T) {
	d := newDataset(200, 1)
	name := filepath.Join(t.TempDir(), "records.xml")
	if err := d.writeXML(name); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := s3xml.NewDecoder(f, s3xml.Limits{})
	for i := range d.size() {
		var got core.Record
		if err := dec.Next(&got); err != nil {
			t.Fatal(err)
		}
		want := d.record(0, i)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("record %d (-made +read):\n%s", i, diff)
		}
	}
	var more core.Record
	if err := dec.Next(&more); !errors.Is(err, io.EOF) {
		t.Errorf("after the last record: %v", err)
	}
}

func TestARecordIsFoundByItsUUID(t *testing.T) {
	for _, n := range []int{0, 1, 999_999} {
		if got := numberOf(uuid(kindMaster, n)); got != n {
			t.Errorf("the uuid of record %d is read as %d", n, got)
		}
	}
	if got := numberOf("urn:uuid:not-ours"); got != -1 {
		t.Errorf("another uuid is read as %d", got)
	}
}

func TestWhatWasChangedIsTheYoungest(t *testing.T) {
	d := newDataset(1000, 1)
	d.every, d.times = 100, 3
	var last core.MTime
	n := 0
	d.order(func(i int) bool {
		if m := d.modified(i); m <= last {
			t.Fatalf("record %d, at %s, stands after %s", i, m, last)
		}
		last = d.modified(i)
		n++
		return true
	})
	if n != d.size() {
		t.Errorf("%d records of %d", n, d.size())
	}
	if d.record(0, 100).ModifiedOn != d.modified(100) || cmp.Equal(d.record(0, 100).Fields, newDataset(1000, 1).record(0, 100).Fields) {
		t.Error("a changed record is as it was")
	}
}
