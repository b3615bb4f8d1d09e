package core

import (
	"fmt"
	"strings"
	"time"
)

// A Why says what the next try of a repository waits for.
type Why string

// What a next try may wait for. The first six lead to a try by themselves at
// Outlook.Next; the others do not.
const (
	WhyPlanned  Why = "planned"  // the time of a job
	WhyMissed   Why = "missed"   // a job's time that passed while the laptop slept or was off
	WhyEdited   Why = "edited"   // changes made here are sent once they have settled
	WhyReturned Why = "returned" // the network returned, or another one
	WhyWoke     Why = "woke"     // the laptop woke
	WhyRetry    Why = "retry"    // the last try failed: see Cause
	WhyAsked    Why = "asked"    // a person said "Sync now"

	WhyRunning Why = "running" // a run is going on
	WhyPaused  Why = "paused"  // Next is the end of the pause; zero: until resumed
	WhyMetered Why = "metered" // the network costs money by volume
	WhySaver   Why = "saver"   // the battery saver is on
	WhyStopped Why = "stopped" // the peer refused us; somebody must change something
	WhyManual  Why = "manual"  // no time is planned
	WhyPassive Why = "passive" // the peer calls us
)

// A Cause is why the last try did not get through. The causes are kept apart
// because different people cure them.
type Cause string

// The causes.
const (
	CauseNone          Cause = ""
	CauseOffline       Cause = "offline"       // this laptop has no way to the peer
	CausePortal        Cause = "portal"        // the network wants a login first
	CausePeer          Cause = "peer"          // the peer is down, busy or too slow
	CauseRefused       Cause = "refused"       // the peer refuses us
	CauseUnaccepted    Cause = "unaccepted"    // the peer waits until its administrator accepts us
	CauseConfiguration Cause = "configuration" // address, proxy, certificate, password
	CauseHere          Cause = "here"          // this laptop: disk, store
)

// CauseOf returns the cause that a problem belongs to.
func CauseOf(p *Problem) Cause {
	if p == nil {
		return CauseNone
	}
	if p.Offline {
		return CauseOffline
	}
	switch p.Kind {
	case Portal:
		return CausePortal
	case Unreachable, Timeout, ServerFault, Busy, Truncated, Cancelled, Barred:
		return CausePeer
	case Unauthorized, Forbidden, NotRegistered, NoReadRight, NoWriteRight, PeerRefused, RecordRefused, IdentityChanged, WentBack:
		return CauseRefused
	case NotAccepted:
		return CauseUnaccepted
	case DiskFull, StoreLocked, StoreDamaged, StoreTooNew, AlreadyRunning, Internal, NodeCopied, NodeWentBack:
		return CauseHere
	}
	return CauseConfiguration
}

// An Outlook says when a repository is tried next and why: for window, tray,
// terminal and log.
type Outlook struct {
	RepositoryID int64
	Repository   string // its name
	Why          Why
	// Next is when the next try begins by itself; zero: not by itself, or not at
	// a time that is known.
	Next MTime
	// Cause is why the last try failed, Since when that first happened, Failures
	// how often in a row, and Message the sentence for a person.
	Cause    Cause
	Since    MTime
	Failures int
	Message  string
}

// Same reports whether a person would be told the same: next tries that are less
// than slack apart count as the same.
func (o Outlook) Same(other Outlook, slack time.Duration) bool {
	apart := o.Next.Time().Sub(other.Next.Time()).Abs()
	return o.Why == other.Why && o.Cause == other.Cause && o.Message == other.Message && o.Repository == other.Repository &&
		(o.Next == 0) == (other.Next == 0) && apart < max(slack, 1)
}

// Sentence says in English when the next try is and why, with times in loc.
func (o Outlook) Sentence(now time.Time, loc *time.Location) string {
	at := o.clock(now, loc)
	switch o.Why {
	case WhyRunning:
		return "Synchronising now."
	case WhyPassive:
		return "It calls us."
	case WhyManual:
		return "No time is planned: it syncs when you say so."
	case WhyStopped:
		return o.because("Not tried by itself", "it was refused")
	case WhyPaused:
		if o.Next == 0 {
			return "Paused until resumed."
		}
		return "Paused until " + at + "."
	case WhyMetered:
		return "Waits for a network that does not cost by volume."
	case WhySaver:
		return "Waits until the battery saver is off."
	}
	return "Next try " + at + " " + o.reason()
}

// reason is the second half of the sentence: "because …".
func (o Outlook) reason() string {
	switch o.Why {
	case WhyMissed:
		return "because a planned time was missed."
	case WhyEdited:
		return "because changes made here wait to be sent."
	case WhyReturned:
		return "because the network returned."
	case WhyWoke:
		return "because the laptop woke."
	case WhyAsked:
		return "because you asked for it."
	case WhyRetry:
		return o.trouble()
	}
	return "because it is planned."
}

func (o Outlook) trouble() string {
	switch o.Cause {
	case CauseOffline:
		return "because this laptop is offline."
	case CausePortal:
		return "because this network wants you to log in first."
	case CausePeer:
		return o.because("because the server is not available", "")
	case CauseRefused:
		return o.because("because the server refuses", "")
	case CauseUnaccepted:
		return "because the administrator there has not accepted this laptop yet."
	case CauseConfiguration:
		return o.because("because something must be set right", "")
	case CauseHere:
		return o.because("because of trouble on this laptop", "")
	}
	return "because the last one was interrupted."
}

func (o Outlook) because(words, otherwise string) string {
	message := strings.TrimRight(o.Message, ".")
	if message == "" {
		message = otherwise
	}
	if message == "" {
		return words + "."
	}
	return words + ": " + message + "."
}

// clock shows the time alone on the same day, else the date with it.
func (o Outlook) clock(now time.Time, loc *time.Location) string {
	next := o.Next.Time().In(loc)
	today := now.In(loc)
	switch {
	case o.Next == 0 || !next.After(today):
		return "now"
	case next.YearDay() == today.YearDay() && next.Year() == today.Year() && o.Why == WhyRetry && next.Sub(today) < 10*time.Minute:
		return next.Format("15:04:05")
	case next.YearDay() == today.YearDay() && next.Year() == today.Year():
		return next.Format("15:04")
	}
	return next.Format("2006-01-02 15:04")
}

// Starts reports whether the outlook leads to a try by itself.
func (o Outlook) Starts() bool {
	switch o.Why {
	case WhyPlanned, WhyMissed, WhyEdited, WhyReturned, WhyWoke, WhyRetry, WhyAsked:
		return true
	}
	return false
}

// String is the outlook for the log, with the time in UTC.
func (o Outlook) String() string {
	return fmt.Sprintf("%s: %s %s at %s", o.Repository, o.Why, o.Cause, o.Next)
}
