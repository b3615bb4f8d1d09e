package replicate

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// errDryRun rolls a transaction back whose only purpose was to count.
var errDryRun = errors.New("dry run")

// pull brings everything that is new at the peer. The marker moves only when all
// of it is here or safely set aside.
func (r *run) pull(ctx context.Context, task *core.Task) error {
	before := r.report.Counts
	if r.repo.TakeOlder {
		if err := r.takeOlder(ctx, *task); err != nil {
			return err
		}
	}
	p := r.newPuller(task)
	if r.opts.Full && task.Compared != 0 && !r.opts.DryRun {
		if err := p.fetchWhole(ctx); err != nil {
			return err
		}
	} else {
		if err := p.fetch(ctx); err != nil {
			return err
		}
		if task.Compared == 0 && !r.opts.DryRun { // a first complete pull is a comparison in itself
			if err := r.compared(ctx, task); err != nil {
				return err
			}
		}
	}
	r.reportPull(ctx, *task, before, p)
	return nil
}

// A puller fetches one task's records page by page. While one page is written the
// next one is received, in a goroutine of its own (see ahead).
type puller struct {
	*run
	task *core.Task

	// Of the side that receives.
	cp        core.Checkpoint
	began     core.MTime // by the peer's clock; the marker does not pass it
	coming    []item     // the page being received
	room      *core.Room // of the records in it, once there is one; see place
	reception intake.Reception
	lastID    string // master received last; "" if it could not be read
	native    bool   // pages came from the resource's own controller
	tied      bool   // this page was seen to continue the one before
	masters   int    // in this page
	pace      pace   // masters in a page
	dropped   int    // account records, unread
	guarded   bool
	future    bool                     // a master was dated in the future
	listed    func(*core.Record) error // if not nil, learns of each record that was read, components too
	seen      core.Rows                // if not nil, learns of those that need not be read
	recognise func(context.Context, []core.Sighting) error
	digests   core.DigestKey                      // zero: the store was not asked yet
	hand      func(context.Context, parcel) error // gives a parcel to the side that writes
	apart     bool                                // each parcel has a transaction of its own (see group)

	rooms core.Rooms // of parcels that are written

	// Of the side that writes.
	rules   intake.Rules
	pending []item // the parcel being written
	flushes int
	stands  standing    // what was stored of the pages
	marked  bool        // a checkpoint was stored
	older   int         // records for which the peer has gone back
	again   core.Counts // of a dry run: what a real one would find unchanged by now
	writing bool        // in a transaction
	later   []func()    // what is to be done once that is there
}

// A standing is how far a pull has got.
type standing struct {
	cp      core.Checkpoint
	dropped int // account records, unread, up to there
}

func (r *run) newPuller(task *core.Task) *puller {
	p := &puller{run: r, task: task, cp: task.Checkpoint, began: r.peerNow()}
	p.pace = pace{r.tuning.Page, r.tuning.Page, r.tuning.PageMax}
	p.rules = p.afterwards(r.asking(r.rules(*task)))
	p.rules.Told, p.hand = p.told, p.write
	p.rooms = core.NewRooms()
	p.apart = task.LastPull != 0 || r.opts.DryRun
	if r.opts.Full {
		p.cp = core.Checkpoint{}
	}
	return p
}

// fetch gets all pages and moves the marker at the end. A first pull may be
// large and comes page by page; a small table and small changes come through
// sync/sync, which hides nothing but cannot page, unless the peer is a Fieldsync. So
// does what comes into a table that was empty: its controller may hide all of it.
func (p *puller) fetch(ctx context.Context) error {
	resumed := p.cp != (core.Checkpoint{})
	if !resumed {
		p.cp.Since, p.cp.Began = p.since(), p.began
	} else if p.cp.Began != 0 { // what came there behind the place of reading came since then
		p.began = min(p.began, p.cp.Began)
	}
	first := p.cp.Since == 0
	wasEmpty := p.task.LastPull == 0 && p.task.Compared != 0
	paged := p.own || resumed || first && !p.opts.Full && !wasEmpty && !p.small(ctx)
	if err := p.pages(ctx, paged); err != nil {
		return err
	}
	if first && p.native && !p.own && p.cp.Start <= p.smallTable() { // only in the end it was seen to be small
		p.cp.Start, p.cp.LastUUID = 0, ""
		if err := p.pages(ctx, false); err != nil {
			return err
		}
	}
	if err := p.complete(ctx); err != nil || p.opts.DryRun {
		return err
	}
	return p.close(ctx)
}

// smallTable is up to how many masters, five first pages, a table is fetched whole. A
// resource's own controller may hide records (hrm/job_title gave 73 of 75, spec
// eden-observed); sync/sync hides none but cannot page.
func (r *run) smallTable() int { return 5 * r.tuning.Page }

