package replicate

import (
	"context"
	"errors"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// errForgotten ends the receiving of what nobody writes any more.
var errForgotten = errors.New("what was received ahead is not written")

// ahead receives and writes at the same time: what receive hands over is written in
// that order, each parcel in its transaction or several in one (see group), while
// receive goes on. It is never more than one parcel ahead, which bounds the memory. If
// one cannot be written nothing after it is: what was received ahead is forgotten, and
// no marker speaks for it. ahead returns when both have ended. A pull that is cancelled
// ends receiving; what was handed over before is kept.
func (p *puller) ahead(ctx context.Context, receive func(context.Context) error) error {
	defer func() { p.hand = p.write }()
	p.fetching()
	if p.tuning.InTurn {
		return p.inTurn(ctx, receive)
	}
	receiving, stop := context.WithCancel(ctx)
	defer stop()
	parcels, forgotten := make(chan parcel), make(chan struct{})
	p.hand = func(_ context.Context, c parcel) error {
		select {
		case parcels <- c:
			return nil
		case <-forgotten:
			return errForgotten
		}
	}
	var received error
	go func() {
		defer close(parcels)
		received = core.Caught(func() error { return receive(receiving) })
	}()
	following := func(patience time.Duration) (c parcel, ok bool) {
		if patience <= 0 {
			return c, false
		}
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case c, ok = <-parcels:
		case <-timer.C:
		}
		return c, ok
	}
	for c := range parcels {
		if err := core.Caught(func() error { return p.writeTogether(ctx, c, following) }); err != nil { // receiving goes on until it is told
			close(forgotten)
			stop()
			for range parcels { // until receiving has ended; its error is ours
			}
			return err
		}
		p.fetching()
	}
	return received
}

// inTurn is ahead in one goroutine: each parcel waits for those that are written
// together with it, and for the next one.
func (p *puller) inTurn(ctx context.Context, receive func(context.Context) error) error {
	var waiting []parcel
	following := func(time.Duration) (c parcel, ok bool) {
		if ok = len(waiting) > 0; ok {
			c, waiting = waiting[0], waiting[1:]
		}
		return c, ok
	}
	write := func() error {
		for c, ok := following(0); ok; c, ok = following(0) {
			if err := p.writeTogether(ctx, c, following); err != nil {
				return err
			}
			p.fetching()
		}
		return nil
	}
	var failed error // to write: nothing after it is written
	p.hand = func(_ context.Context, c parcel) error {
		if failed == nil && (p.apart || len(waiting) == groupInTurn) {
			failed = write()
		}
		if failed != nil {
			return errForgotten
		}
		waiting = append(waiting, c)
		return nil
	}
	err := receive(ctx)
	if failed != nil {
		return failed
	}
	return errors.Join(err, write())
}

func (p *puller) fetching() {
	p.progress(p.task.Resource, event.StepFetch, p.report.Received, 0)
}
