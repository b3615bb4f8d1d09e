package s3xml

import (
	"encoding/json"
	"unicode/utf8"
	"unsafe"

	"github.com/fieldsync/fieldsync/core"
)

// classify says what a `value` attribute holds, after entities were replaced
// (spec s3xml-format §4). What is not JSON is Bare: a date, or Python's True.
func classify(b []byte) core.Kind {
	if len(b) == 0 {
		return core.Bare
	}
	switch c := b[0]; {
	case c == '-' || c >= '0' && c <= '9':
		return classifyNumber(b)
	case c == '"':
		if quoted(b) {
			return core.String
		}
	case c == '{' || c == '[':
		if json.Valid(b) {
			return core.JSON
		}
	case string(b) == "true" || string(b) == "false":
		return core.Boolean
	case string(b) == "null":
		return core.Null
	}
	return core.Bare
}

func classifyNumber(b []byte) core.Kind {
	i := 0
	if b[0] == '-' {
		i++
	}
	digits := digitsAt(b, i)
	if digits == 0 || digits > 1 && b[i] == '0' {
		return core.Bare
	}
	if i += digits; i == len(b) {
		return core.Integer
	}
	if b[i] == '.' {
		if digits = digitsAt(b, i+1); digits == 0 {
			return core.Bare
		}
		i += 1 + digits
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if digits = digitsAt(b, i); digits == 0 {
			return core.Bare
		}
		i += digits
	}
	if i < len(b) {
		return core.Bare
	}
	return core.Number
}

func digitsAt(b []byte, i int) int {
	from := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i - from
}

// quoted reports whether b is one JSON string that Go can hold. A half
// surrogate cannot be held; such a value is kept to the letter instead.
func quoted(b []byte) bool {
	i := 1
	for ; i < len(b) && b[i] != '"'; i++ {
		if b[i] < 0x20 {
			return false
		}
		if b[i] != '\\' {
			continue
		}
		n := escapeLength(b[i:])
		if n == 0 {
			return false
		}
		i += n - 1
	}
	return i == len(b)-1 && i > 0
}

// escapeLength returns the length of the escape at the beginning of b, 0 if it
// is none. A pair of surrogates is one escape.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		r, ok := hex4(b)
		if !ok || r >= 0xDC00 && r < 0xE000 {
			return 0
		}
		if r < 0xD800 || r >= 0xE000 {
			return 6
		}
		if low, ok := hex4(b[6:]); ok && low >= 0xDC00 && low < 0xE000 {
			return 12
		}
	}
	return 0
}

// hex4 reads \uXXXX.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	r := rune(0)
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// unquote replaces the JSON string b, for which quoted is true, by its text in
// the same memory. Characters that XML does not allow are left out, as the
// encoder leaves them out: Eden cannot export a record that has them.
func unquote(b []byte) []byte {
	out := b[:0]
	for i := 1; i < len(b)-1; {
		if b[i] != '\\' {
			out = append(out, b[i])
			i++
			continue
		}
		r := rune(b[i+1])
		switch r {
		case 'b', 'f':
			r = 0 // control characters: left out
		case 'n':
			r = '\n'
		case 'r':
			r = '\r'
		case 't':
			r = '\t'
		case 'u':
			r, _ = hex4(b[i:])
			if r >= 0xD800 && r < 0xE000 {
				low, _ := hex4(b[i+6:])
				r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
			}
		}
		n := escapeLength(b[i:])
		if validRune(r) {
			out = utf8.AppendRune(out, r)
		}
		i += n
	}
	return out
}

// peek is b as a string that lives only as long as b is not written to: for a
// call that does not keep it.
func peek(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// uuidReason says why b cannot be the uuid of a record; "" if it can. Eden
// takes any text of up to 128 characters (spec s3xml-format §9).
func uuidReason(b []byte) string {
	for _, c := range b {
		if c < 0x20 {
			return "a uuid with control characters"
		}
	}
	return plainUUIDReason(b)
}

// plainUUIDReason is uuidReason for what has no control characters.
func plainUUIDReason(b []byte) string {
	switch {
	case len(b) == 0:
		return "no uuid"
	case len(b) > 128 && utf8.RuneCount(b) > 128:
		return "a uuid longer than 128 characters"
	case b[0] == ' ' || b[len(b)-1] == ' ':
		return "a uuid with blanks around it"
	}
	return ""
}

// uuidList reads the JSON array of uuids of a list:reference.
func uuidList(b []byte) (reason string) {
	var uuids []string
	if err := json.Unmarshal(b, &uuids); err != nil {
		return "a list of uuids that cannot be read"
	}
	for _, u := range uuids {
		if reason := uuidReason([]byte(u)); reason != "" {
			return reason
		}
	}
	return ""
}
