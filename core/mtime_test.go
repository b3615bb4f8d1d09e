package core

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseMTime(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"2024-03-01T07:30:00", "2024-03-01T07:30:00"},
		{"2024-03-01T07:30:00Z", "2024-03-01T07:30:00"},
		{"2024-03-01 07:30:00", "2024-03-01T07:30:00"},
		{"2024-03-01T07:30:00.987", "2024-03-01T07:30:00"},
		{"2024-01-01T10:00:00+02:00", "2024-01-01T08:00:00"},
		{"2024-01-01", "2024-01-01T08:00:00"},
		{"0001-01-01T00:00:00", "0001-01-01T00:00:00"},
		{"0000-02-29T12:00:00", "0000-02-29T12:00:00"},
		{"9999-12-31T23:59:59", "9999-12-31T23:59:59"},
	} {
		m, err := ParseMTime(tt.in)
		if err != nil || m.String() != tt.want {
			t.Errorf("ParseMTime(%q) = %s, %v, want %s", tt.in, m, err, tt.want)
		}
	}
	for _, bad := range []string{"", "yesterday", "2024-13-01T00:00:00", "2023-02-29T00:00:00", "2024-01-01T24:00:00", "2024-01-01T00:00:0x"} {
		if m, err := ParseMTime(bad); err == nil {
			t.Errorf("ParseMTime(%q) = %s, want an error", bad, m)
		}
	}
}

func TestParseMTimeAgreesWithTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "seconds"), 0).UTC()
		if want.Unix() == 0 {
			return // the zero MTime means "not known"
		}
		m, err := ParseMTime(want.Format("2006-01-02T15:04:05"))
		if err != nil || !m.Time().Equal(want) {
			t.Fatalf("%s became %s, %v", want, m.Time(), err)
		}
	})
}

func TestCorrectedEditsAreNeverInTheFutureNorUndercut(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		edited, now, atLeast MTime
		offset               time.Duration
		want                 MTime
	}{
		{"our clock is right", 1000, 2000, 500, 0, 1000},
		{"our clock is an hour slow", 1000, 9000, 500, time.Hour, 4600},
		{"our clock is an hour fast", 8000, 9000, 500, -time.Hour, 4400},
		{"an edit dated in the future is dated now", 9500, 9000, 500, 0, 9000},
		{"our clock was set back since, and the edit is not dated now", 8000, 9000, 500, time.Hour, 8000},
		{"what only rounding dates in the future is dated now", 5402, 9000, 500, time.Hour, 9000},
		{"never older than what the peer had", 1000, 9000, 5000, 0, 5000},
	} {
		if got := Corrected(tt.edited, tt.offset, tt.now, tt.atLeast); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
