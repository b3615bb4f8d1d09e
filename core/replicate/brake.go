package replicate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A brake knows what a run deletes here, or would, on the peer's word. It stops a
// run that would delete more than Tuning.Brake records and more than half of a table,
// whatever ways they come by (DESIGN §5, PROMISES 3).
type brake struct {
	planned []core.Task
	failed  bool                        // a task was not done to its end: more may be to come
	none    bool                        // nothing waited when that was asked
	asked   bool                        // whether anything waits
	gone    map[core.Resource]int       // deletions that were carried out
	held    map[core.Link]core.Resource // those that were put off, by the task that met them
	said    map[core.Link]bool          // those that were counted and told of
}

func newBrake() brake {
	return brake{gone: make(map[core.Resource]int), held: make(map[core.Link]core.Resource), said: make(map[core.Link]bool)}
}

// hold is intake.Rules.Hold of a task: every deletion is put off until all are known. A
// dry run only remembers it, and is judged at its end (foresee).
func (r *run) hold(task core.Resource) func(core.Link) string {
	return func(l core.Link) string {
		r.brake.held[l] = task
		if r.opts.DryRun {
			return ""
		}
		return core.HeldDeletion
	}
}

// pass is intake.Rules.Hold where nothing need be put off.
func (r *run) pass(l core.Link) string {
	r.brake.gone[l.Resource]++
	return ""
}

// arm decides whether deletions are put off. They are, until the whole pull is
// in, unless it is in already and has too few of them to matter.
func (p *puller) arm(ctx context.Context, last bool) error {
	p.rules.Hold = p.hold(p.task.Resource)
	if p.opts.DryRun || !last || p.flushes > 0 {
		return nil
	}
	few, err := p.few(ctx)
	if few {
		p.rules.Hold = func(l core.Link) string {
			p.when(func() { p.pass(l) })
			return ""
		}
	}
	return err
}

// few reports whether so few deletions are pending, with those of the run that were
// carried out and those that wait, that no table comes near its brake.
func (p *puller) few(ctx context.Context) (bool, error) {
	sums := p.tombstones()
	if len(sums) == 0 {
		return true, nil
	}
	waiting, err := p.Store.Held(ctx, p.repo.ID, "")
	if err != nil {
		return false, err
	}
	for _, q := range waiting {
		sums[q.Record.Resource]++
	}
	for resource, n := range sums {
		if n+p.brake.gone[resource] > p.tuning.Brake {
			return false, nil
		}
	}
	return true, nil
}

// tombstones counts the pending deletions of each table.
func (p *puller) tombstones() map[core.Resource]int {
	sums := make(map[core.Resource]int)
	for _, it := range p.pending {
		if it.Record == nil {
			continue
		}
		_ = it.Record.Walk(func(r *core.Record) error { // never fails: fn does not
			if r.Deleted {
				sums[r.Resource]++
			}
			return nil
		})
	}
	return sums
}

