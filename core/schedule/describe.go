package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Describe says in words when the job runs: "every 15 minutes", "every day at
// 02:30, until 2026-12-31 00:00 UTC".
func Describe(job core.Job) string {
	words := rhythm(job)
	if !job.Start.IsZero() {
		words += ", from " + stamp(job.Start)
	}
	if !job.End.IsZero() {
		words += ", until " + stamp(job.End)
	}
	switch {
	case job.Repeats == 1:
		words += ", once"
	case job.Repeats > 1:
		words += fmt.Sprintf(", %d times", job.Repeats)
	}
	if !job.Enabled {
		words += " (switched off)"
	}
	return words
}

func stamp(m core.MTime) string { return m.Time().Format("2006-01-02 15:04 UTC") }

func rhythm(job core.Job) string {
	switch {
	case job.Cron != "":
		return cronWords(job.Cron)
	case job.Every <= 0:
		return "never"
	case job.Every%(24*time.Hour) == 0:
		return every(int(job.Every/(24*time.Hour)), "day")
	case job.Every%time.Hour == 0:
		return every(int(job.Every/time.Hour), "hour")
	}
	return every(int(job.Every/time.Minute), "minute")
}

func every(n int, unit string) string {
	if n == 1 {
		return "every " + unit
	}
	return fmt.Sprintf("every %d %ss", n, unit)
}

var weekdays = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// cronWords puts an expression in words, the common ones in the most common words;
// one that is not valid is quoted.
func cronWords(expression string) string {
	quoted, valid := wordsOf(expression)
	if !valid {
		quoted = fmt.Sprintf("by the cron expression %q", expression)
	}
	f := strings.Fields(expression)
	if len(f) != 5 || f[2] != "*" || f[3] != "*" {
		return quoted
	}
	minute, err := strconv.Atoi(f[0])
	if err != nil {
		step, _ := strings.CutPrefix(f[0], "*/")
		n, err := strconv.Atoi(step)
		if err == nil && n > 0 && 60%n == 0 && f[1] == "*" && f[4] == "*" {
			return every(n, "minute") + ", on the clock"
		}
		return quoted
	}
	if f[1] == "*" && f[4] == "*" {
		return fmt.Sprintf("every hour at minute %d", minute)
	}
	hour, err := strconv.Atoi(f[1])
	if err != nil {
		return quoted
	}
	at := fmt.Sprintf(" at %02d:%02d", hour, minute)
	switch day, err := strconv.Atoi(f[4]); {
	case f[4] == "*":
		return "every day" + at
	case f[4] == "1-5":
		return "Monday to Friday" + at
	case err == nil && day >= 0 && day < len(weekdays):
		return "every " + weekdays[day] + at
	}
	return quoted
}
