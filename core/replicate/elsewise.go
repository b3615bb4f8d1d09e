package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// An elsewise is a record that somebody seems to have changed at the peer while it was sent
// to. words are the peer's.
type elsewise struct {
	part
	there *core.Record
	words string
}

// takeElsewise decides, like in any pull, about what somebody changed at the peer while it
// was sent to. Where nobody did, after all, the peer kept what it had.
func (p *pusher) takeElsewise(ctx context.Context) error {
	if len(p.elsewise) == 0 {
		return nil
	}
	there, links := make([]*core.Record, len(p.elsewise)), make([]core.Link, len(p.elsewise))
	for i := range p.elsewise {
		there[i], links[i] = p.elsewise[i].there, p.elsewise[i].rec.Link()
	}
	rules := p.asking(p.rules(p.task))
	rules.Unseen = p.hides(p.task, links...)
	_, err := p.applyAll(ctx, &rules, there)
	if err == nil {
		err = p.Store.Import(ctx, func(tx intake.Tx) error { return p.refuseKept(ctx, tx) })
	}
	clear(p.elsewise) // they would keep their texts
	p.elsewise = p.elsewise[:0]
	return err
}
