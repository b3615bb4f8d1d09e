package replicate

import (
	"context"
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// lookFirst asks for the present versions of what is about to be overwritten, or may
// be, and decides about them like any pull. The pull before, if there is one, cannot
// have shown all of them: what reaches an Eden late keeps its old stamp and stays below
// everyone's marker (spec eden-sync-protocol W1). A Fieldsync shows all, and sees by
// based_on what an edit grew from: there it is done only where nothing is pulled. Each is
// looked at once; changed tells that something here is not what it was, or is not
// unsent any more: both sides have the same.
func (p *pusher) lookFirst(ctx context.Context, out []core.Outgoing, looked, hidden map[core.Link]bool) (changed bool, err error) {
	if p.own && p.task.Mode.Pulls() || p.opts.DryRun {
		return false, nil
	}
	unknown := p.unknown(out)
	absent := make(map[core.Link]bool, len(unknown)) // those that need not be there
	for _, l := range unknown {
		absent[l] = true
	}
	rules := p.asking(p.rules(p.task))
	rules.Hold = func(l core.Link) string {
		changed = true
		return p.hold(p.task.Resource)(l)
	}
	rules.Told = func(rec *core.Record, v core.Verdict) {
		looked[rec.Link()] = true
		if v.State == core.StateFiltered && v.Method == core.MethodUpdate {
			p.strange(rec.Link())
		}
		changed = changed || v.State == core.StateUnchanged && unsent(out, rec.Link()) || v.State == core.StateKept && absent[rec.Link()]
	}
	each := func(links []core.Link) error { // that was not looked at yet
		links = slices.DeleteFunc(links, func(l core.Link) bool { return looked[l] })
		if len(links) == 0 {
			return nil
		}
		before, err := p.Store.Seq(ctx)
		if err != nil {
			return err
		}
		for _, chunk := range byResource(links, fetchChunk) {
			counts, err := p.lookAt(ctx, chunk, &rules, hidden)
			if err != nil {
				return err
			}
			for _, l := range chunk {
				looked[l] = true
				if absent[l] {
					delete(hidden, l)
				}
			}
			changed = changed || counts.Changed()+counts.Conflicts > 0
			counts.Received -= counts.Unchanged + counts.Kept + counts.Filtered // seen before, and counted then
			counts.Unchanged, counts.Kept, counts.Filtered = 0, 0, 0
			p.report.Counts.Add(counts)
		}
		after, err := p.Store.Seq(ctx)
		changed = changed || after != before // what is kept may have moved
		return err
	}
	if err := each(slices.Concat(known(out), buried(out), unknown)); err != nil {
		return changed, err
	}
	apart := carried(out)
	for _, l := range apart {
		absent[l] = true
	}
	return changed, each(apart)
}

// strange notes that the peer has a record of which nothing was agreed on: what is sent of it
// is an update there.
func (p *pusher) strange(l core.Link) {
	if p.strangers == nil {
		p.strangers = make(map[core.Link]bool)
	}
	p.strangers[l] = true
}

// lookAt asks for records and decides about what comes.
func (p *pusher) lookAt(ctx context.Context, chunk []core.Link, rules *intake.Rules, hidden map[core.Link]bool) (core.Counts, error) {
	rules.Unseen, rules.Leads = p.hides(p.task, chunk...), make(map[core.Link]core.MTime)
	found, err := p.look(ctx, chunk, rules.Leads, hidden)
	if core.IsKind(err, core.UnknownResource) && chunk[0].Resource != p.task.Resource {
		// A component's table that is not there takes nothing, and keeps nobody back.
		for _, l := range chunk {
			delete(hidden, l)
		}
		return core.Counts{}, nil
	}
	if err != nil {
		return core.Counts{}, err
	}
	return p.applyAll(ctx, rules, found)
}

// unsent reports whether out was to bring the record, not only to carry others.
func unsent(out []core.Outgoing, l core.Link) bool {
	return slices.ContainsFunc(out, func(o core.Outgoing) bool { _, is := o.Parts.Get(l); return is })
}

// look fetches records and notes those that do not come as hidden. Of a deleted one an Eden shows
// into which it was merged only if it is asked for what it leads to. leads is that of askWhole.
func (p *pusher) look(ctx context.Context, chunk []core.Link, leads map[core.Link]core.MTime, hidden map[core.Link]bool) (found []*core.Record, err error) {
	for _, l := range chunk {
		hidden[l] = true
	}
	var buried []core.Link
	whole := p.own || p.pointsToItself(chunk[0].Resource)
	keep := func(_ context.Context, rec *core.Record, master bool, bad *BadRecord) error {
		if bad != nil {
			delete(hidden, bad.Link)
		}
		if rec == nil || !master {
			return nil
		}
		delete(hidden, rec.Link())
		if rec.Deleted && !whole {
			buried = append(buried, rec.Link())
		} else {
			found = append(found, rec)
		}
		return nil
	}
	if whole {
		_, err = p.askWhole(ctx, chunk, leads, keep)
	} else {
		_, err = p.ask(ctx, chunk, keep)
	}
	if err == nil && len(buried) > 0 {
		whole = true
		_, err = p.askWhole(ctx, buried, leads, keep)
	}
	return found, err
}

// neverThere takes out of hidden what the peer has nothing of: it "has" the
// deletion of a record that it never got to know.
func (p *pusher) neverThere(ctx context.Context, hidden map[core.Link]bool) error {
	bases, err := p.basesOf(ctx, slices.Collect(maps.Keys(hidden)))
	for l, base := range bases {
		if base.Deleted {
			delete(hidden, l)
		}
	}
	return err
}

// known lists the masters in out that the peer has.
func known(out []core.Outgoing) []core.Link {
	var links []core.Link
	for _, o := range out {
		if o.Known {
			links = append(links, o.Record.Link())
		}
	}
	return links
}

// buried lists the components in out that are sent as tombstones. An Eden does not
// show one with its master if it lost the link between the two, and what somebody
// changed in it there must not go unseen.
func buried(out []core.Outgoing) []core.Link {
	var links []core.Link
	for _, o := range out {
		for i := range o.Record.Components {
			if c := &o.Record.Components[i]; c.Deleted {
				links = append(links, c.Link())
			}
		}
	}
	return links
}

// carried lists the components in out that the peer has and that are changed here. They
// come with their masters, mostly: an Eden that has lost the link between the two, as it
// does when it takes back the deletion of both (spec eden-sync-protocol W13), shows them
// alone.
func carried(out []core.Outgoing) []core.Link {
	var links []core.Link
	for _, o := range out {
		for l, unsent := range o.Parts.All() {
			if unsent.Based && l != o.Record.Link() {
				links = append(links, l)
			}
		}
	}
	slices.SortFunc(links, byName)
	return links
}

// unknown lists what is sent that the peer may have without our knowing: from somebody
// else, if it was not made here; from us, where an answer was lost and no pull tells, or
// what a pull tells is not let in, or below its marker somebody changed what is to be deleted.
func (p *pusher) unknown(out []core.Outgoing) []core.Link {
	heard := p.task.Mode.Pulls() && p.task.Strategy.Allows(core.MethodUpdate)
	var links []core.Link
	for i := range out {
		_ = out[i].Record.Walk(func(r *core.Record) error { // never fails: fn does not
			unsent, is := out[i].Parts.Get(r.Link())
			if !is {
				return nil
			}
			if !unsent.Based && (!heard || !p.node.Made(r.UUID) || r.Deleted) {
				links = append(links, r.Link())
			}
			return nil
		})
	}
	slices.SortFunc(links, byName)
	return links
}
