package replicate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"maps"
	"mime"
	"path/filepath"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
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

// enforces reports whether the task's policy is one that only a resource's own controller
// honours.
func enforces(task core.Task) bool {
	return task.Update == core.PolicyThis || task.Update == core.PolicyOther
}

// undressed copies a record and its components; the fields are shared.
func (b *batch) undressed(rec *core.Record) core.Record {
	r := *rec
	r.Components = nil
	if len(rec.Components) > 0 {
		r.Components = b.components.Take(len(rec.Components), componentBlock)
	}
	for i := range rec.Components {
		r.Components[i] = b.undressed(&rec.Components[i])
	}
	return r
}

// componentBlock is how many components there is room for at a time: 12 KB.
const componentBlock = 32

// dress turns a copy of our version, with its components, into what is sent.
func (p *pusher) dress(ctx context.Context, b *batch, o *core.Outgoing, ours, r *core.Record, bases map[core.Link]*core.Record) error {
	if err := p.dressOne(ctx, b, o, ours, r, bases); err != nil {
		return err
	}
	for i := range r.Components {
		if err := p.dress(ctx, b, o, &ours.Components[i], &r.Components[i], bases); err != nil {
			return err
		}
	}
	return nil
}

// dressOne gives a copy of our version the stamp on the peer's clock and mci + 1,
// makes cleared fields explicit and puts files inline. What is unsent must be proved;
// what only carries it keeps the stamp that the peer last had, and says that it is that
// version, so that nothing there moves.
func (p *pusher) dressOne(ctx context.Context, b *batch, o *core.Outgoing, ours, r *core.Record, bases map[core.Link]*core.Record) error {
	l := r.Link()
	unsent, is := o.Parts.Get(l)
	r.MCI = max(r.MCI, 0) + 1
	if !is {
		if o.Known { // it only carries
			r.OwnedBy, r.OwnedGroup = "", ""
		}
		if base := bases[l]; base != nil {
			r.ModifiedOn = base.ModifiedOn // ours may be of a clock that was ahead
			// Somebody may have made another of it there that was never shown here, or does so
			// now, dated before this one if that is of the future.
			if p.own {
				r.Attrs = append(slices.Clone(r.Attrs), core.Attr{Name: intake.BasedOn, Value: base.Hash().String()})
			} else {
				r.ModifiedOn = min(r.ModifiedOn, b.began.Add(-core.StampNoise))
				r.LeaveGeometry(base)
			}
		}
		return nil
	}
	if len(unsent.Cleared) > 0 || hasFile(r) {
		r.Fields = slices.Clone(r.Fields)
	}
	offset := p.offset
	if unsent.Carried { // it is dated by another one's clock, and not by ours
		offset = 0
	}
	r.ModifiedOn = core.Corrected(r.ModifiedOn, offset, b.began, 0)
	if base := bases[l]; base != nil {
		// An edit always moves the stamp, whatever our clock said when it was made:
		// by it others see that there is something new, and that a field which an
		// export leaves out was cleared.
		r.ModifiedOn = max(r.ModifiedOn, base.ModifiedOn+1)
		r.Attrs = append(slices.Clone(r.Attrs), core.Attr{Name: intake.BasedOn, Value: base.Hash().String()})
		addNulls(r, base, unsent.Cleared)
		if !p.own {
			r.LeaveGeometry(base)
		}
		if !base.Master.IsZero() && base.Master != r.Master {
			b.left = append(b.left, base.Master)
		}
		if core.SameOwner(r, base) { // not ours to say again: the peer may have another by now
			r.OwnedBy, r.OwnedGroup = "", ""
		}
	} else if len(unsent.Cleared) > 0 {
		sent, err := p.maybeThere(ctx, l)
		if err != nil {
			return err
		}
		addNulls(r, &sent, unsent.Cleared)
	}
	if bases[l] == nil && !p.own {
		// It may be there, unseen, with what somebody made of it since. An Eden that kept that
		// dated it as what was sent, and would take the same again.
		r.ModifiedOn = r.ModifiedOn.Add(-time.Duration(unsent.Tries) * time.Second)
	}
	if err := p.inherit(ctx, r); err != nil {
		return err
	}
	base := bases[l]
	left, err := p.attach(ctx, r, base)
	b.add(l, part{rec: ours, wire: r, read: unsent, left: left, revives: base != nil && base.Deleted && !r.Deleted})
	return err
}

