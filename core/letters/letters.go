// Package letters puts texts into the order in which a person looks for them: capitals
// and accents make no difference, so that Çağla stands among the C and Émile among the E.
// It knows the Latin, Greek, Cyrillic, Arabic and Devanagari letters; others stand as
// they are numbered, which for most scripts is their alphabet.
//
// Lists in the database are sorted by the same keys (storage/packrow has the table, too),
// and their indexes hold them: what Key gives must not change, unless a step at opening
// the database drops those (storage/sortindex.go).
package letters

import (
	"cmp"
	"strings"
)

// End is the first character that no table has a letter for.
const End = 0x2070

// A Letter tells how a character stands in a key: as itself if First is 0, else as the
// one or two given; not at all if First is Dropped. Where it has a place of its own after
// another letter, Second is 0xffff, which no text has and which comes after all that have.
type Letter struct{ First, Second uint16 }

// Dropped says that a character makes no difference.
const Dropped = 1

// Table has the letter of each character below End.
func Table() *[End]Letter { return &table }

var table = func() (all [End]Letter) {
	for c := 'A'; c <= 'Z'; c++ {
		all[c].First = uint16(c - 'A' + 'a')
	}
	for _, l := range listed {
		all[l.of] = Letter{l.first, l.second}
	}
	return all
}()

// Key returns what a text is sorted by, byte by byte.
func Key(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, c := range text {
		if c < 0 || c >= End {
			b.WriteRune(c)
			continue
		}
		switch l := table[c]; l.First {
		case 0:
			b.WriteRune(c)
		case Dropped:
		default:
			b.WriteRune(rune(l.First))
			if l.Second != 0 {
				b.WriteRune(rune(l.Second))
			}
		}
	}
	return b.String()
}

// Compare tells which of two texts comes first; those that differ in accents or capitals
// only stand as their characters are numbered.
func Compare(a, b string) int {
	return cmp.Or(strings.Compare(Key(a), Key(b)), strings.Compare(a, b))
}