// release judges the deletions that were put off, of the task's table and of those
// tables that came along with it and have no task of their own: they are carried out,
// or held for a person.
func (r *run) release(ctx context.Context, task core.Task, rules *intake.Rules) error {
	if idle, err := r.nothingHeld(ctx); idle || err != nil {
		return err
	}
	tables := []core.Resource{task.Resource}
	for l, by := range r.brake.held {
		if by == task.Resource && !r.isPlanned(l.Resource) && !slices.Contains(tables, l.Resource) {
			tables = append(tables, l.Resource)
		}
	}
	slices.Sort(tables[1:])
	for _, resource := range tables {
		held, err := r.Store.Held(ctx, r.repo.ID, resource)
		if err == nil && len(held) > 0 {
			err = r.weigh(ctx, resource, held, rules)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nothingHeld reports whether there is nothing to judge: this run has put no deletion
// off, and none waited before. The store is asked once, not twice for each table: what
// another process puts off meanwhile is judged at the end of the run.
func (r *run) nothingHeld(ctx context.Context) (bool, error) {
	if r.opts.DryRun {
		return true, nil
	}
	if !r.brake.asked {
		waiting, err := r.Store.Held(ctx, r.repo.ID, "")
		if err != nil {
			return false, err
		}
		r.brake.asked, r.brake.none = true, len(waiting) == 0
	}
	return r.brake.none && len(r.brake.held) == 0, nil
}

func (r *run) isPlanned(resource core.Resource) bool {
	return slices.ContainsFunc(r.brake.planned, func(t core.Task) bool { return t.Resource == resource })
}

// releaseRest judges, at the end of a run, what no task of the run did: deletions
// of a component's table, say, that a person has confirmed.
func (r *run) releaseRest(ctx context.Context) error {
	if r.opts.DryRun {
		return r.foresee(ctx)
	}
	all, err := r.Store.Held(ctx, r.repo.ID, "")
	if err != nil || len(all) == 0 {
		return err
	}
	rest := make(map[core.Resource][]core.Quarantine)
	for _, q := range all {
		rest[q.Record.Resource] = append(rest[q.Record.Resource], q)
	}
	tables := make([]core.Resource, 0, len(rest))
	for resource, held := range rest {
		if r.concerns(resource, held) {
			tables = append(tables, resource)
		}
	}
	slices.Sort(tables)
	for _, resource := range tables {
		rules, ok, err := r.rulesFor(ctx, rest[resource][0].Record)
		if err == nil && ok {
			err = r.weigh(ctx, resource, rest[resource], &rules)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// foresee says of a dry run which of its deletions the brake would hold, and which wait
// already: they would not be carried out.
func (r *run) foresee(ctx context.Context) error {
	waiting, err := r.Store.Held(ctx, r.repo.ID, "")
	if err != nil {
		return err
	}
	would := make(map[core.Resource]map[core.Link]int64) // by table; the number of what waits, or 0
	put := func(l core.Link, id int64) {
		if would[l.Resource] == nil {
			would[l.Resource] = make(map[core.Link]int64)
		}
		would[l.Resource][l] = id
	}
	for l := range r.brake.held {
		put(l, 0)
	}
	for _, q := range waiting {
		put(q.Record, q.ID)
	}
	for resource, links := range would {
		upTo, err := r.holdsUpTo(ctx, resource, len(links))
		if err != nil {
			return err
		}
		for l, id := range links {
			if id > upTo || id == 0 && upTo < math.MaxInt64 {
				continue
			}
			r.report.Held++
			if r.brake.held[l] != "" && r.report.Deleted > 0 { // else it counts as something else
				r.report.Deleted--
				r.report.Quarantined++
			}
		}
	}
	return nil
}

// holdsUpTo returns up to which of the deletions that wait the brake would hold those of
// a table, of which there would be n: all, or those that a person was told of before.
func (r *run) holdsUpTo(ctx context.Context, resource core.Resource, n int) (upTo int64, err error) {
	off, err := r.Store.BrakeOff(ctx, r.repo.ID, resource)
	if err != nil || off || r.confirmed(resource) {
		return 0, err
	}
	alive, err := r.Store.Alive(ctx, resource)
	if err != nil || r.tooMany(n, alive) {
		return math.MaxInt64, err
	}
	return r.Store.Braked(ctx, r.repo.ID, resource)
}

// tooMany is the brake's rule: n deletions of a table of which so many records are alive.
func (r *run) tooMany(n, alive int) bool { return n > r.tuning.Brake && 2*n > alive }

// concerns reports whether held deletions of a table are this run's to judge.
func (r *run) concerns(resource core.Resource, held []core.Quarantine) bool {
	if r.confirmed(resource) {
		return true
	}
	if r.brake.failed || !slices.ContainsFunc(held, func(q core.Quarantine) bool { return !r.brake.said[q.Record] }) {
		return false
	}
	return len(r.opts.Resources) == 0 || slices.ContainsFunc(held, func(q core.Quarantine) bool { return r.brake.held[q.Record] != "" })
}

// confirmed reports whether a person lets the deletions of a table through.
func (r *run) confirmed(resource core.Resource) bool {
	return r.opts.Confirm && (len(r.opts.Resources) == 0 || slices.Contains(r.opts.Resources, resource))
}

// rulesFor returns how a record is applied that no task of the run brought: by the
// task of its table, else that of its master's, else the first one. ok is false if the
// repository has no tasks any more.
func (r *run) rulesFor(ctx context.Context, l core.Link) (rules intake.Rules, ok bool, err error) {
	tasks, err := r.Store.Tasks(ctx, r.repo.ID)
	if err != nil || len(tasks) == 0 {
		return rules, false, err
	}
	of := func(resource core.Resource) int {
		return slices.IndexFunc(tasks, func(t core.Task) bool { return t.Resource == resource })
	}
	at := of(l.Resource)
	if at < 0 {
		if rec, err := r.Store.Record(ctx, l); err == nil {
			at = of(rec.Master.Resource)
		}
	}
	return r.rules(tasks[max(at, 0)]), true, nil
}

// weigh carries deletions of a table out that were put off, or holds them. What a
// brake has held once waits for a person, however the table grows.
func (r *run) weigh(ctx context.Context, resource core.Resource, held []core.Quarantine, rules *intake.Rules) error {
	off, err := r.Store.BrakeOff(ctx, r.repo.ID, resource)
	if err != nil {
		return err
	}
	if off || r.confirmed(resource) {
		return r.carryOut(ctx, held, rules)
	}
	alive, err := r.Store.Alive(ctx, resource)
	if err != nil {
		return err
	}
	gone := r.brake.gone[resource]
	if r.tooMany(len(held)+gone, alive+gone) {
		if err := r.Store.SetBraked(ctx, r.repo.ID, resource, held[len(held)-1].ID); err != nil {
			return err
		}
		r.holdBack(ctx, resource, held, alive)
		return nil
	}
	upTo, err := r.Store.Braked(ctx, r.repo.ID, resource)
	if err != nil {
		return err
	}
	waiting := slices.IndexFunc(held, func(q core.Quarantine) bool { return q.ID > upTo })
	if waiting < 0 {
		waiting = len(held)
	}
	if err := r.carryOut(ctx, held[waiting:], rules); err != nil {
		return err
	}
	r.holdBack(ctx, resource, held[:waiting], alive)
	return nil
}

// carryOut applies deletions that were put off.
func (r *run) carryOut(ctx context.Context, held []core.Quarantine, rules *intake.Rules) error {
	free := *rules
	free.Hold = r.pass
	for _, q := range held {
		var counts core.Counts
		err := r.Store.Import(ctx, func(tx intake.Tx) (err error) {
			counts, _, err = intake.Retry(ctx, tx, &free, q)
			return err
		})
		if err != nil {
			return err
		}
		r.report.Counts.Add(counts)
	}
	return nil
}

// holdBack leaves deletions where they are and says so, once a run.
func (r *run) holdBack(ctx context.Context, resource core.Resource, held []core.Quarantine, alive int) {
	before := len(r.brake.said)
	for _, q := range held {
		if !r.brake.said[q.Record] {
			r.brake.said[q.Record] = true
			r.report.Counts.Count(core.StateQuarantined)
		}
	}
	if len(r.brake.said) == before {
		return
	}
	problem := &core.Problem{Kind: core.Brake, Subject: r.repo.Name}
	r.log(ctx, core.LogEntry{Resource: string(resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultWarning,
		Message: fmt.Sprintf("%s %d of %d records.", problem.Sentence(), len(held), alive)})
	r.grave(problem)
}
