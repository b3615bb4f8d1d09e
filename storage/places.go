package storage

import (
	"context"
	"database/sql/driver"
	"sync/atomic"

	"github.com/fieldsync/fieldsync/core"
)

// Where each record of a large list stands in its order is kept in memory, for whoever
// searches in it again and again. Of 50,000 records that have a word, the first ones in
// the list's order are found among their places; without those, the list is read in its
// order up to the first that has it, and that may be the last of a million.
//
// Places are those of one state of the table: see tableVersion. While few rows were written
// since, they serve on: the others stand in the same order, and those find their places
// among them. A search that finds no places, or none that serve, goes on without, and leaves
// word in DB.PlacesWanted. It takes half a second to make them for a million, so that is for
// a program that stays: the window. Nobody waits for it.
const (
	mostPlaces = 4 << 20 // rows of a table at most; each takes four bytes
	mostMoved  = 1000    // rows written since the places were made, at most; less than 1 << rankBits
	manyMoved  = 200     // from so many on the places are to be made again
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

// MakePlaces makes the searches in a list's order quick, until many of its records have
// changed. It does nothing while a run is under way here, for that is going to change
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
		known, err := l.knownPlaces(k)
		if err != nil || known != nil && !known.old() {
			return err
		}
		if known == nil {
			db.places.known.Store(nil) // two at a time would take twice the memory
		}
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
