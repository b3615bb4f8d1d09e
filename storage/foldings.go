package storage

import (
	"sort"
	"unicode"
)

// A folding tells how the characters from first to last are written in the search
// index: as the one that is add further, or not at all (add is unwritten).
type folding struct{ first, last, add rune }

// What a character may be folded to besides another one.
const (
	separates rune = -1       // it is no part of a word
	unwritten rune = -1 << 30 // within a word it is left out: an accent by itself
)

// asciiFolded is how each ASCII character is folded.
var asciiFolded = func() (all [0x80]rune) {
	for i := range all {
		switch c := rune(i); {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			all[i] = c
		case c >= 'A' && c <= 'Z':
			all[i] = c - 'A' + 'a'
		default:
			all[i] = separates
		}
	}
	return all
}()

// foldedTo returns how a character beyond ASCII is folded.
func foldedTo(r rune) rune {
	if r > unicode.MaxRune { // the text is no UTF-8
		return r
	}
	at := sort.Search(len(foldings), func(i int) bool { return foldings[i].last >= r })
	if at == len(foldings) || foldings[at].first > r {
		return separates
	}
	if add := foldings[at].add; add != unwritten {
		return r + add
	}
	return unwritten
}
