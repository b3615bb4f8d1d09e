package s3xml

import "unicode/utf8"

// An escapes table says for each byte what is written in its place: "" is the
// byte itself, drop is nothing, look is a byte of a longer character.
type escapes [256]string

const (
	drop = "\x00"
	look = "\x01"
)

var (
	// textEscapes are for character data. A carriage return must be a reference,
	// or the reader makes a line feed of it.
	textEscapes = newEscapes("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	attrEscapes = newEscapes("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;")
	// jsonValueEscapes are for a JSON string in an attribute.
	jsonValueEscapes = newEscapes("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, `\&quot;`, `\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	// jsonEscapes are for JSON itself.
	jsonEscapes = newEscapes(`"`, `\"`, `\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
)

func newEscapes(pairs ...string) (e escapes) {
	for c := range e {
		switch {
		case c >= utf8.RuneSelf:
			e[c] = look
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
			e[c] = drop
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		e[pairs[i][0]] = pairs[i+1]
	}
	return e
}

// appendEscaped appends s with the bytes of the table replaced. Characters that
// XML does not allow, and bytes that are no UTF-8, are left out: Eden cannot
// export a record that has them (spec s3xml-format §18).
func appendEscaped(b []byte, s string, table *escapes) []byte {
	done := 0
	for i := 0; i < len(s); {
		e := table[s[i]]
		if e == "" {
			i++
			continue
		}
		size := 1
		if e == look {
			r, n := utf8.DecodeRuneInString(s[i:])
			if n > 1 && r != 0xFFFE && r != 0xFFFF {
				i += n
				continue
			}
			e, size = drop, n
		}
		b = append(b, s[done:i]...)
		if e != drop {
			b = append(b, e...)
		}
		i += size
		done = i
	}
	return append(b, s[done:]...)
}

// appendJSONString appends s as a JSON string.
func appendJSONString(b []byte, s string) []byte {
	return append(appendEscaped(append(b, '"'), s, &jsonEscapes), '"')
}
