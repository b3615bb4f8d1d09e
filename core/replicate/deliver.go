package replicate

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

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
