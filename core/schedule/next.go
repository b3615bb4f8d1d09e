// Package schedule says when repositories are synchronised, and does it. Next and
// Look are pure: the clock, the zone and the past are given to them, so that a
// laptop that slept, travelled or had its clock set is a row in a table test. The
// Runner owns the one goroutine that follows the clock.
package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Next returns when the job is due next, in loc, never before now; ok is false
// if it will not run again. A time that passed unused, because the laptop slept
// or was off, is made up once: then the job is due now. Nothing is made up
// after the job's end.
//
// A cron expression is read in loc, the laptop's zone. A time of day that the
// change to summer time skips is skipped that day.
func Next(job core.Job, now time.Time, loc *time.Location) (next time.Time, ok bool) {
	if !job.Enabled || job.Repeats > 0 && job.Runs >= job.Repeats {
		return time.Time{}, false
	}
	due, ok := dueAfterLast(job, now, loc)
	if !ok {
		return time.Time{}, false
	}
	if due.Before(now) {
		due = now
	}
	if !job.End.IsZero() && due.After(job.End.Time()) {
		return time.Time{}, false
	}
	return due.In(loc), true
}

// dueAfterLast returns the first time after the job's last run, or from its
// start if it never ran; it may lie in the past.
func dueAfterLast(job core.Job, now time.Time, loc *time.Location) (time.Time, bool) {
	last, ran := lastRun(job, now)
	start := job.Start.Time()
	switch {
	case job.Cron != "":
		expr, err := parse(job.Cron)
		if err != nil {
			return time.Time{}, false
		}
		from := now
		if ran {
			from = last
		}
		if !job.Start.IsZero() && (!ran || start.After(last)) {
			from = start.Add(-time.Second) // a time that is exactly the start counts
		}
		return following(expr, from.In(loc))
	case job.Every > 0 && ran:
		return later(last.Add(job.Every), start), true
	case job.Every > 0:
		return later(now, start), true
	}
	return time.Time{}, false
}

// lastRun returns when the job ran last. A run "in the future" means that the
// clock was set back since; it counts as just done, or the job would be silent
// until the clock is there again.
func lastRun(job core.Job, now time.Time) (last time.Time, ran bool) {
	if job.LastRun.IsZero() {
		return time.Time{}, false
	}
	last = job.LastRun.Time()
	if last.After(now) {
		return now, true
	}
	return last, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
