package storage

import (
	"database/sql/driver"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// uuidValue returns how a uuid is stored: sixteen bytes for the canonical form
// "urn:uuid:" with lower-case hexadecimal digits, NULL for none, the text itself
// for anything else. Both come back to the letter.
func uuidValue(s string) driver.Value {
	if s == "" {
		return nil
	}
	if b, ok := core.PackUUID(s); ok {
		return b[:]
	}
	return s
}

// A packed is a uuid and how it is stored.
type packed struct {
	uuid  string
	value driver.Value
}

// uuidValue is uuidValue with a memory for the last two: a record is looked for and then
// written, and its components after it name it.
func (t *tx) uuidValue(s string) driver.Value {
	for i := range t.packed {
		if t.packed[i].uuid == s {
			return t.packed[i].value
		}
	}
	t.packed[1] = t.packed[0]
	t.packed[0] = packed{s, uuidValue(s)}
	return t.packed[0].value
}

// uuidParameter gives a parameter the uuid, as uuidValue has it.
func uuidParameter(r *packrow.Rows, parameter int, s string) {
	if s == "" {
		return
	}
	if b, ok := core.PackUUID(s); ok {
		r.Blob(parameter, b[:])
	} else {
		r.Text(parameter, s)
	}
}

// uuidText is the opposite of uuidValue.
func uuidText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return core.UnpackUUID(v)
	}
	return ""
}
