package replicate

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A parcel is what is handed over to be written, with nothing of it left out. Whoever
// hands it over does not touch its items any more.
type parcel struct {
	items      []item
	room       *core.Room // where their records lie; nil: each has room of its own
	checkpoint bool       // a page is complete with it, and others follow
	at         standing   // after that page
	last       bool       // the pull ends with it
}

// An item is one received element: a record, one that could not be read, or one
// that both sides have and that was not read.
type item struct {
	intake.Received
	bad  *BadRecord
	seen *seen
}

// seen is an element that came as the same bytes before: it ends unchanged.
type seen struct {
	link       core.Link
	modifiedOn core.MTime
	records    int // with its components
}

// write applies a parcel in one transaction.
func (p *puller) write(ctx context.Context, c parcel) error {
	ctx = context.WithoutCancel(ctx) // what has arrived is kept
	p.pending = c.items
	p.progress(p.task.Resource, event.StepApply, p.report.Received, 0)
	if err := p.arm(ctx, c.last); err != nil {
		return err
	}
	p.rules.Gone = goneOf(p.pending)
	counts, err := p.store(ctx, p.pending, p.dry(func(tx intake.Tx) error {
		if c.checkpoint {
			return tx.SetCheckpoint(ctx, *p.task, c.at.cp, 0)
		}
		return nil
	}))
	p.pending = nil
	p.flushes++
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	if c.checkpoint && !p.opts.DryRun {
		p.stands, p.marked = c.at, true
	}
	if n := p.again.Received; n > 0 {
		counts = counts.Minus(p.again)
		counts.Received += n
		counts.Unchanged += n
		p.again = core.Counts{}
	}
	p.account(counts)
	return nil
}

func (p *puller) apply(ctx context.Context, tx intake.Tx, it item) (core.Counts, error) {
	if it.seen != nil {
		return core.Counts{Received: it.seen.records, Unchanged: it.seen.records}, nil
	}
	if it.bad != nil {
		return intake.Reject(ctx, tx, &p.rules, it.bad.Link, it.bad.Reason, fmt.Sprint(it.bad.Err), it.bad.Content)
	}
	return intake.Continue(ctx, tx, &p.rules, it.Received)
}

// account counts what was written.
func (p *puller) account(counts core.Counts) {
	p.report.Counts.Add(counts)
	p.progress(p.task.Resource, event.StepApply, p.report.Received, 0)
}

// told watches for signs that the peer went back in time.
func (p *puller) told(rec *core.Record, v core.Verdict) {
	if p.opts.DryRun {
		p.preview(rec.Link(), v.State)
	}
	if v.Rule == core.RuleWentBack {
		p.when(func() { p.older++ })
	}
	if p.verbose && v.State != core.StateUnchanged {
		p.Log.Debug("Record", "run", p.report.ID, "resource", rec.Resource, "uuid", rec.UUID, "state", v.State.String(), "rule", v.Rule)
	}
}

// preview notes what a dry run would have changed, and what of it it has counted
// before.
func (p *puller) preview(l core.Link, s core.State) {
	switch s {
	case core.StateCreated, core.StateUpdated, core.StateDeleted, core.StateMerged:
	default:
		return
	}
	if p.previewed[l] {
		p.again.Count(s)
		return
	}
	if p.previewed == nil {
		p.previewed = make(map[core.Link]bool)
	}
	p.previewed[l] = true
}

// goneOf names the records that are deleted.
func goneOf(items []item) map[core.Link]bool {
	var gone map[core.Link]bool
	for _, it := range items {
		if it.Record == nil || !it.Record.Deleted {
			continue
		}
		if gone == nil {
			gone = make(map[core.Link]bool)
		}
		gone[it.Record.Link()] = true
	}
	return gone
}

// linksOf names the records of items, components included.
func linksOf(items []item) []core.Link {
	links := make([]core.Link, 0, 2*len(items))
	for _, it := range items {
		if it.Record != nil {
			_ = it.Record.Walk(func(r *core.Record) error { // never fails: fn does not
				links = append(links, r.Link())
				return nil
			})
		}
	}
	return links
}
