package words

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// When says a time as a person does, seen from now, in now's zone and as the
// person's region writes it: "today 14:03", "yesterday 14:03", "12 Mar 14:03",
// "12 Mar 2024 14:03".
func When(m core.MTime, now time.Time) string {
	if m.IsZero() {
		return tr.L("never")
	}
	t := m.Time().In(now.Location())
	clock := tr.Clock(t)
	switch day := midnight(now).Sub(midnight(t)).Hours() / 24; {
	case day < 0.5 && day > -0.5:
		return tr.L("today {{.Clock}}", tr.D{"Clock": clock})
	case day > 0.5 && day < 1.5:
		return tr.L("yesterday {{.Clock}}", tr.D{"Clock": clock})
	case t.Year() == now.Year():
		return tr.Day(t) + " " + clock
	}
	return tr.DayYear(t) + " " + clock
}

// Exact writes a time to the second, in now's zone.
func Exact(m core.MTime, now time.Time) string {
	if m.IsZero() {
		return tr.L("never")
	}
	return m.Time().In(now.Location()).Format("2006-01-02 15:04:05")
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
