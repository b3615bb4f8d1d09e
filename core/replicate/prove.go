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

// prove settles each record that was sent: delivered, refused, or changed there
// meanwhile. Proof is a Fieldsync's seal of the very version, else that it is read
// back. What cannot be read back stays unsent: unknown is not delivered. answered is
// false if the push had no answer: then what is not there was not refused, it did
// not arrive.
func (p *pusher) prove(ctx context.Context, b *batch, reply PushReply, answered bool) error {
	ctx = context.WithoutCancel(ctx)
	p.progress(p.task.Resource, event.StepVerify, p.report.Delivered, 0)
	rules := p.rules(p.task)
	rules.Unseen = p.hides(p.task, b.order...)
	b.takeSeals(reply.Seals)
	p.sealed = p.sealed && len(b.sealed) == len(b.order)
	found, asked, readErr := p.readBack(ctx, b)
	if readErr != nil && len(b.sealed) == 0 {
		p.unproved += b.parts()
		return readErr
	}
	if readErr == nil {
		readErr = p.blind(ctx, b, found, asked)
	}
	if answered && readErr == nil && !p.own {
		readErr = errors.Join(p.deleteSingly(ctx, b, reply, found), p.attachSingly(ctx, b, reply, found))
	}
	err := p.Store.Import(ctx, func(tx intake.Tx) error {
		if err := p.deliverSealed(ctx, tx, &rules, b); err != nil {
			return err
		}
		rest := b.unsealed()
		if err := tx.Expect(ctx, p.repo.ID, rest); err != nil {
			return err
		}
		for _, l := range rest {
			var err error
			switch {
			case !asked[l.Resource] || !answered && !arrived(*b.sent[l], found[l]):
				p.unproved++
			default:
				err = p.judge(ctx, tx, &rules, *b.sent[l], found[l], reply.Refused[l])
			}
			if err != nil {
				return fmt.Errorf("prove %s %s: %w", l.Resource, l.UUID, err)
			}
		}
		return nil
	})
	if err == nil {
		err = p.takeElsewise(ctx)
	}
	p.progress(p.task.Resource, event.StepVerify, p.report.Delivered, 0)
	return errors.Join(readErr, err)
}

