package storage

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// A page of a search is found in one of three ways. What stands in a record now
// decides in all of them (sought), and all go by the list's order: one page may be
// found this way and the next one that way, and no record comes twice or is left out.
//
//   - By the index of beginnings: words cut to three letters are looked up there
//     without delay. If few records have all of them, those are looked at.
//   - By a walk: the list is read in its order, and each record is looked at. What
//     many records have fills a page soon. The full-text index would merge the lists
//     of all words that begin with what was typed before it names the first record:
//     for one letter, which is in most of a million records, 400 ms.
//   - By the full-text index, where a walk did not come far. What it finds is brought into
//     order by its places in the list where those are known (places.go); else what is few
//     is sorted, and of what is not the list is read in its order.
//
// What the index has not seen yet, while somebody writes, is looked at as well, as far
// as it is few; beyond that, records are missing in pages that come by the index until
// it has caught up.
const (
	fewCandidates = 1000 // at most are looked at instead of asking for whole words
	fewUnindexed  = 1000 // at most are looked at besides what the index finds
	walkAtLeast   = 1000 // records are looked at in a walk,
	walkForRow    = 10   // or so many for each row of the page
	walkTrial     = 250  // after so many a walk goes on only if it promises to fill half the page
)

// A searching is a page of a search being found.
type searching struct {
	*listing
	key     sortKey
	ordered bool
	sought  *sought
}

// search finds the page's rows, and the one after.
func (l *listing) search(k sortKey) (found listStretch, err error) {
	s := &searching{listing: l, key: k, sought: newSought(l.Search)}
	if s.ordered, err = l.hasOrder(k); err != nil {
		return found, err
	}
	if !s.ordered || s.sought == nil {
		return found, s.byIndex(matchQuery(l.Search), &found)
	}
	begins := s.sought.beginnings()
	if begins != "" {
		few, err := s.fewMatch(begins, fewCandidates)
		if err != nil {
			return found, err
		}
		if few {
			s.ordered = false
			return found, s.candidates(begins, &found)
		}
	}
	walked, done, err := s.walk()
	if err != nil || done {
		return walked, err
	}
	return found, s.byIndex(s.sought.longer(), &found)
}

// byIndex asks the full-text index.
func (s *searching) byIndex(match string, found *listStretch) error {
	if done, err := s.byPlace(match, found); err != nil || done {
		return err
	}
	if s.ordered {
		few, err := s.fewMatch(match, manyMatches)
		if err != nil {
			return err
		}
		s.ordered = !few
	}
	return s.candidates(match, found)
}

// matchesOf are the numbers of the table's records that the index finds; its
// arguments are matchArgs.
const matchesOf = `SELECT rowid & 0xffffffffff AS id FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?`

func (s *searching) matchArgs(match string) []any {
	return []any{match, searchID(s.table, 0), searchID(s.table, 1<<40-1)}
}

func (s *searching) fewMatch(match string, many int) (bool, error) {
	return s.few(matchesOf, many, s.matchArgs(match)...)
}

// among is the statement for the numbers of the records that may be what is sought: those
// that match in the index, and those that it has not seen yet. "" for all: where those
// with a mark are looked for, since the index has no words of what was deleted.
func (s *searching) among(match string) (among string, args []any) {
	among, args = matchesOf, s.matchArgs(match)
	switch {
	case s.sought == nil:
	case s.Only != MarkAny:
		return "", nil
	default:
		among += ` UNION ALL SELECT * FROM (SELECT _id FROM ` + s.table.sql + ` WHERE _seq > (SELECT indexed FROM resource WHERE id = ?) LIMIT ?)`
		args = append(args, s.table.id, fewUnindexed)
	}
	return among, args
}

// candidates looks at those records in the order of the list.
func (s *searching) candidates(match string, found *listStretch) error {
	among, args := s.among(match)
	looked := 0
	for limit := s.Limit + 1; ; limit *= 8 {
		ids, err := s.ids(s.key, s.ordered, among, limit, args...)
		if err != nil {
			return err
		}
		if err := s.look(ids[looked:], found); err != nil {
			return err
		}
		if looked = len(ids); len(found.ids) > s.Limit || looked < limit {
			return nil
		}
	}
}

// look reads these records, and takes those that have what is sought, until the page and
// the row after are full.
func (s *searching) look(ids []int64, found *listStretch) error {
	for next := range slices.Chunk(ids, s.Limit+1) {
		read, err := s.read(next)
		if err != nil {
			return err
		}
		for i := range read.rows {
			if s.sought != nil && !s.sought.in(searchWords(&read.rows[i].Record)) {
				continue
			}
			found.rows, found.ids = append(found.rows, read.rows[i]), append(found.ids, read.ids[i])
			if len(found.ids) > s.Limit {
				return nil
			}
		}
	}
	return nil
}

// walk reads the list in its order. done is false if it gave up before the page was
// full and the list at its end.
func (s *searching) walk() (found listStretch, done bool, err error) {
	whenever := *s.listing
	whenever.Since = 0 // it is looked at below: else a walk could go through the whole table
	c, err := whenever.conditions(s.key.of("r."))
	if err != nil {
		return found, false, err
	}
	most := max(walkAtLeast, walkForRow*(s.Limit+1))
	rows, err := s.open("SELECT "+s.table.selectList.sql+s.from(s.key, true)+c.sql()+s.order(s.key, true)+" LIMIT ?", append(c.args, most))
	if err != nil {
		return found, false, err
	}
	defer func() { err = errors.Join(err, rows.close()) }()
	var r row
	for seen := 0; ; seen++ {
		if seen >= walkTrial && len(found.ids)*most < seen*(s.Limit+1)/2 {
			return found, false, nil
		}
		more, err := rows.next()
		if err != nil || !more {
			return found, seen < most, err
		}
		if err := r.fill(s.catalog, s.table, nil, rows.values); err != nil {
			return found, false, err
		}
		if r.rec.ModifiedOn < s.Since || !s.sought.in(searchWords(&r.rec)) {
			continue
		}
		found.rows, found.ids = append(found.rows, ListRow{Record: r.rec, Title: r.rec.Title()}), append(found.ids, r.id)
		if len(found.ids) > s.Limit {
			return found, true, nil
		}
	}
}

// beginnings is a full-text query for what begins like the words sought, no more of
// each than the index has beginnings of (prefix='2 3'): it finds all that they find,
// and more. "" if they are single letters.
func (s *sought) beginnings() string {
	var all []string
	for _, p := range s.phrases {
		last := len(p.parts) - 1
		for _, whole := range p.parts[:last] {
			all = append(all, `"`+string(whole)+`"`)
		}
		if letters := []rune(string(p.parts[last])); len(letters) > 1 {
			all = append(all, `"`+string(letters[:min(3, len(letters))])+`"*`)
		}
	}
	return strings.Join(all, " ")
}

// longer is the full-text query without the single letters, unless there is nothing
// else: for those the index merges the most.
func (s *sought) longer() string {
	var long, all []string
	for _, p := range s.phrases {
		all = append(all, p.typed)
		if len(p.parts) > 1 || utf8.RuneCount(p.parts[0]) > 1 {
			long = append(long, p.typed)
		}
	}
	if len(long) == 0 {
		long = all
	}
	return matchQuery(strings.Join(long, " "))
}
