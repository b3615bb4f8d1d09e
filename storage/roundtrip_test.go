package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func field(name string, kind core.Kind, str string) core.Field {
	return core.Field{Name: name, Value: core.Value{Kind: kind, Str: str}}
}

// sameRecord compares two versions in everything but the order of fields, which
// is the columns'.
func sameRecord(want, got core.Record) string {
	for _, r := range []*core.Record{&want, &got} {
		r.Fields = slices.Clone(r.Fields)
		slices.SortFunc(r.Fields, func(a, b core.Field) int { return strings.Compare(a.Name, b.Name) })
	}
	return cmp.Diff(want, got)
}

func TestWhatIsPutComesBackToTheLetter(t *testing.T) {
	long := make([]core.Field, 700)
	for i := range long {
		long[i] = field(fmt.Sprintf("f%d", i), core.String, fmt.Sprint(i))
	}
	ref := func(target core.Resource, uuid string) core.Field {
		return core.Field{Name: "ref", Value: core.RefTo(target, uuid), Attrs: []core.Attr{{Name: "lat", Value: "1.5"}}}
	}
	cases := []struct {
		name   string
		fields []core.Field
	}{
		{"a text", []core.Field{field("x", core.String, "a")}},
		{"the same field as an integer", []core.Field{field("x", core.Integer, "5")}},
		{"the same field as a date", []core.Field{field("x", core.Bare, "2020-01-01")}},
		{"the same field cleared", []core.Field{field("x", core.Null, "")}},
		{"an empty text is not an absent one", []core.Field{field("x", core.String, "")}},
		{"no field at all", nil},
		{"text that looks like a number", []core.Field{field("x", core.String, "1.10")}},
		{"a decimal with a zero at its end", []core.Field{field("num", core.Number, "1.10")}},
		{"a decimal", []core.Field{field("num", core.Number, "1.25")}},
		{"an integer among decimals", []core.Field{field("num", core.Integer, "7")}},
		{"a huge integer among decimals", []core.Field{field("num", core.Integer, "99999999999999999999")}},
		{"nineteen digits", []core.Field{field("num", core.Number, "0.1234567890123456789")}},
		{"an exponent", []core.Field{field("num", core.Number, "1E+5")}},
		{"negative zero", []core.Field{field("num", core.Number, "-0")}},
		{"an integer", []core.Field{field("int", core.Integer, "42")}},
		{"the largest integer", []core.Field{field("int", core.Integer, "9223372036854775807")}},
		{"beyond the largest integer", []core.Field{field("int", core.Integer, "9223372036854775808")}},
		{"an integer with zeros before it", []core.Field{field("int", core.Integer, "007")}},
		{"negative zero as an integer", []core.Field{field("int", core.Integer, "-0")}},
		{"a decimal among integers", []core.Field{field("int", core.Number, "4.5")}},
		{"an odd decimal among integers", []core.Field{field("int", core.Number, "4.50")}},
		{"not a number", []core.Field{field("num", core.Number, "NaN")}},
		{"true and false", []core.Field{field("yes", core.Boolean, "true"), field("no", core.Boolean, "false")}},
		{"a boolean in capitals", []core.Field{field("yes", core.Boolean, "TRUE")}},
		{"Python's booleans", []core.Field{field("py", core.Bare, "False")}},
		{"year 0", []core.Field{field("date", core.Bare, "0000-01-01T00:00:00")}},
		{"year 9999", []core.Field{field("date", core.Bare, "9999-12-31T23:59:59")}},
		{"JSON", []core.Field{field("json", core.JSON, `{"b": [1,2], "a":null}`)}},
		{"a reference", []core.Field{ref("gis_location", storagetest.UUID(7))}},
		{"a reference into another table", []core.Field{ref("pr_person", storagetest.UUID(8))}},
		{"a reference into no named table", []core.Field{ref("", storagetest.UUID(8))}},
		{"a reference by another kind of uuid", []core.Field{ref("gis_location", "www.example.org/location/17")}},
		{"a reference in upper case", []core.Field{ref("gis_location", strings.ToUpper(storagetest.UUID(0xabc)))}},
		{"several references", []core.Field{{Name: "refs", Value: core.Value{Kind: core.References, Str: `["a","b"]`, Aux: "org_sector"}, Text: "A, B"}}},
		{"a file", []core.Field{{Name: "file", Value: core.Value{Kind: core.File, Str: "https://x/y.pdf", Aux: "Plan.pdf"}}}},
		{"a file without a name", []core.Field{{Name: "file", Value: core.Value{Kind: core.File, Str: "https://x/y.pdf"}}}},
		{"a cleared reference", []core.Field{{Name: "ref", Value: core.Value{Aux: core.NullReference}}}},
		{"a representation", []core.Field{{Name: "gender", Value: core.Value{Kind: core.Integer, Str: "3"}, Text: "male"}}},
		{"a representation that is the value", []core.Field{{Name: "gender", Value: core.Value{Kind: core.Integer, Str: "3"}, Text: "3"}}},
		{"names that differ by case alone", []core.Field{field("L0", core.String, "upper"), field("l0", core.String, "lower")}},
		{"the words SQL uses", []core.Field{field("select", core.String, "1"), field("rowid", core.String, "2"), field("_id_", core.String, "3")}},
		{"a null byte and broken UTF-8", []core.Field{field("x", core.String, "a\x00b\xff\xfe")}},
		{"quotes", []core.Field{field("x", core.String, `'"; DROP TABLE r_test_thing; --`)}},
		{"one name twice", []core.Field{field("x", core.String, "one"), field("x", core.String, "one")}},
		{"unknown attributes of a field", []core.Field{{Name: "x", Value: core.Text("v"), Attrs: []core.Attr{{Name: "colour", Value: "red"}}}}},
		{"seven hundred fields", long},
	}
	db, _ := storagetest.New(t)
	for i, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			want := core.Record{Resource: "test_thing", UUID: storagetest.UUID(i), MCI: 2, ModifiedOn: 77, Fields: tt.fields}
			storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(context.Background(), &want, core.Change{Rule: "create"}) })
			got, err := db.Record(context.Background(), want.Link())
			if err != nil {
				t.Fatal(err)
			}
			if diff := sameRecord(want, got); diff != "" {
				t.Errorf("put and read differ:\n%s", diff)
			}
			if got.Hash() != want.Hash() {
				t.Error("the content hash changed")
			}
		})
	}
}

