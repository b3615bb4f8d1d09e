package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// Limits of a resource's table: SQLite allows 2,000 columns. What is beyond goes
// to _extra.
const (
	maxFields  = 600
	maxColumns = 1900
)

// A catalog is what is known of the resource tables. It is not changed once
// another goroutine may see it.
type catalog struct {
	version int64 // counter.columns
	tables  map[core.Resource]*table
	byID    map[int64]*table
}

// A table is a resource's table and its SQL texts.
type table struct {
	id       int64
	resource core.Resource
	sql      string // quoted name
	columns  []*column
	byField  map[string]*column
	masters  []int64  // resources whose components these records are
	targets  []string // of references that point elsewhere than their field's target
	width    int

	names      []string // of all columns in the order of a row's values
	travelList list     // of a query: _id, what a record says of itself, its fields, packed
	selectList list     // the same, and behind it our own notes about the record
	insert     *phrase
	update     *phrase
	head       *phrase
	locate     *phrase
}

// bookkeeping are the columns every resource table has besides _id, in the order
// in which they are read and written. No field's name begins with an underscore.
var bookkeeping = []string{"_uuid", "_seq", "_mci", "_created_on", "_modified_on", "_created_by", "_modified_by", "_owned_by", "_owned_group",
	"_deleted", "_replaced_by", "_master_id", "_master", "_alias", "_url", "_hash", "_origin", "_extra"}

// The parameters of the statements that write a row: the number, the bookkeeping in its
// order, and the fields.
const (
	putID = iota + 1
	putUUID
	putSeq
	putMCI
	putCreatedOn
	putModifiedOn
	putCreatedBy
	putModifiedBy
	putOwnedBy
	putOwnedGroup
	putState
	putReplacedBy
	putMasterID
	putMaster
	putAlias
	putURL
	putHash
	putOrigin
	putExtra
	putField // the first one
)

// ownNotes are those of the bookkeeping columns that say nothing of the record itself:
// an export does not read them.
var ownNotes = []string{"_seq", "_hash", "_origin"}

// Values of _deleted. absent marks a row that stands for a record which is not
// here, only to hang a repository's base on.
const (
	stateLive    = 0
	stateDeleted = 1
	stateAbsent  = 2
)

// A list is the list of a query that selects columns packed.
type list struct {
	sql     string // each row by itself
	into    string // rows in the room of the argument ?1
	packs   int    // values of a result row in which the columns come
	columns int
}

func newList(columns []string) list {
	packed := packrow.Columns(columns)
	return list{sql: strings.Join(packed, ","), into: strings.Join(packrow.Into(columns), ","), packs: len(packed), columns: len(columns)}
}

const createTable = `CREATE TABLE %[1]s (
  _id INTEGER PRIMARY KEY,
  _uuid ANY NOT NULL UNIQUE,      -- 16 bytes, or any other text
  _seq INTEGER NOT NULL,
  _mci INTEGER NOT NULL,
  _created_on INTEGER NOT NULL,   -- seconds since 1970, UTC; 0 if not known
  _modified_on INTEGER NOT NULL,
  _created_by TEXT,
  _modified_by TEXT,
  _owned_by TEXT,
  _owned_group TEXT,
  _deleted INTEGER NOT NULL,      -- 0 live, 1 deleted, 2 not here
  _replaced_by ANY,
  _master_id INTEGER,             -- resource.id of the record this is a component of
  _master ANY,                    -- and its uuid
  _alias TEXT,
  _url TEXT,
  _hash BLOB NOT NULL,
  _origin INTEGER NOT NULL,       -- repository.id that delivered this version, 0: made here
  _extra BLOB                     -- what fits no column
) STRICT;
-- What is unsent, and what the search has not seen yet.
CREATE INDEX %[2]s ON %[1]s (_seq);
-- What an export sends, in its order; what was changed last.
CREATE INDEX %[3]s ON %[1]s (_modified_on);
-- The components of a record.
CREATE INDEX %[4]s ON %[1]s (_master) WHERE _master IS NOT NULL;`

func tableName(r core.Resource) string { return "r_" + string(r) }

