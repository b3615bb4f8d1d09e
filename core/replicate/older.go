package replicate

import (
	"context"
	"fmt"
	"maps"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// OlderState finds out what taking the older state of a repository that went back
// in time would do here. It reads every record there and writes nothing. The error
// is a *core.Problem.
func (e *Engine) OlderState(ctx context.Context, repo core.Repository) (found core.OlderState, err error) {
	repo.TakeOlder = true
	r := e.newRun(repo, Options{DryRun: true})
	unlock, err := e.Store.LockRun(ctx, repo.ID)
	if err != nil {
		return found, err
	}
	defer unlock()
	err = r.careful("looking for the older state", func() error { return r.olderState(ctx, &found) })
	return found, err
}

func (r *run) olderState(ctx context.Context, found *core.OlderState) error {
	if err := r.connect(ctx); err != nil {
		return err
	}
	tasks, err := r.tasks(ctx)
	if err != nil {
		return err
	}
	for _, task := range tasks {
		x := r.newExamination(task)
		takeTheirs(&x.rules)
		if err := x.look(ctx); err != nil {
			return err
		}
		count := func(what core.Discrepancy) int {
			return len(x.of(func(d core.Discrepancy) bool { return d == what }))
		}
		found.Replaced += count(core.DiffersContent)
		found.Deleted += count(core.GoneThere)
		found.Lacking += count(core.OnlyHere)
	}
	return nil
}

// takeTheirs lets what the peer has count, whatever the update policies say.
func takeTheirs(rules *intake.Rules) {
	rules.Update, rules.Own = core.PolicyOther, maps.Clone(rules.Own)
	for resource, own := range rules.Own {
		own.Update = core.PolicyOther
		rules.Own[resource] = own
	}
}

// takeOlder makes what the peer has of the records that are here ours, whatever
// the policy, because a person said that its older state is right. Every version
// that is replaced goes to the history; what was changed here and never sent is
// decided by the conflict policy. What the peer lacks stays here and is not sent
// until somebody changes it.
func (r *run) takeOlder(ctx context.Context, task core.Task) error {
	before := r.report.Counts
	p := r.newPuller(&task)
	p.guarded = true
	takeTheirs(&p.rules)
	p.rules.Because = "older state"
	p.rules.Filter = func(rec *core.Record) bool { // what is new there comes with the pull, by the policies
		_, err := r.Store.Record(ctx, rec.Link())
		return err == nil
	}
	absent, err := r.repull(ctx, p)
	if err != nil {
		return err
	}
	counts := r.report.Counts.Minus(before)
	if counts.Received == 0 {
		if err := r.showsNone(absent); err != nil {
			return err
		}
	}
	if err := r.bury(ctx, absent); err != nil {
		return err
	}
	r.log(ctx, core.LogEntry{Resource: string(task.Resource), Mode: "pull", Direction: "outgoing", Action: "take older", Result: core.ResultSuccess,
		Message: fmt.Sprintf("The older state was taken over (%s); %d records that are not there any more were kept and are not sent", counts, len(absent))})
	return nil
}

// bury notes that the peer has none of the records any more: ours are not changed
// since, so they are not sent, and nobody looks for them there.
func (r *run) bury(ctx context.Context, links []core.Link) error {
	if r.opts.DryRun || len(links) == 0 {
		return nil
	}
	return r.Store.Import(ctx, func(tx intake.Tx) error {
		for _, l := range links {
			base, err := tx.Base(ctx, r.repo.ID, l)
			if err != nil {
				return err
			}
			head, err := tx.Head(ctx, r.repo.ID, l)
			if err != nil {
				return err
			}
			base.Deleted = true
			if err := tx.SetBase(ctx, r.repo.ID, &base, head.BaseSeq); err != nil {
				return err
			}
		}
		return nil
	})
}
