package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A backoff is how long to wait after a failure: first, doubled each time up to
// most.
type backoff struct{ first, most time.Duration }

// backoffs by cause. Offline costs nobody anything: the connection does not leave
// this laptop. A portal answers in the peer's place.
var backoffs = map[core.Cause]backoff{
	core.CauseOffline:       {12 * time.Second, 12 * time.Second},
	core.CausePortal:        {20 * time.Second, 20 * time.Second},
	core.CausePeer:          {15 * time.Second, 15 * time.Minute},
	core.CauseRefused:       {10 * time.Minute, time.Hour},
	core.CauseUnaccepted:    {10 * time.Minute, time.Hour},
	core.CauseConfiguration: {5 * time.Minute, time.Hour},
	core.CauseHere:          {time.Minute, 30 * time.Minute},
}

// maxRetryAfter bounds what a peer may ask for.
const maxRetryAfter = 24 * time.Hour

// Backoff returns the wait after that many failures in a row. chance, from 0 to
// 1, spreads it by a fifth to either side, so that laptops that lost a server
// together do not come back together. What the peer asked for is the least.
func Backoff(cause core.Cause, failures int, retryAfter time.Duration, chance float64) time.Duration {
	b := backoffs[cause]
	wait := b.first
	for i := 1; i < failures && wait < b.most; i++ {
		wait *= 2
	}
	wait = min(wait, b.most)
	if b.first != b.most {
		wait = time.Duration(float64(wait) * (0.8 + 0.4*chance))
	}
	asked := min(retryAfter, maxRetryAfter)
	if asked > wait {
		wait = asked + time.Duration(float64(backoffs[core.CausePeer].first)*chance)
	}
	return wait
}
