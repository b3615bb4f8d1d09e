package replicate

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// The brake stops a run that would delete more than brakeRecords records and
// more than half of a resource (DESIGN §5, PROMISES 3).
const brakeRecords = 20

// arm decides whether deletions are put off. They are, until the whole pull is
// in, unless it is in already and has too few of them to matter.
func (p *puller) arm(last bool) {
	p.rules.Hold = nil
	if p.opts.DryRun || last && p.flushes == 0 && p.tombstones() <= brakeRecords {
		return
	}
	p.rules.Hold = func(l core.Link) string {
		if l.Resource != p.task.Resource {
			return ""
		}
		return core.HeldDeletion
	}
}

func (p *puller) tombstones() int {
	n := 0
	for _, it := range p.pending {
		if it.rec != nil && it.rec.Deleted {
			n++
		}
	}
	return n
}

// release judges the deletions that were put off: they are carried out, or held
// for a person.
func (p *puller) release(ctx context.Context) error {
	held, err := p.Store.Held(ctx, p.repo.ID, p.task.Resource)
	if err != nil || len(held) == 0 {
		return err
	}
	alive, err := p.Store.Alive(ctx, p.task.Resource)
	if err != nil {
		return err
	}
	off, err := p.Store.BrakeOff(ctx, p.repo.ID, p.task.Resource)
	if err != nil {
		return err
	}
	if len(held) > brakeRecords && 2*len(held) > alive && !p.opts.Confirm && !off {
		return p.brake(ctx, len(held), alive)
	}
	p.rules.Hold = nil
	for _, q := range held {
		var counts core.Counts
		err := p.Store.Import(ctx, func(tx intake.Tx) error {
			var err error
			counts, _, err = intake.Retry(ctx, tx, &p.rules, q)
			return err
		})
		if err != nil {
			return err
		}
		p.report.Counts.Add(counts)
	}
	return nil
}

// brake leaves the deletions where they are and says so.
func (p *puller) brake(ctx context.Context, held, alive int) error {
	for range held {
		p.report.Counts.Count(core.StateQuarantined)
	}
	problem := &core.Problem{Kind: core.Brake, Subject: p.repo.Name}
	p.log(ctx, core.LogEntry{Resource: string(p.task.Resource), Mode: "pull", Direction: "outgoing", Action: "import", Result: core.ResultWarning,
		Message: fmt.Sprintf("%s %d of %d records.", problem.Sentence(), held, alive)})
	p.grave(problem)
	return nil
}
