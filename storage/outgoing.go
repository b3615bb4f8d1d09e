package storage

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// maxDepth bounds how many masters above a component are looked for, so that a
// damaged chain cannot go round in circles.
const maxDepth = 8

// Outgoing returns masters that, or whose components, the repository lacks; see
// replicate.Store.
//
// A record is unsent if its seq is beyond that of its base, or if it has none.
// A master is returned once while after grows: at the least seq of those parts of
// it that are looked for, which are the ones beyond the task's watermark and the
// refused ones that are due or have changed. Everything else unsent in it goes along.
func (db *DB) Outgoing(ctx context.Context, task core.Task, now core.MTime, after int64, limit int, lending *core.Lending) (out []core.Outgoing, next int64, err error) {
	err = db.readWarm(ctx, "list unsent", func(v *view) error {
		o := outgoing{view: v, repo: task.RepositoryID, now: now, lent: lentOf(lending), room: packrow.NewRoom(), kin: kinUse{keeper: &db.kin}}
		o.lent.enter(o.room)
		defer func() { o.lent.leave(o.room.Close()) }()
		if err := o.prepare(task); errors.Is(err, core.ErrNotFound) { // the task was removed meanwhile
			return nil
		} else if err != nil {
			return err
		}
		if after == 0 {
			if err := o.findSettled(); err != nil {
				return err
			}
		}
		out, next, err = o.collect(after, limit)
		if next == 0 {
			o.kin.end()
		}
		return err
	})
	return out, next, err
}

// An outgoing is one look for what a repository lacks.
type outgoing struct {
	*view
	*lent
	repo      int64
	now       core.MTime
	watermark int64
	newest    int64 // the last seq that was given out
	tree      []*table
	conflicts map[core.Link]bool
	refused   map[core.Link]core.Quarantine // outgoing ones
	braked    map[core.Link]bool            // a brake holds their deletion
	settled   map[*table]bool               // the repository has all beyond the watermark
	uncertain bool                          // some may have arrived though nobody said so
	carried   map[*table][]*table           // see componentTables

	room *packrow.Room
	kin  kinUse
	ids  []int64 // of components of one master
}

func (o *outgoing) prepare(task core.Task) error {
	o.tree = o.catalog.tree(task.Resource)
	found := false
	err := o.each(`SELECT task.push_seq, counter.seq, EXISTS (SELECT 1 FROM uncertain WHERE repository_id = task.repository_id)
FROM task, counter WHERE task.id = ?`, []any{task.ID}, func(v []driver.Value) error {
		found = true
		o.watermark, o.newest, o.uncertain = asInt(v[0]), asInt(v[1]), asInt(v[2]) != 0
		return nil
	})
	if err == nil && !found {
		err = core.ErrNotFound
	}
	if err != nil {
		return err
	}
	if o.conflicts, err = openConflicts(o.ctx, o.q, o.repo); err != nil {
		return err
	}
	o.refused, o.braked, o.carried = make(map[core.Link]core.Quarantine), make(map[core.Link]bool), make(map[*table][]*table)
	aside, err := o.quarantines(`WHERE repository_id = ? AND (outgoing = 1 OR reason = ?)`, o.repo, core.HeldDeletion)
	for _, q := range aside {
		if q.Outgoing {
			o.refused[q.Record] = q
		} else {
			o.braked[q.Record] = true
		}
	}
	return err
}

// A part is an unsent record.
type part struct {
	table *table
	*based
}

// collect looks at unsent parts in the order of their seq.
func (o *outgoing) collect(after int64, limit int) (out []core.Outgoing, next int64, err error) {
	for {
		chunk := 500
		if limit > 0 { // what is read beyond the limit is read again next time
			chunk = min(chunk, 2*(limit-len(out))+1)
		}
		parts, more, err := o.parts(after, chunk)
		if err == nil {
			err = o.lookAhead(parts)
		}
		if err != nil {
			return nil, 0, err
		}
		if out == nil {
			out = o.outgoing(room(len(parts), limit, more))
		}
		for _, p := range parts {
			if len(out) >= limit && limit > 0 {
				return out, after, nil
			}
			after = p.seq
			og, ok, err := o.build(p)
			if err != nil {
				return nil, 0, err
			}
			if ok {
				out = append(out, og)
			}
		}
		if !more {
			return out, 0, nil
		}
	}
}