// maybeThere returns what was sent of a record and may have arrived, though nobody said so: it
// must be told what was taken out since.
func (p *pusher) maybeThere(ctx context.Context, l core.Link) (sent core.Record, err error) {
	err = p.Store.Import(ctx, func(tx intake.Tx) error {
		hash, _, err := tx.Uncertain(ctx, p.repo.ID, l)
		if err == nil {
			sent, err = tx.VersionByHash(ctx, l, hash)
		}
		if errors.Is(err, core.ErrNotFound) {
			return nil
		}
		return err
	})
	return sent, err
}

// bases returns what the peer last had of everything unsent in out, and of what
// carries it.
func (p *pusher) bases(ctx context.Context, out []core.Outgoing) (map[core.Link]*core.Record, error) {
	var links []core.Link
	for i := range out {
		links = carriers(links, &out[i].Parts, &out[i].Record)
		for l, unsent := range out[i].Parts.All() {
			if unsent.Based {
				links = append(links, l)
			}
		}
	}
	return p.basesOf(ctx, links)
}

// carriers adds to links what of a record goes along only to carry its components.
func carriers(links []core.Link, parts *core.Parts, rec *core.Record) []core.Link {
	if len(rec.Components) == 0 {
		return links
	}
	if _, unsent := parts.Get(rec.Link()); !unsent {
		links = append(links, rec.Link())
	}
	for i := range rec.Components {
		links = carriers(links, parts, &rec.Components[i])
	}
	return links
}

func (p *pusher) basesOf(ctx context.Context, links []core.Link) (map[core.Link]*core.Record, error) {
	bases := make(map[core.Link]*core.Record, len(links))
	if len(links) == 0 {
		return bases, nil
	}
	err := p.Store.Import(ctx, func(tx intake.Tx) error {
		for _, l := range links {
			rec, err := tx.Base(ctx, p.repo.ID, l)
			switch {
			case err == nil:
				bases[l] = &rec
			case !errors.Is(err, core.ErrNotFound):
				return err
			}
		}
		return nil
	})
	return bases, err
}

// addNulls makes cleared fields explicit: an absent field is an untouched one.
func addNulls(r, base *core.Record, cleared []string) {
	if r.Deleted {
		return
	}
	for _, name := range cleared {
		f, _ := base.Field(name)
		null := core.Value{Kind: core.Null}
		switch f.Value.Kind {
		case core.Reference, core.References:
			null.Aux = core.NullReference
		case core.Bare:
			null.Aux = core.NullDate
		}
		r.Set(core.Field{Name: name, Value: null})
	}
}

