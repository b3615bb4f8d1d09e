package replicate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

// maxNamed bounds the differences that are named and mended at a time.
const maxNamed = 10_000

// CompareOptions select what a comparison does.
type CompareOptions struct {
	Resources []core.Resource // only these tasks; empty: all
	Mend      bool            // fetch again what differs, and decide about it as in a pull
	// SendBack counts what the repository had and does not show any more as
	// unsent: the next sync sends it. Without it such records are only named.
	SendBack bool

	within time.Duration // it is errTooSlow if reading all would take longer; 0: any time
}

// errTooSlow is that all of a table cannot be read in the time that there is.
var errTooSlow = errors.New("reading all of it takes too long")

// Compare proves that the copy here is the repository's, record by record, by
// uuid, modified_on and content. It reads every record there, in pages, and changes
// nothing unless it is to mend. A Comparison for each task that pulls or pushes is
// returned, also of those before one that failed; the error is a *core.Problem.
func (e *Engine) Compare(ctx context.Context, repo core.Repository, opts CompareOptions) ([]core.Comparison, error) {
	r := e.newRun(repo, Options{Resources: opts.Resources})
	r.comparing = true
	if repo.URL == "" {
		_, err := r.fail(ctx, core.Invalid("url", "This repository has no address: it only calls us."))
		return nil, err
	}
	unlock, err := e.Store.LockRun(ctx, repo.ID)
	if err != nil {
		_, err = r.fail(ctx, err)
		return nil, err
	}
	defer unlock()
	if err := r.begin(ctx, true); err != nil {
		_, err = r.fail(ctx, err)
		return nil, err
	}
	var found []core.Comparison
	_, err = r.finish(ctx, core.Caught(func() error { return r.examineAll(ctx, opts, &found) }))
	return found, err
}

func (r *run) examineAll(ctx context.Context, opts CompareOptions, found *[]core.Comparison) error {
	if err := r.connect(ctx); err != nil {
		return err
	}
	tasks, err := r.tasks(ctx)
	if err != nil {
		return err
	}
	for _, task := range tasks {
		c, err := r.examine(ctx, task, opts)
		if err != nil {
			if err := r.note(ctx, task, "pull", err); err != nil {
				return err
			}
			continue
		}
		r.through++
		*found = append(*found, c)
	}
	return r.releaseRest(ctx)
}

// examine compares one task's records, mends what it may, and stores the outcome.
func (r *run) examine(ctx context.Context, task core.Task, opts CompareOptions) (core.Comparison, error) {
	x := r.newExamination(task)
	x.within = opts.within
	if err := x.look(ctx); err != nil {
		return core.Comparison{}, err
	}
	c := x.outcome()
	if opts.Mend {
		if err := r.guardMending(ctx, task); err != nil {
			return c, err
		}
		if err := x.mend(ctx, &c); err != nil {
			return c, err
		}
	}
	if opts.SendBack {
		lost := x.of(func(d core.Discrepancy) bool { return d == core.OnlyHere })
		if err := r.Store.Lacks(ctx, r.repo.ID, lost); err != nil {
			return c, err
		}
		c.Mended += len(lost)
	}
	r.logComparison(ctx, c)
	return c, r.Store.Proved(ctx, task.ID, c)
}

// An examination is one task's comparison under way. What is the same is only
// counted; the rest is kept by link.
type examination struct {
	*run
	task   core.Task
	rules  intake.Rules
	total  int
	within time.Duration // see CompareOptions

	odd      map[core.Link]core.Difference
	above    map[core.Link]core.Link // the masters of components that are not here, or below another record
	waits    map[core.Link]bool
	excluded map[core.Link]bool
}

func (r *run) newExamination(task core.Task) *examination {
	x := &examination{run: r, task: task, rules: r.asking(r.rules(task)), odd: make(map[core.Link]core.Difference), above: make(map[core.Link]core.Link), waits: make(map[core.Link]bool), excluded: make(map[core.Link]bool)}
	x.rules.Conflict, x.rules.Told, x.rules.Hold = nil, x.told, nil // what is decided is taken back
	return x
}

