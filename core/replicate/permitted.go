package replicate

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// The reasons why a task's settings keep a record back.
const (
	notAllowed    = "It was not sent: the strategy of this table does not allow to %s records."
	notOriginator = "It was not sent: this table is exchanged by MASTER, and the record was not made on this laptop."
)

// permitted keeps back what the task does not allow to be done to the repository, and
// sets it aside with the reason. A Fieldsync sees to that itself, too; an Eden's
// sync/sync drops strategy and policies and knows NEWER and everything only (spec
// eden-sync-protocol §10.3, §18.1.7).
func (p *pusher) permitted(ctx context.Context, out []core.Outgoing) ([]core.Outgoing, error) {
	if p.task.Strategy == core.StrategyAll && (p.own || p.task.Update != core.PolicyMaster) {
		return out, nil
	}
	stay := make(map[core.Link]kept)
	for i := range out {
		p.mayGo(&out[i], &out[i].Record, stay)
		out[i].Parts.DeleteFunc(func(l core.Link) bool { _, stays := stay[l]; return stays })
	}
	out = slices.DeleteFunc(out, func(o core.Outgoing) bool { return o.Parts.Len() == 0 })
	if len(stay) == 0 || p.opts.DryRun {
		return out, nil
	}
	return out, p.Store.Import(ctx, func(tx intake.Tx) error {
		for l, k := range stay {
			p.report.Sent++
			if err := p.refuse(ctx, tx, part{rec: &core.Record{Resource: l.Resource, UUID: l.UUID}, read: k.read}, "", k.reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// kept is a version that stays here.
type kept struct {
	read   core.Part
	reason string
}

// mayGo reports whether a record may be sent, and removes of its components those that
// may not. What is below one that stays here stays with it.
func (p *pusher) mayGo(o *core.Outgoing, rec *core.Record, stay map[core.Link]kept) bool {
	if reason := p.forbids(o, rec); reason != "" {
		_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
			if unsent, is := o.Parts.Get(r.Link()); is {
				stay[r.Link()] = kept{unsent, reason}
			}
			return nil
		})
		return false
	}
	var going []core.Record
	for i := range rec.Components {
		if c := rec.Components[i]; p.mayGo(o, &c, stay) {
			going = append(going, c)
		}
	}
	rec.Components = going
	return true
}

// forbids returns why the task does not allow to send a record, "" if it does.
func (p *pusher) forbids(o *core.Outgoing, rec *core.Record) string {
	unsent, is := o.Parts.Get(rec.Link())
	if !is {
		return ""
	}
	method := core.MethodUpdate
	switch {
	case rec.Deleted && rec.ReplacedBy != "":
		method = core.MethodMerge
	case rec.Deleted:
		method = core.MethodDelete
	case !unsent.Based && !p.strangers[rec.Link()]:
		method = core.MethodCreate
	}
	switch {
	case !p.task.Strategy.Allows(method):
		return fmt.Sprintf(notAllowed, method)
	case !p.own && p.task.Update == core.PolicyMaster && rec.MCI > 0:
		return notOriginator
	}
	return ""
}
