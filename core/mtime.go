package core

import (
	"fmt"
	"strings"
	"time"
)

// An MTime is a modification stamp: whole seconds since 1970-01-01T00:00:00 UTC,
// the resolution Eden has on the wire. The zero value means "not known".
// Years 0 to 9999 can be expressed.
type MTime int64

// wireTime is the only form in which Eden accepts msince; anything else is
// silently ignored there and answers with the whole table (spec
// eden-sync-protocol §3.5).
const wireTime = "2006-01-02T15:04:05"

// MTimeOf converts t, rounding down to the second. The zero time becomes the
// zero MTime.
func MTimeOf(t time.Time) MTime {
	if t.IsZero() {
		return 0
	}
	return MTime(t.Unix())
}

// Time returns m in UTC; the zero time if m is not known.
func (m MTime) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.Unix(int64(m), 0).UTC()
}

// IsZero reports whether the stamp is not known.
func (m MTime) IsZero() bool { return m == 0 }

// Add returns m moved by d, cut to whole seconds; a stamp that is not known
// stays so.
func (m MTime) Add(d time.Duration) MTime {
	if m == 0 {
		return 0
	}
	return m + MTime(d/time.Second)
}

// String returns m as Eden writes it, "2006-01-02T15:04:05" in UTC; "" if m is
// not known.
func (m MTime) String() string {
	if m == 0 {
		return ""
	}
	return m.Time().Format(wireTime)
}

// MarshalText writes the wire form.
func (m MTime) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads any form that ParseMTime reads; an empty text is zero.
func (m *MTime) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*m = 0
		return nil
	}
	v, err := ParseMTime(string(b))
	*m = v
	return err
}

// lenientForms are tried after the wire form: what Eden itself accepts on
// import (spec s3xml-format §5) and what other exporters write.
var lenientForms = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// ParseMTime reads a stamp from a document. A zone is converted to UTC; without
// one the stamp is taken as UTC; fractions are cut. A date without time is
// 08:00:00, as in Eden. The error names the text.
func ParseMTime(s string) (MTime, error) {
	if m, ok := parseWire(s); ok {
		return m, nil
	}
	s = strings.TrimSpace(s)
	for _, form := range lenientForms {
		t, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if form == "2006-01-02" {
			t = t.Add(8 * time.Hour)
		}
		return MTimeOf(t), nil
	}
	return 0, fmt.Errorf("%q is not a date and time", s)
}

// parseWire reads "2006-01-02T15:04:05", with or without a Z, without
// allocating: every record of a pull carries two of them.
func parseWire(s string) (MTime, bool) {
	if len(s) == 20 && s[19] == 'Z' {
		s = s[:19]
	}
	if len(s) != 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	hour, ok4 := digits(s[11:13])
	minute, ok5 := digits(s[14:16])
	second, ok6 := digits(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) ||
		month < 1 || month > 12 || day < 1 || day > daysIn(month, year) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return MTime(unixDays(year, month, day)*86400 + int64(hour*3600+minute*60+second)), true
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func daysIn(month, year int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// unixDays counts the days from 1970-01-01 in the proleptic Gregorian calendar,
// with March as the first month so that the leap day comes last.
func unixDays(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year
	if era < 0 {
		era -= 399
	}
	era /= 400
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era)*146097 + int64(dayOfEra) - 719468
}
