package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Rebuilt says how a damaged database was replaced.
type Rebuilt struct {
	SetAside string    // the folder that holds the damaged one, as it was
	Backup   string    // the copy it was rebuilt from; "" if there was none that is sound
	From     time.Time // when that was made
	Rescued  int       // records that were not at a repository or not in the copy, read from the damaged database
	// Versions and Conflicts are former versions and conflicts that were not in the
	// copy, read from the damaged database.
	Versions, Conflicts int
	Lost                int // rows of it that could not be read
}

// Rebuild replaces a damaged database: it is set aside as it is, the newest sound
// copy takes its place (or an empty one with the same settings, as far as they can be
// read), and what was changed here and is not known to be at a repository is
// rescued from what can be read of it. The next runs read and compare everything,
// so that the rest comes from the repositories. The error is a Problem, StoreLocked
// if anybody else uses the data folder; it is then as it was, or can be rebuilt again.
func Rebuild(ctx context.Context, o Options) (r Rebuilt, err error) {
	release, err := lockAll(o.Dir)
	if err != nil {
		return r, err
	}
	defer release()
	o.alone = true
	if r.SetAside, err = setAside(o.Dir, o.clock()()); err != nil {
		return r, problem("set aside", err)
	}
	if err := r.restore(ctx, o.Dir); err != nil {
		return r, problem("restore backup", err)
	}
	pool, err := sql.Open("sqlite3", dataSource(filepath.Join(r.SetAside, databaseName), scratching))
	if err != nil {
		return r, problem("read damaged database", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	damaged, err := pool.Conn(ctx)
	if err != nil {
		o.logger().Warn("Nothing can be read of the damaged database", "err", err)
	} else {
		defer func() { err = errors.Join(err, damaged.Close()) }()
	}
	if r.Backup == "" && damaged != nil {
		if err := makeFrom(ctx, damaged, o); err != nil {
			return r, problem("rebuild", err)
		}
	}
	db, err := Open(ctx, o)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.ConfirmRestored(ctx); err != nil {
		return r, err
	}
	if damaged != nil {
		res := &rescue{db: db, from: damaged, rebuilt: &r}
		if err := res.run(ctx); err != nil {
			return r, problem("rescue", err)
		}
	}
	if err := removeIfThere(filepath.Join(o.Dir, damageMark)); err != nil {
		return r, problem("rebuild", err)
	}
	db.log.Warn("Rebuilt the database", "set_aside", r.SetAside, "backup", r.Backup, "rescued", r.Rescued, "versions", r.Versions, "conflicts", r.Conflicts, "unreadable", r.Lost)
	return r, nil
}

// setAside moves the database with its log into a folder of its own.
func setAside(dir string, now time.Time) (string, error) {
	to := filepath.Join(dir, "damaged-"+now.UTC().Format(backupTime))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return "", err
	}
	for _, suffix := range []string{"-shm", "-wal", ""} {
		err := rename(filepath.Join(dir, databaseName+suffix), filepath.Join(to, databaseName+suffix))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return to, nil
}

// restore puts the newest sound copy in the database's place: the one that has
// most changes, since their dates may come from a clock that was wrong.
func (r *Rebuilt) restore(ctx context.Context, dir string) error {
	all, err := Backups(dir)
	if err != nil {
		return err
	}
	reach := make(map[string]int64, len(all))
	for _, b := range all {
		reach[b.Path] = lastNumber(ctx, b.Path)
	}
	slices.SortStableFunc(all, func(a, b BackupFile) int { return cmp.Compare(reach[b.Path], reach[a.Path]) })
	for _, b := range all {
		if !sound(ctx, b.Path) {
			continue
		}
		if err := copyFile(b.Path, filepath.Join(dir, databaseName)); err != nil {
			return err
		}
		r.Backup, r.From = b.Path, b.Made
		return nil
	}
	return nil
}

// lastNumber returns the last sequence number that a copy knows, 0 if it cannot be
// read.
func lastNumber(ctx context.Context, path string) (seq int64) {
	db, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		return 0
	}
	if errors.Join(db.QueryRowContext(ctx, `SELECT seq FROM counter`).Scan(&seq), db.Close()) != nil {
		return 0
	}
	return seq
}

func sound(ctx context.Context, path string) bool {
	db, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		return false
	}
	return errors.Join(checkIntegrity(ctx, db), db.Close()) == nil
}

