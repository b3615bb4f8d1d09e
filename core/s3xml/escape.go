package s3xml

import (
	"math/bits"
	"unicode/utf8"
)

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
	i, done := plainBeginning(s), 0
	for i < len(s) {
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

// plainBeginning returns how many bytes from the beginning of s no table replaces. It
// stops in front of a letter outside of ASCII.
func plainBeginning(s string) int {
	for i := 0; i+8 <= len(s); i += 8 {
		if stop := special(word(s[i:])); stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	if len(s) < 8 {
		return 0
	}
	last := len(s) - 8 // some of them for the second time
	if stop := special(word(s[last:])); stop != 0 {
		return last + bits.TrailingZeros64(stop)/8
	}
	return len(s)
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// special has the high bit of the first of eight bytes set for which some table may
// have something, and none below it: & < > " \ and whatever is no character of ASCII
// that can be seen.
func special(x uint64) uint64 {
	const angles, quotes = 0x02 * every, 0x04 * every // '<' and '>', '"' and '&' differ by these bits
	return zeros((x|angles)^'>'*every) | zeros((x|quotes)^'&'*every) | zeros(x^'\\'*every) | (x-0x20*every)&^x&high | x&high
}

// appendJSONString appends s as a JSON string.
func appendJSONString(b []byte, s string) []byte {
	return append(appendEscaped(append(b, '"'), s, &jsonEscapes), '"')
}