// look reads all records of the task at the peer and lays them beside ours.
func (x *examination) look(ctx context.Context) error {
	x.progress(x.task.Resource, event.StepCompare, 0, 0)
	stamps, missing, same, err := x.Store.Differing(ctx, x.task, nil, func(add func([]core.InventoryLine) error) error {
		return x.read(ctx, func(recs []*core.Record) error {
			if err := add(living(recs)); err != nil {
				return err
			}
			return x.decide(ctx, recs)
		})
	})
	if err != nil {
		return err
	}
	for _, line := range stamps {
		if l, err := x.bringing(ctx, line); err != nil {
			return err
		} else if l != line.Link {
			x.above[line.Link] = l
		}
		// One that came without a stamp was compared by its content.
		if l := line.Link; line.ModifiedOn != 0 && !x.waits[l] && !x.excluded[l] {
			x.note(l, "", core.DiffersStamp)
		}
	}
	absent, err := x.askMissing(ctx, missing)
	if err != nil {
		return err
	}
	if same+len(stamps) == 0 {
		if err := x.showsNone(absent); err != nil {
			return err
		}
	}
	for _, l := range absent {
		x.note(l, x.title(ctx, l), core.OnlyHere)
	}
	x.total = same + len(stamps) + len(missing)
	return nil
}

// living are the lines of the records that are not deleted.
func living(recs []*core.Record) []core.InventoryLine {
	var lines []core.InventoryLine
	for _, rec := range recs {
		_ = rec.Walk(func(c *core.Record) error { // never fails: fn does not
			if !c.Deleted && c.UUID != "" {
				lines = append(lines, core.InventoryLine{Link: c.Link(), ModifiedOn: c.ModifiedOn, Master: c.Master})
			}
			return nil
		})
	}
	return lines
}

// read fetches all masters, in pages where the peer can. A small table comes as a
// whole, through sync/sync: the resource's own controller may hide records, and one
// that came late as well stands below every marker.
func (x *examination) read(ctx context.Context, handle func([]*core.Record) error) error {
	alive, err := x.Store.Alive(ctx, x.task.Resource)
	if err != nil {
		return err
	}
	limit := x.tuning.Page
	if !x.own && alive <= x.smallTable() {
		limit = 0
	}
	began := x.now()
	for start := 0; ; {
		var page []*core.Record
		req := PullRequest{Resource: x.task.Resource, Filters: x.task.Filters, Start: start, Limit: limit}
		reply, err := x.peer.Pull(ctx, req, func(rec *core.Record, master bool, bad *BadRecord) error {
			switch {
			case bad != nil:
				if !bad.Link.IsZero() {
					x.note(bad.Link, "", core.Unreadable)
				}
				return nil
			case !master:
				return nil
			}
			if page = append(page, rec); len(page) < x.tuning.Page {
				return nil
			}
			err := handle(page)
			page = nil
			return err
		})
		if err == nil {
			err = handle(page)
		}
		if err != nil {
			return err
		}
		if !reply.Paged || reply.Masters < req.Limit {
			return nil
		}
		start += reply.Masters
		if all := x.now().Sub(began) * time.Duration(alive) / time.Duration(start); x.within > 0 && all > x.within {
			return errTooSlow
		}
		x.progress(x.task.Resource, event.StepCompare, start, 0)
	}
}

