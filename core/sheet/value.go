package sheet

import "github.com/fieldsync/fieldsync/core"

// ParseValue reads a text that a person typed for a field, as a cell of a CSV
// file is read: choices by label, references by name, an empty text clears. The
// error is a Problem that names the field.
func ParseValue(f core.FieldSchema, text string, lookup Lookup) (core.Value, error) {
	v, err := parseCell(f, text, daysOfNone, lookup)
	if err == nil {
		return v, nil
	}
	if p := core.AsProblem(err); p.Kind != core.Internal {
		return v, p
	}
	return v, core.Invalid(f.Name, "%s: %s.", f.Name, saying(err))
}

// Text renders a value as its cell would show it.
func Text(v core.Value) string { return cellText(v) }
