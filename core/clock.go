package core

import "time"

// MaxClockDifference is how far the clocks of two nodes may be apart before
// times decide nothing any more (PROMISES 6).
const MaxClockDifference = 24 * time.Hour

// StampNoise is how much older than what a peer confirmed a later version of it
// may be dated: stamps and the Date header have whole seconds, a request takes its
// time, and a push moves the stamp by a second at least. A version is not a
// former one because of less.
const StampNoise = 5 * time.Second

// Corrected returns the stamp of an edit made here as the peer's clock would
// have written it. offset is the peer's clock minus ours; now is the peer's
// time: nothing was edited in the future. What looks so was edited before our clock was
// set back, when it was another offset: it keeps its stamp, at most now. A later one would
// win over what was done at the peer since. atLeast, the stamp of the version the peer had
// before, is never undercut.
func Corrected(edited MTime, offset time.Duration, now, atLeast MTime) MTime {
	m := edited.Add(offset)
	switch {
	case now == 0 || m <= now:
	case m > now.Add(StampNoise):
		m = min(edited, now)
	default:
		m = now
	}
	return max(m, atLeast)
}
