package replicate

import (
	"context"
	"errors"
	"maps"

	"github.com/fieldsync/fieldsync/core"
)

// deleteSingly deletes by itself, as a person would in the browser, each record whose
// tombstone an Eden refused although nobody changed it there: it validates a tombstone
// as if it were a record, and an e-mail address lacks one (spec eden-sync-protocol §17
// W12). It passes over a tombstone in silence that is merged into a record which it never
// had (§11.8): if that one is deleted here as well, nothing is left to merge into. found
// is then what stands there afterwards. What the peer refuses again, or does not offer this
// way, stays refused.
func (p *pusher) deleteSingly(ctx context.Context, b *batch, reply PushReply, found map[core.Link]*core.Record) error {
	var stubborn []core.Link
	for _, l := range b.order {
		sent, there := b.sent[l], found[l]
		if !sent.rec.Deleted || there == nil || there.Deleted {
			continue
		}
		single := reply.Refused[l] != ""
		if sent.rec.ReplacedBy != "" {
			heirless, err := p.heirless(ctx, sent.rec)
			if err != nil {
				return err
			}
			single = heirless && p.task.Strategy.Allows(core.MethodDelete)
		}
		if single {
			stubborn = append(stubborn, l)
		}
	}
	if len(stubborn) == 0 {
		return nil
	}
	bases, err := p.basesOf(ctx, stubborn)
	if err != nil {
		return err
	}
	for _, chunk := range byResource(stubborn, fetchChunk) {
		there, err := p.stand(ctx, chunk)
		if err != nil {
			return err
		}
		deleted := false
		for l, rec := range there {
			if rec.Deleted || !p.unchanged(rec, bases[l]) {
				continue
			}
			if err := p.peer.Delete(ctx, rec); err == nil {
				deleted = true
			} else if p.Log != nil { // the refusal of the tombstone stands
				p.Log.Debug("Not deleted", "run", p.report.ID, "resource", l.Resource, "uuid", l.UUID, "err", err)
			}
		}
		if !deleted {
			continue
		}
		if err := p.findAgain(ctx, chunk, found); err != nil {
			return err
		}
	}
	return nil
}

// heirless reports whether what a record was merged into is deleted here as well, and
// was not merged into another one that lives. What never was here may live there.
func (p *pusher) heirless(ctx context.Context, rec *core.Record) (bool, error) {
	heir, known, err := p.heir(ctx, rec)
	return known && heir.Deleted, err
}

// heir returns the last of the records into which a record was merged, one after the
// other; known is false if one of them never was here.
func (p *pusher) heir(ctx context.Context, rec *core.Record) (heir core.Record, known bool, err error) {
	heir = *rec
	for met := make(map[string]bool); heir.ReplacedBy != "" && !met[heir.ReplacedBy]; {
		met[heir.ReplacedBy] = true
		into, err := p.Store.Record(ctx, core.Link{Resource: heir.Resource, UUID: heir.ReplacedBy})
		if errors.Is(err, core.ErrNotFound) {
			return heir, false, nil
		}
		if err != nil {
			return heir, false, err
		}
		heir = into
	}
	return heir, true, nil
}

// inherit lets a merged record name its heir: an Eden passes over one that is merged into
// what it never had, or has deleted (spec eden-sync-protocol §11.8).
func (p *pusher) inherit(ctx context.Context, r *core.Record) error {
	if p.own || !r.Deleted || r.ReplacedBy == "" {
		return nil
	}
	heir, known, err := p.heir(ctx, r)
	if known && !heir.Deleted {
		r.ReplacedBy = heir.UUID
	}
	return err
}

// findAgain puts into found what stands at the peer now of records of one table.
func (p *pusher) findAgain(ctx context.Context, chunk []core.Link, found map[core.Link]*core.Record) error {
	there, err := p.stand(ctx, chunk)
	if err == nil {
		maps.Copy(found, there)
	}
	return err
}

// stand fetches the present versions of records of one table.
func (p *pusher) stand(ctx context.Context, chunk []core.Link) (map[core.Link]*core.Record, error) {
	there := make(map[core.Link]*core.Record)
	_, err := p.ask(ctx, chunk, func(_ context.Context, rec *core.Record, master bool, _ *BadRecord) error {
		if rec != nil && master {
			flat := *rec
			flat.Components = nil
			there[rec.Link()] = &flat
		}
		return nil
	})
	return there, err
}

// unchanged reports whether the peer's version is the one that both sides agreed on.
func (p *pusher) unchanged(there, base *core.Record) bool {
	if base == nil {
		return false
	}
	full := core.Complete(there, base, true)
	full.FillIn(base, p.hides(p.task, there.Link()))
	return core.SameContent(&full, base)
}
