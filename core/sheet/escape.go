package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// In the texts of a workbook _x000D_ stands for the character of that number, which XML
// may not be able to write, and _x005F_ for an underscore that would else begin one
// (ECMA-376 part 1, ST_Xstring).
const escapeLength = len("_x0000_")

// escaped returns the number at the beginning of s; ok is false if there is none.
func escaped(s string) (unit uint16, ok bool) {
	if len(s) < escapeLength || s[:2] != "_x" || s[escapeLength-1] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:escapeLength-1], 16, 16)
	return uint16(n), err == nil
}

// unescape reads such a text.
func unescape(s string) string {
	at := strings.Index(s, "_x")
	if at < 0 {
		return s
	}
	var b strings.Builder
	for ; at >= 0; at = strings.Index(s, "_x") {
		b.WriteString(s[:at])
		s = s[at:]
		unit, ok := escaped(s)
		if !ok {
			b.WriteString(s[:2])
			s = s[2:]
			continue
		}
		s = s[escapeLength:]
		r := rune(unit)
		if utf16.IsSurrogate(r) {
			second, _ := escaped(s)
			if r = utf16.DecodeRune(r, rune(second)); r != '\uFFFD' {
				s = s[escapeLength:]
			}
		}
		b.WriteRune(r)
	}
	b.WriteString(s)
	return b.String()
}

// escape writes such a text.
func escape(s string) string {
	plain := func(i int, r rune) bool {
		if r == '_' {
			_, looks := escaped(s[i:])
			return !looks
		}
		return r >= ' ' && r != '\uFFFE' && r != '\uFFFF' || r == '\t' || r == '\n' || r == '\r'
	}
	var b strings.Builder
	done := 0
	for i, r := range s {
		if plain(i, r) {
			continue
		}
		b.WriteString(s[done:i])
		fmt.Fprintf(&b, "_x%04X_", r)
		done = i + len(string(r))
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}
