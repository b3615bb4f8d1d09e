package storage

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"

	"github.com/fieldsync/fieldsync/core"
)

// A Check is one thing the doctor looked at.
type Check struct {
	Name string // of checkNames
	OK   bool
	Said core.Saying
	// Mendable tells that Mend puts it right, Rebuildable that only Rebuild does.
	Mendable, Rebuildable bool
}

// hashSamples is how many records of each resource the doctor reads to see
// whether their content is what it was.
const hashSamples = 200

// Doctor examines the store and mends what can be mended without losing
// anything: a run that was never finished is closed. The error is for what kept
// it from looking; what it found is in the checks.
func (db *DB) Doctor(ctx context.Context) ([]Check, error) {
	d := doctor{db: db, ctx: ctx}
	for _, look := range []func() error{d.integrity, d.foreignKeys, d.contents, d.ailing, d.files, d.stuckRuns, d.secrets} {
		if err := look(); err != nil {
			return d.checks, problem("doctor", err)
		}
		if d.damaged {
			break // nothing else can be believed
		}
	}
	return d.checks, nil
}

type doctor struct {
	db     *DB
	ctx    context.Context // of the one call
	checks []Check

	damaged bool
}

func (d *doctor) say(name string, ok bool, format string, args ...any) {
	d.checks = append(d.checks, Check{Name: name, OK: ok, Said: core.Say(format, args...)})
}

func (d *doctor) integrity() error {
	var faults []string
	err := each(d.ctx, d.db.readers, `PRAGMA integrity_check(20)`, nil, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		if s != "ok" {
			faults = append(faults, s)
		}
		return err
	})
	if err != nil && troubleOf(err) != core.StoreDamaged {
		return err
	}
	if err != nil {
		faults = append(faults, err.Error())
	}
	if len(faults) > 0 {
		d.damaged = true
		d.checks = append(d.checks, Check{Name: "database", Said: core.Say("The database is damaged. It can be rebuilt from the last copy, with your changes."), Rebuildable: true})
		d.db.log.Error("The database is damaged", "faults", faults)
	} else {
		d.say("database", true, "The database is sound.")
	}
	return nil
}

func (d *doctor) foreignKeys() error {
	n := 0
	err := each(d.ctx, d.db.readers, `PRAGMA foreign_key_check`, nil, func(*sql.Rows) error { n++; return nil })
	if n == 0 {
		d.say("links", true, "All entries belong to something.")
	} else {
		d.say("links", false, "%d entries belong to something that is not there.", n)
	}
	return err
}

// contents counts the records and compares the content of some with their hashes.
func (d *doctor) contents() error {
	total, wrong := 0, 0
	err := d.db.read(d.ctx, "doctor", func(v *view) error {
		for _, resource := range v.catalog.names() {
			tb := v.catalog.tables[resource]
			n, err := v.alive(tb)
			if err != nil {
				return err
			}
			total += n
			var hasher core.Hasher
			err = v.rows(tb, `WHERE r._deleted <> 2 ORDER BY r._seq DESC LIMIT ?`, []any{hashSamples}, func(r *row) error {
				if hasher.Sum(&r.rec) != r.hash {
					wrong++
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if wrong == 0 {
		d.say("records", true, "%d in all; those looked at are what was stored.", total)
	} else {
		d.say("records", false, "%d in all; %d of those looked at are not what was stored.", total, wrong)
	}
	return err
}

// files looks for attachments whose file is gone, and has them fetched again.
func (d *doctor) files() error {
	type key struct{ resource, uuid, field string }
	var gone []key
	err := each(d.ctx, d.db.readers, `SELECT resource, uuid, field, path FROM attachment WHERE path <> ''`, nil, func(rows *sql.Rows) error {
		var k key
		var path string
		if err := rows.Scan(&k.resource, &k.uuid, &k.field, &path); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(d.db.dir, filepath.FromSlash(path))); err != nil {
			gone = append(gone, k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		d.say("files", true, "All fetched files are here.")
		return nil
	}
	err = d.db.inTx(d.ctx, "doctor", func(t *tx) error {
		for _, k := range gone {
			if err := t.exec(`UPDATE attachment SET path = '', attempts = 0 WHERE resource = ? AND uuid = ? AND field = ?`, k.resource, k.uuid, k.field); err != nil {
				return err
			}
		}
		return nil
	})
	d.say("files", false, "%d files were missing; those that a server has are fetched again.", len(gone))
	return err
}

// stuckRuns closes runs that ended with their process.
func (d *doctor) stuckRuns() error {
	var repos []int64
	err := each(d.ctx, d.db.readers, `SELECT DISTINCT repository_id FROM run WHERE finished = 0`, nil, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		repos = append(repos, id)
		return err
	})
	if err != nil {
		return err
	}
	closed, busy := 0, 0
	for _, repo := range repos {
		unlock, err := d.db.LockRun(d.ctx, repo)
		if core.IsKind(err, core.AlreadyRunning) {
			busy++
			continue
		}
		if err != nil {
			return err
		}
		err = d.db.inTx(d.ctx, "doctor", func(t *tx) error {
			return t.exec(`UPDATE run SET finished = ?, result = ?, message = ? WHERE repository_id = ? AND finished = 0`,
				int64(t.now), string(core.ResultError), "Broke off with the program; the next run went on from there.", repo)
		})
		unlock()
		if err != nil {
			return err
		}
		closed++
	}
	switch {
	case closed > 0:
		d.say("runs", true, "Syncs with %d repositories had broken off; they were closed. Nothing is lost: the next sync goes on.", closed)
	case busy > 0:
		d.say("runs", true, "A sync is running.")
	default:
		d.say("runs", true, "No sync has broken off.")
	}
	return nil
}

func (d *doctor) secrets() error {
	repositories, err := d.db.Repositories(d.ctx)
	if err != nil {
		d.say("passwords", false, "The passwords cannot be read.")
		d.db.log.Warn("The passwords cannot be read", "where", d.db.SecretsWhere(), "err", err)
		return nil
	}
	missing := 0
	for _, r := range repositories {
		if r.Active() && r.Username != "" && r.Password == "" {
			missing++
		}
	}
	if missing == 0 {
		d.say("passwords", true, "All passwords are here.")
	} else {
		d.say("passwords", false, "Repositories without their password: %d.", missing)
	}
	return nil
}
