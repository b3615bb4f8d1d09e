package storage

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// The settings of Upkeep, in seconds: when it was last due by the clock, and what time
// it was then as far as that could be trusted.
const (
	settingUpkeep  = "upkeep.last"
	settingTrusted = "upkeep.trusted"
)

// longAway is for how long the clock may jump without a doubt about it.
const longAway = 30 * 24 * time.Hour

// livedThrough returns the time by which the age of versions is judged: days count that
// this store lived through, a month at most between two upkeeps. A clock that is years
// ahead makes nothing old; what one says that was taken back since is forgotten. Where
// repositories that we call confirm the time it is the clock's, and 0, by which
// nothing is old, where they do not.
func (db *DB) livedThrough(ctx context.Context) (core.MTime, error) {
	now := core.MTimeOf(db.now())
	last, err := db.moment(ctx, settingUpkeep)
	if err != nil {
		return 0, err
	}
	trusted, err := db.moment(ctx, settingTrusted)
	if err != nil {
		return 0, err
	}
	if trusted == 0 {
		trusted = last
	}
	called, confirmed, err := db.confirmed(ctx, now)
	if err != nil {
		return 0, err
	}
	sure := last != 0
	switch passed := min(now-last, core.MTime(longAway/time.Second)); {
	case confirmed && near(now, last), !sure:
		trusted = now
	default:
		trusted = min(now, trusted+max(passed, 0))
	}
	for key, at := range map[string]core.MTime{settingUpkeep: now, settingTrusted: trusted} {
		if err := db.SetSetting(ctx, key, strconv.FormatInt(int64(at), 10)); err != nil {
			return 0, err
		}
	}
	if !sure || called && !confirmed {
		return 0, nil
	}
	return trusted, nil
}

// moment reads a setting that is a time; 0 if it is not set.
func (db *DB) moment(ctx context.Context, key string) (core.MTime, error) {
	text, err := db.Setting(ctx, key)
	if errors.Is(err, core.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	at, err := strconv.ParseInt(text, 10, 64)
	return core.MTime(at), err
}

// confirmed reports whether there are repositories that we call, and whether those that
// were called lately have the same time: one at least, and none another.
func (db *DB) confirmed(ctx context.Context, now core.MTime) (called, confirmed bool, err error) {
	against := false
	err = each(ctx, db.readers, `SELECT last_connected, clock_offset FROM repository WHERE url <> ''`, nil, func(rows *sql.Rows) error {
		var last core.MTime
		var offset int64
		err := rows.Scan(&last, &offset)
		called = true
		if near(now, last) {
			same := (time.Duration(offset) * time.Second).Abs() <= core.MaxClockDifference
			confirmed, against = confirmed || same, against || !same
		}
		return err
	})
	return called, confirmed && !against, problem("look at the clock", err)
}

func near(a, b core.MTime) bool { return a.Time().Sub(b.Time()).Abs() <= longAway }
