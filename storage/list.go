package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Mark restricts a list to records a person has to know about.
type Mark string

// The marks.
const (
	MarkAny      Mark = ""
	MarkUnsent   Mark = "unsent"
	MarkRefused  Mark = "refused"
	MarkConflict Mark = "conflict"
	MarkDeleted  Mark = "deleted" // the deleted ones, which a list leaves out otherwise
)

// SortModified sorts by the time of the last change.
const SortModified = "modified_on"

// A Query selects records of one resource for a person.
type Query struct {
	Resource core.Resource
	Search   string // words; each must begin a word of the record
	Sort     string // a field, or SortModified; "" for the field that names the records
	Desc     bool
	Only     Mark
	Since    core.MTime // changed at or after it; 0: whenever
	After    string     // Page.Next of the page before
	Limit    int        // 0: 50
}

// A Page is one screenful of a list.
type Page struct {
	Rows []ListRow
	Next string // Query.After for the following page; "" at the end
}

// A ListRow is a record in a list, with its marks.
type ListRow struct {
	Record                    core.Record
	Title                     string
	Unsent, Refused, Conflict bool
}

// List returns a page of records. Without Desc missing values come first. A search
// finds records by what stands in them now, also those that the search index has not
// seen yet, as far as they are few; see search_page.go. It takes a moment longer in a
// large table for the first time after a pull: it indexes what is new; so does sorting
// one by another column for the first time.
func (db *DB) List(ctx context.Context, q Query) (page Page, err error) {
	if err := db.indexForSearch(ctx, q.Search); err != nil {
		return page, err
	}
	if err := db.indexForSort(ctx, q); err != nil {
		return page, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	err = db.read(ctx, "list records", func(v *view) error {
		tb := v.catalog.tables[q.Resource]
		if tb == nil {
			return nil
		}
		l := listing{view: v, Query: q, table: tb, places: &db.places}
		page, err = l.page()
		return err
	})
	return page, err
}

// indexForSearch brings the search up to date, unless somebody is writing: a
// search does not wait for a pull.
func (db *DB) indexForSearch(ctx context.Context, typed string) error {
	if matchQuery(typed) == "" || len(db.turn) > 0 {
		return nil
	}
	err := db.IndexSearch(ctx)
	if core.IsKind(err, core.StoreLocked) || core.IsKind(err, core.DiskFull) {
		db.log.Warn("Search goes on without what is new", "err", err)
		return nil
	}
	return err
}

// A listing is a Query being answered.
type listing struct {
	*view
	Query
	table    *table
	places   *placeKeeper
	backlogs []*backlog
}

// ListRow returns one record, deleted ones included, with its marks;
// core.ErrNotFound.
func (db *DB) ListRow(ctx context.Context, link core.Link) (out ListRow, err error) {
	err = db.read(ctx, "read record", func(v *view) error {
		r, err := v.find(link)
		if err == nil && r.state == stateAbsent {
			err = core.ErrNotFound
		}
		if err != nil {
			return err
		}
		l := listing{view: v, Query: Query{Resource: link.Resource}, table: v.catalog.tables[link.Resource], places: &db.places}
		if err := l.findBacklogs(); err != nil {
			return err
		}
		rows := []ListRow{{Record: r.rec, Title: r.rec.Title()}}
		err = l.mark(rows, []int64{r.id})
		out = rows[0]
		return err
	})
	return out, err
}

// findBacklogs finds what waits to be sent of the table.
func (l *listing) findBacklogs() error {
	all, err := l.view.backlogs()
	for _, b := range all {
		if b.table == l.table {
			l.backlogs = append(l.backlogs, b)
		}
	}
	return err
}

func (l *listing) page() (Page, error) {
	if err := l.findBacklogs(); err != nil {
		return Page{}, err
	}
	key := l.table.sortKey(l.Sort)
	find := l.plain
	if matchQuery(l.Search) != "" {
		find = l.search
	}
	found, err := find(key)
	if err != nil {
		return Page{}, err
	}
	page := Page{Rows: found.rows}
	if len(page.Rows) > l.Limit {
		page.Rows = page.Rows[:l.Limit]
		if page.Next, err = l.cursor(key.of("r."), found.ids[l.Limit-1]); err != nil {
			return page, err
		}
	}
	return page, l.mark(page.Rows, found.ids)
}

// A stretch of a list is rows in their order, with their numbers.
type listStretch struct {
	rows []ListRow
	ids  []int64
}

// plain finds the page's rows, and the one after, where nothing is searched for.
func (l *listing) plain(k sortKey) (found listStretch, err error) {
	ordered, err := l.hasOrder(k)
	if err != nil {
		return found, err
	}
	if ordered && l.After == "" {
		if err := l.renewPlaces(k); err != nil {
			return found, err
		}
	}
	if ordered && l.Since != 0 {
		few, err := l.few(`SELECT 1 FROM `+l.table.sql+` WHERE _modified_on >= ?`, manyMatches, int64(l.Since))
		if err != nil {
			return found, err
		}
		ordered = !few
	}
	ids, err := l.ids(k, ordered, "", l.Limit+1)
	if err != nil {
		return found, err
	}
	return l.read(ids)
}

// ids returns the numbers of the first rows that the conditions of the list select and
// whose numbers are among those of a query, if there is one. Only then are the rows
// read: sorting them whole would take far longer.
func (l *listing) ids(k sortKey, ordered bool, among string, limit int, args ...any) (ids []int64, err error) {
	query, args, err := l.selection(k, ordered, among, args)
	if err != nil {
		return nil, err
	}
	err = l.each(query, append(args, limit), func(v []driver.Value) error {
		ids = append(ids, asInt(v[0]))
		return nil
	})
	return ids, err
}

// selection is the statement for that, with its arguments but the limit.
func (l *listing) selection(k sortKey, ordered bool, among string, amongArgs []any) (string, []any, error) {
	c, err := l.conditions(k.of("r."))
	if err != nil {
		return "", nil, err
	}
	if among != "" {
		c.and("r._id IN ("+among+")", amongArgs...)
	}
	return "SELECT r._id" + l.from(k, ordered) + c.sql() + l.order(k, ordered) + " LIMIT ?", c.args, nil
}

// from is where the rows are read from: in the order of the index, or as the
// conditions find them.
func (l *listing) from(k sortKey, ordered bool) string {
	from := " FROM " + l.table.sql + " r"
	if ordered && k.index != "" {
		from += " INDEXED BY " + quote(k.index)
	}
	return from
}

func (l *listing) order(k sortKey, ordered bool) string {
	key, direction := k.of("r."), "ASC"
	if !ordered {
		key = "+" + key // the rows that match are few, or there is no index
	}
	if l.Desc {
		direction = "DESC"
	}
	return fmt.Sprintf(" ORDER BY %s %s, r._id %s", key, direction, direction)
}

// manyMatches is from how many rows on that a search or a condition leaves the list is
// read in its order, instead of sorting those rows: to fetch what 10,000 are sorted by
// takes 20 ms.
const manyMatches = 10_000

// hasOrder reports whether the list can be read in its order: there is an index for
// it, and no mark by which fewer records are found.
func (l *listing) hasOrder(k sortKey) (bool, error) {
	if l.Only != MarkAny {
		return false, nil
	}
	if k.index == "" {
		return true, nil
	}
	return l.hasSortIndex(l.table, k)
}

// few reports whether a query has fewer rows than so many.
func (l *listing) few(query string, many int, args ...any) (bool, error) {
	n := 0
	err := l.q.QueryRowContext(l.ctx, `SELECT count(*) FROM (`+query+` LIMIT ?)`, append(args, many)...).Scan(&n)
	return n < many, err
}

// read reads the rows with these numbers, in their order.
func (l *listing) read(ids []int64) (found listStretch, err error) {
	at := make(map[int64]int, len(ids))
	values := make([]any, len(ids))
	for i, id := range ids {
		at[id], values[i] = i, id
	}
	found = listStretch{rows: make([]ListRow, len(ids)), ids: ids}
	err = inLists(values, func(list string, values []any) error {
		return l.rows(l.table, "WHERE r._id IN ("+list+")", values, func(r *row) error {
			found.rows[at[r.id]] = ListRow{Record: r.rec, Title: r.rec.Title()}
			return nil
		})
	})
	return found, err
}

// Conditions are those of a statement, with their arguments.
type conditions struct {
	where []string
	args  []any
}

func (c *conditions) and(condition string, args ...any) {
	c.where = append(c.where, condition)
	c.args = append(c.args, args...)
}

func (c *conditions) sql() string { return " WHERE " + strings.Join(c.where, " AND ") }

// conditions are all that the list puts to its rows, but the words of a search.
func (l *listing) conditions(key string) (c conditions, err error) {
	switch l.Only {
	case MarkDeleted:
		c.and(fmt.Sprintf("r._deleted = %d", stateDeleted))
	case MarkUnsent, MarkRefused, MarkConflict:
		c.and("r._deleted <> 2") // a deletion, too, may be unsent
	default:
		c.and(fmt.Sprintf("r._deleted = %d", stateLive))
	}
	if l.Since != 0 {
		c.and("r._modified_on >= ?", int64(l.Since))
	}
	if err := l.only(&c); err != nil {
		return c, err
	}
	return c, l.after(&c, key)
}

// only adds the condition of the mark.
func (l *listing) only(c *conditions) error {
	switch l.Only {
	case MarkRefused:
		return l.among(c, `SELECT DISTINCT uuid FROM quarantine WHERE outgoing = 1 AND resource = ? LIMIT ?`)
	case MarkConflict:
		return l.among(c, `SELECT DISTINCT uuid FROM conflict WHERE winner = '' AND resource = ? LIMIT ?`)
	case MarkUnsent:
		var conditions []string
		for _, b := range l.backlogs {
			where, args := b.where()
			conditions = append(conditions, "("+where+")")
			c.args = append(c.args, args...)
		}
		if len(conditions) == 0 {
			conditions = []string{"0"}
		}
		c.and("(" + strings.Join(conditions, " OR ") + ")")
	}
	return nil
}

// among restricts the list to the uuids that the query returns.
func (l *listing) among(c *conditions, query string) error {
	var uuids []any
	err := each(l.ctx, l.q, query, []any{string(l.Resource), maxWaiting}, func(rows *sql.Rows) error {
		var u string
		err := rows.Scan(&u)
		uuids = append(uuids, uuidValue(u))
		return err
	})
	c.and("r._uuid IN ("+marks(len(uuids))+")", uuids...)
	return err
}

// cursor names the last row of a page: its sort key and its id.
func (l *listing) cursor(key string, id int64) (string, error) {
	var value any
	if err := l.q.QueryRowContext(l.ctx, `SELECT `+key+` FROM `+l.table.sql+` r WHERE r._id = ?`, id).Scan(&value); err != nil {
		return "", err
	}
	packed, err := json.Marshal([]any{value, id})
	return base64.RawURLEncoding.EncodeToString(packed), err
}

// after goes on behind the cursor.
func (l *listing) after(c *conditions, key string) error {
	if l.After == "" {
		return nil
	}
	packed, err := base64.RawURLEncoding.DecodeString(l.After)
	var cursor []any
	if err == nil {
		err = json.Unmarshal(packed, &cursor)
	}
	if err != nil || len(cursor) != 2 {
		return core.Invalid("after", "This place in the list is not known.")
	}
	sign := ">"
	if l.Desc {
		sign = "<"
	}
	// SQLite seeks an expression in its index, but no pair that begins with one: with
	// the pair alone it would go through all that comes before.
	c.and(key+" "+sign+"= ?", cursor[0])
	c.and(fmt.Sprintf("(%s, r._id) %s (?, ?)", key, sign), cursor[0], cursor[1])
	return nil
}

// mark finds out what a person has to know of the rows, whose numbers are ids.
func (l *listing) mark(rows []ListRow, ids []int64) error {
	if len(rows) == 0 {
		return nil
	}
	at := make(map[any]int, 2*len(rows))
	var numbers, uuids []any
	for i := range rows {
		at[ids[i]], at[rows[i].Record.UUID] = i, i
		numbers, uuids = append(numbers, ids[i]), append(uuids, rows[i].Record.UUID)
	}
	for _, b := range l.backlogs {
		where, args := b.where()
		query := `SELECT r._id FROM ` + l.table.sql + ` r WHERE r._id IN (` + marks(len(rows)) + `) AND ` + where
		err := each(l.ctx, l.q, query, append(slices.Clone(numbers[:len(rows)]), args...), func(found *sql.Rows) error {
			var id int64
			err := found.Scan(&id)
			rows[at[id]].Unsent = true
			return err
		})
		if err != nil {
			return err
		}
	}
	query := `SELECT 'refused', uuid FROM quarantine WHERE outgoing = 1 AND resource = ?1 AND uuid IN (SELECT value FROM json_each(?2))
UNION ALL SELECT 'conflict', uuid FROM conflict WHERE winner = '' AND resource = ?1 AND uuid IN (SELECT value FROM json_each(?2))`
	packed, err := json.Marshal(uuids)
	if err != nil {
		return err
	}
	return each(l.ctx, l.q, query, []any{string(l.Resource), string(packed)}, func(found *sql.Rows) error {
		var what, uuid string
		err := found.Scan(&what, &uuid)
		if r := &rows[at[uuid]]; what == "refused" {
			r.Refused = true
		} else {
			r.Conflict = true
		}
		return err
	})
}

// Search looks for words in the records of all resources and returns up to limit
// live ones, without marks.
func (db *DB) Search(ctx context.Context, typed string, limit int) (out []ListRow, err error) {
	if matchQuery(typed) == "" {
		return nil, nil
	}
	if err := db.indexForSearch(ctx, typed); err != nil {
		return nil, err
	}
	err = db.read(ctx, "search", func(v *view) error {
		var ids []int64
		err := each(ctx, v.q, `SELECT rowid FROM search WHERE search MATCH ? LIMIT ?`, []any{matchQuery(typed), limitOf(limit)}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			tb := v.catalog.byID[id>>40]
			err := v.rows(tb, `WHERE r._id = ? AND r._deleted = 0`, []any{id & (1<<40 - 1)}, func(r *row) error {
				out = append(out, ListRow{Record: r.rec, Title: r.rec.Title()})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// A ResourceCount is how many records of a resource are here.
type ResourceCount struct {
	Resource core.Resource
	Records  int
	Deleted  int
}

// Resources returns the resources of which records are here, by name.
func (db *DB) Resources(ctx context.Context) (out []ResourceCount, err error) {
	err = db.read(ctx, "list resources", func(v *view) error {
		for _, resource := range v.catalog.names() {
			c := ResourceCount{Resource: resource}
			err := v.q.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FILTER (WHERE _deleted = 0), count(*) FILTER (WHERE _deleted = 1) FROM %s`,
				v.catalog.tables[resource].sql)).Scan(&c.Records, &c.Deleted)
			if err != nil {
				return err
			}
			if c.Records+c.Deleted > 0 {
				out = append(out, c)
			}
		}
		return nil
	})
	return out, err
}
