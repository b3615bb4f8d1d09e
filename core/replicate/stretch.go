package replicate

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

const (
	// stretchTime is how long a stretch may grow, and so what a broken connection costs.
	stretchTime = 2 * paceTime
	// stretchBytes bounds its document, far below what a Fieldsync takes in one (64 MiB).
	stretchBytes = 20 << 20
)

// A stretch is what goes to a Fieldsync in one push of thousands of records: the
// document is written while its records are read from the store, batch by batch, and of
// those that are written only what is needed to note that they were sealed is kept. It
// ends before whatever is out of the ordinary, which goes in a batch of its own.
type stretch struct {
	*pusher
	ctx      context.Context // of the push: the peer asks for more
	from     int64           // it begins behind this place in the order of what is unsent
	upTo     int64           // and goes up to this one; 0: to the end
	began    time.Time
	asked    time.Time // for the batch before
	size     int64     // of that, in bytes
	masters  int
	bytes    int64
	before   int // excluded before it
	streamed *receipts
	err      error // of ours, which ended it
}

// streams reports whether what follows may go as a stretch: where the batch before was
// settled by seals alone, quickly, and nothing has to be looked at first.
func (p *pusher) streams(took time.Duration) bool {
	return p.own && p.sealed && !p.unstreamed && took <= paceTime/2 && p.tuning.Stream > 0 &&
		p.task.Mode.Pulls() && p.task.Strategy == core.StrategyAll && !p.opts.DryRun
}

// stretch sends what follows after and returns how far that went; after itself if
// nothing was sent, or all of it has to be sent again in batches.
func (p *pusher) stretch(ctx context.Context, after int64) (next int64, err error) {
	p.streaming = false
	s := &stretch{pusher: p, ctx: ctx, from: after, upTo: after, began: p.now(), asked: p.now(), before: p.excluded, streamed: &receipts{room: &p.room}}
	defer func() { s.streamed.drop() }()
	records, related, err := s.more()
	if err != nil || len(records) == 0 {
		return s.upTo, errors.Join(err, p.noteBehind(ctx))
	}
	p.progress(p.task.Resource, event.StepSend, p.report.Delivered, 0)
	req := (&batch{task: p.task, enforce: enforces(p.task), seals: true, records: records, related: related}).request()
	req.More = s.more
	reply, err := p.peer.Push(ctx, req)
	if noteErr := p.noteBehind(ctx); noteErr != nil {
		return 0, errors.Join(err, s.err, noteErr)
	}
	if s.err != nil || err != nil { // also of a document that is refused some may be stored by then
		if noteErr := p.mayArrive(ctx); noteErr != nil {
			return 0, errors.Join(err, s.err, noteErr)
		}
	}
	switch {
	case core.IsKind(s.err, core.Cancelled): // as after a batch: nobody waits to be told more
		return 0, s.err
	case s.err != nil:
		return 0, errors.Join(s.err, s.settle(reply, false))
	case err == nil:
		p.message = reply.Message
		if s.waits(reply) {
			return s.upTo, nil
		}
		if err := s.settle(reply, true); err != nil {
			return 0, err
		}
		p.streaming = p.sealed && s.full()
		return s.upTo, nil
	case unknownOutcome(err):
		// Some of it may have arrived: ask before anything is sent again (PROMISES 10).
		return 0, errors.Join(err, s.settle(reply, false))
	case core.IsKind(err, core.Cancelled), core.IsKind(err, core.Unauthorized), core.IsKind(err, core.NoPassword): // a password is not tried twice
		return 0, err
	case core.IsKind(err, core.ServerFault): // a proxy lost patience, say: it may have been stored all the same
		if askErr := s.askAfter(reply); askErr != nil {
			return 0, errors.Join(err, askErr)
		}
	}
	// It took no such document, or not all of it. What is wrong, if anything is, the
	// batches will tell.
	p.unstreamed, p.excluded = true, s.before
	return s.from, nil
}

