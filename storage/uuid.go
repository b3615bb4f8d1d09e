package storage

import (
	"database/sql/driver"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

const uuidPrefix = "urn:uuid:"

// uuidValue returns how a uuid is stored: sixteen bytes for the canonical form
// "urn:uuid:" with lower-case hexadecimal digits, NULL for none, the text itself
// for anything else. Both come back to the letter.
func uuidValue(s string) driver.Value {
	if s == "" {
		return nil
	}
	if b, ok := packUUID(s); ok {
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
	if b, ok := packUUID(s); ok {
		r.Blob(parameter, b[:])
	} else {
		r.Text(parameter, s)
	}
}

func packUUID(s string) (packed [16]byte, ok bool) {
	if len(s) < len(uuidPrefix) || s[:len(uuidPrefix)] != uuidPrefix {
		return packed, false
	}
	return packDigits(s[len(uuidPrefix):])
}

// packDigits is packUUID without the prefix, as runs have theirs.
func packDigits(s string) (packed [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return packed, false
	}
	var wrong byte
	for i, at := range pairs {
		high, low := nibbles[s[at]], nibbles[s[at+1]]
		wrong |= high | low
		packed[i] = high<<4 | low
	}
	return packed, wrong <= 15
}

const digits = "0123456789abcdef"

// pairs are where the bytes of a uuid stand in its text, and nibbles what its digits
// stand for; 0xff for what is none.
var (
	pairs   = [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}
	nibbles = makeNibbles()
)

func makeNibbles() (n [256]byte) {
	for c := range n {
		n[c] = 0xff
	}
	for i, c := range []byte(digits) {
		n[c] = byte(i)
	}
	return n
}

// uuidText is the opposite of uuidValue.
func uuidText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return unpackUUID(v)
	}
	return ""
}

// unpackUUID is the opposite of packUUID; what is not sixteen bytes is the text itself.
func unpackUUID[B []byte | string](b B) string {
	if len(b) != 16 {
		return string(b)
	}
	text := textOfUUID(b)
	return string(text[:])
}

// textOfUUID is the text of sixteen bytes.
func textOfUUID[B []byte | string](b B) (text [len(uuidPrefix) + 36]byte) {
	copy(text[:], uuidPrefix+"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
	for i, at := range pairs {
		text[len(uuidPrefix)+at], text[len(uuidPrefix)+at+1] = digits[b[i]>>4], digits[b[i]&15]
	}
	return text
}