// attach puts the content of a file that the peer does not have into the
// document: it can fetch it neither from a laptop nor, perhaps, from the server
// it came from. A data: URL is what Eden stores (spec eden-observed). A file
// that is too large stays out, and left says so; what came with an address and is
// too large, or not here, goes as that address.
func (p *pusher) attach(ctx context.Context, r, base *core.Record) (left string, err error) {
	for i := len(r.Fields) - 1; i >= 0; i-- {
		f := r.Fields[i]
		if f.Value.Kind != core.File || base != nil && core.SameValue(base.Value(f.Name), f.Value) {
			continue
		}
		a, content, err := p.Store.Attachment(ctx, r.Link(), f.Name)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return left, err
		}
		if int64(len(content)) > p.tuning.FileSize {
			if f.Value.Str != "" { // the peer may reach the place where it lies
				continue
			}
			left = fmt.Sprintf("The file %s was not sent: it has %d MiB, and at most %d MiB can be sent. Everything else was.", f.Value.Aux, len(content)>>20, p.tuning.FileSize>>20)
			r.Unset(f.Name)
			continue
		}
		kind := mime.TypeByExtension(filepath.Ext(a.Name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		r.Fields[i].Value.Str = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	}
	return left, nil
}

// relate adds what the records point to and the peer may lack, and stubs for
// super-keys. It goes on until nothing new is pointed to.
func (p *pusher) relate(ctx context.Context, b *batch) error {
	for i := range b.records {
		_ = b.records[i].Walk(func(r *core.Record) error { // never fails: fn does not
			b.inside[r.Link()] = true
			b.look = append(b.look, r)
			return nil
		})
	}
	look := b.look
	for depth := 0; len(look) > 0 && depth < 10; depth++ {
		wanted, stubs := b.targets(look)
		lacking, err := p.Store.Lacking(ctx, p.repo.ID, wanted)
		if err != nil {
			return err
		}
		if look, err = p.addRelated(ctx, b, lacking); err != nil {
			return err
		}
		if err := p.addStubs(ctx, b, stubs); err != nil {
			return err
		}
	}
	return nil
}

// targets lists what records point to, and which of it by a super-key.
func (b *batch) targets(records []*core.Record) (wanted, stubs []core.Link) {
	clear(b.seen)
	note := func(f *core.Field, uuid string) {
		l := core.Link{Resource: core.Resource(f.Value.Aux), UUID: uuid}
		if b.inside[l] || !l.Resource.Valid() || l.Resource.Private() {
			return
		}
		if !b.seen[l] {
			b.seen[l] = true
			wanted = append(wanted, l)
		}
		if core.IsSuperKey(f.Name) {
			stubs = append(stubs, l)
		}
	}
	for i := range records {
		if r := records[i]; r.ReplacedBy != "" { // its element is imported first (spec eden-sync-protocol §11.2)
			wanted = append(wanted, core.Link{Resource: r.Resource, UUID: r.ReplacedBy})
		}
		for k := range records[i].Fields {
			switch f := &records[i].Fields[k]; f.Value.Kind {
			case core.Reference:
				if f.Value.Str != "" {
					note(f, f.Value.Str)
				}
			case core.References:
				for _, uuid := range f.Value.UUIDs() {
					note(f, uuid)
				}
			}
		}
	}
	return wanted, stubs
}

func (p *pusher) addRelated(ctx context.Context, b *batch, links []core.Link) ([]*core.Record, error) {
	var added []*core.Record
	for _, l := range links {
		if b.inside[l] {
			continue
		}
		rec, err := p.Store.Record(ctx, l)
		if errors.Is(err, core.ErrNotFound) || rec.Deleted {
			continue
		}
		if err != nil {
			return nil, err
		}
		b.inside[l] = true
		ours := rec.Clone()
		rec.MCI = max(rec.MCI, 0) + 1
		rec.ModifiedOn = core.Corrected(rec.ModifiedOn, p.offset, p.peerNow(), 0)
		left, err := p.attach(ctx, &rec, nil)
		if err != nil {
			return nil, err
		}
		b.related = append(b.related, rec)
		b.add(l, part{rec: &ours, wire: &rec, read: core.Part{Hash: ours.Hash()}, left: left})
		added = append(added, &rec)
	}
	return added, nil
}

// addStubs names the targets of super-keys that the peer has already. The stub
// carries the stamp the peer last had, so that nothing there moves; that of a deleted
// one is older, or an Eden brings it back.
func (p *pusher) addStubs(ctx context.Context, b *batch, links []core.Link) error {
	bases, err := p.basesOf(ctx, links)
	if err != nil {
		return err
	}
	for _, l := range links {
		if b.inside[l] {
			continue
		}
		b.inside[l] = true
		var stamp core.MTime
		if base := bases[l]; base != nil {
			stamp = base.ModifiedOn
			if base.Deleted && stamp != core.NeverThere {
				stamp--
			}
		}
		b.related = append(b.related, stub(l, stamp))
	}
	return nil
}

// stub is a record that is only named.
func stub(l core.Link, stamp core.MTime) core.Record {
	return core.Record{Resource: l.Resource, UUID: l.UUID, MCI: core.MCIUnknown, ModifiedOn: stamp}
}