// askAfter asks what of the document has arrived although another answer came than the
// peer's. What has not is as if it had never been sent: it goes again, in batches.
func (s *stretch) askAfter(reply PushReply) error {
	unproved := s.unproved
	if err := s.settle(reply, false); err != nil {
		return err
	}
	s.report.Sent -= s.unproved - unproved
	s.unproved = unproved
	return nil
}

// more returns the records that the document goes on with; none at its end.
func (s *stretch) more() (records, related []core.Record, err error) {
	for len(records) == 0 && !s.ended() {
		var b *batch
		err := core.Caught(func() (err error) { // it is called from a goroutine of the connection
			if s.masters >= s.tuning.Stream/noteAfter {
				err = s.noteMeanwhile()
			}
			if err == nil {
				b, err = s.fill()
			}
			return err
		})
		if err != nil || b == nil {
			s.err = err
			return nil, nil, err
		}
		records, related = b.records, b.related
	}
	if len(records) == 0 && s.ahead == nil { // until the answer comes
		s.readAhead(s.ctx, s.upTo, &s.lending)
	}
	return records, related, nil
}

// ended reports whether nothing may follow, or nothing does.
func (s *stretch) ended() bool { return s.upTo == 0 || s.full() }

// full reports whether the stretch is as large as it may be. The next one begins where it
// ends.
func (s *stretch) full() bool {
	return s.masters >= s.tuning.Stream || s.bytes >= stretchBytes || s.now().Sub(s.began) >= stretchTime
}

// fill reads a batch and adds it; nil if it is not to go this way: then it is left for
// the next one.
func (s *stretch) fill() (*batch, error) {
	if s.masters > 0 {
		s.pace.took(s.now().Sub(s.asked), s.size)
	}
	s.asked = s.now()
	read, next, err := s.read(s.ctx, s.upTo, &s.lending)
	if err != nil {
		return nil, err
	}
	out, excluded := read, s.excluded
	if len(s.task.Filters) > 0 {
		out = s.matching(s.ctx, out)
	}
	b := &batch{}
	if len(out) > 0 {
		if b, err = s.batchIn(s.ctx, &s.lent, out); err != nil {
			return nil, err
		}
	}
	if !s.ordinary(b) {
		s.excluded = excluded
		s.ahead = finished(s.upTo, s.pace.now, read, next)
		s.keep(read)
		return nil, nil
	}
	if err := s.sends(s.ctx, b, s.masters > 0 || s.behind != nil); err != nil {
		return nil, err
	}
	s.add(b)
	s.upTo = next
	return b, nil
}

// ordinary reports whether a batch is of records that a seal can settle.
func (s *stretch) ordinary(b *batch) bool {
	if b.bytes() > paceBytes {
		return false
	}
	for i := range b.records {
		if b.records[i].Resource != s.task.Resource || !b.records[i].Master.IsZero() {
			return false
		}
	}
	for _, sent := range b.list {
		if sent.read.Row == 0 || sent.left != "" || hasFile(sent.wire) {
			return false
		}
	}
	return true
}

// add keeps what is needed of a batch once it is written.
func (s *stretch) add(b *batch) {
	s.masters += len(b.records)
	s.size = b.bytes()
	s.bytes += s.size
	s.streamed.add(b.list)
}

// settle notes what was sealed, in one transaction, and proves the rest as after any
// other push.
func (s *stretch) settle(reply PushReply, answered bool) error {
	ctx := context.WithoutCancel(s.ctx)
	s.progress(s.task.Resource, event.StepVerify, s.report.Delivered, 0)
	left := make(map[core.Link]sentPart)
	s.streamed.keep(func(one sentPart) bool {
		is := reply.Seals[one.seal()]
		if !is {
			left[one.link] = one
		}
		return is
	})
	edited, err := s.note(ctx, s.streamed)
	if err != nil {
		return err
	}
	for one := range s.streamed.all() {
		if edited[one.read.Seq] {
			left[one.link] = one
		} else {
			s.delivered = append(s.delivered, one.link)
		}
	}
	s.sealed = len(left) == 0
	if len(left) == 0 {
		return nil
	}
	return s.proveRest(ctx, left, reply, answered)
}