// room is how many masters there will be, as far as the first parts tell.
func room(parts, limit int, more bool) int {
	if more && limit > 0 {
		return min(limit, 4*parts)
	}
	return parts
}

// parts returns the next unsent parts that are looked for, and whether there may
// be more: first the refused ones, which are not beyond the watermark, then those of
// all tables in one order.
func (o *outgoing) parts(after int64, limit int) (parts []part, more bool, err error) {
	o.begin()
	parts = o.lent.parts
	if o.watermark > after {
		if parts, err = o.refusedParts(parts, after); err != nil {
			return nil, false, err
		}
	}
	if o.newest <= max(after, o.watermark) {
		return parts, false, nil
	}
	sources := make([]*source, 0, len(o.tree))
	defer func() {
		for _, s := range sources {
			err = errors.Join(err, s.close())
		}
	}()
	for _, tb := range o.tree {
		if o.settled[tb] {
			continue
		}
		s, err := o.source(tb, max(after, o.watermark))
		if err != nil {
			return nil, false, err
		}
		sources = append(sources, s)
	}
	for {
		least := leastOf(sources)
		if least == nil || len(parts) >= limit {
			o.lent.parts = parts
			return parts, least != nil, nil
		}
		p, err := o.take(least)
		if err != nil {
			return nil, false, err
		}
		parts = append(parts, p)
	}
}

// A source gives one table's unsent rows, with their bases, in the order of their
// seq.
type source struct {
	*cursor
	table *table
	at    bool // at a row
}

