package edentest

import (
	"sync"
	"time"
)

// A Clock is the server's idea of time: the real one until it is set.
type Clock struct {
	mu    sync.Mutex // guards the rest
	fixed time.Time
	skew  time.Duration
}

// Now returns the server's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed.IsZero() {
		return time.Now().Add(c.skew)
	}
	return c.fixed.Add(c.skew)
}

// Set stops the clock at now.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = now
}

// Advance moves a stopped clock, or puts a running one ahead.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed.IsZero() {
		c.skew += d
		return
	}
	c.fixed = c.fixed.Add(d)
}