// seal computes the SQL texts; t is not changed afterwards.
func (t *table) seal() *table {
	t.sql = quote(tableName(t.resource))
	t.byField = make(map[string]*column, len(t.columns))
	names := slices.Clone(bookkeeping)
	t.width = 0
	for i, c := range t.columns {
		c.n = i
		t.byField[c.field] = c
		t.width += c.width()
		names = append(names, c.sql)
		if c.text != "" {
			names = append(names, c.text)
		}
		if c.aux != "" {
			names = append(names, c.aux)
		}
	}
	travels := []string{"r._id"}
	var set strings.Builder
	for i, n := range names {
		if !slices.Contains(ownNotes, n) {
			travels = append(travels, "r."+n)
		}
		if n == "_uuid" {
			continue // it is the row's for good; to write it would write its index
		}
		if set.Len() > 0 {
			set.WriteByte(',')
		}
		fmt.Fprintf(&set, "%s=?%d", n, i+2)
	}
	t.travelList = newList(travels)
	for _, n := range ownNotes {
		travels = append(travels, "r."+n)
	}
	t.selectList = newList(travels)
	t.names = append([]string{"_id"}, names...)
	t.insert = &phrase{text: fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.sql, strings.Join(t.names, ","), marks(len(t.names)))}
	t.update = &phrase{text: fmt.Sprintf("UPDATE %s SET %s WHERE _id=?1", t.sql, set.String())}
	t.locate = &phrase{text: fmt.Sprintf("SELECT _id,_deleted,_seq,_hash FROM %s WHERE _uuid=?1", t.sql)}
	t.head = &phrase{text: fmt.Sprintf("SELECT _id,_deleted,_seq,_hash,_modified_on,_mci,_origin,_master IS NOT NULL FROM %s WHERE _uuid=?1", t.sql)}
	return t
}

// clone returns a copy that may be changed and then sealed.
func (t *table) clone() *table {
	c := *t
	c.columns = make([]*column, len(t.columns))
	for i, col := range t.columns {
		copied := *col
		c.columns[i] = &copied
	}
	c.masters = slices.Clone(t.masters)
	c.targets = slices.Clone(t.targets)
	return &c
}

func (c *catalog) clone() *catalog {
	return &catalog{version: c.version, tables: maps.Clone(c.tables), byID: maps.Clone(c.byID)}
}

func (c *catalog) put(t *table) {
	c.tables[t.resource] = t
	c.byID[t.id] = t
}

// components returns the tables whose records have been seen as components of t's.
func (c *catalog) components(t *table) []*table {
	var out []*table
	for _, other := range c.byID {
		if slices.Contains(other.masters, t.id) {
			out = append(out, other)
		}
	}
	slices.SortFunc(out, func(a, b *table) int { return int(a.id - b.id) })
	return out
}

// tree returns the resource's table and those of its components at any depth,
// masters first; nil if there is no table.
func (c *catalog) tree(r core.Resource) []*table {
	root := c.tables[r]
	if root == nil {
		return nil
	}
	out := []*table{root}
	for i := 0; i < len(out); i++ {
		for _, t := range c.components(out[i]) {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// glanceAtCatalog loads the catalog of one moment by a connection that is in no
// transaction: another process may add tables meanwhile.
func glanceAtCatalog(ctx context.Context, conn *sql.Conn) (c *catalog, err error) {
	raw, err := rawConn(conn)
	if err != nil {
		return nil, err
	}
	if _, err := raw.Exec(`BEGIN`, nil); err != nil {
		return nil, err
	}
	defer func() {
		if !raw.AutoCommit() {
			_, endErr := raw.Exec(`ROLLBACK`, nil) // there is nothing to keep
			err = errors.Join(err, endErr)
		}
	}()
	return loadCatalog(ctx, conn)
}

// loadCatalog reads the catalog. q is in a transaction, or nobody else writes.
func loadCatalog(ctx context.Context, q querier) (*catalog, error) {
	ctx = brief(ctx)
	c := &catalog{tables: make(map[core.Resource]*table), byID: make(map[int64]*table)}
	if err := q.QueryRowContext(ctx, `SELECT columns FROM counter`).Scan(&c.version); err != nil {
		return nil, err
	}
	err := each(ctx, q, `SELECT id, name FROM resource`, nil, func(rows *sql.Rows) error {
		t := &table{}
		err := rows.Scan(&t.id, &t.resource)
		c.put(t)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, `SELECT resource_id, name, sql, kind, target, has_text, has_aux FROM field ORDER BY resource_id, position`, nil, func(rows *sql.Rows) error {
		var id int64
		var name string
		var text, aux bool
		col := &column{}
		if err := rows.Scan(&id, &col.field, &name, &col.kind, &col.target, &text, &aux); err != nil {
			return err
		}
		col.nameSQL(name, text, aux)
		if t := c.byID[id]; t != nil {
			t.columns = append(t.columns, col)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, `SELECT resource_id, master_id FROM component ORDER BY master_id`, nil, func(rows *sql.Rows) error {
		var id, master int64
		err := rows.Scan(&id, &master)
		if t := c.byID[id]; t != nil {
			t.masters = append(t.masters, master)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, `SELECT resource_id, name FROM target ORDER BY name`, nil, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		if t := c.byID[id]; t != nil {
			t.targets = append(t.targets, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range c.byID {
		t.seal()
	}
	return c, nil
}

// nameSQL sets the quoted names of the column and its companions.
func (c *column) nameSQL(name string, text, aux bool) {
	c.sql = quote(name)
	if text {
		c.text = quote("_text_" + name)
	}
	if aux {
		c.aux = quote("_aux_" + name)
	}
}

// each runs a query and calls fn for every row.
func each(ctx context.Context, q querier, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// names returns the resources that have a table, sorted.
func (c *catalog) names() []core.Resource { return slices.Sorted(maps.Keys(c.tables)) }
