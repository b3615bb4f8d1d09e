package replicate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// believe reports whether what was sent and a peer shows to nobody counts as there: with all
// the rest, dated as it was sent. What an Eden cannot read as an outline it refuses with words.
func believe(sent, there, full, base *core.Record) bool {
	unshown := func(f core.Field) bool {
		return core.Unshown(sent.Resource, f.Name) && there.Value(f.Name).Kind == core.Null
	}
	if full.Deleted || full.ModifiedOn != sent.ModifiedOn || !slices.ContainsFunc(sent.Fields, unshown) {
		return false
	}
	rest := *sent
	rest.Fields = slices.DeleteFunc(slices.Clone(sent.Fields), unshown)
	dropped, _ := mismatches(&rest, full, base)
	return len(dropped) == 0
}

// sameFile compares uploads by name: every server stores them under an address
// of its own.
func sameFile(a, b core.Value) bool {
	return a.Kind == core.File && b.Kind == core.File && a.Aux == b.Aux
}

// deliver notes that the peer has our version, and takes over what it made of
// it: its stamp, and fields that it computes.
func (p *pusher) deliver(ctx context.Context, tx intake.Tx, rules *intake.Rules, sent part, there *core.Record) error {
	p.report.Delivered++
	p.delivered = append(p.delivered, sent.rec.Link())
	link := sent.rec.Link()
	seq := sent.read.Seq
	head, err := tx.Head(ctx, p.repo.ID, link)
	if err != nil {
		return err
	}
	if head.Hash == sent.read.Hash {
		seq = core.SeqCurrent
	}
	one := sent.toNote()
	if err := tx.AddDelivery(ctx, p.delivery(&one)); err != nil {
		return err
	}
	agreed := *sent.rec
	agreed.Components = nil
	agreed.ModifiedOn = sent.wire.ModifiedOn
	switch {
	case !sent.rec.Deleted:
	case there == nil && !head.HasBase: // there was nothing to delete
		agreed.ModifiedOn = core.NeverThere
	case there != nil && there.ModifiedOn != 0: // an older one, if it was deleted there before
		agreed.ModifiedOn = there.ModifiedOn
	}
	if err := tx.SetBase(ctx, p.repo.ID, &agreed, seq); err != nil {
		return err
	}
	if err := tx.ClearQuarantine(ctx, p.repo.ID, link, true); err != nil || there == nil {
		return err
	}
	files := adoptFiles(there, sent.rec)
	if err := p.adopt(ctx, tx, rules, there); err != nil || len(files) == 0 {
		return err
	}
	return p.rememberFiles(ctx, tx, link, files)
}

// deliverSealed notes of what was sealed that the peer has our version to the stamp:
// there is nothing to take over. If ours is another one by now, it is looked at as in
// any delivery.
func (p *pusher) deliverSealed(ctx context.Context, tx intake.Tx, rules *intake.Rules, b *batch) error {
	if len(b.sealed) == 0 {
		return nil
	}
	sealed := make([]core.Sealing, 0, len(b.sealed))
	for _, l := range b.order {
		if b.sealed[l] {
			sent := b.sent[l].toNote()
			sealed = append(sealed, core.Sealing{Delivery: p.delivery(&sent), Part: sent.read})
		}
	}
	others, err := tx.Sealed(ctx, sealed, p.upTo)
	if err != nil {
		return err
	}
	p.sealed = p.sealed && len(others) == 0
	edited := make(map[core.Link]bool, len(others))
	for i := range others {
		l := others[i].Record
		edited[l] = true
		if err := p.deliver(ctx, tx, rules, *b.sent[l], nil); err != nil {
			return fmt.Errorf("prove %s %s: %w", l.Resource, l.UUID, err)
		}
	}
	p.report.Delivered += len(sealed) - len(others)
	for i := range sealed {
		if l := sealed[i].Record; !edited[l] {
			p.delivered = append(p.delivered, l)
		}
	}
	return nil
}

// delivery is the receipt of what was sent.
func (p *pusher) delivery(sent *sentPart) core.Delivery {
	return core.Delivery{RepositoryID: p.repo.ID, Run: p.report.ID, At: core.MTimeOf(p.now()), Record: sent.link,
		Title: sent.title, Deleted: sent.deleted, ModifiedOn: sent.stamp, Hash: sent.read.Hash}
}

// adoptFiles keeps our own address of a file that has another one there, unless
// ours has none yet. It returns the fields as they are there.
func adoptFiles(there, ours *core.Record) (files []core.Field) {
	for i, f := range there.Fields {
		if o := ours.Value(f.Name); sameFile(f.Value, o) && o.Str != "" && !core.SameValue(o, f.Value) {
			files = append(files, f)
			there.Fields[i].Value = o
		}
	}
	return files
}

// rememberFiles notes under which addresses the peer has files of ours, so that
// they are no news with the next pull: every server stores a file under an
// address of its own, and ours may be that of another one.
func (p *pusher) rememberFiles(ctx context.Context, tx intake.Tx, l core.Link, files []core.Field) error {
	base, err := tx.Base(ctx, p.repo.ID, l)
	if err != nil {
		return err
	}
	head, err := tx.Head(ctx, p.repo.ID, l)
	if err != nil {
		return err
	}
	for _, f := range files {
		base.Set(f)
	}
	return tx.SetBase(ctx, p.repo.ID, &base, head.BaseSeq)
}

// adopt decides about the peer's version like any received one. It was not asked
// for by a pull and does not count as received.
func (p *pusher) adopt(ctx context.Context, tx intake.Tx, rules *intake.Rules, there *core.Record) error {
	_, err := intake.Apply(ctx, tx, rules, there)
	return err
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

// agreeInPart makes what the peer has of a record the base of ours, which stays unsent. What
// the peer itself put in is news, decided like any other: in the base it would look as if it
// had been taken out here.
func (p *pusher) agreeInPart(ctx context.Context, tx intake.Tx, rules *intake.Rules, sent part, there, base *core.Record) error {
	agreed := there.Clone()
	agreed.Fields = slices.DeleteFunc(agreed.Fields, func(f core.Field) bool {
		_, ours := sent.wire.Field(f.Name)
		if base != nil && !ours {
			_, ours = base.Field(f.Name)
		}
		return !ours
	})
	if err := tx.SetBase(ctx, p.repo.ID, &agreed, core.SeqNone); err != nil || len(agreed.Fields) == len(there.Fields) {
		return err
	}
	return p.adopt(ctx, tx, rules, there)
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
