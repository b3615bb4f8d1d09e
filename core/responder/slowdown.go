package responder

import (
	"net/netip"
	"sync"
	"time"
)

const (
	freeFailures  = 5 // that cost nothing
	firstPenalty  = 2 * time.Second
	maxPenalty    = 5 * time.Minute
	forgetAfter   = 15 * time.Minute
	maxOffenders  = 4096
	maxPenaltyExp = 10
)

// A slowdown makes guessing slow: after a few failures a key (an address, an
// account) has to wait, each time twice as long. Its memory is bounded.
type slowdown struct {
	now func() time.Time

	mu      sync.Mutex // guards strikes
	strikes map[string]strike
}

type strike struct {
	failures int
	last     time.Time
	until    time.Time
}

func newSlowdown(now func() time.Time) *slowdown {
	return &slowdown{now: now, strikes: make(map[string]strike)}
}

// wait returns how long the key must still wait.
func (s *slowdown) wait(key string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, s.strikes[key].until.Sub(s.now()))
}

// failed counts a failure against the key.
func (s *slowdown) failed(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	k, known := s.strikes[key]
	if !known && len(s.strikes) >= maxOffenders {
		s.makeRoom(now)
	}
	if now.Sub(k.last) > forgetAfter {
		k.failures = 0
	}
	k.failures++
	k.last = now
	if over := k.failures - freeFailures; over >= 0 {
		k.until = now.Add(min(maxPenalty, firstPenalty<<min(over, maxPenaltyExp)))
	}
	s.strikes[key] = k
}

// succeeded forgets the key's failures.
func (s *slowdown) succeeded(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.strikes, key)
}

// makeRoom drops what is old, and the oldest if all is young.
func (s *slowdown) makeRoom(now time.Time) {
	var oldest string
	for key, k := range s.strikes {
		if now.Sub(k.last) > forgetAfter {
			delete(s.strikes, key)
		} else if oldest == "" || k.last.Before(s.strikes[oldest].last) {
			oldest = key
		}
	}
	if len(s.strikes) >= maxOffenders {
		delete(s.strikes, oldest)
	}
}

// addressKey is the address that failures and rates are counted for: without
// the port, and for IPv6 the network of one subscriber.
func addressKey(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
