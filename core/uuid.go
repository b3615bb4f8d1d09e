package core

import "strings"

// UUIDPrefix is how the canonical form of a uuid begins.
const UUIDPrefix = "urn:uuid:"

// PackUUID returns the sixteen bytes of a uuid of the canonical form, "urn:uuid:" with
// lower-case hexadecimal digits. ok is false for any other text, which is a name as well
// (see ValidUUID). UnpackUUID gives the same text back.
func PackUUID(s string) (packed [16]byte, ok bool) {
	bare, ok := strings.CutPrefix(s, UUIDPrefix)
	if !ok {
		return packed, false
	}
	return PackBareUUID(bare)
}

// PackBareUUID is PackUUID without the prefix, as runs have theirs.
func PackBareUUID(s string) (packed [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return packed, false
	}
	var wrong byte
	for i, at := range hexPairs {
		high, low := hexValues[s[at]], hexValues[s[at+1]]
		wrong |= high | low
		packed[i] = high<<4 | low
	}
	return packed, wrong <= 15
}

const hexDigits = "0123456789abcdef"

// hexPairs are where the bytes of a uuid stand in its text, and hexValues what its digits
// stand for; 0xff for what is none.
var (
	hexPairs  = [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}
	hexValues = makeHexValues()
)

func makeHexValues() (n [256]byte) {
	for c := range n {
		n[c] = 0xff
	}
	for i, c := range []byte(hexDigits) {
		n[c] = byte(i)
	}
	return n
}

// UnpackUUID is the opposite of PackUUID; what is not sixteen bytes is the text itself.
func UnpackUUID[B []byte | string](b B) string {
	if len(b) != 16 {
		return string(b)
	}
	text := UUIDText(b)
	return string(text[:])
}

// UUIDText is the text of sixteen bytes.
func UUIDText[B []byte | string](b B) (text [len(UUIDPrefix) + 36]byte) {
	copy(text[:], UUIDPrefix+"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
	for i, at := range hexPairs {
		text[len(UUIDPrefix)+at], text[len(UUIDPrefix)+at+1] = hexDigits[b[i]>>4], hexDigits[b[i]&15]
	}
	return text
}