// noteChunk is how many records are noted with one call.
const noteChunk = 512

// note stores that the records were delivered. It returns those that are another version
// here by now, by the number that each version has of its own: what was sent is only the
// common past of that.
func (p *pusher) note(ctx context.Context, sealed *receipts) (edited map[int64]bool, err error) {
	if sealed.count == 0 {
		return nil, nil
	}
	edited = make(map[int64]bool)
	list := make([]core.Sealing, 0, noteChunk)
	err = p.Store.Import(ctx, func(tx intake.Tx) error {
		note := func() error {
			others, err := tx.Sealed(ctx, list, p.upTo)
			for i := 0; i < len(others) && err == nil; i++ {
				edited[others[i].Part.Seq] = true
				err = p.noteFormer(ctx, tx, &others[i])
			}
			list = list[:0]
			return err
		}
		for one := range sealed.all() {
			list = append(list, core.Sealing{Part: one.read, Delivery: p.delivery(&one)})
			if len(list) == noteChunk {
				if err := note(); err != nil {
					return err
				}
			}
		}
		return note()
	})
	if err != nil {
		return nil, err
	}
	noted := sealed.count - len(edited)
	p.report.Sent += noted
	p.report.Delivered += noted
	p.progress(p.task.Resource, event.StepVerify, p.report.Delivered, 0)
	return edited, nil
}

// noteFormer notes of a version that is not ours any more that the peer has it: what was made
// of it since grew from it.
func (p *pusher) noteFormer(ctx context.Context, tx intake.Tx, s *core.Sealing) error {
	head, err := tx.Head(ctx, p.repo.ID, s.Record)
	if err != nil || head.HasBase && head.BaseSeq >= s.Part.Seq { // it was told of a later one
		return err
	}
	was, err := tx.VersionByHash(ctx, s.Record, s.Part.Hash)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	was.ModifiedOn = s.ModifiedOn
	return tx.SetBase(ctx, p.repo.ID, &was, s.Part.Seq)
}

// proveRest proves of what was streamed what no seal has settled, as if it had been sent in
// batches. What is another version here by now stays unsent, as that.
func (s *stretch) proveRest(ctx context.Context, left map[core.Link]sentPart, reply PushReply, answered bool) error {
	for after := s.from; len(left) > 0; {
		out, next, err := s.Store.Outgoing(ctx, s.task, core.MTimeOf(s.now()), after, s.pace.now, nil)
		if err == nil {
			err = s.proveSome(ctx, out, left, reply, answered)
		}
		if err != nil { // what is left was sent, and nobody can say any more whether it arrived
			s.report.Sent += len(left)
			s.unproved += len(left)
			return err
		}
		if next == 0 || s.upTo != 0 && next > s.upTo {
			return nil
		}
		after = next
	}
	return nil
}

// proveSome proves those of out that are left, and takes them out of left.
func (s *stretch) proveSome(ctx context.Context, out []core.Outgoing, left map[core.Link]sentPart, reply PushReply, answered bool) error {
	was := func(l core.Link, hash core.Hash) bool { one, is := left[l]; return is && one.read.Hash == hash }
	out = slices.DeleteFunc(out, func(o core.Outgoing) bool {
		for l, unsent := range o.Parts.All() {
			if was(l, unsent.Hash) {
				return false
			}
		}
		return true
	})
	if len(out) == 0 {
		return nil
	}
	b, err := s.batch(ctx, out)
	if err != nil {
		return err
	}
	b.order = slices.DeleteFunc(b.order, func(l core.Link) bool {
		sent := b.sent[l]
		if was(l, sent.read.Hash) {
			sent.wire.ModifiedOn = left[l].stamp
			delete(left, l)
			return false
		}
		delete(b.sent, l)
		return true
	})
	s.report.Sent += b.parts()
	return s.prove(ctx, b, reply, answered)
}
