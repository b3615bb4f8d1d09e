package replicate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

// The parcels of a first pull are written several in a transaction while they come
// quickly: each transaction touches the indexes all over, and writes what it touched
// to the log. Meanwhile nobody else can write: whoever wants to in this process, as
// an edit in the window, waits for no further parcel; another process waits for the end.
const (
	groupTime     = time.Second            // after which no further parcel is begun or waited for
	groupPatience = 100 * time.Millisecond // how long one is waited for
	groupRecords  = 20_000                 // components included
	// groupInTurn is how many parcels there are where one goroutine does everything.
	groupInTurn = 3
)

// errTogether is the trouble of a group that something in it spoils. Its parcels are not
// kept until then: they are fetched again.
var errTogether = errors.New("parcels could not be written together")

// A group is the transaction that parcels share. What it holds is there when it has
// ended, with the checkpoint of the last page that is complete in it.
type group struct {
	*puller
	following func(patience time.Duration) (parcel, bool)
	began     time.Time

	parcels int
	counts  core.Counts
	at      *standing // after the last complete page in it
	rest    parcel    // what waits for the answer to a question
	unasked *intake.Unasked
}

// writeTogether applies a parcel, and with it those that follow while it lasts. What
// has to be settled outside of a transaction ends it.
func (p *puller) writeTogether(ctx context.Context, first parcel, following func(patience time.Duration) (parcel, bool)) error {
	if p.apart {
		return p.write(ctx, first)
	}
	ctx = context.WithoutCancel(ctx) // what has arrived is kept
	p.pending = first.items
	p.progress(p.task.Resource, event.StepApply, p.report.Received, 0)
	if err := p.arm(ctx, first.last); err != nil {
		return err
	}
	p.pending = nil
	g := &group{puller: p, following: following}
	err := p.transaction(ctx, func(tx intake.Tx) error {
		g.began = time.Now()
		return g.fill(ctx, tx, first)
	})
	switch {
	case err != nil && spoilt(err):
		return fmt.Errorf("%w: %w", errTogether, err)
	case err != nil:
		return err
	}
	p.flushes += g.parcels
	if g.at != nil {
		p.stands, p.marked = *g.at, true
	}
	p.account(g.counts)
	if g.unasked == nil {
		return nil
	}
	if err := p.askColumns(ctx, g.unasked.Resource); err != nil {
		return err
	}
	return p.write(ctx, g.rest)
}

// fill applies one parcel after the other, as long as there is time.
func (g *group) fill(ctx context.Context, tx intake.Tx, c parcel) error {
	for more := true; more; {
		if err := g.add(ctx, tx, c); err != nil {
			return err
		}
		if g.unasked != nil || c.last || g.counts.Received >= groupRecords || g.Store.Awaited() {
			break
		}
		c, more = g.following(min(groupPatience, groupTime-time.Since(g.began)))
	}
	if g.at == nil {
		return nil
	}
	return tx.SetCheckpoint(ctx, *g.task, g.at.cp, 0)
}

// add applies one parcel, up to a question.
func (g *group) add(ctx context.Context, tx intake.Tx, c parcel) error {
	var all core.Counts
	g.rules.Gone = goneOf(c.items)
	for i, it := range c.items {
		counts, err := g.apply(ctx, tx, it)
		unasked, err := intake.AsUnasked(err)
		if err != nil {
			return err
		}
		g.counts.Add(counts)
		all.Add(counts)
		if unasked != nil { // what was decided stays
			g.unasked, g.rest = unasked, c
			g.rest.items = c.items[i:]
			g.rest.items[0].Done = unasked.Done
			return nil //nolint:nilerr // a question, which is asked when the group has ended
		}
		c.items[i] = item{} // it is here; nobody holds on to it
	}
	g.rooms.Leave(c.room, all)
	g.parcels++
	if c.checkpoint {
		g.at = &c.at
	}
	return nil
}

// transaction is Store.Import, after which that is done which when put off.
func (p *puller) transaction(ctx context.Context, fn func(intake.Tx) error) error {
	p.writing, p.later = true, nil
	err := p.Store.Import(ctx, fn)
	p.writing = false
	if err == nil || errors.Is(err, errDryRun) {
		for _, do := range p.later {
			do()
		}
	}
	return err
}

// when does what tells of a record, once the transaction is there that the record is
// written in.
func (p *puller) when(do func()) {
	if p.writing {
		p.later = append(p.later, do)
	} else {
		do()
	}
}

// afterwards makes the rules tell of what is written when it is there.
func (p *puller) afterwards(rules intake.Rules) intake.Rules {
	conflict, lost := rules.Conflict, rules.Lost
	rules.Conflict = func(c core.Conflict) { p.when(func() { conflict(c) }) }
	rules.Lost = func(r core.Resource, field string) { p.when(func() { lost(r, field) }) }
	return rules
}
