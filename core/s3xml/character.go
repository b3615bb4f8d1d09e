package s3xml

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Classes of bytes, for the loops of the scanner.
const (
	isBlank   = 1 << iota
	isName    // may stand in a name
	isFirst   // may begin a name
	isForeign // outside of ASCII: perhaps a part of a name
	inText    // ends or interrupts character data
	inValue   // ends or interrupts an attribute value
)

var class = classes()

func classes() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		if b|0x20 >= 'a' && b|0x20 <= 'z' {
			t[c] |= isName | isFirst
		}
		if b >= utf8.RuneSelf {
			t[c] |= isForeign
		}
	}
	mark := func(bytes string, bits uint8) {
		for i := range len(bytes) {
			t[bytes[i]] |= bits
		}
	}
	mark(" \t\r\n", isBlank)
	mark("_:", isName|isFirst)
	mark("-.0123456789", isName)
	mark("<&\r]", inText)
	mark("\"'<&\t\r\n", inValue)
	return t
}

// nameEnd returns where the name that begins at i ends.
func nameEnd(b []byte, i int) int {
	for i < len(b) && class[b[i]]&(isName|isForeign) != 0 {
		i++
	}
	return i
}

// validName reports whether b is a name of XML 1.0.
func validName(b []byte) bool {
	if len(b) == 0 || class[b[0]]&(isFirst|isForeign) == 0 {
		return false
	}
	for i := 0; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return validForeignName(b)
		}
		if class[b[i]]&isName == 0 {
			return false
		}
	}
	return true
}

// validForeignName checks a name with letters outside of ASCII against the
// fifth edition of XML 1.0, section 2.3.
func validForeignName(b []byte) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		first := r < utf8.RuneSelf ||
			r >= 0xC0 && r <= 0x2FF && r != 0xD7 && r != 0xF7 || r >= 0x370 && r <= 0x1FFF && r != 0x37E ||
			r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF ||
			r >= 0x3001 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD ||
			r >= 0x10000 && r <= 0xEFFFF
		later := r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
		if !first && (i == 0 || !later) {
			return false
		}
		i += n
	}
	return true
}

// validRune reports whether XML 1.0 allows the character.
func validRune(r rune) bool {
	return r >= 0x20 && r < 0xD800 || r == '\t' || r == '\n' || r == '\r' ||
		r >= 0xE000 && r < 0xFFFE || r >= 0x10000 && r <= utf8.MaxRune
}

// validPrefix returns how many bytes of b are whole characters that XML allows;
// ok is false if what follows can never become one.
func validPrefix(b []byte) (n int, ok bool) {
	i := 0
	for {
		for i+32 <= len(b) { // four words at a time
			w := b[i : i+32 : i+32]
			x, y := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:])
			z, u := binary.LittleEndian.Uint64(w[16:]), binary.LittleEndian.Uint64(w[24:])
			if (x|y|z|u|(x-0x20*every)|(y-0x20*every)|(z-0x20*every)|(u-0x20*every))&high != 0 {
				break
			}
			i += 32
		}
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			if (x|(x-0x20*every))&high != 0 { // a byte of 0x80 and above, or below 0x20
				break
			}
			i += 8
		}
		if i >= len(b) {
			return i, true
		}
		if c := b[i]; c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' && c != '\r' {
				return i, false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if size == 1 {
			return i, !utf8.FullRune(b[i:])
		}
		if r == 0xFFFE || r == 0xFFFF {
			return i, false
		}
		i += size
	}
}

// Eight bytes at a time: zeros has the high bit of the first byte of x that is
// zero set, and none below it.
const (
	every = 0x0101010101010101
	high  = 0x8080808080808080
)

func zeros(x uint64) uint64 { return (x - every) & ^x & high }

// plainText returns where the first byte from i is that ends or interrupts
// character data.
func plainText(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		if stop := zeros(x^'<'*every) | zeros(x^'&'*every) | zeros(x^']'*every) | zeros(x^'\r'*every); stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(b) && class[b[i]]&inText == 0 {
		i++
	}
	return i
}

// plainValue returns where the first byte from i is that ends or interrupts an
// attribute value between double quotation marks.
func plainValue(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		if stop := zeros(x^'"'*every) | zeros(x^'<'*every) | zeros(x^'&'*every) | (x-0x20*every)&^x&high; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	return aposValue(b, i)
}

// aposValue is plainValue for either kind of quotation mark, byte by byte.
func aposValue(b []byte, i int) int {
	for i < len(b) && class[b[i]]&inValue == 0 {
		i++
	}
	return i
}

// entity reads the predefined entity or character reference at the beginning
// of b. n is its length; 0 if b ends in it, -1 if it is none.
func entity(b []byte) (r rune, n int) {
	const longest = 16 // "&#x0000010FFFF;" is already generous
	end := 1
	for end < len(b) && b[end] != ';' {
		if end++; end > longest {
			return 0, -1
		}
	}
	if end >= len(b) {
		if len(b) > 1 && b[1] != '#' && class[b[1]]&isName == 0 {
			return 0, -1
		}
		return 0, 0
	}
	switch string(b[1:end]) {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if r, ok := reference(b[1:end]); ok {
		return r, end + 1
	}
	return 0, -1
}

// reference reads the inside of a character reference: "#10" or "#xA".
func reference(b []byte) (rune, bool) {
	if len(b) < 2 || b[0] != '#' {
		return 0, false
	}
	b, base := b[1:], rune(10)
	if b[0] == 'x' {
		b, base = b[1:], 16
	}
	r := rune(0)
	for _, c := range b {
		digit := rune(99)
		switch {
		case c >= '0' && c <= '9':
			digit = rune(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			digit = rune(c|0x20-'a') + 10
		}
		if digit >= base || r > utf8.MaxRune {
			return 0, false
		}
		r = r*base + digit
	}
	return r, len(b) > 0 && validRune(r)
}

// appendText appends character data with entities replaced and line ends
// unified. The scanner has checked it.
func appendText(dst, src []byte, cdata bool) []byte {
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '&' && !cdata:
			r, n := entity(src[i:])
			if n <= 0 {
				return append(dst, src[i:]...)
			}
			dst, i = utf8.AppendRune(dst, r), i+n
		case c == '\r':
			dst, i = append(dst, '\n'), i+1
			if i < len(src) && src[i] == '\n' {
				i++
			}
		default:
			dst, i = append(dst, c), i+1
		}
	}
	return dst
}

// appendValue appends an attribute value with entities replaced and blanks
// made spaces. The scanner has checked it.
func appendValue(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case '&':
			r, n := entity(src[i:])
			if n <= 0 {
				return append(dst, src[i:]...)
			}
			dst, i = utf8.AppendRune(dst, r), i+n
		case '\r', '\n', '\t':
			dst, i = append(dst, ' '), i+1
			if c == '\r' && i < len(src) && src[i] == '\n' {
				i++
			}
		default:
			dst, i = append(dst, c), i+1
		}
	}
	return dst
}
