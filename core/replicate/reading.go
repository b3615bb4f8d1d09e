package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
)

// A reading is the reading of a batch, which goes on while the one before is on its
// way.
type reading struct {
	after int64
	limit int
	lent  bool          // what is read lies in the pusher's lending
	done  chan struct{} // closed when what follows is there

	out  []core.Outgoing
	next int64
	err  error
}

// readAhead begins to read the batch from after on, which may be 0: none. It sees the
// store as it is before the present one is settled, and is of use only if nothing
// else came of that but that all was delivered: what is sent before stays behind
// after, whether it is known to be delivered or not. Only a Fieldsync tells so; what
// an Eden does takes so long that nothing would be won.
func (p *pusher) readAhead(ctx context.Context, after int64, lending *core.Lending) {
	if !p.own || p.opts.DryRun || after == 0 {
		return
	}
	a := &reading{after: after, limit: p.pace.now, lent: lending != nil, done: make(chan struct{})}
	now := core.MTimeOf(p.now())
	p.ahead = a
	read := func() {
		defer close(a.done)
		a.err = core.Caught(func() (err error) {
			a.out, a.next, err = p.Store.Outgoing(ctx, p.task, now, a.after, a.limit, lending)
			return err
		})
	}
	if p.tuning.InTurn {
		read()
	} else {
		go read()
	}
}

// finished is a reading that was made otherwise.
func finished(after int64, limit int, out []core.Outgoing, next int64) *reading {
	a := &reading{after: after, limit: limit, done: make(chan struct{}), out: out, next: next}
	close(a.done)
	return a
}

// keep has what was read into the lending's room stay as it is, all of it.
func (p *pusher) keep(out []core.Outgoing) {
	for i := range out {
		out[i].Record.Embody()
	}
	p.lending = p.newLending()
}

// newLending has no room yet. Filters look at all fields.
func (p *pusher) newLending() core.Lending { return core.Lending{Bodies: len(p.task.Filters) == 0} }

// dropAhead waits for what is being read, and forgets it.
func (p *pusher) dropAhead() {
	if p.ahead != nil {
		<-p.ahead.done
		p.ahead = nil
	}
}

// read returns the batch from after on. What was read ahead is used once, unless it is
// more than should be sent by now; else it is read into the lending's room, if there is one.
func (p *pusher) read(ctx context.Context, after int64, lending *core.Lending) (out []core.Outgoing, next int64, err error) {
	a := p.ahead
	p.dropAhead()
	if a != nil && a.after == after && a.limit <= p.pace.now {
		if a.lent && lending == nil {
			p.keep(a.out)
		}
		return a.out, a.next, a.err
	}
	return p.Store.Outgoing(ctx, p.task, core.MTimeOf(p.now()), after, p.pace.now, lending)
}
