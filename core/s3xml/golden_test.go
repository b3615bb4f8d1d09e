package s3xml

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden: each testdata/*.xml decodes to what its .records says, and those
// records are encoded as its .encoded says.
func TestGolden(t *testing.T) {
	documents, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(documents) == 0 {
		t.Fatal("no documents", err)
	}
	for _, path := range documents {
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		recs, bad, err := decodeAll(bytes.NewReader(doc), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var text, encoded strings.Builder
		e := NewEncoder(&encoded, Root{Results: len(recs)})
		for i := range recs {
			describe(&text, "", &recs[i])
			if err := e.Encode(&recs[i]); err != nil {
				t.Error(err)
			}
		}
		for _, b := range bad {
			fmt.Fprintf(&text, "rejected: %v\n", b)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		golden(t, strings.TrimSuffix(path, ".xml")+".records", text.String())
		golden(t, strings.TrimSuffix(path, ".xml")+".encoded", encoded.String())
	}
}

var kinds = []string{"null", "string", "integer", "number", "boolean", "bare", "json", "reference", "references", "file"}

// describe writes a record so that a person can check it.
func describe(out *strings.Builder, indent string, r *core.Record) {
	fmt.Fprintf(out, "%s%s %s alias=%q mci=%d created=%s by %q modified=%s by %q owner=%q group=%q deleted=%t url=%q\n", indent,
		r.Resource, r.UUID, r.Alias, r.MCI, r.CreatedOn, r.CreatedBy, r.ModifiedOn, r.ModifiedBy, r.OwnedBy, r.OwnedGroup, r.Deleted, r.URL)
	for _, f := range r.Fields {
		fmt.Fprintf(out, "%s  %s = %s %q aux=%q text=%q attrs=%v\n", indent, f.Name, kinds[f.Value.Kind], f.Value.Str, f.Value.Aux, f.Text, f.Attrs)
	}
	if r.Unknown != "" || r.Attrs != nil {
		fmt.Fprintf(out, "%s  unknown %s %v\n", indent, r.Unknown, r.Attrs)
	}
	for i := range r.Components {
		describe(out, indent+"    ", &r.Components[i])
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (see -update):\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