func (o *outgoing) source(tb *table, after int64) (*source, error) {
	c, err := o.open(o.selectBased(tb)+` WHERE `+unsent+` AND r._seq > ? ORDER BY r._seq`, []any{o.room.Argument(), after})
	if err != nil {
		return nil, err
	}
	s := &source{cursor: c, table: tb}
	if s.at, err = c.next(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return s, nil
}

// leastOf returns the source that stands at the least seq; nil at the end of all.
func leastOf(sources []*source) (least *source) {
	for _, s := range sources {
		if s.at && (least == nil || s.seq() < least.seq()) {
			least = s
		}
	}
	return least
}

func (s *source) seq() int64 { return asInt(s.values[s.table.selectList.packs]) }

// take reads the row at which the source stands and moves on.
func (o *outgoing) take(s *source) (part, error) {
	r, err := o.fill(s.table, s.values)
	if err == nil {
		s.at, err = s.next()
	}
	return part{s.table, r}, err
}

// unsent is the condition for rows r that a repository with bases b lacks.
const unsent = `r._deleted <> 2 AND (b.seq IS NULL OR r._seq > b.seq)`

// refusedParts returns the refused records up to the watermark that may be tried
// again, in the order of their seq.
func (o *outgoing) refusedParts(parts []part, after int64) (_ []part, err error) {
	for link := range o.refused {
		tb := o.catalog.tables[link.Resource]
		if tb == nil || !slices.Contains(o.tree, tb) {
			continue
		}
		err := o.based(tb, `WHERE `+unsent+` AND r._uuid = ?`, []any{uuidValue(link.UUID)}, func(r *based) error {
			if r.seq > after && r.seq <= o.watermark && !o.held(link, r.seq) {
				parts = append(parts, part{tb, r})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.seq, b.seq) })
	return parts, nil
}

// held reports whether a version must wait: for a person's decision, or because
// the repository refused it and it is not due again.
func (o *outgoing) held(l core.Link, seq int64) bool {
	if o.conflicts[l] || o.braked[l] {
		return true
	}
	q, ok := o.refused[l]
	return ok && seq <= q.Seq && waits(q.NextTry, o.now)
}

// tries is how often a version was sent and set aside.
func (o *outgoing) tries(l core.Link, seq int64) int {
	if q := o.refused[l]; q.Seq == seq {
		return q.Attempts
	}
	return 0
}

// build makes the Outgoing of the master that p belongs to; ok is false if it
// is returned at another part's seq, or has to wait.
func (o *outgoing) build(p part) (og core.Outgoing, ok bool, err error) {
	if o.held(p.rec.Link(), p.seq) {
		return og, false, nil
	}
	top, err := o.top(p.based)
	if err != nil || top.first != 0 && top.first != p.seq {
		return og, false, err
	}
	var g gathering
	g.Parts = o.lists.Parts(1 + len(top.below))
	rec, ok, err := o.gather(top, &g, 0)
	if err != nil || !ok {
		return og, false, err
	}
	if top.first = g.first; g.first != p.seq {
		return og, false, nil
	}
	g.Record, g.Known = rec, top.base != nil
	_, g.Changed = g.Parts.Get(rec.Link())
	return g.Outgoing, true, nil
}

// A gathering is an Outgoing being put together. first is the least seq of the
// parts in it that are looked for.
type gathering struct {
	core.Outgoing
	first int64
}

// top returns the record that carries r: the master of its master, as far up as
// they are here and not deleted. A component of a deleted master goes by itself.
func (o *outgoing) top(r *based) (*based, error) {
	for range maxDepth {
		if r.rec.Master.IsZero() {
			return r, nil
		}
		master, err := o.find(r.rec.Master)
		if errors.Is(err, core.ErrNotFound) || err == nil && master.state != stateLive {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		r = master
	}
	return r, nil
}

// gather adds what is unsent of r and its components to g and returns r with
// those nested; ok is false if r may not be sent, nor anything below it. A record
// that was sent goes along if something below it was not, to carry it.
func (o *outgoing) gather(r *based, g *gathering, depth int) (rec core.Record, ok bool, err error) {
	l := r.rec.Link()
	if o.held(l, r.seq) {
		return rec, false, nil
	}
	tb := o.catalog.tables[l.Resource]
	rec = r.rec
	if o.inTask(tb) && (r.base == nil || r.seq > r.base.seq) {
		cleared, err := o.clearedIn(tb, r)
		if err != nil {
			return rec, false, err
		}
		g.Parts.Set(l, core.Part{Seq: r.seq, Hash: r.hash, Based: r.base != nil, Tries: o.tries(l, r.seq), Carried: r.origin != 0, Row: r.id, Cleared: cleared})
		if o.looked(l, r.seq) && (g.first == 0 || r.seq < g.first) {
			g.first = r.seq
		}
		ok = true
	}
	if rec.Deleted || depth == maxDepth {
		return rec, ok, nil
	}
	below, err := o.below(tb, r, &rec, g, depth)
	return rec, ok || below, err
}

// inTask reports whether the table's records are the task's to send. The masters
// above a component table's task are not: they only carry.
func (o *outgoing) inTask(tb *table) bool { return slices.Contains(o.tree, tb) }

// looked reports whether a part of this seq is looked for, not only taken along.
func (o *outgoing) looked(l core.Link, seq int64) bool {
	_, refused := o.refused[l]
	return seq > o.watermark || refused
}

// below gathers the components of r into rec; found reports whether one is unsent.
func (o *outgoing) below(tb *table, r *based, rec *core.Record, g *gathering, depth int) (found bool, err error) {
	components, err := o.componentsOf(tb, r)
	if err != nil {
		return false, err
	}
	for _, c := range components {
		nested, ok, err := o.gather(c, g, depth+1)
		if err != nil {
			return found, err
		}
		if ok {
			if rec.Components == nil {
				rec.Components = o.records.Take(len(components), componentBlock)[:0]
			}
			rec.Components = append(rec.Components, nested)
			found = true
		}
	}
	return found, nil
}

// componentTables returns the tables of tb's components that go along.
func (o *outgoing) componentTables(tb *table) []*table {
	tables, known := o.carried[tb]
	if !known {
		tables = slices.DeleteFunc(o.catalog.components(tb), func(c *table) bool {
			return !o.inTask(c) && !slices.Contains(o.catalog.tree(c.resource), o.tree[0])
		})
		o.carried[tb] = tables
	}
	return tables
}

// clearedIn returns the fields that the repository still has, or may have, and we do not.
func (o *outgoing) clearedIn(tb *table, r *based) (names []string, err error) {
	var base core.Record
	switch {
	case r.rec.Deleted:
		return nil, nil
	case r.base == nil && o.uncertain:
		base, err = o.mayBeThere(tb, r)
	case r.base == nil || r.base.payload == nil:
		return nil, nil
	default:
		base, err = decodeRecord(r.base.payload)
	}
	if err != nil {
		return nil, err
	}
	for i := range base.Fields {
		f := &base.Fields[i]
		if core.SameValue(f.Value, core.Value{}) || f.Links(r.rec.Master) || f.Links(base.Master) { // nesting implies it
			continue
		}
		if _, has := r.rec.Field(f.Name); has {
			continue
		}
		names = append(names, f.Name)
	}
	return names, nil
}

// mayBeThere returns the version that was sent and may have arrived; an empty one if there is
// none.
func (o *outgoing) mayBeThere(tb *table, r *based) (core.Record, error) {
	var hash []byte
	err := o.q.QueryRowContext(brief(o.ctx), `SELECT hash FROM uncertain WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, o.repo, tb.id, r.id).Scan(&hash)
	if errors.Is(notFound(err), core.ErrNotFound) || err == nil && bytes.Equal(hash, r.hash[:]) {
		return core.Record{}, nil
	}
	if err != nil {
		return core.Record{}, err
	}
	sent, err := o.former(tb, r.id, core.Hash(hash))
	if errors.Is(err, core.ErrNotFound) {
		return core.Record{}, nil
	}
	return sent, err
}

// Lacking returns those of links that exist here and that the repository never
// had, as far as we know. Of what waits for somebody to decide about it has a version.
func (db *DB) Lacking(ctx context.Context, repo int64, links []core.Link) (out []core.Link, err error) {
	err = db.read(ctx, "list what a repository lacks", func(v *view) error {
		for _, l := range links {
			tb := v.catalog.tables[l.Resource]
			if tb == nil {
				continue
			}
			var lacks bool
			err := v.q.QueryRowContext(ctx, fmt.Sprintf(`SELECT NOT EXISTS (SELECT 1 FROM base WHERE repository_id = ? AND resource_id = %d AND record_id = r._id)
FROM %s r WHERE r._uuid = ? AND r._deleted = 0`, tb.id, tb.sql), repo, uuidValue(l.UUID)).Scan(&lacks)
			if err != nil && !errors.Is(notFound(err), core.ErrNotFound) {
				return err
			}
			if lacks {
				out = append(out, l)
			}
		}
		if len(out) == 0 {
			return nil
		}
		waiting, err := v.undecided(repo)
		out = slices.DeleteFunc(out, func(l core.Link) bool { return waiting[l] })
		return err
	})
	return out, err
}

// undecided returns what somebody has to decide about first: what is in conflict with the
// repository, and what it has deleted and a brake holds.
func (v *view) undecided(repo int64) (map[core.Link]bool, error) {
	waiting, err := openConflicts(v.ctx, v.q, repo)
	if err != nil {
		return nil, err
	}
	held, err := v.quarantines(heldDeletions, repo, "", core.HeldDeletion)
	for _, q := range held {
		waiting[q.Record] = true
	}
	return waiting, err
}