func TestEveryPropertyOfARecordComesBack(t *testing.T) {
	for _, uuid := range []string{storagetest.UUID(1), "URN:UUID:00000000-0000-4000-8000-00000000ABCD", "urn:uuid:00000000-0000-4000-8000-00000000ABCD",
		"urn:uuid:not-one", "plain", "Ünï/код", "00000000-0000-4000-8000-000000000001"} {
		t.Run(uuid, func(t *testing.T) {
			want := core.Record{
				Resource: "pr_contact", UUID: uuid, Master: core.Link{Resource: "pr_person", UUID: uuid}, Alias: "phone", MCI: core.MCIUnknown,
				CreatedOn: -62167219200, ModifiedOn: 253402300799, CreatedBy: "a@b", ModifiedBy: "c@d", OwnedBy: "e@f", OwnedGroup: "Staff",
				URL: "https://x/1", Attrs: []core.Attr{{Name: "z", Value: "1"}, {Name: "a", Value: ""}}, Unknown: "<map/>",
				Fields: []core.Field{field("value", core.String, "1")},
			}
			dead := core.Record{Resource: "pr_contact", UUID: uuid + "x", Deleted: true, ReplacedBy: uuid}
			db, _ := storagetest.New(t)
			for _, rec := range []core.Record{want, dead} {
				storagetest.Import(t, db, func(tx intake.Tx) error {
					if err := tx.Put(context.Background(), &rec, core.Change{}); err != nil {
						return err
					}
					got, err := tx.Record(context.Background(), rec.Link())
					if diff := sameRecord(rec, got); err != nil || diff != "" {
						t.Errorf("inside the transaction: %v\n%s", err, diff)
					}
					return nil
				})
				got, err := db.Record(context.Background(), rec.Link())
				if diff := sameRecord(rec, got); err != nil || diff != "" {
					t.Errorf("afterwards: %v\n%s", err, diff)
				}
			}
		})
	}
}
