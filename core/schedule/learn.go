package schedule

import (
	"errors"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// learn takes an outcome into the memory. chance is for the back-off.
func (m *Memory) learn(o outcome, now core.MTime, s Surroundings, moved bool, chance float64) {
	m.Tried = now
	p := o.problem
	switch {
	case p == nil || !holdsUp(p):
		m.through(now, o.seq)
		if p != nil {
			m.Message = p.Message()
		}
	case p.Kind == core.AlreadyRunning: // in another process: nothing is wrong
		m.Failures++
		m.Wait = Backoff(core.CauseHere, m.Failures, 0, chance).Round(time.Second)
		m.Cause, m.Wanted, m.WantedAt = core.CauseNone, core.WhyMissed, now
	case errors.Is(o.cause, errInterrupted):
		m.interrupted(now)
	default:
		m.fail(p, causeIn(p, s), now, chance)
		if errors.Is(p, errTimeout) && o.run.Received+o.run.Delivered > 0 {
			m.Failures, m.Wait = 0, backoffs[core.CausePeer].first // it gets on: no reason to hold back
		}
		if moved {
			m.forgive()
		}
	}
}

// through notes a run that came through; edits are counted anew from seq on.
func (m *Memory) through(now core.MTime, seq int64) {
	m.RanAt, m.RanSeq = now, seq
	m.Cause, m.Since, m.Message, m.Failures, m.Wait, m.Demanded = core.CauseNone, 0, "", 0, 0, false
	m.Edited, m.EditedFirst, m.Wanted, m.WantedAt = 0, 0, "", 0
}

// interrupted lets a run that lost its network begin again at once, but more
// slowly if that happens again and again.
func (m *Memory) interrupted(now core.MTime) {
	if m.Cause != core.CauseNone {
		m.Cause, m.Since, m.Message, m.Failures, m.Demanded = core.CauseNone, 0, "", 0, false
	}
	m.Failures++
	m.Wait = min(gap<<min(m.Failures-1, 10), quiet)
	m.Wanted, m.WantedAt = core.WhyWoke, now
}

func (m *Memory) fail(p *core.Problem, cause core.Cause, now core.MTime, chance float64) {
	if m.Cause != cause {
		m.Cause, m.Since, m.Failures = cause, now, 0
	}
	m.Failures++
	m.Message = p.Message()
	m.Wait = Backoff(m.rhythm(p, cause), m.Failures, p.RetryAfter, chance).Round(time.Second)
	m.Demanded = p.RetryAfter > 0
}

// rhythm returns the cause by whose back-off to wait. A certificate or page that is
// wrong where all was well before is more likely a network's login page than a
// mistake in the settings, and passes.
func (m *Memory) rhythm(p *core.Problem, cause core.Cause) core.Cause {
	passes := slices.Contains(core.EncryptionTroubles(), p.Kind) || p.Kind == core.NotEden || p.Kind == core.WrongPath
	if passes && m.RanAt != 0 && cause == core.CauseConfiguration {
		return core.CausePeer
	}
	return cause
}

// holdsUp reports whether a problem holds the next run up. The others concern one
// table or some records: the rest came through, and the jobs go on.
func holdsUp(p *core.Problem) bool {
	switch p.Kind {
	case core.Malformed, core.Dangerous, core.UnknownResource, core.NoReadRight, core.NoWriteRight, core.PeerRefused, core.Barred, core.RecordRefused, core.RecordInvalid,
		core.WentBack, core.ClockWrong, core.Brake, core.NotRegistered:
		return false
	}
	return true
}

// causeIn returns the cause of a problem with what the operating system says of
// the network taken into account.
func causeIn(p *core.Problem, s Surroundings) core.Cause {
	cause := core.CauseOf(p)
	silent := cause == core.CauseOffline || p.Kind == core.Unreachable || p.Kind == core.ProxyWrong
	foreign := slices.Contains(core.EncryptionTroubles(), p.Kind) || p.Kind == core.NotEden || p.Kind == core.Timeout
	switch {
	case s.Connectivity == ConnectivityPortal && (silent || foreign):
		return core.CausePortal
	case !silent:
		return cause
	case s.Connectivity == ConnectivityNone:
		return core.CauseOffline
	case s.Connectivity == ConnectivityFull && cause == core.CauseOffline:
		return core.CausePeer // only this peer cannot be found
	}
	return cause
}

// asks reports whether the next try must ask the peer how it is before a run:
// where a connection alone proves nothing.
func (m *Memory) asks() bool {
	return m.Cause != core.CauseNone && m.Cause != core.CauseOffline && m.Cause != core.CauseHere
}
