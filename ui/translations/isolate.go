package translations

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// Marks without a shape. Signs beside one stand as in a line of its direction.
const (
	leftToRight = "\u200e"
	rightToLeft = "\u200f"
)

// Datum returns what came from a person or a server as it can stand within a text: where
// the language is written from the right, a telephone number or a Latin name keeps its
// order, and the signs around it keep theirs. ("+999 3 115" would read "115 3 999+".)
func Datum(text string) string {
	before, after := Marks(text)
	return before + text + after
}

// Marks returns what Datum puts before and after a text; both are "" where nothing turns.
func Marks(text string) (before, after string) {
	if !RightToLeft() || !strings.ContainsFunc(text, runsFromLeft) || strings.ContainsFunc(text, runsFromRight) {
		return "", ""
	}
	return rightToLeft + leftToRight, leftToRight + rightToLeft
}

func runsFromLeft(r rune) bool  { return isOf(r, bidi.L, bidi.EN) }
func runsFromRight(r rune) bool { return isOf(r, bidi.R, bidi.AL, bidi.AN) }

func isOf(r rune, classes ...bidi.Class) bool {
	p, _ := bidi.LookupRune(r)
	for _, c := range classes {
		if p.Class() == c {
			return true
		}
	}
	return false
}

// placed returns the values of a text's places as they can stand within it.
func placed(data D) map[string]any {
	out := make(map[string]any, len(data))
	for name, v := range data {
		if text, ok := v.(string); ok {
			v = Datum(text)
		}
		out[name] = v
	}
	return out
}
