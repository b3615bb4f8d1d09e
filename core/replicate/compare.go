package replicate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// fetchChunk is how many records are asked for by uuid in one request, so that
// the address stays short enough for every server.
const fetchChunk = 50

// compareDue compares whole tables by uuid and stamp from time to time: markers cannot
// find what reached the peer late with an old stamp, nor changes of components (spec
// eden-sync-protocol W1, W10). It comes when all else is done: on a slow line it takes long,
// and what was edited here does not wait for it. What it brings may be joined with what is
// here, and is sent at once.
func (r *run) compareDue(ctx context.Context, tasks []core.Task) error {
	for i := range tasks {
		task := &tasks[i]
		if !r.pulled[task.ID] || r.opts.DryRun || r.opts.Full || r.recent(task.Compared, r.tuning.CompareEvery) {
			continue
		}
		before := r.report.Received
		done, err := r.attempt(ctx, *task, "pull", func() error { return r.compareTask(ctx, task) })
		if err == nil && done && r.report.Received != before {
			err = r.pushTask(ctx, *task)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) compareTask(ctx context.Context, task *core.Task) error {
	prove, err := r.proofDue(ctx, *task)
	if err != nil {
		return err
	}
	if prove {
		_, err = r.examine(ctx, *task, CompareOptions{Mend: true, within: r.tuning.ProveTime})
	}
	if !prove || errors.Is(err, errTooSlow) {
		err = r.compare(ctx, *task)
	}
	if err != nil {
		return err
	}
	return r.compared(ctx, task)
}

// compared notes that all of a table was seen.
func (r *run) compared(ctx context.Context, task *core.Task) error {
	task.Compared = core.MTimeOf(r.now())
	return r.Store.Compared(ctx, *task, task.Compared)
}

// recent reports whether a moment is less than so long ago. One in the future was
// written by a clock that went wrong.
func (r *run) recent(at core.MTime, age time.Duration) bool {
	passed := r.now().Sub(at.Time())
	return passed >= 0 && passed < age
}

// proofDue reports whether the comparison is to read every record and compare its
// content, too: more seldom, and only in a run that has nothing else to do.
func (r *run) proofDue(ctx context.Context, task core.Task) (bool, error) {
	if r.opts.Full || r.report.Changed() > 0 || r.tuning.ProveEvery < 0 {
		return false, nil
	}
	last, err := r.Store.Proof(ctx, task.ID)
	if errors.Is(err, core.ErrNotFound) {
		return true, nil
	}
	return !r.recent(last.At, r.tuning.ProveEvery), err
}

func (r *run) compare(ctx context.Context, task core.Task) error {
	r.progress(task.Resource, event.StepCompare, 0, 0)
	differ, missing, same, err := r.Store.Differing(ctx, task, nil, func(add func([]core.InventoryLine) error) error {
		return r.inventory(ctx, task, add)
	})
	if core.IsKind(err, core.UnknownResource) {
		_, err := r.repull(ctx, r.newPuller(&task))
		return err
	}
	if err != nil {
		return err
	}
	wanted, err := r.withMasters(ctx, differ)
	if err != nil {
		return err
	}
	if _, err := r.refetch(ctx, task, wanted); err != nil {
		return err
	}
	return r.missing(ctx, task, missing, same, len(differ))
}

// missing asks for records that the peer did not name, and reports a comparison: in
// it same records agreed, and others that differed were fetched again. A controller
// may have hidden them, and a deleted component stands in no master's document: what
// the peer really lacks is never deleted here (PROMISES 3).
func (r *run) missing(ctx context.Context, task core.Task, missing []core.Link, same, fetched int) error {
	absent, err := r.refetch(ctx, task, missing)
	if err != nil {
		return err
	}
	if same+fetched == 0 {
		if err := r.showsNone(absent); err != nil {
			return err
		}
	}
	entry := core.LogEntry{Resource: string(task.Resource), Mode: "pull", Direction: "outgoing", Action: "compare", Result: core.ResultSuccess,
		Message: fmt.Sprintf("Compared: %d of %d records are the same; %d fetched again", same, same+fetched+len(absent), fetched)}
	if len(absent) > 0 {
		entry.Result = core.ResultWarning
		entry.Message += fmt.Sprintf("; %d records that are here are no longer at %s. They were kept.", len(absent), r.repo.Name)
		entry.Details = fmt.Sprint(absent[:min(len(absent), 100)])
	}
	r.log(ctx, entry)
	return nil
}

// withMasters names the records of the lines; what brings them where that is another one.
func (r *run) withMasters(ctx context.Context, lines []core.InventoryLine) ([]core.Link, error) {
	var wanted []core.Link
	seen := make(map[core.Link]bool)
	for _, line := range lines {
		l, err := r.bringing(ctx, line)
		if err != nil {
			return nil, err
		}
		if !seen[l] {
			seen[l] = true
			wanted = append(wanted, l)
		}
	}
	return wanted, nil
}

// bringing names the record that brings that of a line: of a component that is not here, or below
// another one, its master. Alone it would not be known to belong to it.
func (r *run) bringing(ctx context.Context, line core.InventoryLine) (core.Link, error) {
	if line.Master.IsZero() || line.Deleted {
		return line.Link, nil
	}
	ours, err := r.Store.Record(ctx, line.Link)
	if errors.Is(err, core.ErrNotFound) || err == nil && ours.Master != line.Master {
		return line.Master, nil
	}
	return line.Link, err
}

// inventory hands the peer's lines on in portions.
func (r *run) inventory(ctx context.Context, task core.Task, add func([]core.InventoryLine) error) error {
	lines := make([]core.InventoryLine, 0, 500)
	err := r.peer.Inventory(ctx, task, func(l core.InventoryLine) error {
		if lines = append(lines, l); len(lines) < cap(lines) {
			return nil
		}
		err := add(lines)
		lines = lines[:0]
		return err
	})
	if err != nil {
		return err
	}
	return add(lines)
}

// repull takes the place of a comparison where the peer cannot list its records:
// everything is fetched and compared by content. What did not come is asked for:
// a deleted component stands in no master's document. What the peer does not have
// is returned.
func (r *run) repull(ctx context.Context, p *puller) (absent []core.Link, err error) {
	p.cp, p.guarded = core.Checkpoint{}, true
	_, missing, _, err := p.listing(ctx, func() error { return p.pages(ctx, p.own) })
	if err != nil {
		return nil, err
	}
	if err := p.release(ctx, *p.task, &p.rules); err != nil {
		return nil, err
	}
	return r.refetch(ctx, *p.task, missing)
}

// listing pulls and compares what came with the bases: a pull of everything is an
// inventory in itself.
func (p *puller) listing(ctx context.Context, pull func() error) (differ []core.InventoryLine, missing []core.Link, same int, err error) {
	p.seen = make(core.Rows)
	return p.Store.Differing(ctx, *p.task, p.seen, func(add func([]core.InventoryLine) error) error {
		lines := make([]core.InventoryLine, 0, 500)
		p.listed = func(rec *core.Record) (err error) {
			if len(lines) == cap(lines) {
				err, lines = add(lines), lines[:0]
			}
			lines = append(lines, core.InventoryLine{Link: rec.Link(), ModifiedOn: rec.ModifiedOn, Deleted: rec.Deleted, Master: rec.Master})
			return err
		}
		return errors.Join(pull(), add(lines))
	})
}

// fetchWhole gets all pages of a table that was pulled before, whatever its marker
// says, and asks for what did not come.
func (p *puller) fetchWhole(ctx context.Context) error {
	differ, missing, same, err := p.listing(ctx, func() error { return p.fetch(ctx) })
	if err != nil {
		return err
	}
	if err := p.run.missing(ctx, *p.task, missing, same, len(differ)); err != nil {
		return err
	}
	return p.compared(ctx, p.task)
}

// showsNone says why a peer shows none of the records that both sides have had, of which some are
// absent. A Fieldsync shows all of a table, or says that it does not: it went back in time, unless
// a person said that this is right.
func (r *run) showsNone(absent []core.Link) error {
	switch {
	case len(absent) == 0 || r.own && r.repo.TakeOlder:
		return nil
	case r.own:
		return &core.Problem{Kind: core.WentBack, Subject: r.repo.Name, Err: fmt.Errorf("%d records are here, and it has none", len(absent))}
	}
	return &core.Problem{Kind: core.NoReadRight, Subject: r.repo.Name, Err: fmt.Errorf("%d records are here, none is shown", len(absent))}
}

// refetch asks for records by uuid, applies what comes, and returns those that the
// peer does not have. A table that it does not know any more says nothing about
// its records.
func (r *run) refetch(ctx context.Context, task core.Task, links []core.Link) (absent []core.Link, err error) {
	p := r.newPuller(&task)
	p.guarded = true
	for _, chunk := range byResource(links, fetchChunk) {
		p.rules.Unseen, p.rules.Leads = r.hides(task, chunk...), make(map[core.Link]core.MTime)
		there := make(map[core.Link]bool)
		_, err := r.askWhole(ctx, chunk, p.rules.Leads, func(ctx context.Context, rec *core.Record, master bool, bad *BadRecord) error {
			if bad != nil {
				there[bad.Link] = true
			}
			if rec != nil {
				_ = rec.Walk(func(c *core.Record) error { there[c.Link()] = true; return nil }) // never fails: fn does not
			}
			return p.receive(ctx, rec, master, bad)
		})
		if core.IsKind(err, core.UnknownResource) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := p.flush(ctx, false, false); err != nil {
			return nil, err
		}
		for _, l := range chunk {
			if !there[l] {
				absent = append(absent, l)
			}
		}
	}
	return absent, p.release(ctx, task, &p.rules)
}

// ask pulls the records of one chunk, all of one resource, through sync/sync.
func (r *run) ask(ctx context.Context, chunk []core.Link, receive func(context.Context, *core.Record, bool, *BadRecord) error) (PullReply, error) {
	return r.askFor(ctx, PullRequest{}, chunk, receive)
}

// askWhole is ask where it matters to what of their own table the records point. leads learns how
// those are dated of which an Eden shows all of that; before the first record is received.
func (r *run) askWhole(ctx context.Context, chunk []core.Link, leads map[core.Link]core.MTime, receive func(context.Context, *core.Record, bool, *BadRecord) error) (PullReply, error) {
	if r.own {
		return r.ask(ctx, chunk, receive)
	}
	along, err := r.ledTo(ctx, chunk)
	if err != nil {
		return PullReply{}, err
	}
	return r.askFor(ctx, PullRequest{Along: along, Leads: leads}, chunk, receive)
}

// askFor is ask with what else the request says.
func (r *run) askFor(ctx context.Context, req PullRequest, chunk []core.Link, receive func(context.Context, *core.Record, bool, *BadRecord) error) (PullReply, error) {
	req.Resource = chunk[0].Resource
	for _, l := range chunk {
		req.UUIDs = append(req.UUIDs, l.UUID)
	}
	return r.peer.Pull(ctx, req, func(rec *core.Record, master bool, bad *BadRecord) error {
		return receive(ctx, rec, master, bad)
	})
}

// byResource splits links into chunks of one resource each, at most n long.
func byResource(links []core.Link, n int) [][]core.Link {
	open := make(map[core.Resource]int)
	var chunks [][]core.Link
	for _, l := range links {
		i, ok := open[l.Resource]
		if !ok || len(chunks[i]) == n {
			i = len(chunks)
			open[l.Resource] = i
			chunks = append(chunks, nil)
		}
		chunks[i] = append(chunks[i], l)
	}
	return chunks
}
