package replicate

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// A batch is what goes into one push, with what is needed to judge it
// afterwards.
type batch struct {
	task    core.Task
	began   core.MTime // by the peer's clock
	enforce bool
	seals   bool
	records []core.Record       // as they go on the wire
	related []core.Record       // referenced records the peer lacks, and stubs
	sent    map[core.Link]*part // everything that must be proved
	order   []core.Link         // of sent
	list    []*part             // the same, as it was put together
	room    []part              // for more of them
	sealed  map[core.Link]bool  // those of which the peer said that it has them as they were sent
	left    []core.Link         // what components among them were moved away from

	components core.Slab[core.Record] // of records
	inside     map[core.Link]bool     // what is in the document; see relate
	seen       map[core.Link]bool     // see targets
	look       []*core.Record         // at what these point to
}

// A part is one record in a batch.
type part struct {
	rec  *core.Record // our version as it stands here; its components are parts of their own
	wire *core.Record // the same as it was sent
	read core.Part    // our version, as it was read; of a related record, which is judged by content, the hash alone
	left string       // why a file of it was not sent along; "" if none was left

	revives bool // what the peer has deleted
}

// begin makes room for records with all of their parts, in that of those that were there
// before.
func (b *batch) begin(out []core.Outgoing) {
	n := 0
	for i := range out {
		n += out[i].Parts.Len()
	}
	b.records, b.related, b.sealed, b.left = slices.Grow(b.records[:0], len(out)), nil, nil, nil
	b.room, b.order, b.list = slices.Grow(b.room[:0], n), slices.Grow(b.order[:0], n), slices.Grow(b.list[:0], n)
	b.look = slices.Grow(b.look[:0], 2*len(out))
	b.components.Empty()
	if b.sent == nil {
		b.sent, b.inside, b.seen = make(map[core.Link]*part, n), make(map[core.Link]bool, 2*len(out)), make(map[core.Link]bool)
	}
	clear(b.sent)
	clear(b.inside)
}

// add says of a record what has to be known to prove it.
func (b *batch) add(l core.Link, sent part) {
	if before := b.sent[l]; before != nil {
		*before = sent
		return
	}
	if len(b.room) == cap(b.room) {
		b.room = make([]part, 0, 16) // those that lie in the full one stay there
	}
	b.room = append(b.room, sent)
	one := &b.room[len(b.room)-1]
	b.sent[l], b.order, b.list = one, append(b.order, l), append(b.list, one)
}

// remove takes records out that were added because others point to them.
func (b *batch) remove(gone func(core.Link) bool) {
	b.related = slices.DeleteFunc(b.related, func(r core.Record) bool { return gone(r.Link()) })
	b.order = slices.DeleteFunc(b.order, gone)
	b.list = slices.DeleteFunc(b.list, func(sent *part) bool { return gone(sent.rec.Link()) })
	maps.DeleteFunc(b.sent, func(l core.Link, _ *part) bool { return gone(l) })
	maps.DeleteFunc(b.inside, func(l core.Link, _ bool) bool { return gone(l) })
}

// tops are the records at the top of the document.
func (b *batch) tops() iter.Seq[*core.Record] {
	return func(yield func(*core.Record) bool) {
		for _, records := range [][]core.Record{b.records, b.related} {
			for i := range records {
				if !yield(&records[i]) {
					return
				}
			}
		}
	}
}

func (b *batch) parts() int { return len(b.order) }

// bytes is about how large the document will be.
func (b *batch) bytes() (n int64) {
	for i := range b.records {
		_ = b.records[i].Walk(func(r *core.Record) error { // never fails: fn does not
			n += 300
			if r.Body != nil {
				n += int64(r.Body.Size())
				return nil
			}
			for _, f := range r.Fields {
				n += int64(30 + len(f.Name) + len(f.Value.Str) + len(f.Text))
			}
			return nil
		})
	}
	return n
}

func (b *batch) request() PushRequest {
	return PushRequest{Resource: b.task.Resource, Records: b.records, Related: b.related,
		Strategy: b.task.Strategy, Update: b.task.Update, Conflict: b.task.Conflict, Enforce: b.enforce, Seals: b.seals}
}

// takeSeals finds out which of the records the peer has as they were sent, by its
// own word, given after it had stored them. Files are not part of a seal: a record
// with one is read back, to see where the peer has it.
func (b *batch) takeSeals(seals map[core.Seal]bool) {
	if len(seals) == 0 {
		return
	}
	b.sealed = make(map[core.Link]bool, len(b.order))
	for _, l := range b.order {
		sent := b.sent[l]
		if sent.left == "" && !hasFile(sent.wire) && seals[core.SealOf(l, sent.read.Hash, sent.wire.ModifiedOn)] {
			b.sealed[l] = true
		}
	}
}

// unsealed lists what must be proved in another way.
func (b *batch) unsealed() []core.Link {
	if len(b.sealed) == 0 {
		return b.order
	}
	return slices.DeleteFunc(slices.Clone(b.order), func(l core.Link) bool { return b.sealed[l] })
}

func hasFile(rec *core.Record) bool {
	return slices.ContainsFunc(rec.Fields, func(f core.Field) bool { return f.Value.Kind == core.File })
}

// batch prepares records of one table for the wire. That of a component's task may be
// its masters', which carry it.
func (p *pusher) batch(ctx context.Context, out []core.Outgoing) (*batch, error) {
	return p.batchIn(ctx, new(batch), out)
}

// batchIn is batch in the room of one that is not needed any more.
func (p *pusher) batchIn(ctx context.Context, b *batch, out []core.Outgoing) (*batch, error) {
	b.begin(out)
	b.task, b.seals, b.enforce, b.began = p.task, p.own, enforces(p.task), p.peerNow()
	b.task.Resource = out[0].Record.Resource
	bases, err := p.bases(ctx, out)
	if err != nil {
		return nil, err
	}
	for i := range out {
		b.records = append(b.records, b.undressed(&out[i].Record))
		rec := &b.records[i]
		if err := p.dress(ctx, b, &out[i], &out[i].Record, rec, bases); err != nil {
			return nil, err
		}
		if b.task.Resource != rec.Resource { // the task of a component's table: its master carries it
			b.task.Resource = rec.Resource
		}
	}
	return b, p.relate(ctx, b)
}
