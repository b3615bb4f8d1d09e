package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// manyTimes is how many times of day are named one by one.
const manyTimes = 6

// wordsOf puts any cron expression into words, from what the library made of it;
// ok is false for one that is not valid.
func wordsOf(expression string) (words string, ok bool) {
	parsed, err := parse(expression)
	if err != nil {
		return "", false
	}
	s, is := parsed.(*cron.SpecSchedule)
	if !is {
		return "", false
	}
	parts := []string{daysOf(s)}
	if s.Month&anyValue == 0 {
		parts = append(parts, "in "+join(runs(members(s.Month, 1, 12), func(n int) string { return time.Month(n).String() })))
	}
	return strings.Join(append(parts, timesOf(s)), " "), true
}

// anyValue is the library's mark of a field that is a star.
const anyValue uint64 = 1 << 63

// members lists the values of a field.
func members(field uint64, least, most int) (out []int) {
	for n := least; n <= most; n++ {
		if field&(1<<uint(n)) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// daysOf says on which days. With both kinds of day given, cron takes either.
func daysOf(s *cron.SpecSchedule) string {
	month := "on day " + join(runs(members(s.Dom, 1, 31), strconv.Itoa)) + " of the month"
	week := join(runs(mondayFirst(s.Dow), func(n int) string { return weekdays[n] }))
	switch dom, dow := s.Dom&anyValue == 0, s.Dow&anyValue == 0; {
	case dom && dow:
		return month + ", and every " + week + ","
	case dom:
		return month
	case dow && strings.Contains(week, " "):
		return week
	case dow:
		return "every " + week
	}
	return "every day"
}

// mondayFirst lists the days of the week with Sunday as the seventh.
func mondayFirst(field uint64) []int {
	out := members(field, 1, 6)
	if field&1 != 0 {
		out = append(out, 7)
	}
	return out
}

// timesOf says at what times of the day.
func timesOf(s *cron.SpecSchedule) string {
	minutes, hours := members(s.Minute, 0, 59), members(s.Hour, 0, 23)
	if len(minutes)*len(hours) <= manyTimes {
		var times []string
		for _, h := range hours {
			for _, m := range minutes {
				times = append(times, fmt.Sprintf("%02d:%02d", h, m))
			}
		}
		return "at " + join(times)
	}
	of := "of every hour"
	switch {
	case len(hours) == 1:
		of = fmt.Sprintf("of hour %d", hours[0])
	case len(hours) < 24:
		of = "of the hours " + join(runs(hours, strconv.Itoa))
	}
	switch {
	case len(minutes) == 60:
		return "every minute " + of
	case len(minutes) == 1:
		return fmt.Sprintf("at minute %d %s", minutes[0], of)
	}
	return "at minutes " + join(runs(minutes, strconv.Itoa)) + " " + of
}

// runs names values; three or more in a row become "first to last".
func runs(values []int, name func(int) string) (out []string) {
	for i := 0; i < len(values); {
		j := i
		for j+1 < len(values) && values[j+1] == values[j]+1 {
			j++
		}
		if j-i >= 2 {
			out = append(out, name(values[i])+" to "+name(values[j]))
			i = j + 1
			continue
		}
		out = append(out, name(values[i]))
		i++
	}
	return out
}

// join is "a, b and c".
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Parts are what a cron expression names: nil where any value will do. Sunday is
// the seventh day of the week.
type Parts struct {
	Minutes, Hours            []int
	DaysOfMonth, Months, Week []int
}

// PartsOf takes an expression apart, for words in other languages; ok is false for
// one that is not valid.
func PartsOf(expression string) (p Parts, ok bool) {
	parsed, err := parse(expression)
	if err != nil {
		return p, false
	}
	s, is := parsed.(*cron.SpecSchedule)
	if !is {
		return p, false
	}
	named := func(field uint64, list []int) []int {
		if field&anyValue != 0 {
			return nil
		}
		return list
	}
	return Parts{Minutes: members(s.Minute, 0, 59), Hours: named(s.Hour, members(s.Hour, 0, 23)), DaysOfMonth: named(s.Dom, members(s.Dom, 1, 31)),
		Months: named(s.Month, members(s.Month, 1, 12)), Week: named(s.Dow, mondayFirst(s.Dow))}, true
}
