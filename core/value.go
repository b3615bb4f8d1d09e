package core

import (
	"encoding/json"
	"slices"
)

// A Kind says how a value is written in S3XML and compared (spec s3xml-format §4).
type Kind uint8

// The kinds. Null is the zero value: a field that was cleared. Eden cannot
// express it; between two Fieldsyncs it travels as null="true".
const (
	Null       Kind = iota
	String          // text, in value="…" JSON-quoted, or the element's own text
	Integer         // JSON number without fraction or exponent
	Number          // JSON number with one; also Eden's bare decimals
	Boolean         // "true" or "false"
	Bare            // value="…" that is no JSON: a date, date-time or time, kept to the letter
	JSON            // an object or array (also list:string and list:integer)
	Reference       // one record by uuid
	References      // several: Str is a JSON array of uuids
	File            // an upload: Str is its URL, Aux its file name
)

// A Value is the machine value of a field.
type Value struct {
	Kind Kind
	// Str is the value: the text; the number or boolean as written in JSON; the
	// bare date; the JSON; the uuid or the JSON array of uuids; the file's URL.
	Str string
	// Aux belongs to references (the resource they point into, "" if the
	// document did not say), to files (the name), and to Null, where it says
	// what kind of field is cleared, because each is written differently:
	// NullReference, NullDate, or "" for anything else.
	Aux string
}

// What Value.Aux says of a Null.
const (
	NullReference = "reference"
	NullDate      = "date"
)

// Text returns a string value.
func Text(s string) Value { return Value{Kind: String, Str: s} }

// RefTo returns a reference to the record uuid of resource.
func RefTo(resource Resource, uuid string) Value {
	return Value{Kind: Reference, Str: uuid, Aux: string(resource)}
}

// Refers reports whether the value is a reference, or a list of them.
func (v Value) Refers() bool { return v.Kind == Reference || v.Kind == References }

// Redirect lets a reference, or one in a list, that leads to from lead to to, and reports
// whether there was any. In a list to stands once.
func (v *Value) Redirect(from, to Link) bool {
	if Resource(v.Aux) != from.Resource || !slices.Contains(v.UUIDs(), from.UUID) {
		return false
	}
	if v.Kind == Reference {
		v.Str = to.UUID
		return true
	}
	var uuids []string
	for _, u := range v.UUIDs() {
		if u == from.UUID {
			u = to.UUID
		}
		if !slices.Contains(uuids, u) {
			uuids = append(uuids, u)
		}
	}
	list, err := json.Marshal(uuids)
	if err != nil { // of texts: it never fails
		return false
	}
	v.Str = string(list)
	return true
}

// An Attr is an XML attribute that Fieldsync does not know and hands back.
type Attr struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// A Field is one field of a record with its value.
type Field struct {
	Name  string
	Value Value
	// Text is the peer's representation for people where it differs from the
	// value: "male" for 3, the name of a referenced record. Never parsed.
	Text string
	// Attrs are attributes outside the format, kept and sent back.
	Attrs []Attr
}

// Display returns what a person reads: the representation, else the value.
func (f Field) Display() string {
	if f.Text != "" {
		return f.Text
	}
	if f.Value.Kind == File {
		return f.Value.Aux
	}
	return f.Value.Str
}
