package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Pause keeps runs from starting by themselves. It is stored, so that it
// survives a restart. The zero Pause is none.
type Pause struct {
	From core.MTime
	// Until is its end; zero with From set: until a person resumes.
	Until core.MTime
}

// resumeHour is when "until tomorrow" ends, in the laptop's zone.
const resumeHour = 6

// PauseFor returns a pause of that length.
func PauseFor(now time.Time, d time.Duration) Pause {
	return Pause{From: core.MTimeOf(now), Until: core.MTimeOf(now.Add(d))}
}

// PauseUntilTomorrow returns a pause until six o'clock of the next day in loc.
func PauseUntilTomorrow(now time.Time, loc *time.Location) Pause {
	day := now.In(loc)
	end := time.Date(day.Year(), day.Month(), day.Day()+1, resumeHour, 0, 0, 0, loc)
	return Pause{From: core.MTimeOf(now), Until: core.MTimeOf(end)}
}

// PauseUntilResumed returns a pause without an end.
func PauseUntilResumed(now time.Time) Pause { return Pause{From: core.MTimeOf(now)} }

// On reports whether the pause holds at now.
func (p Pause) On(now time.Time) bool {
	return !p.From.IsZero() && (p.Until.IsZero() || now.Before(p.Until.Time()))
}

// rebased returns the pause after the clock was set back: its length stays.
func (p Pause) rebased(now core.MTime) (Pause, bool) {
	if p.From.IsZero() || p.From <= now {
		return p, false
	}
	if !p.Until.IsZero() {
		p.Until = now + p.Until - p.From
	}
	p.From = now
	return p, true
}
