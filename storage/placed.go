package storage

import (
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// mostPlaced is how many records may be found by their places: of more, some come soon in
// the list's order.
const mostPlaced = 200_000

// rankBits are those of a place in which rows are told apart that were written since the
// places were made and stand behind the same row that was not.
const rankBits = 10

// knownPlaces are where the rows of a list stand now.
type knownPlaces struct {
	*places
	moved map[int64]uint32 // those of the rows written since, by their numbers; 0: no longer in the list
}

// at is the place of a row, in the upper bits that of places; 0 if it is not in the list.
func (p *knownPlaces) at(id int64) uint32 {
	if at, is := p.moved[id]; is {
		return at
	}
	if id >= int64(len(p.of)) {
		return 0
	}
	return p.of[id] << rankBits
}

// old reports whether the places are to be made again.
func (p *knownPlaces) old() bool { return len(p.moved) >= manyMoved }

// knownPlaces returns the places in the list's order; nil if none are known that serve.
func (l *listing) knownPlaces(k sortKey) (*knownPlaces, error) {
	p := l.places.known.Load()
	if !p.are(l.table, k) {
		return nil, nil
	}
	serve, err := l.movedFewer(p, mostMoved+1)
	if err != nil || !serve {
		return nil, err
	}
	known := &knownPlaces{places: p}
	return known, l.findMoved(known)
}

// movedFewer reports whether fewer rows than so many were written since the places were made,
// and each of them can be told.
func (l *listing) movedFewer(p *places, many int) (bool, error) {
	now, err := l.version(l.table)
	if err != nil || now == p.version || now.touched != p.version.touched {
		return err == nil && now == p.version, err
	}
	return l.few(`SELECT 1 FROM `+l.table.sql+` WHERE _seq > ?`, many, p.version.seq)
}

// are reports whether the places are those of the table's rows in that order.
func (p *places) are(tb *table, k sortKey) bool { return p != nil && p.table == tb.id && p.key == k }

// findMoved finds the places of the rows that were written since the places were made: each
// stands behind the row before it in the list's order. That is one that was not written, or
// the one of them found before.
func (l *listing) findMoved(known *knownPlaces) error {
	known.moved = make(map[int64]uint32)
	return l.each(l.beforeMoved(known.key), []any{known.version.seq}, func(values []driver.Value) error {
		id := asInt(values[0])
		if asInt(values[1]) != stateLive {
			known.moved[id] = 0
			return nil
		}
		at := uint32(0) // it is the first one
		if before, is := values[2].(int64); is {
			at = known.at(before)
		}
		known.moved[id] = at + 1
		return nil
	})
}

// beforeMoved is the statement for that: the rows in the list's order, their states, and the
// rows before them. SQLite seeks an expression in its index, but no pair that begins with one:
// see listing.after.
func (l *listing) beforeMoved(k sortKey) string {
	before := func(where, order string) string {
		return fmt.Sprintf(`(SELECT o._id FROM %s o INDEXED BY %s WHERE o._deleted = %d AND %s ORDER BY %s LIMIT 1)`, l.table.sql, quote(k.index), stateLive, where, order)
	}
	mine, its := k.of("r."), k.of("o.")
	return fmt.Sprintf(`SELECT r._id, r._deleted, ifnull(%s, %s) FROM %s r WHERE r._seq > ? ORDER BY +%s, r._id`,
		before(its+" = "+mine+" AND o._id < r._id", "o._id DESC"), before(its+" < "+mine, its+" DESC, o._id DESC"), l.table.sql, mine)
}

// renewPlaces has places made again that are known for a former state of the list, from which
// many rows have moved: whoever looks at it may search in it.
func (l *listing) renewPlaces(k sortKey) error {
	p := l.places.known.Load()
	if !p.are(l.table, k) {
		return nil
	}
	serve, err := l.movedFewer(p, manyMoved)
	if err == nil && !serve {
		l.places.want(Order{l.Resource, l.Sort})
	}
	return err
}

// byPlace finds the page's rows by their places. done is false if those are not known, or
// if too many records match.
func (s *searching) byPlace(match string, found *listStretch) (done bool, err error) {
	if !s.ordered || s.key.index == "" || s.Since != 0 {
		return false, nil
	}
	known, err := s.knownPlaces(s.key)
	if err != nil {
		return false, err
	}
	if known == nil || known.old() {
		s.places.want(Order{s.Resource, s.Sort})
	}
	if known == nil {
		return false, nil
	}
	from, err := s.placeFrom(known)
	if err != nil {
		return false, err
	}
	placed, err := s.placed(match, known, from)
	if err != nil || placed == nil {
		return false, err
	}
	ids := make([]int64, 0, s.Limit+1)
	for next := range slices.Chunk(placed, s.Limit+1) {
		ids = ids[:0]
		for _, p := range next {
			ids = append(ids, int64(p&math.MaxUint32))
		}
		if err := s.look(ids, found); err != nil || len(found.ids) > s.Limit {
			return true, err
		}
	}
	return true, nil
}

// place turns a place of an ascending list into one in the direction of this one.
func (s *searching) place(at uint32) uint32 {
	if s.Desc {
		return ^at
	}
	return at
}

// placeFrom is the first place behind the cursor.
func (s *searching) placeFrom(known *knownPlaces) (uint32, error) {
	if s.After == "" {
		return 0, nil
	}
	first, err := s.ids(s.key, true, "", 1)
	if err != nil || len(first) == 0 {
		return math.MaxUint32, err
	}
	return s.place(known.at(first[0])), nil
}

// placed are the records that may be what is sought, in the order of the list from a place
// on: the place, and in the lower half the number. nil if there are more than mostPlaced.
// SQLite hands them over as one text: each by itself takes longer to hand over than to
// find.
func (s *searching) placed(match string, known *knownPlaces, from uint32) (placed []uint64, err error) {
	among, args := s.among(match)
	err = s.each(`SELECT count(*), group_concat(id, ' ') FROM (`+among+` LIMIT ?)`, append(args, mostPlaced+1), func(values []driver.Value) error {
		n := asInt(values[0])
		if n > mostPlaced {
			return nil
		}
		placed = make([]uint64, 0, n)
		numbers, _ := values[1].(string) // none is NULL
		for number := range strings.FieldsSeq(numbers) {
			id, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return err
			}
			at := known.at(id)
			if at == 0 {
				continue // it was deleted since the index has seen it
			}
			if at = s.place(at); at >= from {
				placed = append(placed, uint64(at)<<32|uint64(id))
			}
		}
		return nil
	})
	slices.Sort(placed)
	return slices.Compact(placed), err
}