// small reports whether the peer says that the table is small.
func (p *puller) small(ctx context.Context) bool {
	larger, err := p.peer.Exceeds(ctx, *p.task, p.smallTable())
	return err == nil && !larger
}

// pages fetches page after page until the last, and writes what comes. What could not
// be written together is fetched once more, to be written parcel by parcel.
func (p *puller) pages(ctx context.Context, paged bool) error {
	p.stands = standing{cp: p.cp}
	p.apart = p.apart || p.listed != nil // it would learn of some records twice
	receive := func(ctx context.Context) error { return p.receivePages(ctx, paged) }
	err := p.ahead(ctx, receive)
	if errors.Is(err, errTogether) {
		p.apart, p.coming, p.room = true, nil, nil
		p.cp, p.dropped = p.stands.cp, p.stands.dropped
		err = p.ahead(ctx, receive)
	}
	p.report.Dropped += p.dropped
	p.dropped = 0
	return err
}

// receivePages receives page after page until the last. An unpaged answer that broke
// off is asked for again in pages, which can be resumed.
func (p *puller) receivePages(ctx context.Context, paged bool) error {
	for restarts := 0; ; {
		reply, state, err := p.page(ctx, paged)
		switch {
		case errors.Is(err, errForgotten):
			return err
		case err != nil && !paged && !p.opts.DryRun && p.pagesMayHelp(err):
			paged = true
			p.cp.Start, p.cp.LastUUID = 0, ""
		case err != nil:
			return err
		case state == pageLast || !reply.Paged:
			return nil
		case state == pageLoose: // records moved while the pages were read: begin again, which is harmless
			restarts++
			paged = restarts < 3
			p.cp.Start, p.cp.LastUUID = 0, ""
		}
	}
}

// pagesMayHelp reports whether what could not be had as a whole may come in pages: they
// can be resumed, and are made by another part of an Eden. The latter is tried once, the
// first time.
func (p *puller) pagesMayHelp(err error) bool {
	return core.IsKind(err, core.Truncated) || core.IsKind(err, core.Timeout) ||
		core.IsKind(err, core.ServerFault) && p.cp.Since == 0 && !p.native
}

// complete moves the marker: everything up to it is here.
func (p *puller) complete(ctx context.Context) error {
	if p.opts.DryRun {
		return nil
	}
	if err := p.release(ctx, *p.task, &p.rules); err != nil {
		return err
	}
	last := max(p.cp.Greatest, p.task.LastPull)
	switch {
	case p.opts.Full && p.cp.Greatest != 0:
		last = p.cp.Greatest
	case p.skipsOwn() && p.task.Checkpoint == (core.Checkpoint{}):
		// All came that is not ours: the marker stands as if ours had come, too, or the
		// peer would have to look through it with every pull.
		own, err := p.Store.Greatest(ctx, *p.task, last, p.began)
		if err != nil {
			return err
		}
		last = max(last, own)
	case last == 0 && p.future: // all of it was: what is done there next is dated after now
		last = p.began
	}
	if last == p.task.LastPull && p.task.Checkpoint == (core.Checkpoint{}) && !p.marked {
		return nil // it stands there
	}
	err := p.Store.Import(ctx, func(tx intake.Tx) error {
		return tx.SetCheckpoint(ctx, *p.task, core.Checkpoint{}, last)
	})
	p.task.LastPull, p.task.Checkpoint = last, core.Checkpoint{}
	return err
}

// reportPull writes the log rows of one pull.
func (r *run) reportPull(ctx context.Context, task core.Task, before core.Counts, p *puller) {
	counts := r.report.Counts.Minus(before)
	entry := core.LogEntry{Resource: string(task.Resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultSuccess, Counts: &counts}
	switch {
	case counts.Quarantined > 0:
		entry.Result = core.ResultWarning
		entry.Message = fmt.Sprintf("Set aside: %d; everything else was imported (%s)", counts.Quarantined, counts)
	case counts.Received == 0 && task.LastPull == 0:
		entry.Message = core.LogNothingShown
	case counts.Received == 0:
		entry.Message = core.LogNothingToImport
	default:
		entry.Message = imported(counts)
	}
	if counts.Received == counts.Unchanged {
		r.logLater(entry)
	} else {
		r.log(ctx, entry)
	}
	r.logLost(ctx, "pull")
	if p.older > 0 {
		problem := &core.Problem{Kind: core.WentBack, Subject: r.repo.Name}
		r.log(ctx, core.LogEntry{Resource: string(task.Resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultWarning, Remote: true,
			Message: problem.Sentence(), Details: fmt.Sprintf("%d records are older there than what was agreed", p.older)})
		r.grave(problem)
	}
}

// imported is what the log says of a pull that brought something.
func imported(counts core.Counts) string {
	return fmt.Sprintf("Data imported successfully (%s)", counts)
}
