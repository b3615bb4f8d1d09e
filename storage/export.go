package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// exportChunk is how many masters are read in one read transaction. A reader
// that stays keeps the log of the database from being cut.
const exportChunk = 200

// Export hands over records with their components; see responder.Store. A master
// is selected too if only a component of it changed. A filter for another table
// than the query's is applied to the components.
func (db *DB) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (masters int, err error) {
	var rec core.Record
	return db.export(ctx, q, (*packrow.Room).Leave, func(e *export, master int) error {
		e.arena.empty()
		e.parts = e.parts[:0]
		if err := e.record(master, &rec); err != nil {
			return problem("export", err)
		}
		return yield(&rec)
	})
}

// export reads what the query selects and calls fn for each master, a row of the export.
// Before it reads on it does with the room whatever the rows before allow.
func (db *DB) export(ctx context.Context, q responder.ExportQuery, readOn func(*packrow.Room), fn func(e *export, master int) error) (masters int, err error) {
	e := export{db: db, q: q, room: packrow.NewRoom()}
	if len(q.UUIDs) == 0 { // there may be thousands of masters
		e.kin.keeper = &db.kin
	}
	defer e.room.Close()
	e.start()
	var places []exportPlace
	first := q.Start
	if e.started { // keep it: the same page may be asked for again
		places, first = append(places, e.after), first-1
	}
	if q.Since != 0 {
		// What arrived at or after a time has a seq from the first one given out then.
		err := db.readers.QueryRowContext(ctx, `SELECT seq FROM tick WHERE at >= ? ORDER BY seq LIMIT 1`, int64(q.Since)).Scan(&e.sinceSeq)
		if errors.Is(err, sql.ErrNoRows) {
			e.sinceSeq, err = 1<<62, nil
		}
		if err != nil {
			return 0, problem("export", err)
		}
	}
	defer func() { db.exports.leave(q, trail{first, places}) }()
	for !e.done && ctx.Err() == nil {
		readOn(e.room)
		if err := db.read(ctx, "export", e.chunk); err != nil {
			return masters, err
		}
		for i, place := range e.places {
			if err := fn(&e, i); err != nil {
				return masters, err
			}
			masters++
			if q.Limit > 0 && len(places) <= maxTrail {
				places = append(places, place)
			}
			if q.Limit > 0 && masters == q.Limit {
				return masters, nil
			}
		}
	}
	e.kin.end()
	return masters, ctx.Err()
}

// An export is one Export under way.
type export struct {
	db       *DB
	q        responder.ExportQuery
	sinceSeq int64
	skip     int // masters that match the filters still to be left out
	offset   int // rows to be left out by the first query

	after   exportPlace // the last row read
	started bool
	done    bool

	looked bool     // for news
	few    bool     // they are few
	news   []string // then their rows' numbers

	// Of one chunk, whose place the next one uses again.
	catalog *catalog
	rows    []exportRow   // the masters first
	places  []exportPlace // of the masters
	packs   [][]byte      // of which the rows consist
	room    *packrow.Room

	columns []packrow.Value // of the row read last
	keys    masterKeys
	ids     []int64 // of components that are looked for
	owners  []int   // and their masters' rows
	kin     kinUse
	arena   arena
	parts   []core.Record // room for components of the master that is handed over
}

// An exportRow is a row as it was packed.
type exportRow struct {
	table   *table
	pack    int           // its first one
	uuid    packrow.Value // as it is stored
	deleted bool

	// Its first and last component, and the next one of its own master; 0 for none: that
	// is a master.
	first, last, next int
}

// start finds out where the export begins: behind the page before, if that is
// remembered, else by counting; the database counts faster, but knows no filters.
func (e *export) start() {
	if e.q.Start == 0 {
		return
	}
	if e.after, e.started = e.db.exports.before(e.q); e.started {
		return
	}
	if len(e.q.Filters) > 0 {
		e.skip = e.q.Start
	} else {
		e.offset = e.q.Start
	}
}

// chunk reads the next masters and their components.
func (e *export) chunk(v *view) error {
	e.catalog, e.rows, e.places, e.packs = v.catalog, e.rows[:0], e.places[:0], e.packs[:0]
	tb := v.catalog.tables[e.q.Resource]
	if tb == nil {
		e.done = true
		return nil
	}
	if e.q.Since != 0 && !e.looked {
		e.looked = true
		if err := e.findNews(v, tb); err != nil {
			return err
		}
	}
	if e.done = e.few && len(e.news) == 0; e.done {
		return nil
	}
	if err := e.masters(v, tb); err != nil {
		return err
	}
	if e.q.NoComponents {
		return nil
	}
	return e.nest(v, tb, 0, 0)
}

