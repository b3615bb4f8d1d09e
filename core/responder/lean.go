package responder

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// lean leaves out of a record, on its way to an Eden that calls, what the Eden is known to
// have. It fetches before it sends, and takes or leaves a record by its stamp, as a whole:
// somebody may have changed there what nobody changed here. What it has newer than what comes
// along it keeps, but dates it back to that, never sends it, and loses it with the next
// change here (spec eden-observed, scenario 51).
func (d *document) lean(ctx context.Context, rec *core.Record) error {
	return d.c.store.Import(ctx, func(tx intake.Tx) error {
		_, err := d.slim(ctx, tx, rec)
		return err
	})
}

// slim leaves out of a record what stands at the caller, and its components as far as there is
// nothing in them that does not. It reports whether there is anything left.
func (d *document) slim(ctx context.Context, tx intake.Tx, rec *core.Record) (news bool, err error) {
	newest := rec.ModifiedOn
	rec.Components = slices.DeleteFunc(rec.Components, func(part core.Record) bool { return !d.Carries(&part) })
	left := rec.Components[:0]
	for i := range rec.Components {
		part := &rec.Components[i]
		if news, err = d.slim(ctx, tx, part); err != nil {
			return false, err
		}
		if news {
			newest = max(newest, part.ModifiedOn)
			left = append(left, *part)
		}
	}
	rec.Components = left
	head, err := tx.Head(ctx, d.peer, rec.Link())
	switch {
	case err != nil:
		return false, err
	case !head.HasBase || rec.Deleted:
		return true, nil
	case head.BaseSeq >= head.Seq && head.BaseModifiedOn == rec.ModifiedOn:
		// What only carries its components is dated as they are: what the Eden then has
		// changed of it since is new there, and sent.
		rec.Fields, rec.Unknown, rec.ModifiedOn = nil, "", newest
		return len(rec.Components) > 0, nil
	}
	return true, d.onlyChanged(ctx, tx, rec, head.BaseSeq)
}

// onlyChanged leaves out of a record what is as it was in every version since what the caller is
// known to have, references too: an Eden that takes a deletion of its own back by it has none of
// them any more, shows that with its next push, and is told them then (intake.Rules.Shows).
func (d *document) onlyChanged(ctx context.Context, tx intake.Tx, rec *core.Record, seq int64) error {
	if checkedWhole[rec.Resource] {
		return nil
	}
	base, err := tx.Base(ctx, d.peer, rec.Link())
	if err != nil || base.Deleted {
		return err
	}
	former, err := tx.Since(ctx, rec.Link(), seq)
	if err != nil {
		return err
	}
	versions := append(former, base)
	stood := func(name string) bool {
		value := rec.Value(name)
		return !slices.ContainsFunc(versions, func(v core.Record) bool { return !v.Deleted && !core.SameValue(v.Value(name), value) })
	}
	emptied := emptiedOf(rec, &base)
	rec.Fields = slices.DeleteFunc(slices.Clone(rec.Fields), func(f core.Field) bool {
		return !slices.Contains(checkedAlways[rec.Resource], f.Name) && !slices.ContainsFunc(checkedWith(rec.Resource, f.Name), func(name string) bool { return !stood(name) })
	})
	for _, f := range emptied {
		rec.Set(f)
	}
	if rec.Master == base.Master { // so is whose it is: it may have been given to another one there
		rec.Master = core.Link{}
	}
	return nil
}

// emptiedOf returns the fields of base that are empty by now, as an Eden has to be told it: what
// is not there is untouched, and an empty text is no date.
func emptiedOf(rec, base *core.Record) (emptied []core.Field) {
	for _, f := range base.Fields {
		now, null := rec.Value(f.Name), core.Value{Kind: core.Null}
		switch {
		case f.Value.Kind == core.Bare && now.Str == "":
			null.Aux = core.NullDate
		case now.Kind != core.Null || core.SameValue(now, f.Value):
			continue
		case f.Value.Refers():
			null.Aux = core.NullReference
		}
		emptied = append(emptied, core.Field{Name: f.Name, Value: null})
	}
	return emptied
}

// giveKey lets a component that comes by itself point to its master, as nothing else says whose
// it is: what is made here has only the link. Without one an Eden stores it as nobody's, or fails.
func giveKey(rec *core.Record) {
	if rec.Deleted || rec.Master.IsZero() || slices.ContainsFunc(rec.Fields, func(f core.Field) bool { return f.Links(rec.Master) }) {
		return
	}
	rec.Set(core.Field{Name: core.KeyTo(rec.Resource, rec.Master.Resource), Value: core.RefTo(rec.Master.Resource, rec.Master.UUID)})
}

// named writes what super-keys point to and was left out as the caller has it: an Eden finds it
// only if the document names it (spec s3xml-format §7). It is dated as it stands there.
func (d *document) named(ctx context.Context, resource core.Resource, uuids []string) error {
	var stubs []core.Record
	err := d.c.store.Import(ctx, func(tx intake.Tx) error {
		for _, uuid := range uuids {
			l := core.Link{Resource: resource, UUID: uuid}
			if !d.keyed[l] || d.roll.written(resource, uuid) {
				continue
			}
			head, err := tx.Head(ctx, d.peer, l)
			if err != nil {
				return err
			}
			if head.HasBase && !head.Deleted {
				stubs = append(stubs, core.Record{Resource: resource, UUID: uuid, MCI: core.MCIUnknown, ModifiedOn: head.BaseModifiedOn})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range stubs {
		d.roll.write(resource, stubs[i].UUID)
		if err := d.enc.Encode(&stubs[i]); err != nil {
			return err
		}
	}
	return nil
}
