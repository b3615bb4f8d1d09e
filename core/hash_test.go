package core

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSameValue(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b Value
		want bool
	}{
		{"an integer and the same with a fraction of zeros", Value{Kind: Integer, Str: "5000"}, Value{Kind: Number, Str: "5000.0"}, true},
		{"leading zeros", Value{Kind: Integer, Str: "007"}, Value{Kind: Integer, Str: "7"}, true},
		{"zeros alone", Value{Kind: Integer, Str: "00"}, Value{Kind: Integer, Str: "0"}, true},
		{"a number with a plus and one without", Value{Kind: Integer, Str: "+12"}, Value{Kind: Integer, Str: "12"}, true},
		{"an exponent", Value{Kind: Number, Str: "1e-05"}, Value{Kind: Number, Str: "0.00001"}, true},
		{"a large exponent", Value{Kind: Number, Str: "1.5E3"}, Value{Kind: Integer, Str: "1500"}, true},
		{"nineteen digits differ in the last", Value{Kind: Number, Str: "0.1234567890123456781"}, Value{Kind: Number, Str: "0.1234567890123456782"}, false},
		{"minus zero", Value{Kind: Number, Str: "-0.0"}, Value{Kind: Integer, Str: "0"}, true},
		{"text that looks like a number keeps its zeros", Text("1.10"), Text("1.1"), false},
		{"text and number with the same letters", Text("1999"), Value{Kind: Integer, Str: "1999"}, true},
		{"null and empty text", Value{}, Text(""), true},
		{"blanks at the ends", Text(" Dili \n"), Text("Dili"), true},
		{"line ends", Text("a\r\nb"), Text("a\nb"), true},
		{"inner blanks count", Text("a  b"), Text("a b"), false},
		{"a zone", Value{Kind: Bare, Str: "2024-01-01T10:00:00+02:00"}, Value{Kind: Bare, Str: "2024-01-01 08:00:00"}, true},
		{"a date is not the date-time", Value{Kind: Bare, Str: "2024-01-01"}, Value{Kind: Bare, Str: "2024-01-01T00:00:00"}, false},
		{"Python's True", Value{Kind: Bare, Str: "True"}, Value{Kind: Boolean, Str: "true"}, true},
		{"JSON whatever the order of keys", Value{Kind: JSON, Str: `{"a":1,"b":[1,2]}`}, Value{Kind: JSON, Str: `{ "b": [1, 2], "a": 1 }`}, true},
		{"lists whatever the order of targets", Value{Kind: References, Str: `["u1","u2"]`}, Value{Kind: References, Str: `["u2","u1"]`}, true},
		{"a reference is its uuid, whichever table was named", RefTo("org_site", "u1"), RefTo("org_office", "u1"), true},
		{"a file uploaded again under the same name", Value{Kind: File, Str: "http://h/d/logo.aa.png", Aux: "logo.png"}, Value{Kind: File, Str: "http://h/d/logo.bb.png", Aux: "logo.png"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := SameValue(tt.a, tt.b); got != tt.want {
				t.Errorf("SameValue(%+v, %+v) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

func TestHashSeesContentOnly(t *testing.T) {
	r := Record{Resource: "org_office", UUID: "u", Fields: []Field{{Name: "name", Value: Text("A")}, {Name: "loc", Value: RefTo("gis_location", "l"), Text: "Dili"}}}
	turned := r.Clone()
	turned.Fields[0], turned.Fields[1] = turned.Fields[1], turned.Fields[0]
	turned.Fields[0].Text, turned.Fields[0].Attrs = "Díli", []Attr{{"lat", "1.0"}}
	turned.ModifiedOn, turned.MCI, turned.ModifiedBy, turned.URL = 5, 3, "x@example.org", "http://h/1"
	turned.Fields = append(turned.Fields, Field{Name: "phone"}, Field{Name: "web", Value: Text("")})
	if r.Hash() != turned.Hash() {
		t.Error("order, representation, stamps, users and empty fields must not change the hash")
	}
	for name, change := range map[string]func(*Record){
		"a value":            func(r *Record) { r.Set(Field{Name: "name", Value: Text("B")}) },
		"a field less":       func(r *Record) { r.Unset("loc") },
		"deletion":           func(r *Record) { r.Deleted = true },
		"an unknown element": func(r *Record) { r.Unknown = "<x/>" },
		"an attribute":       func(r *Record) { r.Attrs = []Attr{{"x", "1"}} },
	} {
		other := r.Clone()
		if change(&other); other.Hash() == r.Hash() {
			t.Errorf("%s must change the hash", name)
		}
	}
}

func TestNumbersKeepTheirValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, zeros := rapid.StringMatching(`[1-9][0-9]{0,20}`).Draw(t, "whole"), rapid.IntRange(0, 5).Draw(t, "zeros")
		text := whole
		for i := range zeros {
			if i == 0 {
				text += "."
			}
			text += "0"
		}
		if !SameValue(Value{Kind: Number, Str: text}, Value{Kind: Integer, Str: whole}) {
			t.Fatalf("%s and %s must be the same", text, whole)
		}
		if SameValue(Value{Kind: Number, Str: text + "1"}, Value{Kind: Number, Str: text + "2"}) {
			t.Fatalf("%s1 and %s2 must differ", text, text)
		}
	})
}

// A hasher keeps the orders of the last records' fields: they must not serve another's.
func TestAHasherThatWasUsedBeforeFindsTheSame(t *testing.T) {
	field := func(name, text string) Field { return Field{Name: name, Value: Text(text)} }
	var used Hasher
	contents := [][]Field{
		{field("b", "1"), field("a", "2"), field("c", "3")},
		{field("b", "4"), field("a", "5"), field("c", "6")}, // the same names
		{field("a", "5"), field("b", "4"), field("c", "6")}, // the same record, written in another order
		{field("b", "4"), field("a", "5")},
		{field("b", "4"), field("a", "5"), field("d", "6")},
		{},
		{field("b", "1")},
	}
	for n := range 5 * len(contents) { // more kinds than it keeps; forwards, and by threes
		fields := contents[n*(1+n/len(contents)%3)%len(contents)]
		r := Record{Fields: fields}
		if got, want := used.Sum(&r), r.Hash(); got != want {
			t.Errorf("%v: %s, a fresh one finds %s", fields, got, want)
		}
	}
	r, same := Record{Fields: []Field{field("b", "4"), field("a", "5")}}, Record{Fields: []Field{field("a", "5"), field("b", "4")}}
	if used.Sum(&r) != used.Sum(&same) {
		t.Error("the order of the fields is no content")
	}
}
