package replicate

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// A parcel is what is written in one transaction. Whoever hands it over does not touch
// its items any more.
type parcel struct {
	items      []item
	checkpoint bool            // a page is complete with it, and others follow
	cp         core.Checkpoint // of that page
	last       bool            // the pull ends with it
}

// errForgotten ends the receiving of what nobody writes any more.
var errForgotten = errors.New("what was received ahead is not written")

// ahead receives and writes at the same time: what receive hands over is written in
// that order, each parcel in its transaction, while receive goes on. It is never more
// than one parcel ahead, which bounds the memory. If one cannot be written nothing
// after it is: what was received ahead is forgotten, and no marker speaks for it.
// ahead returns when both have ended. A pull that is cancelled ends receiving; what
// was handed over before is kept.
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
		received = receive(receiving)
		close(parcels)
	}()
	for c := range parcels {
		if err := p.write(ctx, c); err != nil {
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

// inTurn is ahead in one goroutine: each parcel waits for the next one.
func (p *puller) inTurn(ctx context.Context, receive func(context.Context) error) error {
	var waiting *parcel
	write := func() error {
		if waiting == nil {
			return nil
		}
		c := *waiting
		waiting = nil
		err := p.write(ctx, c)
		p.fetching()
		return err
	}
	var failed error // to write: nothing after it is written
	p.hand = func(_ context.Context, c parcel) error {
		if failed == nil {
			failed = write()
		}
		if failed != nil {
			return errForgotten
		}
		waiting = &c
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
