package replicate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

// push sends what the peer lacks, in small batches, and proves that each record
// arrived by reading it back: HTTP 200 is no proof (PROMISES 2).
func (r *run) push(ctx context.Context, task core.Task) error {
	before := r.report.Counts
	p := &pusher{run: r, task: task, pace: pace{r.tuning.Batch, r.tuning.Batch, r.tuning.BatchMax}}
	p.lending = p.newLending()
	// What is accepted here from now on belongs to the next push.
	var err error
	if p.upTo, err = r.Store.Seq(ctx); err != nil {
		return err
	}
	if err := p.sendAll(ctx); err != nil {
		return err
	}
	rules, sent := r.rules(task), r.report.Counts
	if err := r.release(ctx, task, &rules); err != nil {
		return err
	}
	if r.report.Counts != sent { // what waited for a master that is deleted now goes by itself
		p.excluded, p.passedOver = 0, nil
		if err := p.sendAll(ctx); err != nil {
			return err
		}
	}
	if len(p.waiting) > 0 {
		r.waits[task.ID] = len(p.waiting)
	} else if !r.opts.DryRun && p.unproved == 0 {
		done := core.Push{Task: task, Seq: p.upTo, At: core.MTimeOf(r.now())}
		if r.report.Counts == before {
			r.idle.Pushes = append(r.idle.Pushes, done)
		} else if err := r.Store.Pushed(ctx, done); err != nil {
			return err
		}
	}
	r.reportPush(ctx, task, r.report.Counts.Minus(before), p)
	return nil
}

// sendAll sends all that may be sent now.
func (p *pusher) sendAll(ctx context.Context) error {
	err := p.batches(ctx)
	if err != nil || p.unproved > 0 {
		if noteErr := p.mayArrive(ctx); noteErr != nil {
			return errors.Join(err, noteErr)
		}
	}
	if err != nil {
		return err
	}
	return p.meetTombstones(ctx)
}

// A pusher sends one task's records.
type pusher struct {
	*run
	task     core.Task
	upTo     int64 // the last number given out when it began
	unproved int   // sent, but nobody could say whether they arrived
	excluded int   // not sent, by the task's filters
	message  string
	pace     pace  // masters in a batch
	bytes    int64 // in the last one, roughly

	sending   []core.Sending // room for what is noted of this batch
	delivered []core.Link    // in this batch
	sealed    bool           // nothing of this batch was settled but by seals
	ahead     *reading       // of the next one; nil: none

	streaming bool        // what follows goes as a stretch
	room      [][]receipt // for those of a stretch
	behind    *receipts   // of the stretch before, all sealed: they are noted while this one is sent
	lending   core.Lending
	lent      batch // of a stretch, as far as it is not written yet; its records are the lending's

	strangers  map[core.Link]bool // the peer has a version that the strategy does not let in here; nothing was agreed on
	passedOver []passed           // sent in vain: the peer has deleted what was never agreed on
	elsewise   []elsewise

	after   map[core.Link]bool // deletions that go after others; nil: it was not asked yet
	waiting map[core.Link]bool // those of them that were passed over
}

func (p *pusher) batches(ctx context.Context) (err error) {
	defer func() {
		p.dropAhead()
		err = errors.Join(err, p.noteBehind(ctx))
	}()
	for after, more := int64(0), true; more; {
		send := p.one
		if p.streaming {
			send = p.stretch
		}
		next, err := send(ctx, after)
		retried, retryErr := p.Store.RetryReferring(context.WithoutCancel(ctx), p.repo.ID, p.delivered)
		if err = cmp.Or(err, retryErr); err != nil {
			return err
		}
		if retried || !p.sealed {
			p.dropAhead()
		}
		clear(p.delivered) // they would keep the texts of thousands
		p.delivered = p.delivered[:0]
		after, more = next, next != 0
	}
	return nil
}

// one sends one batch of what follows after, and returns the place where it ends; 0 at
// the end.
func (p *pusher) one(ctx context.Context, after int64) (next int64, err error) {
	out, next, hidden, err := p.nextBatch(ctx, after)
	if err != nil {
		return 0, err
	}
	if len(p.task.Filters) > 0 {
		out = p.matching(ctx, out)
	}
	if out, err = p.permitted(ctx, out); err != nil {
		return 0, err
	}
	if out, err = p.withhold(ctx, out, hidden); err != nil {
		return 0, err
	}
	p.readAhead(ctx, next, nil)
	began := p.now()
	if err := p.sendTables(ctx, out); err != nil {
		return 0, err
	}
	took := p.now().Sub(began)
	p.pace.took(took, p.bytes)
	p.streaming = len(out) > 0 && p.streams(took)
	return next, nil
}