// readBack fetches the sent records that are not sealed, table by table. asked tells which tables
// could be asked.
func (p *pusher) readBack(ctx context.Context, b *batch) (found map[core.Link]*core.Record, asked map[core.Resource]bool, err error) {
	found, asked = make(map[core.Link]*core.Record), make(map[core.Resource]bool)
	if len(b.sealed) == len(b.order) {
		return found, asked, nil
	}
	keep := func(_ context.Context, rec *core.Record, _ bool, _ *BadRecord) error {
		if rec == nil {
			return nil
		}
		return rec.Walk(func(r *core.Record) error {
			flat := *r
			flat.Components = nil
			found[r.Link()] = &flat
			return nil
		})
	}
	along, err := p.along(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	for _, masters := range []bool{true, false} { // components mostly come with their masters
		for _, chunk := range byResource(p.unseen(b, found, masters), fetchChunk) {
			_, err := p.askFor(ctx, PullRequest{Along: along}, chunk, keep)
			switch {
			case err == nil:
				asked[chunk[0].Resource] = true
			case ends(err):
				return nil, nil, err
			}
		}
		for l := range found {
			asked[l.Resource] = true
		}
	}
	return found, asked, nil
}

// unseen lists the sent records that were not found yet: first the masters,
// then everything.
func (p *pusher) unseen(b *batch, found map[core.Link]*core.Record, masters bool) []core.Link {
	var links []core.Link
	for _, l := range b.order {
		if found[l] == nil && !b.sealed[l] && (!masters || b.sent[l].rec.Master.IsZero()) {
			links = append(links, l)
		}
	}
	if !masters {
		return links
	}
	for i := range b.records { // masters that only carried components
		if l := b.records[i].Link(); b.sent[l] == nil {
			links = append(links, l)
		}
	}
	for _, l := range b.left { // or had them, and may have them still
		if !slices.Contains(links, l) {
			links = append(links, l)
		}
	}
	return links
}

// arrived reports whether the peer shows what was sent.
func arrived(sent part, there *core.Record) bool {
	if there == nil {
		return false
	}
	dropped, transformed := mismatches(sent.wire, there, nil)
	return len(dropped)+len(transformed) == 0 && placed(sent.wire, there)
}

// judge settles one sent record by what the peer has now.
func (p *pusher) judge(ctx context.Context, tx intake.Tx, rules *intake.Rules, sent part, there *core.Record, words string) error {
	link := sent.rec.Link()
	var base *core.Record
	if rec, err := tx.Base(ctx, p.repo.ID, link); err == nil {
		base = &rec
	} else if !errors.Is(err, core.ErrNotFound) {
		return err
	}
	if there == nil && sent.rec.Deleted && base != nil && base.Deleted { // it hides what it had deleted
		buried := *base
		there = &buried
	}
	if there == nil {
		if sent.rec.Deleted { // unknown there: there is nothing to delete
			return p.deliver(ctx, tx, rules, sent, nil)
		}
		if base == nil && words == "" { // or it does not show it
			if err := tx.SetUncertain(ctx, p.repo.ID, link, sent.read.Hash, sent.wire.ModifiedOn); err != nil {
				return err
			}
		}
		if p.own {
			return p.refuse(ctx, tx, sent, words, core.NotStored)
		}
		return p.refuse(ctx, tx, sent, words, core.NotShown)
	}
	full := core.Complete(there, base, true)
	if !p.own && believe(sent.wire, there, &full, base) {
		there.FillInUnshown(sent.wire)
		full.FillInUnshown(sent.wire)
	}
	dropped, transformed := mismatches(sent.wire, &full, base)
	redated := words == "" && onlyRedated(sent.wire, &full, base)
	switch {
	case len(dropped)+len(transformed) == 0 && !placed(sent.wire, there): // it was not moved, or was there
	case len(dropped)+len(transformed) == 0 && sent.left != "":
		if err := p.agreeInPart(ctx, tx, rules, sent, &full, base); err != nil {
			return err
		}
		return p.refuse(ctx, tx, sent, sent.left, sent.left)
	case len(dropped)+len(transformed) == 0:
		return p.deliver(ctx, tx, rules, sent, there)
	case base == nil && there.Deleted:
		p.passedOver = append(p.passedOver, passed{sent, words})
		return nil
	case buriedSince(there, base): // what became of it is decided
	case words != "" && len(dropped) > 0:
		return p.refuse(ctx, tx, sent, words, "The server kept its own version.")
	case full.ModifiedOn == sent.wire.ModifiedOn && len(dropped) > 0 && dropped[0] != "" && !redated:
		return p.refusePart(ctx, tx, rules, sent, &full, base, words, dropped)
	case base != nil && core.SameContent(&full, base):
		return p.refuse(ctx, tx, sent, words, "The server kept its own version.")
	case full.ModifiedOn == sent.wire.ModifiedOn && !full.Deleted && !redated:
		return p.deliver(ctx, tx, rules, sent, there) // the server put it in its own form
	}
	// Somebody changed it there in the meantime, or the peer kept it where it was: decided
	// like any pull.
	p.report.Refused++
	if base == nil {
		if err := p.grewFromSent(ctx, tx, sent); err != nil {
			return err
		}
	}
	p.elsewise = append(p.elsewise, elsewise{sent, there, words})
	return nil
}

// buriedSince reports whether the peer has deleted what both sides had, or deleted it once
// more: ours must be dated after that. A pull may not have told: the deletion of a component
// goes with its master's.
func buriedSince(there, base *core.Record) bool {
	return there.Deleted && base != nil && (!base.Deleted || there.ModifiedOn > base.ModifiedOn)
}

// mismatches compares what was sent with what the peer has. dropped are fields
// for which it still has what it had before, or nothing; transformed are the others. Below
// its master a component does not name it. A deletion that did not happen, or one that did
// meanwhile, is the field "".
func mismatches(sent, there, base *core.Record) (dropped, transformed []string) {
	if sent.Deleted || there.Deleted {
		if sent.Deleted != there.Deleted {
			dropped = []string{""}
		}
		return dropped, nil
	}
	for _, f := range sent.Fields {
		now := there.Value(f.Name)
		implied := now.Kind == core.Null && f.Links(there.Master)
		if implied || core.SameValue(f.Value, now) || sameFile(f.Value, now) {
			continue
		}
		var before core.Value
		if base != nil {
			before = base.Value(f.Name)
		}
		if core.SameValue(before, now) || now.Kind == core.Null {
			dropped = append(dropped, f.Name)
		} else {
			transformed = append(transformed, f.Name)
		}
	}
	return dropped, transformed
}