// copyFile copies a file and has it on the disk before it gets its name.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = rename(out.Name(), to)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(out.Name()))
	}
	return nil
}

// settingsTables are copied from a damaged database where there is no backup, as
// far as they can be read, in this order.
var settingsTables = []string{"setting", "repository", "task", "job", "account", "shared", "schema"}

// makeFrom makes a new database with the settings of the damaged one.
func makeFrom(ctx context.Context, damaged *sql.Conn, o Options) error {
	files, err := migrations()
	if err != nil {
		return err
	}
	path := filepath.Join(o.Dir, databaseName)
	log := o.logger()
	if err := migrate(ctx, path, files, o.clock()(), log); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", dataSource(path, writing))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, table := range settingsTables {
		n, err := copyTable(ctx, damaged, db, table)
		if err != nil {
			log.Warn("Settings not rescued", "table", table, "copied", n, "err", err)
		}
	}
	_, err = db.ExecContext(ctx, `DELETE FROM setting WHERE key LIKE ?`, brakedSettings+"%") // of a quarantine that is not here
	return errors.Join(err, db.Close())
}

// copyTable copies the rows of a table that can be read.
func copyTable(ctx context.Context, from *sql.Conn, to *sql.DB, table string) (n int, err error) {
	rows, err := from.QueryContext(ctx, `SELECT * FROM `+quote(table))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	quoted := make([]string, len(names))
	values, into := make([]any, len(names)), make([]any, len(names))
	for i, name := range names {
		quoted[i], into[i] = quote(name), &values[i]
	}
	query := fmt.Sprintf(`INSERT OR IGNORE INTO %s (%s) VALUES (%s)`, quote(table), join(quoted), marks(len(names)))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		if _, err := to.ExecContext(ctx, query, values...); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func join(names []string) string {
	s := ""
	for i, n := range names {
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

// A rescue reads what can be read of a damaged database.
type rescue struct {
	db      *DB
	from    *sql.Conn
	rebuilt *Rebuilt

	cat   *catalog
	bases map[[2]int64]int64 // table, row: the greatest seq that any repository is known to have
}

func (r *rescue) run(ctx context.Context) error {
	cat, err := loadCatalog(ctx, r.from)
	if err != nil {
		r.db.log.Warn("The tables of the damaged database cannot be read", "err", err)
		r.rebuilt.Lost++
		return nil
	}
	r.cat = cat
	r.readBases(ctx)
	for _, resource := range cat.names() {
		if err := r.table(ctx, cat.tables[resource]); err != nil {
			return err
		}
	}
	return r.past(ctx)
}

// readBases reads as much of what the repositories have as can be read: what is
// not known to be there is rescued, at worst without need.
func (r *rescue) readBases(ctx context.Context) {
	r.bases = make(map[[2]int64]int64)
	err := each(ctx, r.from, `SELECT resource_id, record_id, seq FROM base`, nil, func(rows *sql.Rows) error {
		var key [2]int64
		var seq int64
		err := rows.Scan(&key[0], &key[1], &seq)
		r.bases[key] = max(r.bases[key], seq)
		return err
	})
	if err != nil {
		r.db.log.Warn("What the repositories have cannot be read to the end", "err", err)
	}
}

// table rescues what was changed here in one table.
func (r *rescue) table(ctx context.Context, tb *table) error {
	var most sql.NullInt64
	if err := r.from.QueryRowContext(ctx, `SELECT max(_id) FROM `+tb.sql).Scan(&most); err != nil {
		// The greatest row lies in a damaged page: look as far as the bases go, and
		// beyond.
		for key := range r.bases {
			if key[0] == tb.id {
				most.Int64 = max(most.Int64, key[1])
			}
		}
		most.Int64 += rescueBeyond
	}
	return r.between(ctx, tb, 1, most.Int64)
}

const (
	rescueStep   = 200    // rows read at a time where nothing is damaged
	rescueBeyond = 10_000 // ids looked at after the last known one
)

// between rescues rows by their ids. A stretch that cannot be read is halved until
// the row that is damaged stands alone.
func (r *rescue) between(ctx context.Context, tb *table, first, last int64) error {
	for ; first <= last; first += rescueStep {
		if err := r.stretch(ctx, tb, first, min(first+rescueStep-1, last)); err != nil {
			return err
		}
	}
	return nil
}

func (r *rescue) stretch(ctx context.Context, tb *table, first, last int64) error {
	raw, err := rawConn(r.from)
	if err != nil {
		return err
	}
	v := &view{ctx: ctx, q: r.from, raw: raw, catalog: r.cat}
	return readable(ctx, r, first, last, func(first, last int64) (found []row, err error) {
		err = v.rows(tb, `WHERE r._id BETWEEN ? AND ?`, []any{first, last}, func(row *row) error {
			found = append(found, *row)
			return nil
		})
		return found, err
	}, func(found []row) error { return r.put(ctx, tb, found) })
}

// readable reads rows by their ids and uses them. A stretch that cannot be read is
// halved until the row that is damaged stands alone; it counts as lost.
func readable[T any](ctx context.Context, r *rescue, first, last int64, read func(first, last int64) ([]T, error), use func([]T) error) error {
	found, err := read(first, last)
	switch {
	case err == nil:
		return use(found)
	case ctx.Err() != nil:
		return ctx.Err()
	case first == last:
		r.rebuilt.Lost++
		return nil
	}
	middle := (first + last) / 2
	if err := readable(ctx, r, first, middle, read, use); err != nil {
		return err
	}
	return readable(ctx, r, middle+1, last, read, use)
}

// ruleRescued stands in the history of what was rescued.
const ruleRescued = "rescued"

// put makes rescued rows edits of the new database. Rows that a repository has are
// left: they are in the backup or come from there.
func (r *rescue) put(ctx context.Context, tb *table, found []row) error {
	found = slices.DeleteFunc(found, func(row row) bool {
		return row.state == stateAbsent || row.origin != 0 || row.seq <= r.bases[[2]int64{tb.id, row.id}] ||
			!core.ValidUUID(row.rec.UUID) || row.rec.Hash() != row.hash
	})
	if len(found) == 0 {
		return nil
	}
	return r.db.inTx(ctx, "rescue", func(t *tx) error {
		for i := range found {
			rec := &found[i].rec
			present, err := t.Record(ctx, rec.Link())
			if err == nil && core.SameContent(&present, rec) {
				continue
			}
			if err != nil && !errors.Is(err, core.ErrNotFound) {
				return err
			}
			if err := t.Put(ctx, rec, core.Change{Rule: ruleRescued, By: rec.ModifiedBy, At: t.now}); err != nil {
				return err
			}
			r.rebuilt.Rescued++
		}
		return nil
	})
}

// damageMark is a file that says that the database was found damaged while it was
// in use, so that the next start looks at all of it.
const damageMark = "damaged.mark"

// noteDamage remembers that reading or writing met a damaged page.
func (db *DB) noteDamage(err error) error {
	if err != nil && core.IsKind(err, core.StoreDamaged) && !db.marked.Swap(true) {
		db.log.Error("The database is damaged", "err", err)
		if markErr := writePrivate(filepath.Join(db.dir, damageMark), []byte(err.Error()+"\n")); markErr != nil {
			db.log.Error("The mark could not be written", "err", markErr)
		}
	}
	return err
}

// checkMark looks at the whole database if it was found damaged before.
func (db *DB) checkMark(ctx context.Context) error {
	mark := filepath.Join(db.dir, damageMark)
	if _, err := os.Stat(mark); err != nil {
		return nil //nolint:nilerr // there is no mark
	}
	if err := checkIntegrity(ctx, db.readers); err != nil {
		return err
	}
	return removeIfThere(mark)
}
