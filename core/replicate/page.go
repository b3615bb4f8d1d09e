package replicate

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// A pageState says how a page continues the one before.
type pageState int

const (
	pageMore pageState = iota
	pageLast
	pageLoose // it does not: the record that ties them together is missing
)

// page receives one page and hands it on together with its checkpoint. It begins
// with the last record of the page before, to see that nothing slipped through
// between them.
func (p *puller) page(ctx context.Context, paged bool) (PullReply, pageState, error) {
	known, err := p.recognition(ctx)
	if err != nil {
		return PullReply{}, pageMore, err
	}
	req := PullRequest{Resource: p.task.Resource, Filters: p.task.Filters, Since: p.cp.Since, SkipOwn: p.skipsOwn(), Room: p.place, Recognise: known}
	p.masters, p.tied = 0, true
	if paged {
		req.Limit, req.Start = p.pace.now, p.cp.Start
		if p.cp.LastUUID != "" {
			p.tied = false
			req.Start--
		}
	}
	began := p.now()
	reply, err := p.peer.Pull(ctx, req, func(rec *core.Record, master bool, bad *BadRecord) error {
		return p.receive(ctx, rec, master, bad)
	})
	p.dropped += reply.Dropped
	p.native = p.native || reply.Native
	if errors.Is(err, errForgotten) || core.IsKind(err, core.Cancelled) && !p.guarded {
		return reply, pageMore, err
	}
	if guardErr := p.guard(ctx); guardErr != nil {
		return reply, pageMore, errors.Join(err, guardErr)
	}
	if err != nil {
		return reply, pageMore, errors.Join(err, p.flush(ctx, false, false))
	}
	if reply.Paged && !p.tied && p.masters > 0 {
		return reply, pageLoose, p.flush(ctx, false, false)
	}
	p.cp.Start, p.cp.LastUUID = req.Start+p.masters, p.lastID
	last := !reply.Paged || p.masters < req.Limit
	if err := p.flush(ctx, reply.Paged && !last, last); err != nil || !last {
		p.pace.took(p.now().Sub(began), reply.Bytes)
		return reply, pageMore, err
	}
	return reply, pageLast, nil
}

// skipsOwn reports whether the peer need not send what it has from us: it is a
// Fieldsync that remembers our last run, so neither of us has gone back in time, nobody
// asked for everything, and once all of the table was read. A table of which nothing is
// known (after a restore, with other filters) is read whole first: what was sent from
// here may be forgotten here.
func (p *puller) skipsOwn() bool {
	read := p.cp.Since != 0 || p.task.Compared != 0
	return p.remembered && read && !p.opts.Full && !p.repo.TakeOlder
}

// recognition is how the records of this pull are known. Nothing is looked for on a
// first pull, where nothing is there.
func (p *puller) recognition(ctx context.Context) (*Recognition, error) {
	if p.digests == (core.DigestKey{}) {
		var err error
		if p.digests, err = p.Store.DigestKey(ctx); err != nil {
			return nil, err
		}
	}
	if p.task.LastPull == 0 {
		return &Recognition{Key: p.digests}, nil
	}
	if p.recognise == nil {
		p.recognise = p.Store.Recognise(p.repo.ID)
	}
	return &Recognition{
		Key: p.digests,
		Ask: func(s []core.Sighting) error { return p.recognise(ctx, s) },
		Pass: func(records []core.Sighting, master bool) error {
			if p.seen != nil {
				for i := range records {
					p.seen.Add(records[i].Link.Resource, records[i].Row)
				}
			}
			first := records[0]
			if p.arrived(first.Link.UUID, first.ModifiedOn, master) {
				return nil
			}
			return p.keep(ctx, item{seen: &seen{first.Link, first.ModifiedOn, len(records)}})
		},
	}, nil
}

// receive takes one element in. The master that repeats the last one of the page
// before is not counted again.
func (p *puller) receive(ctx context.Context, rec *core.Record, master bool, bad *BadRecord) error {
	if bad != nil {
		if master {
			p.masters++
			p.lastID = ""
		}
		p.coming = append(p.coming, item{bad: bad})
		return nil
	}
	if p.listed != nil {
		if err := rec.Walk(p.listed); err != nil {
			return err
		}
	}
	if p.arrived(rec.UUID, rec.ModifiedOn, master) {
		return nil
	}
	return p.keep(ctx, item{Received: p.reception.Receive(rec)})
}

// arrived notes a top-level record, and reports whether it is the master that
// repeats the last one of the page before.
func (p *puller) arrived(uuid string, modifiedOn core.MTime, master bool) (again bool) {
	if !master {
		return false
	}
	p.masters++
	p.lastID = uuid
	if modifiedOn <= p.began { // what is dated in the future moves no marker (W8)
		p.cp.Greatest = max(p.cp.Greatest, modifiedOn)
	} else {
		p.future = true
	}
	again = !p.tied && uuid == p.cp.LastUUID
	p.tied = p.tied || again
	return again
}

// keep puts an element by until enough are there to be applied together.
func (p *puller) keep(ctx context.Context, it item) error {
	p.coming = append(p.coming, it)
	if len(p.coming) >= p.parcelSize() { // a flat memory, however large the answer
		if err := p.guard(ctx); err != nil {
			return err
		}
		return p.flush(ctx, false, false)
	}
	return nil
}

// place is where the record lies that comes next. A first pull has millions of fields: where
// parcels share a transaction, the next one lies where one before lay that is written.
func (p *puller) place() *core.Room {
	if p.apart {
		return nil
	}
	if p.room == nil {
		p.room = p.rooms.Take()
	}
	return p.room
}

// parcelSize is how many elements are applied together at most. Where parcels share a
// transaction they are smaller: memory is less and none costs more.
func (p *puller) parcelSize() int {
	if p.apart {
		return max(5*p.tuning.Page, 2*p.pace.now)
	}
	return max(2*p.tuning.Page, p.pace.now/3)
}

// flush hands on what was received, to be applied in one transaction, with the
// checkpoint if a page is complete. last says that the pull ends with it.
func (p *puller) flush(ctx context.Context, checkpoint, last bool) error {
	if len(p.coming) == 0 && !checkpoint {
		return nil
	}
	c := parcel{items: p.coming, room: p.room, checkpoint: checkpoint, at: standing{p.cp, p.dropped}, last: last}
	p.coming, p.room = nil, nil
	return p.hand(ctx, c)
}
