package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Schedule says when a job runs, in the person's language: "Every 15 minutes",
// "Every day at 02:30, until 31 Dec 2026 00:00", with times in now's zone.
func Schedule(j core.Job, now time.Time) string {
	text := rhythm(j)
	if !j.Start.IsZero() {
		text = tr.L("{{.Rhythm}}, from {{.When}}", tr.D{"Rhythm": text, "When": When(j.Start, now)})
	}
	if !j.End.IsZero() {
		text = tr.L("{{.Rhythm}}, until {{.When}}", tr.D{"Rhythm": text, "When": When(j.End, now)})
	}
	if j.Repeats > 0 {
		text = tr.N("{{.Rhythm}}, {{.N}} times", j.Repeats, tr.D{"Rhythm": text})
	}
	return text
}

func rhythm(j core.Job) string {
	const day = 24 * time.Hour
	switch {
	case j.Cron != "":
		return Cron(j.Cron)
	case j.Every <= 0:
		return tr.L("Never")
	case j.Every%day == 0:
		return tr.N("Every {{.N}} days", int(j.Every/day))
	case j.Every%time.Hour == 0:
		return tr.N("Every {{.N}} hours", int(j.Every/time.Hour))
	}
	return tr.N("Every {{.N}} minutes", int(j.Every/time.Minute))
}

// manyTimes is how many times of day are named one by one.
const manyTimes = 6

// Cron says in words when a cron expression comes true; one that is not valid
// comes back as it is.
func Cron(expression string) string {
	p, ok := schedule.PartsOf(expression)
	if !ok {
		return expression
	}
	text := tr.L("{{.Days}} {{.Times}}", tr.D{"Days": cronDays(p), "Times": cronTimes(p)})
	if p.Months != nil {
		text = tr.L("{{.Text}}, in {{.Months}}", tr.D{"Text": text, "Months": list(ranges(p.Months, monthName))})
	}
	return Capital(text)
}

func cronDays(p schedule.Parts) string {
	week := list(ranges(p.Week, weekday))
	month := tr.L("on day {{.Days}} of the month", tr.D{"Days": list(ranges(p.DaysOfMonth, plain))})
	switch {
	case p.DaysOfMonth != nil && p.Week != nil: // cron takes either
		return tr.L("{{.One}} and also {{.Other}}", tr.D{"One": month, "Other": week})
	case p.DaysOfMonth != nil:
		return month
	case p.Week != nil:
		return week
	}
	return tr.L("every day")
}

func cronTimes(p schedule.Parts) string {
	if p.Hours != nil && len(p.Hours)*len(p.Minutes) <= manyTimes {
		var times []string
		for _, h := range p.Hours {
			for _, m := range p.Minutes {
				times = append(times, tr.Clock(time.Date(2000, 1, 1, h, m, 0, 0, time.UTC)))
			}
		}
		return tr.L("at {{.Times}}", tr.D{"Times": list(times)})
	}
	minutes := tr.L("at minute {{.Minutes}}", tr.D{"Minutes": list(ranges(p.Minutes, plain))})
	if len(p.Minutes) == 60 {
		minutes = tr.L("every minute")
	}
	if p.Hours == nil {
		return tr.L("{{.Minutes}} of every hour", tr.D{"Minutes": minutes})
	}
	return tr.L("{{.Minutes}} of the hours {{.Hours}}", tr.D{"Minutes": minutes, "Hours": list(ranges(p.Hours, plain))})
}

func plain(n int) string { return tr.Digits(fmt.Sprint(n)) }

func weekday(n int) string {
	return [...]string{tr.L("Monday"), tr.L("Tuesday"), tr.L("Wednesday"), tr.L("Thursday"), tr.L("Friday"), tr.L("Saturday"), tr.L("Sunday")}[n-1]
}

func monthName(n int) string {
	return [...]string{tr.L("January"), tr.L("February"), tr.L("March"), tr.L("April"), tr.L("May"), tr.L("June"), tr.L("July"), tr.L("August"), tr.L("September"),
		tr.L("October"), tr.L("November"), tr.L("December")}[n-1]
}

// ranges names values; three or more in a row become "first to last".
func ranges(values []int, name func(int) string) (out []string) {
	for i := 0; i < len(values); i++ {
		j := i
		for j+1 < len(values) && values[j+1] == values[j]+1 {
			j++
		}
		if j-i < 2 {
			out = append(out, name(values[i]))
			continue
		}
		out = append(out, tr.L("{{.First}} to {{.Last}}", tr.D{"First": name(values[i]), "Last": name(values[j])}))
		i = j
	}
	return out
}

// list is "a, b and c".
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	most := strings.Join(parts[:len(parts)-1], tr.L(", "))
	return tr.L("{{.Most}} and {{.Last}}", tr.D{"Most": most, "Last": parts[len(parts)-1]})
}
