package responder

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	maxAddresses = 4096
	enterWait    = 10 * time.Second // for a place among the requests served
)

// limits bound what one address, and all together, may ask.
type limits struct {
	now    func() time.Time
	rate   rate.Limit
	burst  int
	places chan struct{}

	mu        sync.Mutex // guards addresses
	addresses map[string]*rate.Limiter
}

func newLimits(opts Options) *limits {
	return &limits{
		now: opts.Now, rate: rate.Limit(opts.Rate), burst: opts.Burst,
		places:    make(chan struct{}, opts.MaxConcurrent),
		addresses: make(map[string]*rate.Limiter),
	}
}

// tooMany returns how long the address must wait, 0 if it may go on.
func (l *limits) tooMany(remote string) time.Duration {
	key, now := addressKey(remote), l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.addresses[key]
	if !ok {
		if len(l.addresses) >= maxAddresses {
			l.forgetIdle(now)
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.addresses[key] = limiter
	}
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// forgetIdle drops the addresses whose allowance is full again; if all are
// busy, all start anew.
func (l *limits) forgetIdle(now time.Time) {
	for key, limiter := range l.addresses {
		if limiter.TokensAt(now) >= float64(l.burst) {
			delete(l.addresses, key)
		}
	}
	if len(l.addresses) >= maxAddresses {
		clear(l.addresses)
	}
}

// enter waits for a place among the requests served at a time.
func (l *limits) enter(ctx context.Context) (leave func(), err error) {
	select {
	case l.places <- struct{}{}:
		return l.leave, nil
	default:
	}
	timer := time.NewTimer(enterWait)
	defer timer.Stop()
	select {
	case l.places <- struct{}{}:
		return l.leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, busy(http.StatusServiceUnavailable, "Too busy at the moment", enterWait)
	}
}

func (l *limits) leave() { <-l.places }