// masters reads the rows of the next chunk: first what has the same stamp as the
// last one read, then what is later. One condition for both would look at every row
// of that stamp again for each chunk, and a whole import has one stamp.
func (e *export) masters(v *view, tb *table) error {
	stamp := "r._modified_on"
	if e.few { // the rows are found by their numbers, not by the index of the order
		stamp = "+" + stamp
	}
	spans := []string{""}
	if e.started {
		spans = []string{" AND " + stamp + " = ? AND r._id > ?", " AND " + stamp + " > ?"}
	}
	from, read := []any{int64(e.after.modifiedOn), e.after.id}, 0
	for i, span := range spans {
		if read == exportChunk {
			break
		}
		where, args := e.where(v, tb)
		if span != "" {
			args = append(args, from[:len(from)-i]...)
		}
		args = append(args, exportChunk-read, e.offset)
		err := e.read(v, tb, "", where+span+" ORDER BY "+stamp+", r._id LIMIT ? OFFSET ?", args, func(row exportRow, head []packrow.Value) error {
			read++
			e.started, e.after = true, exportPlace{core.MTime(head[atModified].Int()), head[atID].Int()}
			matches, err := e.matches(v, &row)
			switch {
			case err != nil || !matches:
				return err
			case e.skip > 0:
				e.skip--
			default:
				e.rows, e.places = append(e.rows, row), append(e.places, e.after)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	e.done, e.offset = read < exportChunk, 0
	return nil
}

// read calls fn for the rows that the rest of the query selects, as view.rows does, and
// with the first columns of each, which are overwritten by the next one. With is what the
// table is joined to, "" if it stands alone.
func (e *export) read(v *view, tb *table, with, rest string, args []any, fn func(row exportRow, head []packrow.Value) error) error {
	tb = e.shape(tb)
	l := &tb.travelList
	return v.each("SELECT "+l.into+" FROM "+with+tb.sql+" r "+rest, slices.Insert(args, 0, any(e.room.Argument())), func(values []driver.Value) error {
		row := exportRow{table: tb, pack: len(e.packs)}
		for _, packed := range values[:l.packs] {
			pack, err := e.room.Row(packed)
			if err != nil {
				return fmt.Errorf("%s: %w", tb.resource, err)
			}
			e.packs = append(e.packs, pack)
		}
		head, err := packrow.UnpackFirst(e.columns[:0], e.packs[row.pack], atExtra)
		if e.columns = head; err == nil && len(head) < atExtra {
			err = fmt.Errorf("a row has %d columns instead of %d", len(head), l.columns)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", tb.resource, err)
		}
		row.uuid, row.deleted = head[atUUID], head[atState].Int() == stateDeleted
		return fn(row, head)
	})
}

// unpack returns the columns of a row, which the next call overwrites.
func (e *export) unpack(r *exportRow) (columns []packrow.Value, err error) {
	l := &r.table.travelList
	columns = e.columns[:0]
	for _, pack := range e.packs[r.pack : r.pack+l.packs] {
		if columns, err = packrow.Unpack(columns, pack); err != nil {
			break
		}
	}
	e.columns = columns
	if err == nil && len(columns) != l.columns {
		err = fmt.Errorf("a row has %d columns instead of %d", len(columns), l.columns)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", r.table.resource, err)
	}
	return columns, err
}

// record makes the record of a row, with its components.
func (e *export) record(row int, rec *core.Record) (err error) {
	if err := e.alone(&e.rows[row], rec); err != nil {
		return err
	}
	if e.q.Bare {
		rec.Fields = nil // an inventory needs none
	}
	rec.Components, err = e.components(row)
	return err
}

// components makes the records of a row's components.
func (e *export) components(row int) ([]core.Record, error) {
	n := 0
	for k := e.rows[row].first; k != 0; k = e.rows[k].next {
		n++
	}
	if n == 0 {
		return nil, nil
	}
	if cap(e.parts)-len(e.parts) < n {
		e.parts = make([]core.Record, 0, max(n, 16)) // those before stay where they are
	}
	at := len(e.parts)
	e.parts = e.parts[:at+n]
	parts := e.parts[at : at+n : at+n]
	n = 0
	for k := e.rows[row].first; k != 0; k = e.rows[k].next {
		if err := e.record(k, &parts[n]); err != nil {
			return nil, err
		}
		n++
	}
	return parts, nil
}

// alone makes the record of a row without its components.
func (e *export) alone(r *exportRow, rec *core.Record) error {
	columns, err := e.unpack(r)
	if err != nil {
		return err
	}
	return r.table.read(e.catalog, &e.arena, columns, rec)
}

// shape returns the table as far as its columns have to be read.
func (e *export) shape(tb *table) *table {
	if !e.q.Bare || len(e.q.Filters) > 0 {
		return tb
	}
	bare := *tb
	bare.columns = nil
	return bare.seal()
}

// where returns which masters are selected.
func (e *export) where(v *view, tb *table) (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString("WHERE r._deleted <> 2")
	if !e.q.Deleted {
		b.WriteString(" AND r._deleted = 0")
	}
	switch {
	case e.few:
		b.WriteString(" AND r._id IN (" + strings.Join(e.news, ",") + ")")
	case e.q.Since != 0 || e.q.Except != 0:
		conditions, with := e.selections(v, tb)
		b.WriteString(" AND (" + strings.Join(conditions, " OR ") + ")")
		args = with
	}
	if len(e.q.UUIDs) > 0 {
		b.WriteString(" AND r._uuid IN (" + marks(len(e.q.UUIDs)) + ")")
		for _, u := range e.q.UUIDs {
			args = append(args, uuidValue(u))
		}
	}
	return b.String(), args
}

// marks returns n question marks for a list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// matches reports whether the row passes those of the filters that are for its table: a
// filter without a table is for the query's own resource.
func (e *export) matches(v *view, row *exportRow) (bool, error) {
	resource := row.table.resource
	applies := func(f *core.Filter) bool { return f.Table == resource || f.Table == "" && resource == e.q.Resource }
	for i := range e.q.Filters {
		if !applies(&e.q.Filters[i]) {
			continue
		}
		var rec core.Record
		e.arena.empty()
		if err := e.alone(row, &rec); err != nil {
			return false, err
		}
		lookup := func(l core.Link) (core.Record, bool) {
			found, err := v.record(l)
			return found, err == nil
		}
		if !e.q.Filters[i].Match(&rec, lookup) {
			return false, nil
		}
	}
	return true, nil
}
