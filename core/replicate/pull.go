package replicate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
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

// rules returns how received records of a task are applied.
func (r *run) rules(task core.Task) intake.Rules {
	rules := intake.Rules{
		Repository: r.repo.ID, Run: r.report.ID, Peer: r.repo.Name, Offset: r.offset, Now: r.peerNow(), Confirmed: r.opts.Confirm,
		Unseen: r.hides(task), LastPull: task.LastPull, Serves: r.serves, Steady: r.remembered, Explicit: r.own, Rules: r.apply(task), Own: r.policies,
		Hasher: new(core.Hasher), Columns: r.columns.known, Lost: r.columns.note, Hold: r.hold(task.Resource),
		Conflict: func(c core.Conflict) {
			if c.Open() {
				r.open++
			}
			r.Events.Emit(event.ConflictFound{Run: r.report.ID, Conflict: c})
		},
	}
	// A run that knows nothing of its past yet, or that a person sent to get back
	// what was forgotten, takes it.
	if h := r.node.Handshake; h.Next != "" && !h.Adopt {
		rules.Made = r.node.Made
	}
	return rules
}

// apply returns a task's own rules. Where no time decides, a person does.
func (r *run) apply(task core.Task) core.Rules {
	rules := task.Rules()
	if !r.trusted && rules.Conflict == core.PolicyNewer {
		rules.Conflict = core.PolicyAsk
	}
	return rules
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

// write applies a parcel in one transaction.
func (p *puller) write(ctx context.Context, c parcel) error {
	ctx = context.WithoutCancel(ctx) // what has arrived is kept
	p.pending = c.items
	p.progress(p.task.Resource, event.StepApply, p.report.Received, 0)
	if err := p.arm(ctx, c.last); err != nil {
		return err
	}
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
		counts = difference(counts, p.again)
		counts.Received += n
		counts.Unchanged += n
		p.again = core.Counts{}
	}
	p.account(counts)
	return nil
}

// account counts what was written.
func (p *puller) account(counts core.Counts) {
	p.report.Counts.Add(counts)
	p.progress(p.task.Resource, event.StepApply, p.report.Received, 0)
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

func (p *puller) apply(ctx context.Context, tx intake.Tx, it item) (core.Counts, error) {
	if it.seen != nil {
		return core.Counts{Received: it.seen.records, Unchanged: it.seen.records}, nil
	}
	if it.bad != nil {
		return intake.Reject(ctx, tx, &p.rules, it.bad.Link, it.bad.Reason, fmt.Sprint(it.bad.Err), it.bad.Content)
	}
	return intake.Continue(ctx, tx, &p.rules, it.Received)
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
	counts := difference(r.report.Counts, before)
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

func difference(after, before core.Counts) core.Counts {
	after.Received -= before.Received
	after.Created -= before.Created
	after.Updated -= before.Updated
	after.Deleted -= before.Deleted
	after.Merged -= before.Merged
	after.Unchanged -= before.Unchanged
	after.Kept -= before.Kept
	after.Conflicts -= before.Conflicts
	after.Filtered -= before.Filtered
	after.Quarantined -= before.Quarantined
	after.Sent -= before.Sent
	after.Delivered -= before.Delivered
	after.Refused -= before.Refused
	after.Dropped -= before.Dropped
	return after
}

// retryQuarantined applies again what was set aside and is due.
func (r *run) retryQuarantined(ctx context.Context, tasks []core.Task) error {
	if r.opts.DryRun {
		return nil
	}
	due, err := r.Store.QuarantineDue(ctx, r.repo.ID, core.MTimeOf(r.now()), 500)
	if err != nil || len(due) == 0 {
		return err
	}
	for _, q := range due {
		i := slices.IndexFunc(tasks, func(t core.Task) bool { return t.Resource == q.Record.Resource })
		if i < 0 {
			continue
		}
		rules := r.rules(tasks[i])
		err := r.Store.Import(ctx, func(tx intake.Tx) error {
			_, _, err := intake.Retry(ctx, tx, &rules, q)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
