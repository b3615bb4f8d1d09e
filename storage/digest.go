package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A base has a digest only as long as both sides have its version and the record
// is live: taking over what came sets it, and every writing of our version clears
// it. So whoever looks for one looks at nothing else, and the row of the record,
// wide and far away on the disk, is not read.

// SetDigest notes the bytes that the agreed version came as; see intake.Tx.
func (t *tx) SetDigest(_ context.Context, repo int64, l core.Link, d core.Digest, replace bool) error {
	tb := t.catalog.tables[l.Resource]
	if tb == nil || d.IsZero() {
		return nil
	}
	at, err := t.locate(tb, l)
	if err != nil || at.state != stateLive {
		return err
	}
	return t.hot(`UPDATE base SET digest = ?1 WHERE repository_id = ?2 AND resource_id = ?3 AND record_id = ?4 AND seq >= ?5 AND hash = ?6
AND (digest IS NULL OR ?7 AND digest <> ?1)`, d[:], repo, tb.id, at.id, at.seq, at.hash[:], number(replace))
}

// forgetDigests clears what came of a record whose version is written.
func (t *tx) forgetDigests(tb *table, id int64) error {
	repositories, err := t.allRepositories()
	if err != nil {
		return err
	}
	for _, repo := range repositories {
		err := t.hot(`UPDATE base SET digest = NULL WHERE repository_id = ? AND resource_id = ? AND record_id = ? AND digest IS NOT NULL`, repo, tb.id, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// recogniseChunk is how many records are looked for in one statement, and
// recogniseLeast the least number there is a statement for.
const (
	recogniseChunk = 256
	recogniseLeast = 8
)

// A recogniser knows what a repository sends by its bytes. What is sent again comes
// mostly in the order in which it came first, which is that of the bases: so the
// next of these are read first, and only what is not among them is looked up by its
// uuid.
type recogniser struct {
	db    *DB
	repo  int64
	sight map[core.Resource]*sight
	rows  map[core.Digest]int64 // of the bases just read
}

// A sight is where a recogniser stands in one table.
type sight struct {
	after  int64 // the row found last
	vain   int   // how often in a row hardly anything was where it was expected
	wanted []*core.Sighting
}

// vainReads is how often it is tried to find records in their order.
const vainReads = 3

// DigestKey returns the key of the digests; see replicate.Store.
func (db *DB) DigestKey(ctx context.Context) (key core.DigestKey, err error) {
	var stored []byte
	err = db.readBriefly(ctx, "read the key of digests", func(v *view) error {
		return v.q.QueryRowContext(brief(ctx), `SELECT digest_key FROM counter`).Scan(&stored)
	})
	if err == nil && copy(key[:], stored) != len(stored) {
		err = fmt.Errorf("a key for digests of %d bytes", len(stored))
	}
	return key, problem("read the key of digests", err)
}

// Recognise returns a function that marks the sightings of a pull that are known; see
// replicate.Store.
func (db *DB) Recognise(repo int64) func(context.Context, []core.Sighting) error {
	r := &recogniser{db: db, repo: repo, sight: make(map[core.Resource]*sight), rows: make(map[core.Digest]int64)}
	return r.recognise
}

// recognise reads by the connection that writes: it has in its cache what it wrote
// itself, and a reader's is emptied by every page of a pull.
func (r *recogniser) recognise(ctx context.Context, sightings []core.Sighting) error {
	for i := range sightings {
		s := &sightings[i]
		if r.sight[s.Link.Resource] == nil {
			r.sight[s.Link.Resource] = new(sight)
		}
		at := r.sight[s.Link.Resource]
		at.wanted = append(at.wanted, s)
	}
	if err := r.db.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-r.db.turn }()
	catalog := r.db.catalog.Load()
	v := &view{ctx: ctx, raw: r.db.writer.raw, catalog: catalog}
	for resource, at := range r.sight {
		tb, list := catalog.tables[resource], at.wanted
		at.wanted = at.wanted[:0]
		for tb != nil && len(list) > 0 {
			n := min(len(list), recogniseChunk)
			if err := r.table(v, tb, at, list[:n]); err != nil {
				return r.db.noteDamage(problem("recognise", err))
			}
			list = list[n:]
		}
	}
	return nil
}

// table marks those of one table.
func (r *recogniser) table(v *view, tb *table, at *sight, list []*core.Sighting) error {
	left := list
	if at.vain < vainReads {
		var err error
		if left, err = r.next(v, tb, at, list); err != nil {
			return err
		}
	}
	if len(left) == 0 {
		return nil
	}
	if err := v.recognise(r.repo, tb, left); err != nil {
		return err
	}
	for _, s := range left {
		if s.Known {
			at.after = s.Row
		}
	}
	return nil
}

// next looks among the bases that follow the last one found, and returns what is not
// among them.
func (r *recogniser) next(v *view, tb *table, at *sight, list []*core.Sighting) (left []*core.Sighting, err error) {
	clear(r.rows)
	err = v.each(`SELECT record_id, digest FROM base WHERE repository_id = ? AND resource_id = ? AND record_id > ? ORDER BY record_id LIMIT ?`,
		[]any{r.repo, tb.id, at.after, int64(len(list) + len(list)/8)}, func(row []driver.Value) error {
			if d := asBlob(row[1]); len(d) == len(core.Digest{}) {
				r.rows[core.Digest(d)] = asInt(row[0])
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if row, ok := r.rows[s.Digest]; ok {
			s.Known, s.Row = true, row
			at.after = max(at.after, row)
		} else {
			left = append(left, s)
		}
	}
	if at.vain++; len(left) <= len(list)/2 {
		at.vain = 0
	}
	return left, nil
}

// recognise looks records up by their uuids.
func (v *view) recognise(repo int64, tb *table, list []*core.Sighting) error {
	size := recogniseLeast
	for size < len(list) {
		size *= 2
	}
	args := make([]any, 0, 2*size)
	for _, s := range list {
		args = append(args, uuidValue(s.Link.UUID), s.Digest[:])
	}
	for len(args) < 2*size {
		args = append(args, nil)
	}
	return v.each(recogniseQuery(repo, tb, size), args, func(row []driver.Value) error {
		s := list[asInt(row[0])]
		s.Known, s.Row = true, asInt(row[1])
		return nil
	})
}

// recogniseQuery looks up to size records over.
func recogniseQuery(repo int64, tb *table, size int) string {
	var values strings.Builder
	for i := range size {
		fmt.Fprintf(&values, ",(%d,?,?)", i)
	}
	// The table is read by its index alone, which has the row's number.
	return fmt.Sprintf(`WITH came (n, uuid, digest) AS (VALUES %s) SELECT came.n, r._id FROM came
CROSS JOIN %s r ON r._uuid = came.uuid CROSS JOIN base b ON b.repository_id = %d AND b.resource_id = %d AND b.record_id = r._id WHERE b.digest = came.digest`,
		values.String()[1:], tb.sql, repo, tb.id)
}
