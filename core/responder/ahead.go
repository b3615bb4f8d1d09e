package responder

import (
	"io"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Pages are those of one document. They are read ahead of whoever applies them: while
// one is written the next one is received and read, one page ahead and not more.
type pages struct {
	imp     *importer
	decoder *s3xml.Decoder
	ahead   chan *page    // closed behind the last one; nil: each is read when it is asked for
	quit    chan struct{} // closed: nobody asks any more
	rooms   core.Rooms    // of pages that were applied
	ended   bool          // the last one was handed out
}

// read begins to read a document.
func (imp *importer) read(r io.Reader) *pages {
	p := &pages{imp: imp, decoder: s3xml.NewDecoder(r, s3xml.Limits{}), rooms: core.NewRooms()}
	if !imp.c.opts.InTurn {
		p.ahead, p.quit = make(chan *page), make(chan struct{})
		go p.run()
	}
	return p
}

func (p *pages) run() {
	defer close(p.ahead)
	for {
		one := p.guarded()
		select {
		case p.ahead <- one:
		case <-p.quit:
			return
		}
		if one.last || one.err != nil {
			return
		}
	}
}

func (p *pages) fill() *page {
	one := newPage()
	one.room = p.rooms.Take()
	one.fill(p.decoder, &p.imp.position, p.imp.c.opts.Page)
	return one
}

// guarded is fill where nobody else would catch a panic: it ends the push, as in the
// goroutine that answers, and not the program.
func (p *pages) guarded() (one *page) {
	err := core.Careful(p.imp.c.opts.Log, "reading a push", func() error {
		one = p.fill()
		return nil
	})
	if bug := core.BugIn(err); bug != nil {
		one = &page{err: bug}
	}
	return one
}

// next returns the next page, nil behind the last one.
func (p *pages) next() *page {
	if p.ended {
		return nil
	}
	if p.ahead == nil {
		return p.handOut(p.fill())
	}
	return p.handOut(<-p.ahead)
}

// soon returns the next page if it is there in a moment, else nil.
func (p *pages) soon() *page {
	if p.ended || p.ahead == nil {
		return p.next()
	}
	select {
	case one := <-p.ahead:
		return p.handOut(one)
	default:
	}
	timer := time.NewTimer(importWait)
	defer timer.Stop()
	select {
	case one := <-p.ahead:
		return p.handOut(one)
	case <-timer.C:
		return nil
	}
}

func (p *pages) handOut(one *page) *page {
	p.ended = one.last || one.err != nil
	return one
}

// close ends the reading, also where it waits for the peer.
func (p *pages) close() {
	if p.ahead == nil {
		return
	}
	close(p.quit)
	if !p.ended {
		p.imp.c.body.abandon()
	}
	for range p.ahead { // until it has ended
	}
}
