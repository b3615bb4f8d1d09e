package replicate

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
)

// deleteSingly deletes by itself, as a person would in the browser, each record whose
// tombstone an Eden refused although nobody changed it there: it validates a tombstone
// as if it were a record, and an e-mail address lacks one (spec eden-sync-protocol §17
// W12). found is then what stands there afterwards. What the peer refuses again, or does
// not offer this way, stays refused.
func (p *pusher) deleteSingly(ctx context.Context, b *batch, reply PushReply, found map[core.Link]*core.Record) error {
	var stubborn []core.Link
	for _, l := range b.order {
		sent, there := b.sent[l], found[l]
		if reply.Refused[l] != "" && sent.rec.Deleted && sent.rec.ReplacedBy == "" && there != nil && !there.Deleted {
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
		if there, err = p.stand(ctx, chunk); err != nil {
			return err
		}
		for l, rec := range there {
			found[l] = rec
		}
	}
	return nil
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
	return core.SameContent(&full, base)
}
