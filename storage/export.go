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
	e := export{db: db, q: q, room: packrow.NewRoom()}
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
		if err := db.read(ctx, "export", e.chunk); err != nil {
			return masters, err
		}
		for i := range e.records {
			if err := yield(&e.records[i]); err != nil {
				return masters, err
			}
			masters++
			if q.Limit > 0 && len(places) <= maxTrail {
				places = append(places, e.places[i])
			}
			if q.Limit > 0 && masters == q.Limit {
				return masters, nil
			}
		}
	}
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

	// Of one chunk, whose room the next one uses again.
	records    []core.Record
	places     []exportPlace  // of records
	uuids      []driver.Value // of records, as they are stored
	components []core.Record  // of any depth
	arena      arena
	room       *packrow.Room
	columns    []packrow.Value // of the row read last
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

// chunk reads the next masters into records.
func (e *export) chunk(v *view) error {
	e.records, e.places, e.uuids, e.components = e.records[:0], e.places[:0], e.uuids[:0], e.components[:0]
	e.arena.empty()
	e.room.Leave()
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
	if !e.q.NoComponents {
		if err := e.nest(v, tb, e.records, e.uuids, 0); err != nil {
			return err
		}
	}
	if e.q.Bare {
		for i := range e.records {
			strip(&e.records[i])
		}
	}
	return nil
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
		err := e.rows(v, tb, "", where+span+" ORDER BY "+stamp+", r._id LIMIT ? OFFSET ?", args, func(rec *core.Record, columns []packrow.Value) error {
			read++
			e.started, e.after = true, exportPlace{rec.ModifiedOn, columns[atID].Int()}
			switch {
			case !e.matchesAll(v, rec):
			case e.skip > 0:
				e.skip--
			default:
				e.records, e.places, e.uuids = append(e.records, *rec), append(e.places, e.after), append(e.uuids, columns[atUUID].Driver())
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

// rows calls fn for the records that the rest of the query selects, as view.rows does,
// and with the columns of each. Both are overwritten by the next one. With is what
// the table is joined to, "" if it stands alone.
func (e *export) rows(v *view, tb *table, with, rest string, args []any, fn func(*core.Record, []packrow.Value) error) error {
	tb = e.shape(tb)
	var rec core.Record
	return v.each("SELECT "+tb.travelList.into+" FROM "+with+tb.sql+" r "+rest, slices.Insert(args, 0, any(e.room.Argument())), func(row []driver.Value) (err error) {
		if e.columns, err = tb.travelList.unpack(e.columns, e.room, row); err != nil {
			return fmt.Errorf("%s: %w", tb.resource, err)
		}
		if err := tb.read(v.catalog, &e.arena, e.columns, &rec); err != nil {
			return err
		}
		return fn(&rec, e.columns)
	})
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

// nest puts the components of masters, which are rows of tb with these uuids, into
// them, with the components of those.
func (e *export) nest(v *view, tb *table, masters []core.Record, uuids []driver.Value, depth int) error {
	tables := v.catalog.components(tb)
	if len(masters) == 0 || len(tables) == 0 || depth == maxDepth {
		return nil
	}
	at := make(map[string]*core.Record, len(masters))
	live := make([]any, 0, len(masters))
	for i := range masters {
		if !masters[i].Deleted {
			at[masters[i].UUID] = &masters[i]
			live = append(live, uuids[i])
		}
	}
	for _, c := range tables {
		found, uuids, err := e.componentsOf(v, tb, c, live)
		if err != nil {
			return err
		}
		if err := e.nest(v, c, found, uuids, depth+1); err != nil {
			return err
		}
		for len(found) > 0 {
			n := 1
			for n < len(found) && found[n].Master.UUID == found[0].Master.UUID {
				n++
			}
			give(at[found[0].Master.UUID], found[:n:n])
			found = found[n:]
		}
	}
	return nil
}

// componentsOf reads the components in c of the rows of tb that have these uuids, those
// of one master together, in the order of their ids. There is no ORDER BY to say so: for
// a CROSS JOIN SQLite takes one uuid after the other, and however it finds the rows
// of one, in the index by master or without, they come by id. IN would put the uuids
// into an index of their own first.
func (e *export) componentsOf(v *view, tb, c *table, masters []any) (found []core.Record, uuids []driver.Value, err error) {
	first := len(e.components)
	for chunk := range slices.Chunk(masters, exportChunk) {
		list := make([]any, exportChunk) // NULL is nobody's master
		copy(list, chunk)
		rest := fmt.Sprintf("WHERE r._master = m.column1 AND r._master_id = %d AND r._deleted IN (0, %d)", tb.id, number(e.q.Deleted))
		err := e.rows(v, c, "(VALUES (?)"+strings.Repeat(",(?)", exportChunk-1)+") m CROSS JOIN ", rest, list, func(rec *core.Record, columns []packrow.Value) error {
			if e.matchesAll(v, rec) {
				e.components, uuids = append(e.components, *rec), append(uuids, columns[atUUID].Driver())
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return e.components[first:], uuids, nil
}

// give adds components to their master.
func give(master *core.Record, components []core.Record) {
	if master.Components == nil {
		master.Components = components
	} else {
		master.Components = append(master.Components, components...)
	}
}

// strip leaves of a record what an inventory needs.
func strip(rec *core.Record) {
	rec.Fields = nil
	for i := range rec.Components {
		strip(&rec.Components[i])
	}
}

// matchesAll reports whether the record passes those of the filters that are for
// its table: a filter without a table is for the query's own resource.
func (e *export) matchesAll(v *view, rec *core.Record) bool {
	lookup := func(l core.Link) (core.Record, bool) {
		found, err := v.record(l)
		return found, err == nil
	}
	return !slices.ContainsFunc(e.q.Filters, func(f core.Filter) bool {
		applies := f.Table == rec.Resource || f.Table == "" && rec.Resource == e.q.Resource
		return applies && !f.Match(rec, lookup)
	})
}
