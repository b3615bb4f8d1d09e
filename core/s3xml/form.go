package s3xml

import "github.com/fieldsync/fieldsync/core"

// A Form is how a field is written whose name, kind and Aux are known before its value is:
// whoever has many of them, as a table has, says once how their elements begin. It is for
// values that are written into one attribute: neither Null nor File, and no empty reference.
type Form struct {
	begin string
	value valueForm
	close string // behind a text
}

// Fits reports whether values of the kind can be written by a Form.
func Fits(kind core.Kind) bool { return kind != core.Null && kind != core.File }

// NewForm returns how that field is written, whose kind Fits.
func NewForm(name string, kind core.Kind, aux string) Form {
	return Form{begin: string(appendBeginning(nil, name, kind, aux)), value: valueFormOf(kind), close: closing(kind)}
}

// Begin appends the element as far as its value, which the caller appends: by Escape if
// it may have anything to be escaped.
func (f *Form) Begin(b []byte) []byte { return append(b, f.begin...) }

// Escape appends a value, or a part of one.
func (f *Form) Escape(b []byte, value string) []byte { return appendEscaped(b, value, f.value.escapes) }

// End appends what is behind the value: the rest of the element, with the
// representation if it has one.
func (f *Form) End(b []byte, text string) []byte {
	return appendRest(append(b, f.value.end...), text, f.close)
}

// A valueForm is how a value is written into its attribute.
type valueForm struct {
	escapes *escapes
	end     string
}

var (
	inAttribute = valueForm{&attrEscapes, `"`}
	jsonText    = valueForm{&jsonValueEscapes, `&quot;"`}
)

func valueFormOf(kind core.Kind) valueForm {
	if kind == core.String {
		return jsonText
	}
	return inAttribute
}

// appendBeginning appends the element of a field of a kind that Fits, as far as its
// value (spec s3xml-format §4.2, §8).
func appendBeginning(b []byte, name string, kind core.Kind, aux string) []byte {
	switch kind {
	case core.Reference, core.References:
		b = appendQuoted(b, `<reference field="`, name)
		return append(appendQuotedIf(b, ` resource="`, aux), ` uuid="`...)
	case core.String:
		return append(appendQuoted(b, `<data field="`, name), ` value="&quot;`...)
	}
	return append(appendQuoted(b, `<data field="`, name), ` value="`...)
}

// closing is the end of an element that has a text.
func closing(kind core.Kind) string {
	if kind == core.Reference || kind == core.References {
		return "</reference>"
	}
	return "</data>"
}

// appendRest ends an element, with its text if it has one.
func appendRest(b []byte, text, closing string) []byte {
	if text == "" {
		return append(b, "/>"...)
	}
	return append(appendEscaped(append(b, '>'), text, &textEscapes), closing...)
}