// decide lets every record be decided about as in a pull, and takes it back.
func (x *examination) decide(ctx context.Context, recs []*core.Record) error {
	err := x.Store.Import(ctx, func(tx intake.Tx) error {
		for _, rec := range recs {
			if _, err := intake.Apply(ctx, tx, &x.rules, rec); err != nil {
				return err
			}
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	if unasked := (*intake.Unasked)(nil); errors.As(err, &unasked) {
		if err := x.askColumns(ctx, unasked.Resource); err != nil {
			return err
		}
		return x.decide(ctx, recs) // all of it: nothing was kept
	}
	return err
}

// told sorts a record by what would become of it.
func (x *examination) told(rec *core.Record, v core.Verdict) {
	l := rec.Link()
	switch v.State {
	case core.StateUnchanged:
	case core.StateCreated:
		x.note(l, rec.Title(), core.OnlyThere)
		if !rec.Master.IsZero() {
			x.above[l] = rec.Master
		}
	case core.StateDeleted:
		x.note(l, rec.Title(), core.GoneThere)
	case core.StateUpdated:
		x.note(l, rec.Title(), core.DiffersContent)
	case core.StateFiltered:
		if !rec.Deleted {
			x.excluded[l] = true
		}
	case core.StateKept:
		switch {
		case v.Rule == core.RuleOnlyHere:
			x.waits[l] = true
		case v.Action == core.ActKeepSend: // it waits once theirs was seen
			x.note(l, rec.Title(), core.DiffersContent)
		default:
			x.note(l, rec.Title(), core.KeptApart)
		}
	default: // merged or in conflict: both sides have something that the other lacks
		x.waits[l] = true
	}
}

func (x *examination) note(l core.Link, title string, what core.Discrepancy) {
	if _, known := x.odd[l]; !known {
		x.odd[l] = core.Difference{Record: l, Title: title, What: what}
	}
}

// askMissing asks for each record that was not shown and returns those that the
// peer does not have.
func (x *examination) askMissing(ctx context.Context, missing []core.Link) ([]core.Link, error) {
	var absent []core.Link
	for _, chunk := range byResource(missing, fetchChunk) {
		var recs []*core.Record
		there := make(map[core.Link]bool)
		x.rules.Unseen, x.rules.Leads = x.hides(x.task, chunk...), make(map[core.Link]core.MTime)
		_, err := x.askWhole(ctx, chunk, x.rules.Leads, func(_ context.Context, rec *core.Record, _ bool, bad *BadRecord) error {
			if bad != nil && !bad.Link.IsZero() {
				there[bad.Link] = true
				x.note(bad.Link, "", core.Unreadable)
			}
			if rec == nil {
				return nil
			}
			_ = rec.Walk(func(c *core.Record) error { there[c.Link()] = true; return nil }) // never fails: fn does not
			if slices.Contains(chunk, rec.Link()) {
				recs = append(recs, rec)
			}
			return nil
		})
		if core.IsKind(err, core.UnknownResource) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := x.decide(ctx, recs); err != nil {
			return nil, err
		}
		for _, l := range chunk {
			if !there[l] {
				absent = append(absent, l)
			}
		}
	}
	return absent, nil
}

func (x *examination) title(ctx context.Context, l core.Link) string {
	rec, err := x.Store.Record(ctx, l)
	if err != nil {
		return "" // only its name is not known
	}
	return rec.Title()
}

// outcome sums up. Every record is in one of the parts.
func (x *examination) outcome() core.Comparison {
	c := core.Comparison{Resource: x.task.Resource, At: core.MTimeOf(x.now()), Total: x.total, Differences: []core.Difference{}}
	for _, d := range x.odd {
		if x.waits[d.Record] || x.excluded[d.Record] {
			continue
		}
		c.Differences = append(c.Differences, d)
	}
	slices.SortFunc(c.Differences, func(a, b core.Difference) int {
		return strings.Compare(string(a.Record.Resource)+a.Record.UUID, string(b.Record.Resource)+b.Record.UUID)
	})
	c.Waiting, c.Excluded = len(x.waits), len(x.excluded)
	c.Same = max(0, c.Total-c.Waiting-c.Excluded-len(c.Differences))
	if len(c.Differences) > maxNamed {
		c.More = len(c.Differences) - maxNamed
		c.Differences = c.Differences[:maxNamed]
	}
	return c
}

func (x *examination) of(which func(core.Discrepancy) bool) []core.Link {
	var out []core.Link
	for l, d := range x.odd {
		if which(d.What) {
			out = append(out, l)
		}
	}
	return out
}

// mend fetches again what differs and decides about it as in a pull.
func (x *examination) mend(ctx context.Context, c *core.Comparison) error {
	wanted := x.of(core.Discrepancy.Mendable)
	if len(wanted) == 0 {
		return nil
	}
	asked := make(map[core.Link]bool)
	for _, l := range wanted {
		if master, ok := x.above[l]; ok {
			l = master // which brings it along
		}
		asked[l] = true
	}
	before := x.report.Counts
	if _, err := x.refetch(ctx, x.task, slices.SortedFunc(maps.Keys(asked), byName)); err != nil {
		return err
	}
	after := x.report.Counts.Minus(before)
	c.Mended = min(len(wanted), after.Received-after.Quarantined)
	return nil
}

func byName(a, b core.Link) int {
	return strings.Compare(string(a.Resource)+a.UUID, string(b.Resource)+b.UUID)
}

func (r *run) logComparison(ctx context.Context, c core.Comparison) {
	entry := core.LogEntry{Resource: string(c.Resource), Mode: "pull", Direction: "outgoing", Action: "compare", Result: core.ResultSuccess,
		Message: "Compared record by record: " + c.Sentence()}
	if c.Differing() > c.Mended {
		entry.Result = core.ResultWarning
	}
	var names []string
	for _, d := range c.Differences[:min(len(c.Differences), 100)] {
		names = append(names, fmt.Sprintf("%s: %s %s %s", d.What, d.Record.Resource, d.Record.UUID, d.Title))
	}
	entry.Details = strings.Join(names, "\n")
	r.log(ctx, entry)
}
