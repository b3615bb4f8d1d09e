package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Why a copy of the database was made.
const (
	BackupDaily           = "daily"
	BackupBeforeMigration = "migration"
	BackupBeforeUndo      = "undo"
	BackupBeforeMending   = "mending"
)

// keptBackups is how many copies of a reason are kept; the oldest go first.
var keptBackups = map[string]int{BackupDaily: 5, BackupBeforeMigration: 3, BackupBeforeUndo: 3, BackupBeforeMending: 3}

// dailyEvery is how old the last daily copy must be for the next one.
const dailyEvery = 20 * time.Hour

// wholeEvery is how old the last check of a daily copy with its indexes must be for the
// next one. A copy is checked so again before anything is rebuilt from it.
const wholeEvery = 7 * 24 * time.Hour

// settingWhole is when that was, or the store was made.
const settingWhole = "upkeep.whole"

const (
	backupFolder = "backups"
	backupTime   = "20060102T150405"
)

// A BackupFile is a copy of the database that Fieldsync made by itself. Every one
// was checked when it was made.
type BackupFile struct {
	Path   string
	Made   time.Time
	Reason string // one of the constants
	Size   int64  // bytes
}

// backupPath names a new copy.
func backupPath(dir, reason string, now time.Time) string {
	return filepath.Join(dir, backupFolder, fmt.Sprintf("fieldsync-%s-%s.db", now.UTC().Format(backupTime), reason))
}

// Backups returns the copies in a data folder, the newest first.
func Backups(dir string) ([]BackupFile, error) {
	entries, err := os.ReadDir(filepath.Join(dir, backupFolder))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, problem("list backups", err)
	}
	var out []BackupFile
	for _, e := range entries {
		name, isCopy := strings.CutSuffix(e.Name(), ".db")
		parts := strings.Split(name, "-")
		if !isCopy || len(parts) != 3 || parts[0] != "fieldsync" {
			continue
		}
		made, err := time.Parse(backupTime, parts[1])
		if err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		out = append(out, BackupFile{Path: filepath.Join(dir, backupFolder, e.Name()), Made: made, Reason: parts[2], Size: info.Size()})
	}
	slices.SortFunc(out, func(a, b BackupFile) int { return cmp.Or(b.Made.Compare(a.Made), strings.Compare(a.Path, b.Path)) })
	return out, nil
}

// Backups returns the copies that Fieldsync made by itself, the newest first.
func (db *DB) Backups(context.Context) ([]BackupFile, error) { return Backups(db.dir) }

// SafetyCopy makes a checked copy of the database among the backups, clears away
// the oldest ones of the same reason, and returns its path.
func (db *DB) SafetyCopy(ctx context.Context, reason string) (string, error) {
	return db.safetyCopy(ctx, reason, checkIntegrity)
}

func (db *DB) safetyCopy(ctx context.Context, reason string, check check) (string, error) {
	path := backupPath(db.dir, reason, db.now())
	if _, err := os.Stat(path); err == nil {
		return path, nil // made within this second
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", problem("backup", err)
	}
	if err := db.roomForCopy(); err != nil {
		return "", err
	}
	if err := db.backup(ctx, path, check); err != nil {
		return "", err
	}
	db.log.Info("Copied the database", "copy", path, "reason", reason)
	return path, rotate(db.dir, reason, db.now())
}

// roomForCopy makes sure that a copy leaves room to work: a Problem DiskFull.
func (db *DB) roomForCopy() error {
	info, err := os.Stat(filepath.Join(db.dir, databaseName))
	if db.free == nil || err != nil {
		return problem("backup", err)
	}
	needed := uint64(info.Size()) + 2*minRoom
	if free, err := db.free(db.dir); err == nil && free < needed {
		return &core.Problem{Op: "backup", Kind: core.DiskFull, Err: fmt.Errorf("%d MiB are free, %d are needed", free>>20, needed>>20)}
	}
	return nil
}

// rotate deletes the oldest copies of a reason, those first that are dated in the
// future: they were made on a clock that was wrong, before those of now.
func rotate(dir, reason string, now time.Time) error {
	all, err := Backups(dir)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b BackupFile) int { return compareBool(a.ahead(now), b.ahead(now)) })
	kept := 0
	for _, b := range all {
		if b.Reason != reason {
			continue
		}
		if kept++; kept > keptBackups[reason] {
			if err := removeIfThere(b.Path); err != nil {
				return problem("clear backups", err)
			}
		}
	}
	return nil
}

// ahead reports whether the copy is dated in the future.
func (b BackupFile) ahead(now time.Time) bool { return b.Made.Sub(now) > dailyEvery }

// compareBool puts false before true.
func compareBool(a, b bool) int { return cmp.Compare(number(a), number(b)) }

// Upkeep does what is due about once a day: a checked copy of the database, and
// clearing away old versions and entries of the log. It costs nothing if nothing is due. A database that
// turns out to be damaged is a Problem StoreDamaged.
func (db *DB) Upkeep(ctx context.Context) error {
	due, err := db.copyDue(ctx)
	if err != nil || !due {
		return err
	}
	if err := db.dailyCopy(ctx); err != nil {
		return err
	}
	keep, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	now, err := db.livedThrough(ctx)
	if err != nil {
		return err
	}
	cleared, err := db.ClearHistory(ctx, keep, now)
	if cleared > 0 {
		db.log.Info("Cleared old versions away", "versions", cleared)
	}
	if err != nil {
		return err
	}
	if cleared, err = db.ClearLog(ctx, keep, now); cleared > 0 {
		db.log.Info("Cleared old entries of the log away", "entries", cleared)
	}
	return err
}

// dailyCopy makes a copy, which is checked with its indexes once a week.
func (db *DB) dailyCopy(ctx context.Context) error {
	now := core.MTimeOf(db.now())
	last, err := db.moment(ctx, settingWhole)
	if err != nil {
		return err
	}
	if last != 0 && now.Time().Sub(last.Time()).Abs() < wholeEvery {
		_, err = db.safetyCopy(ctx, BackupDaily, checkContents)
		return err
	}
	if _, err = db.SafetyCopy(ctx, BackupDaily); err != nil {
		return err
	}
	return db.SetSetting(ctx, settingWhole, strconv.FormatInt(int64(now), 10))
}

// copyDue reports whether the last daily copy is old enough, and something was
// written since.
func (db *DB) copyDue(ctx context.Context) (bool, error) {
	all, err := Backups(db.dir)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(all, func(b BackupFile) bool { return b.Reason == BackupDaily && !b.ahead(db.now()) })
	if i >= 0 && db.now().Sub(all[i].Made).Abs() < dailyEvery {
		return false, nil
	}
	var later bool
	if i < 0 { // what an administrator set up is worth a copy before anything is fetched
		err = db.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM repository) OR (SELECT seq FROM counter) > 0`).Scan(&later)
		return later, problem("look for a backup", err)
	}
	err = db.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM run WHERE started >= ?1) OR EXISTS (SELECT 1 FROM tick WHERE at >= ?1)`,
		core.MTimeOf(all[i].Made)).Scan(&later)
	return later, problem("look for a backup", err)
}
