package replicate

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// closingTime is how long before a pull everything must be dated of which none may come
// later: an Eden dates all that a request brings by when that began, and shows it when
// it is over. It imports 20,000 persons in twelve minutes.
const closingTime = time.Hour

// since is where a pull begins: some minutes before the marker, for what was under way
// when that was set, and what others bring a little late. Where so much lies in these
// minutes that it cannot come again with each pull, it begins right after the marker; what
// is brought behind that is found as what is brought still later, by comparison.
func (p *puller) since() core.MTime {
	switch {
	case p.opts.Full || p.task.LastPull == 0:
		return 0
	case p.task.Closed == p.task.LastPull:
		return p.task.LastPull.Add(time.Second)
	}
	return p.task.LastPull.Add(-p.tuning.Overlap)
}

// closed reports whether what set the marker does not come again with this pull.
func (p *puller) closed() bool { return p.task.LastPull != 0 && p.cp.Since > p.task.LastPull }

// close notes that the next pull may begin right after the marker: this one, which is
// complete, began long after that, and what it would begin with otherwise is much, as a file
// that was imported at once. A Fieldsync sends again only what may have changed.
func (p *puller) close(ctx context.Context) error {
	marker := p.task.LastPull
	if p.own || p.tuning.Many < 0 || marker == 0 || marker == p.task.Closed || p.cp.Start < p.tuning.Many || marker.Add(closingTime) > p.began {
		return nil
	}
	again, err := p.Store.Newest(ctx, *p.task, marker.Add(-p.tuning.Overlap), marker, p.tuning.Many)
	if err != nil || len(again) < p.tuning.Many {
		return err
	}
	p.task.Closed = marker
	return p.Store.Closed(ctx, *p.task, marker)
}
