package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/fieldsync/fieldsync/core"
)

// maxCron bounds an expression, in bytes.
const maxCron = 200

var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Validate checks a cron expression of five fields, as an administrator types
// it, and refuses one that never comes true (30 February). The error is a
// Problem that names the field "cron".
func Validate(expression string) error {
	expr, err := parse(expression)
	if err != nil {
		p := core.Invalid("cron", `Five fields are needed: minute, hour, day of the month, month, day of the week. For example "30 6 * * 1-5" is 6:30 from Monday to Friday.`)
		p.Err = err
		return p
	}
	if _, ok := following(expr, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return core.Invalid("cron", "There is no day on which %q comes true.", expression)
	}
	return nil
}

// Faults returns all that an administrator got wrong in a job, in the order in which a form asks
// for it. Each is a Problem that names the field.
func Faults(job core.Job) (all []error) {
	wrong := func(p *core.Problem) { all = append(all, p) }
	switch {
	case job.Cron == "" && job.Every == 0:
		wrong(core.Invalid("every", "Say how often: every so many minutes, hours or days, or a cron expression."))
	case job.Cron != "" && job.Every != 0:
		wrong(core.Invalid("every", "Choose one: an interval or a cron expression."))
	case job.Every != 0 && (job.Every < time.Minute || job.Every%time.Minute != 0):
		wrong(core.Invalid("every", "The interval must be whole minutes, at least one."))
	case job.Cron != "":
		if err := Validate(job.Cron); err != nil {
			all = append(all, err)
		}
	}
	if !job.Start.IsZero() && !job.End.IsZero() && job.End <= job.Start {
		wrong(core.Invalid("end", "The end must be after the start."))
	}
	if job.Repeats < 0 {
		wrong(core.Invalid("repeats", "The number of repeats cannot be negative; 0 is for ever."))
	}
	if job.Timeout < 0 {
		wrong(core.Invalid("timeout", "The time-out cannot be negative; 0 is the default of 10 minutes."))
	}
	return all
}

// ValidateJob returns the first of the faults.
func ValidateJob(job core.Job) error { return core.First(Faults(job)) }

// parse reads an expression of five fields. A zone prefix is refused before the
// library sees it: it panics on "TZ=UTC" without a field behind it, and the zone
// is the laptop's.
func parse(expression string) (cron.Schedule, error) {
	if len(expression) > maxCron {
		return nil, fmt.Errorf("longer than %d bytes", maxCron)
	}
	if strings.Contains(expression, "=") || strings.HasPrefix(strings.TrimSpace(expression), "@") {
		return nil, fmt.Errorf("zones and @ words are not supported")
	}
	return parser.Parse(sundayFirst(expression))
}

// sundayFirst writes 0 for a Sunday that was written as 7, as in most crons; the
// library knows only 0 to 6.
func sundayFirst(expression string) string {
	fields := strings.Fields(expression)
	if len(fields) != 5 || !strings.Contains(fields[4], "7") {
		return expression
	}
	days := strings.Split(fields[4], ",")
	for i, d := range days {
		if d == "7" {
			days[i] = "0"
		} else if from, ok := strings.CutSuffix(d, "-7"); ok && from != "7" {
			days[i] = from + "-6,0"
		}
	}
	fields[4] = strings.Join(days, ",")
	return strings.Join(fields, " ")
}

// following returns the first time after from. The library gives up after five
// years, which is too early for 29 February around 2100, so it is asked twice.
func following(expr cron.Schedule, from time.Time) (time.Time, bool) {
	next := expr.Next(from)
	if next.IsZero() {
		next = expr.Next(from.AddDate(5, 0, 0))
	}
	return next, !next.IsZero()
}
