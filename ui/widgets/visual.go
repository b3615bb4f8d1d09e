package widgets

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// leftToRight is a mark without a shape: signs beside it are drawn where they stand,
// and a line that begins with it is set from the left.
const leftToRight = "\u200e"

// marks takes away the marks that say how signs stand.
var marks = strings.NewReplacer(leftToRight, "", "\u200f", "")

var rightToLeft atomic.Bool

// SetRightToLeft says whether the window's language is written from the right: then
// lines that begin with a Latin name and go on in that language are, too.
func SetRightToLeft(on bool) { rightToLeft.Store(on) }

// Visual returns a line in the order in which the toolkit has to draw it. The
// toolkit shapes the letters of a right-to-left script, but sets the parts of a line
// (Arabic words, numbers, Latin names) one after the other from the left. Lines
// without such letters, and those that begin with Latin ones, stay as they are, the
// latter unless the window's language is written from the right. It is
// for one line: where a text is broken, its end must not come first.
func Visual(line string) string {
	if !isRightToLeft(line) {
		return line
	}
	var p bidi.Paragraph
	if n, err := p.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil || n != len(line) {
		return line
	}
	order, err := p.Order()
	if err != nil {
		return line
	}
	var parts []string
	for i := range order.NumRuns() {
		run := order.Run(i)
		words := marks.Replace(run.String()) // they have done their work
		if run.Direction() == bidi.RightToLeft {
			parts = append(parts, pieces(words)...)
		} else if words != "" {
			parts = append(parts, words)
		}
	}
	if len(parts) == 1 {
		return line
	}
	slices.Reverse(parts)
	return leftToRight + strings.Join(parts, leftToRight)
}

// isRightToLeft reports whether the line as a whole is written from the right: by its
// first letter, or by one of them where the window's language is.
func isRightToLeft(line string) bool {
	for _, r := range line {
		switch classOf(r) {
		case bidi.R, bidi.AL:
			return true
		case bidi.L:
			if !rightToLeft.Load() {
				return false
			}
		}
	}
	return false
}

// hasRightToLeft reports whether any letter of the text is of such a script.
func hasRightToLeft(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { c := classOf(r); return c == bidi.R || c == bidi.AL })
}

// fromLeft is Visual for a line of a text that is written from the left and has something in
// it that is not: such a name at the beginning of a line would turn all of that round.
func fromLeft(line string) string {
	if !isRightToLeft(line) {
		return line
	}
	last := strings.LastIndexFunc(line, isLetter)
	_, size := utf8.DecodeRuneInString(line[last:])
	return leftToRight + line[:last+size] + leftToRight + line[last+size:]
}

func classOf(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// pieces divides right-to-left words at the signs among them, which stand with the
// blanks beside them in pieces of their own, turned round: the toolkit takes signs
// from another font, and sets what is of different fonts from the left.
func pieces(words string) (out []string) {
	var piece []rune
	signs := false // of piece
	flush := func() {
		if len(piece) > 0 && signs {
			out = append(out, mirrored(piece))
		} else if len(piece) > 0 {
			out = append(out, string(piece))
		}
		piece = nil
	}
	runes := []rune(words)
	for i, r := range runes {
		sign := !isLetter(r) && (!unicode.IsSpace(r) || !between(runes, i))
		if sign != signs {
			flush()
		}
		piece, signs = append(piece, r), sign
	}
	flush()
	return out
}

func isLetter(r rune) bool {
	c := classOf(r)
	return c == bidi.R || c == bidi.AL || c == bidi.NSM
}

// between reports whether letters stand on both sides of a blank.
func between(runes []rune, i int) bool {
	return i > 0 && i+1 < len(runes) && isLetter(runes[i-1]) && isLetter(runes[i+1])
}

// mirrored are signs as they look from the other side.
func mirrored(runes []rune) string {
	out := slices.Clone(runes)
	slices.Reverse(out)
	for i, r := range out {
		if m, ok := mirrors[r]; ok {
			out[i] = m
		}
	}
	return string(out)
}

var mirrors = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«', '‹': '›', '›': '‹'}
