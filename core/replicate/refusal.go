package replicate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// refuseKept sets aside what is decided about and is still to be sent as it was: nothing
// else would bring it to mind again.
func (p *pusher) refuseKept(ctx context.Context, tx intake.Tx) error {
	for _, sent := range p.elsewise {
		link := sent.rec.Link()
		head, err := tx.Head(ctx, p.repo.ID, link)
		if err != nil {
			return err
		}
		if head.Seq != sent.read.Seq || !head.Unsent() || head.OpenConflict || p.brake.held[link] != "" {
			continue
		}
		if err := p.setAside(ctx, tx, sent.part, sent.words, "The server kept its own version."); err != nil {
			return err
		}
	}
	return nil
}

// refusePart notes that the peer took the record but not every field. What it
// has is the new base; ours stays unsent, set aside with the names of the
// fields. One that it shows no more may stand in a column that is to come back: what
// it had there stays the common past, unless that is what was sent: then it would look as
// if the peer had it.
func (p *pusher) refusePart(ctx context.Context, tx intake.Tx, rules *intake.Rules, sent part, there, base *core.Record, words string, fields []string) error {
	for _, name := range fields {
		if base == nil {
			break
		}
		if f, had := base.Field(name); had && there.Value(name).Kind == core.Null && !core.SameValue(f.Value, sent.wire.Value(name)) {
			there.Set(f)
		}
	}
	if err := p.agreeInPart(ctx, tx, rules, sent, there, base); err != nil {
		return err
	}
	reason := core.NotTaken
	if !slices.ContainsFunc(fields, func(name string) bool { return !emptiesReference(sent.wire, there, name) }) {
		reason = core.NotEmptied
	}
	return p.refuse(ctx, tx, sent, words, fmt.Sprintf(reason, strings.Join(fields, ", ")))
}

// emptiesReference reports whether a field was sent as cleared that leads to another record
// there.
func emptiesReference(sent, there *core.Record, name string) bool {
	f, is := sent.Field(name)
	kind := there.Value(name).Kind
	return is && f.Value.Kind == core.Null && (kind == core.Reference || kind == core.References)
}

// refuse sets the record aside with the peer's words, or else ours.
func (p *pusher) refuse(ctx context.Context, tx intake.Tx, sent part, words, own string) error {
	p.report.Refused++
	return p.setAside(ctx, tx, sent, words, own)
}

// setAside is refuse for a record that is counted already.
func (p *pusher) setAside(ctx context.Context, tx intake.Tx, sent part, words, own string) error {
	if words == "" {
		words = own
	}
	return tx.AddQuarantine(ctx, core.Quarantine{
		RepositoryID: p.repo.ID, Run: p.report.ID, Outgoing: true, Record: sent.rec.Link(), Reason: words, Details: own,
		Seq: sent.read.Seq, Since: core.MTimeOf(p.now()),
	})
}

// refuseAll sets a whole batch aside that the peer will not take in any part.
func (p *pusher) refuseAll(ctx context.Context, b *batch, problem *core.Problem) error {
	words := problem.Peer
	if words == "" {
		words = problem.Message()
	}
	p.message = problem.Error()
	return p.Store.Import(context.WithoutCancel(ctx), func(tx intake.Tx) error {
		for _, l := range b.order {
			if err := p.refuse(ctx, tx, *b.sent[l], words, problem.Error()); err != nil {
				return err
			}
		}
		return nil
	})
}
