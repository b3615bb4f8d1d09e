package storage

import "bytes"

// A sought is what a person looks for, for a look at texts one by one: it finds in
// a text what the full-text index finds by matchQuery. A typed word is a phrase
// there, for the index cuts words where people do not, at the vowel signs of Nepali
// for one; its last part need only begin a word.
type sought struct {
	phrases []phraseSought
	reader  wordReader
	words   []byte // those of the text read so far, one after the other
	starts  []int  // in words
}

type phraseSought struct {
	typed string
	parts [][]byte // folded as the index folds them
	found bool
}

// longestSought is up to how many bytes a search is told from the index's: longer
// words are cut off there.
const longestSought = 1000

// newSought returns what is looked for; nil if there is no word in it, or if it is
// too long.
func newSought(typed string) *sought {
	if len(typed) > longestSought {
		return nil
	}
	s := &sought{}
	for _, w := range typedWords(typed) {
		p := phraseSought{typed: w}
		for r := (wordReader{text: w}); r.next(); {
			p.parts = append(p.parts, bytes.Clone(r.word))
		}
		if len(p.parts) > 0 { // the index, too, passes over what it cannot see
			s.phrases = append(s.phrases, p)
		}
	}
	if len(s.phrases) == 0 {
		return nil
	}
	return s
}

// in reports whether all that is sought is in the text.
func (s *sought) in(text string) bool {
	s.words, s.starts = s.words[:0], s.starts[:0]
	missing := len(s.phrases)
	for i := range s.phrases {
		s.phrases[i].found = false
	}
	s.reader.text, s.reader.at = text, 0
	for s.reader.next() {
		s.starts = append(s.starts, len(s.words))
		s.words = append(s.words, s.reader.word...)
		for i := range s.phrases {
			if p := &s.phrases[i]; !p.found && s.ends(p.parts) {
				p.found = true
				if missing--; missing == 0 {
					return true
				}
			}
		}
	}
	return false
}

// ends reports whether the words read so far end with the parts of a phrase.
func (s *sought) ends(parts [][]byte) bool {
	end, at := len(s.words), len(s.starts)-1
	last := len(parts) - 1
	if at < last || !bytes.HasPrefix(s.words[s.starts[at]:end], parts[last]) {
		return false
	}
	for i := last - 1; i >= 0; i-- {
		end, at = s.starts[at], at-1
		if !bytes.Equal(s.words[s.starts[at]:end], parts[i]) {
			return false
		}
	}
	return true
}
