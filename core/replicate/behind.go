package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
)

// noteAfter says when what is behind is noted: once the peer has that part of the next
// stretch before it, so that it has something to do meanwhile.
const noteAfter = 4

// waits reports whether the stretch can be noted while the next one is sent: it is as large
// as it may be, and the peer has said of each record in it that it stands there as it was
// sent. That is proof enough to go on; whatever happens to the next one, this one is noted.
func (s *stretch) waits(reply PushReply) bool {
	if s.upTo == 0 || s.masters < s.tuning.Stream && s.bytes < stretchBytes {
		return false
	}
	for one := range s.streamed.all() {
		if !reply.Seals[one.seal()] {
			return false
		}
	}
	for one := range s.streamed.all() { // what refers to them may go now
		s.delivered = append(s.delivered, one.link)
	}
	s.behind, s.streamed = s.streamed, nil
	s.sealed, s.streaming = true, true
	return true
}

// noteBehind notes what is behind. What is another version here by now is unsent, at a place
// of its own.
func (p *pusher) noteBehind(ctx context.Context) error {
	behind := p.behind
	if behind == nil {
		return nil
	}
	p.behind = nil // also if it cannot be noted: then the next run asks what arrived
	_, err := p.note(context.WithoutCancel(ctx), behind)
	behind.drop()
	return err
}

// noteMeanwhile is noteBehind in the midst of a stretch, of which alone it is unknown then
// whether it arrives.
func (s *stretch) noteMeanwhile() error {
	if s.behind == nil {
		return nil
	}
	if err := s.noteBehind(s.ctx); err != nil {
		return err
	}
	s.sending = s.sending[:0]
	for sent := range s.streamed.all() {
		if !sent.read.Based {
			s.sending = append(s.sending, core.Sending{Record: sent.link, Part: sent.read, ModifiedOn: sent.stamp})
		}
	}
	if len(s.sending) == 0 {
		return nil
	}
	return s.Store.Sending(s.ctx, s.repo.ID, s.sending, s.unproved > 0)
}