// nextBatch returns what is sent next, all of it looked at. What was seen there
// may make it another version, or leave the place to another record: then that is
// looked at, too. hidden are those that the peer had and does not show.
func (p *pusher) nextBatch(ctx context.Context, after int64) (out []core.Outgoing, next int64, hidden map[core.Link]bool, err error) {
	hidden = make(map[core.Link]bool)
	looked := make(map[core.Link]bool)
	for changed := true; changed; {
		if out, next, err = p.read(ctx, after, nil); err != nil {
			return nil, 0, nil, err
		}
		if out, err = p.await(ctx, out); err != nil {
			return nil, 0, nil, err
		}
		if changed, err = p.lookFirst(ctx, out, looked, hidden); err == nil && !changed {
			changed, err = p.goBack(ctx, out)
		}
		if err != nil {
			return nil, 0, nil, err
		}
	}
	return out, next, hidden, p.neverThere(ctx, hidden)
}

// withhold sets aside what the peer had and does not show any more, unless a
// person insists: the right to read it may be gone, and what was not seen must
// not be overwritten.
func (p *pusher) withhold(ctx context.Context, out []core.Outgoing, hidden map[core.Link]bool) ([]core.Outgoing, error) {
	if len(hidden) == 0 || p.opts.Confirm {
		return out, nil
	}
	var kept, held []core.Outgoing
	for _, o := range out {
		if hidden[o.Record.Link()] {
			held = append(held, o)
		} else {
			kept = append(kept, o)
		}
	}
	return kept, p.Store.Import(ctx, func(tx intake.Tx) error {
		for _, o := range held {
			for l, unsent := range o.Parts.All() {
				p.report.Sent++
				if err := p.refuse(ctx, tx, part{rec: &core.Record{Resource: l.Resource, UUID: l.UUID}, read: unsent}, "",
					"The server does not show this record any more. It was not sent, so that nothing there is overwritten unseen."); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// matching applies the task's filters to the export (spec eden-sync-protocol §9), but
// for what the peer has already: an edit that takes a record out of the filter is one
// of the peer's records all the same, and must not stay here unseen.
func (p *pusher) matching(ctx context.Context, out []core.Outgoing) []core.Outgoing {
	lookup := func(l core.Link) (core.Record, bool) {
		rec, err := p.Store.Record(ctx, l)
		return rec, err == nil
	}
	var kept []core.Outgoing
	for _, o := range out {
		if o.Known || o.Record.Deleted || core.MatchAll(p.task.Filters, p.task.Resource, &o.Record, lookup) {
			kept = append(kept, o)
		} else {
			p.excluded += o.Parts.Len()
		}
	}
	return kept
}

// sendTables pushes records of several tables one table at a time: an Eden looks at
// no top-level record of another table than the push is for, unless one of that table
// refers to it (spec eden-sync-protocol §11.1). A component whose master is not here,
// or is deleted, stands at the top beside others that their masters carry. The task's
// own table goes first: what an Eden deletes together with a master need not be
// deleted any more.
func (p *pusher) sendTables(ctx context.Context, out []core.Outgoing) error {
	p.sealed = true
	for _, table := range byTable(out, p.task.Resource) {
		if err := p.send(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

// byTable parts records by their tables, those of first before the others; else in
// the order they have.
func byTable(out []core.Outgoing, first core.Resource) [][]core.Outgoing {
	if !slices.ContainsFunc(out, func(o core.Outgoing) bool { return o.Record.Resource != first }) {
		return [][]core.Outgoing{out}
	}
	tables := []core.Resource{first}
	parts := make(map[core.Resource][]core.Outgoing)
	for _, o := range out {
		r := o.Record.Resource
		if !slices.Contains(tables, r) {
			tables = append(tables, r)
		}
		parts[r] = append(parts[r], o)
	}
	var ordered [][]core.Outgoing
	for _, r := range tables {
		if len(parts[r]) > 0 {
			ordered = append(ordered, parts[r])
		}
	}
	return ordered
}

// send pushes one batch, of one table. A batch that is refused as a whole is halved until the
// record that spoils it stands alone (PROMISES 7).
func (p *pusher) send(ctx context.Context, out []core.Outgoing) error {
	if len(out) == 0 {
		return nil
	}
	if p.opts.DryRun {
		for _, o := range out {
			p.report.Sent += o.Parts.Len()
		}
		return nil
	}
	p.progress(p.task.Resource, event.StepSend, p.report.Delivered, 0)
	b, err := p.batch(ctx, out)
	if err != nil {
		return err
	}
	if err := p.spareTargets(ctx, b); err != nil {
		return err
	}
	if err := p.sends(ctx, b, false); err != nil {
		return err
	}
	if out, err = p.spareNamesakes(ctx, b, out); err != nil || len(out) == 0 {
		return err
	}
	p.bytes = b.bytes()
	reply, err := p.peer.Push(ctx, b.request())
	p.sealed = p.sealed && err == nil
	if mayHaveArrived(err) {
		if noteErr := p.mayArrive(ctx); noteErr != nil {
			return errors.Join(err, noteErr)
		}
	}
	switch {
	case err == nil:
		p.message = reply.Message
		p.report.Sent += b.parts()
		return p.prove(ctx, b, reply, true)
	case unknownOutcome(err):
		// It may have arrived: ask before anything is sent again (PROMISES 10).
		p.report.Sent += b.parts()
		if proveErr := p.prove(ctx, b, reply, false); proveErr != nil {
			return errors.Join(err, proveErr)
		}
		return err
	case !refusedWhole(err), p.cutOff(ctx, b, err):
		return err
	case len(out) > 1:
		half := len(out) / 2
		if err := p.send(ctx, out[:half]); err != nil {
			return err
		}
		return p.send(ctx, out[half:])
	}
	p.report.Sent += b.parts()
	return p.refuseAll(ctx, b, core.AsProblem(err))
}

// unknownOutcome reports whether a push may have been carried out although no
// answer came.
func unknownOutcome(err error) bool {
	return core.IsKind(err, core.Timeout) || core.IsKind(err, core.Truncated) || core.IsKind(err, core.Unreachable)
}

// mayHaveArrived reports whether records may be at the peer after a push that ended so: who
// was not to wait any longer, or a proxy that lost patience, does not know either.
func mayHaveArrived(err error) bool {
	return unknownOutcome(err) || core.IsKind(err, core.Cancelled) || core.IsKind(err, core.ServerFault)
}

// refusedWhole reports whether the peer refused a document because of something
// in it, so that a smaller one may pass.
func refusedWhole(err error) bool {
	switch core.AsProblem(err).Kind {
	case core.ServerFault, core.PeerRefused, core.Barred, core.Malformed, core.RecordRefused:
		return true
	}
	return false
}

// cutOff reports whether what came in place of an answer says nothing of the document: the peer
// fails over a question, too, as what stands before one does that is being started anew; or a
// document without any record meets the same, for a table that there is not, of which an Eden
// says so whatever the account may do.
func (p *pusher) cutOff(ctx context.Context, b *batch, err error) bool {
	if !beforeIt(err) {
		return false
	}
	if _, asked := p.peer.Probe(ctx); asked != nil {
		return true
	}
	empty := b.request()
	empty.Records, empty.Related = nil, nil
	empty.Resource, empty.Enforce = noTable, false
	_, err = p.peer.Push(ctx, empty)
	return err != nil && beforeIt(err)
}

// noTable is a table that no Eden has.
const noTable core.Resource = "org_no_such_table"

// beforeIt reports whether an error may be that of something in front of the peer.
func beforeIt(err error) bool {
	return core.IsKind(err, core.ServerFault) || core.IsKind(err, core.Barred)
}

func (r *run) reportPush(ctx context.Context, task core.Task, counts core.Counts, p *pusher) {
	entry := core.LogEntry{Resource: string(task.Resource), Mode: "push", Direction: "outgoing", Action: "send", Result: core.ResultSuccess, Counts: &counts}
	switch {
	case counts.Sent == 0 && len(p.waiting) > 0: // the next push of this run tells
		return
	case counts.Sent == 0:
		entry.Message = core.LogNothingToSend
	case counts.Refused > 0:
		entry.Result, entry.Remote = core.ResultWarning, true
		entry.Message = fmt.Sprintf("Records delivered: %d of %d; refused: %d", counts.Delivered, counts.Sent, counts.Refused)
		entry.Details = p.message
	case p.unproved > 0:
		entry.Result = core.ResultWarning
		entry.Message = fmt.Sprintf("Records delivered: %d of %d; the others could not be checked and stay marked as unsent", counts.Delivered, counts.Sent)
	default:
		entry.Message = fmt.Sprintf("Data sent successfully (records sent and found there: %d)", counts.Delivered)
	}
	if p.excluded > 0 {
		filtered := entry
		filtered.Result, filtered.Remote, filtered.Counts, filtered.Details = core.ResultSuccess, false, nil, ""
		filtered.Message = fmt.Sprintf("Records that the filter of this table excludes were not sent and are on this laptop only: %d", p.excluded)
		r.log(ctx, filtered)
	}
	if counts == (core.Counts{}) && entry.Result == core.ResultSuccess {
		r.logLater(entry)
	} else {
		r.log(ctx, entry)
	}
}
