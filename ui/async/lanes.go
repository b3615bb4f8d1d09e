// Package async says where a page's work happens: slow things beside the window,
// what touches widgets on its own goroutine. It is the one place where the
// hand-over between the two is made.
package async

import (
	"sync"
	"time"
)

// Lanes are the two places where code runs.
type Lanes struct {
	Work   func(func()) // off the window's goroutine: go f() in the program, f() in a test
	Screen func(func()) // on the window's goroutine: fyne.Do in the program, f() in a test
}

// Direct runs everything at once on the caller's goroutine: for tests.
func Direct() Lanes {
	at := func(f func()) { f() }
	return Lanes{Work: at, Screen: at}
}

// Run does work off the screen and then what it returns on the screen, in one
// update. work may return nil.
func (l Lanes) Run(work func() (show func())) { l.RunOr(work, nil) }

// RunOr is Run for work during which something is shown as going on, or cannot be pressed:
// if it ends in a bug, which whoever gave the lanes tells of, broken runs on the screen
// instead and ends that.
func (l Lanes) RunOr(work func() (show func()), broken func()) {
	l.Work(func() {
		whole := false
		defer func() {
			if !whole && broken != nil {
				l.Screen(broken)
			}
		}()
		show := work()
		if whole = true; show != nil {
			l.Screen(show)
		}
	})
}

// A Gate lets a burst of wishes through as one call at a time, no more often than
// every Pause; the last wish is always honoured. The zero Pause calls at once.
type Gate struct {
	Pause time.Duration
	Do    func()

	mu      sync.Mutex // guards the rest
	waiting bool
	last    time.Time
}

// Wish asks for a call of Do, now or when the pause is over, on a goroutine of
// its own then.
func (g *Gate) Wish() {
	if g.Pause == 0 {
		g.Do()
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting {
		return
	}
	g.waiting = true
	time.AfterFunc(max(0, g.Pause-time.Since(g.last)), func() {
		g.mu.Lock()
		g.waiting, g.last = false, time.Now()
		g.mu.Unlock()
		g.Do()
	})
}

// A Debouncer calls the function it was given last, once nothing new was given
// for Delay: search as you type. The zero Delay calls at once.
type Debouncer struct {
	Delay time.Duration

	mu    sync.Mutex // guards timer
	timer *time.Timer
}

// Call puts f in the place of whatever waits. f runs on a goroutine of its own.
func (d *Debouncer) Call(f func()) {
	if d.Delay == 0 {
		f()
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer = time.AfterFunc(d.Delay, f)
}

// A Ticket numbers requests so that a late answer to an old one is recognised.
// It is used on the window's goroutine only.
type Ticket int

// Next makes all earlier tickets old and returns the new one.
func (t *Ticket) Next() Ticket {
	*t++
	return *t
}
