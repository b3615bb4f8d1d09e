package storage

import (
	"unicode"
	"unicode/utf8"
)

// The full-text index cuts texts into words by SQLite's tokenizer unicode61, with
// remove_diacritics 2. This is the same in Go, for records that are looked at one by
// one: what it finds must be what the index finds, to the letter. How each character
// is folded stands in a table made from what SQLite does (foldings_table.go).

// A wordReader cuts a text into words, folded as the index folds them.
type wordReader struct {
	text string
	at   int
	word []byte // overwritten by the next one
}

// longestWord is how many bytes of a word the index keeps.
const longestWord = 32768

// next reads a word into w.word; false at the end of the text.
func (w *wordReader) next() bool {
	w.word = w.word[:0]
	within := false
	for w.at < len(w.text) {
		var folded rune
		if c := w.text[w.at]; c < 0x80 {
			w.at++
			folded = asciiFolded[c]
		} else {
			folded = foldedTo(w.character())
		}
		switch {
		case folded == separates, folded == unwritten && !within:
			if within {
				w.word = w.word[:min(len(w.word), longestWord)]
				return true
			}
		case folded == unwritten:
		default:
			within = true
			w.word = appendCharacter(w.word, folded)
		}
	}
	w.word = w.word[:min(len(w.word), longestWord)]
	return within
}

// character reads the next character as SQLite reads one that is not ASCII, also
// where the text is no UTF-8.
func (w *wordReader) character() rune {
	c := w.text[w.at]
	w.at++
	if c < 0xc0 {
		return rune(c)
	}
	var r uint32
	switch {
	case c < 0xe0:
		r = uint32(c & 0x1f)
	case c < 0xf0:
		r = uint32(c & 0x0f)
	case c < 0xf8:
		r = uint32(c & 0x07)
	case c < 0xfc:
		r = uint32(c & 0x03)
	case c < 0xfe:
		r = uint32(c & 0x01)
	}
	for w.at < len(w.text) && w.text[w.at]&0xc0 == 0x80 {
		r = r<<6 + uint32(w.text[w.at]&0x3f)
		w.at++
	}
	switch {
	case r < 0x80, r&0xfffff800 == 0xd800, r&0xfffffffe == 0xfffe:
		return utf8.RuneError
	case r > unicode.MaxRune: // SQLite takes it for a letter, and writes its last 21 bits
		return rune(r&0x1fffff | 0x200000)
	}
	return rune(r)
}

func appendCharacter(to []byte, r rune) []byte {
	if r > unicode.MaxRune {
		return append(to, 0xf0|byte(r>>18&7), 0x80|byte(r>>12&0x3f), 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
	}
	return utf8.AppendRune(to, r)
}
