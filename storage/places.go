package storage

import (
	"context"
	"database/sql/driver"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/fieldsync/fieldsync/core"
)

// Where each record of a large list stands in its order is kept in memory, for whoever
// searches in it again and again. Of 50,000 records that have a word, the first ones in
// the list's order are found among their places; without those, the list is read in its
// order up to the first that has it, and that may be the last of a million.
//
// Places are true as long as no row of the table is written: see tableVersion. A search
// that finds none, or none that are true, goes on without, and leaves word in
// DB.PlacesWanted. It takes half a second to make them for a million, so that is for a
// program that stays: the window. Nobody waits for it.
const (
	mostPlaces = 4 << 20 // rows of a table at most; each takes four bytes
	mostPlaced = 200_000 // records found at most: of more, some come soon in the list's order
)

// places are where the rows of a table stand in an order of its list.
type places struct {
	table   int64
	key     sortKey
	version tableVersion
	of      []uint32 // by the row's number, from 1; 0: it is not in the list
}

// An Order is that of a list.
type Order struct {
	Resource core.Resource
	Sort     string // as Query.Sort
}

// A placeKeeper keeps the places made last.
type placeKeeper struct {
	known  atomic.Pointer[places]
	wanted chan Order // one slot
}

// PlacesWanted tells of the order in which somebody looked at a list or searched in it
// last, and for which no places are known: MakePlaces makes them. Nobody has to.
func (db *DB) PlacesWanted() <-chan Order { return db.places.wanted }

func (k *placeKeeper) want(o Order) {
	select {
	case <-k.wanted:
	default:
	}
	select {
	case k.wanted <- o:
	default: // somebody else wants others
	}
}

// MakePlaces makes the searches in a list's order quick, until one of its records
// changes. It does nothing while a run is under way here, for that is going to change
// some, nor where the list cannot be read in that order. Only the places that it made
// last are kept.
func (db *DB) MakePlaces(ctx context.Context, o Order) error {
	if db.runsHere() {
		return nil
	}
	return db.read(ctx, "order records", func(v *view) error {
		tb := v.catalog.tables[o.Resource]
		if tb == nil {
			return nil
		}
		l := &listing{view: v, Query: Query{Resource: o.Resource, Sort: o.Sort}, table: tb, places: &db.places}
		k := tb.sortKey(o.Sort)
		ordered, err := l.hasOrder(k)
		if err != nil || !ordered || k.index == "" {
			return err
		}
		if known, _, err := l.knownPlaces(k); err != nil || known != nil {
			return err
		}
		db.places.known.Store(nil) // two at a time would take twice the memory
		made, err := l.makePlaces(k)
		if err == nil {
			db.places.known.Store(made)
		}
		return err
	})
}

// makePlaces goes through the list; nil if it is too long.
func (l *listing) makePlaces(k sortKey) (*places, error) {
	last, err := l.lastID(l.table)
	if err != nil || last >= mostPlaces {
		return nil, err
	}
	p := &places{table: l.table.id, key: k, of: make([]uint32, last+1)}
	if p.version, err = l.version(l.table); err != nil {
		return nil, err
	}
	query, args, err := l.selection(k, true, "", nil)
	if err != nil {
		return nil, err
	}
	at := uint32(0)
	err = l.each(query, append(args, -1), func(values []driver.Value) error {
		at++
		p.of[asInt(values[0])] = at
		return nil
	})
	return p, err
}

// A tableVersion is another one whenever a row of the table was written, by whomever.
type tableVersion struct {
	seq     int64 // the greatest of its rows
	touched int64 // how many transactions wrote rows that kept theirs, or removed some
}

// settingTouched counts the transactions that change tables without giving out numbers.
const settingTouched = "tables.touched"

func (v *view) version(tb *table) (is tableVersion, err error) {
	err = v.q.QueryRowContext(brief(v.ctx), `SELECT ifnull((SELECT max(_seq) FROM `+tb.sql+`), 0), ifnull((SELECT value FROM setting WHERE key = ?), 0)`,
		settingTouched).Scan(&is.seq, &is.touched)
	return is, err
}

// noteTouched makes the version of every table another one.
func (t *tx) noteTouched() error {
	return t.hot(`INSERT INTO setting (key, value) VALUES (?, '1') ON CONFLICT DO UPDATE SET value = value + 1`, settingTouched)
}

// knownPlaces returns the places in the list's order, by the rows' numbers. of is nil if
// none are known that are true; were says whether they are known for a former state.
func (l *listing) knownPlaces(k sortKey) (of []uint32, were bool, err error) {
	p := l.places.known.Load()
	if p == nil || p.table != l.table.id || p.key != k {
		return nil, false, nil
	}
	now, err := l.version(l.table)
	if err != nil || now != p.version {
		return nil, true, err
	}
	return p.of, true, nil
}

// renewPlaces has places made again that are known for a former state of the list: whoever
// looks at it may search in it.
func (l *listing) renewPlaces(k sortKey) error {
	of, were, err := l.knownPlaces(k)
	if of == nil && were && err == nil {
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
	of, _, err := s.knownPlaces(s.key)
	if err != nil {
		return false, err
	}
	if of == nil {
		s.places.want(Order{s.Resource, s.Sort})
		return false, nil
	}
	from, err := s.placeFrom(of)
	if err != nil {
		return false, err
	}
	placed, err := s.placed(match, of, from)
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
func (s *searching) placeFrom(of []uint32) (uint32, error) {
	if s.After == "" {
		return 0, nil
	}
	first, err := s.ids(s.key, true, "", 1)
	if err != nil || len(first) == 0 {
		return math.MaxUint32, err
	}
	return s.place(of[first[0]]), nil
}

// placed are the records that may be what is sought, in the order of the list from a place
// on: the place, and in the lower half the number. nil if there are more than mostPlaced.
// SQLite hands them over as one text: each by itself takes longer to hand over than to
// find.
func (s *searching) placed(match string, of []uint32, from uint32) (placed []uint64, err error) {
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
			if id >= int64(len(of)) || of[id] == 0 {
				continue // it was deleted since the index has seen it
			}
			if at := s.place(of[id]); at >= from {
				placed = append(placed, uint64(at)<<32|uint64(id))
			}
		}
		return nil
	})
	slices.Sort(placed)
	return slices.Compact(placed), err
}
