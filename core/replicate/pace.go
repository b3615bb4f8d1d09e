package replicate

import "time"

const (
	// paceTime is how long a page or batch may take, proof and storing included:
	// what a broken connection costs, and how long a person waits for news.
	paceTime = time.Second
	// paceBytes bounds the same in memory.
	paceBytes = 6 << 20
)

// A pace is how many masters travel at a time. It grows while that is quick, so
// that what each request and transaction costs by itself is shared by many
// records, and shrinks where the line or the peer is slow, so that little is lost
// when it breaks.
type pace struct{ now, least, most int }

// took notes how long the last page or batch took and how large it was.
func (p *pace) took(d time.Duration, bytes int64) {
	switch {
	case d > 2*paceTime || bytes > paceBytes:
		p.now = max(p.least, p.now/2)
	case d <= paceTime/2 && bytes <= paceBytes/2:
		p.now = min(p.most, 2*p.now)
	}
}
