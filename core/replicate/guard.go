package replicate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// guardSample is how many of the newest records are asked for where one that set
// the marker is not shown, and as many that came here first.
const guardSample = 10

// guard makes sure, before anything of a pull is applied, that the peer still
// has what it had: a peer that was restored from a backup would undo here what
// was undone there (PROMISES 5). A pull reads again the last minutes before its
// marker, so the records that set it must come; only if one does not is the peer
// asked for it. A Fieldsync that remembers our last run has not gone back.
func (p *puller) guard(ctx context.Context) error {
	if p.guarded || p.tuning.Marks < 0 || p.skipsOwn() {
		return nil
	}
	look := p.guardShown
	switch {
	case p.cp.Since == 0, p.forgot():
		look = p.guardAnew
	case p.closed():
		look = p.guardClosed
	}
	err := look(ctx)
	p.guarded = err == nil
	return err
}

// guardShown is guard for a pull that reads again what set its marker.
func (p *puller) guardShown(ctx context.Context) error {
	marks, err := p.Store.Newest(ctx, *p.task, p.cp.Since, p.peerNow(), p.tuning.Marks)
	if err != nil {
		return err
	}
	for _, mark := range marks {
		if !p.shown(mark) {
			return p.lookBack(ctx)
		}
	}
	return nil
}

// guardAnew is guard for a table that is read from its beginning though it was exchanged
// before: somebody asked for everything, say, it has another filter, or was removed and
// added again. No marker says then what must come; what was sent from here must be there.
// So is it at a Fieldsync that may have forgotten us. Where a person said who is who, that counts
// until a run was complete.
func (p *puller) guardAnew(ctx context.Context) error {
	if p.own && !p.forgot() || p.repo.LastConnected == 0 || p.repo.TakeOlder || p.node.Handshake.Adopt {
		return nil
	}
	return p.lookBack(ctx)
}

// guardClosed is guard for a pull that does not read again what set its marker: it asks
// for some of that.
func (p *puller) guardClosed(ctx context.Context) error {
	marks, err := p.Store.Newest(ctx, *p.task, 1, p.peerNow(), p.tuning.Marks)
	if err != nil {
		return err
	}
	there, err := p.present(ctx, links(marks))
	if err != nil {
		return err
	}
	for _, mark := range marks {
		if rec := there[mark.Link]; rec == nil || rec.ModifiedOn < mark.ModifiedOn {
			return p.lookBack(ctx)
		}
	}
	return nil
}

// guardUnseen is guard for a task that only pushes. It costs one request for a
// table of which anything was ever delivered; a Fieldsync that remembers our last run
// has not gone back (see run.recognise).
func (r *run) guardUnseen(ctx context.Context, task core.Task) error {
	switch {
	case r.tuning.Marks < 0:
		return nil
	case r.own:
		return r.newPuller(&task).guardAnew(ctx)
	}
	return r.newPuller(&task).lookBack(ctx)
}

// guardMending is guard for a comparison that mends: what it fetches again is decided
// about as in a pull.
func (r *run) guardMending(ctx context.Context, task core.Task) error {
	if !r.comparing || r.tuning.Marks < 0 {
		return nil
	}
	return r.newPuller(&task).guardAnew(ctx)
}

// shown reports whether the pull brought the record, not older than it was.
func (p *puller) shown(mark core.InventoryLine) bool {
	for _, it := range p.coming {
		switch {
		case it.bad != nil:
			if it.bad.Link == mark.Link {
				return true
			}
		case it.seen != nil:
			if it.seen.link == mark.Link && it.seen.modifiedOn >= mark.ModifiedOn {
				return true
			}
		case it.Record.Link() == mark.Link && it.Record.ModifiedOn >= mark.ModifiedOn:
			return true
		}
	}
	return false
}

// lookBack asks for a sample of what both sides agreed on and judges whether the
// peer went back: it shows older versions of records, or lacks the newest ones,
// two at least, but not those before them. One that is missing may have been
// hidden or removed there; the comparison names it. A Fieldsync hides and removes none: it may
// lack any one. One older version may have
// been pushed there by another program, with its old stamp: a backup would have
// taken back everything that was agreed on later, too. Nor is it one where older records are
// missing as well (see narrowed).
func (p *puller) lookBack(ctx context.Context) error {
	newest, err := p.Store.Newest(ctx, *p.task, 1, p.peerNow(), guardSample)
	if err != nil {
		return err
	}
	first, err := p.Store.First(ctx, *p.task, guardSample)
	if err != nil {
		return err
	}
	there, err := p.present(ctx, append(links(newest), links(first)...))
	if err != nil {
		return err
	}
	held, err := p.Store.Held(ctx, p.repo.ID, p.task.Resource)
	if err != nil {
		return err
	}
	older, lost, few, cut, leads := 0, 0, 2, true, false
	if p.own {
		few = 1
	}
	var example string  // of what is older there
	var same core.MTime // the newest stamp that stands there as it was
	for _, line := range newest {
		rec := there[line.Link]
		if rec == nil && line.Deleted {
			continue // a deletion may be cleared away
		}
		if cut = rec == nil && (cut || p.own); cut {
			lost++
		}
		if rec != nil && rec.ModifiedOn == line.ModifiedOn {
			same = max(same, line.ModifiedOn)
		}
		if rec == nil || rec.ModifiedOn >= line.ModifiedOn.Add(-core.StampNoise) || p.madeSince(rec) {
			continue
		}
		if rec.Deleted && slices.ContainsFunc(held, func(q core.Quarantine) bool { return q.Record == line.Link }) { // it was met, and waits for a person
			continue
		}
		if former, err := p.former(ctx, rec); err != nil {
			return err
		} else if former {
			older++
			leads = leads || same <= line.ModifiedOn
			example = fmt.Sprintf(" (%s is of %s there, and was agreed on as of %s)", rec.UUID, rec.ModifiedOn, line.ModifiedOn)
		}
	}
	if older == 1 && !leads {
		older = 0
	}
	switch {
	case older == 0 && (lost < few || !p.own && narrowed(newest, first, there)):
		return nil
	case older == 0 && len(there) == 0 && !p.own: // a Fieldsync shows all of a table, or nothing and says so
		return &core.Problem{Kind: core.NoReadRight, Subject: p.repo.Name, Err: fmt.Errorf("none of %d known records is shown", len(newest))}
	}
	return &core.Problem{Kind: core.WentBack, Subject: p.repo.Name,
		Err: fmt.Errorf("%s: of the %d newest records, %d are older there%s and the last %d are missing", p.task.Resource, len(newest), older, example, lost)}
}

// narrowed reports whether the peer lacks what was agreed on before something that stands there as
// it was, two records at least: a backup that has this one would have those. They are not shown to
// this account, say as it sees only what is its own by now. newest are the last ones that were
// agreed on, first those that came here first.
func narrowed(newest, first []core.InventoryLine, there map[core.Link]*core.Record) bool {
	order := slices.Clone(newest)
	for _, line := range slices.Backward(first) {
		if !slices.ContainsFunc(newest, func(n core.InventoryLine) bool { return n.Link == line.Link }) {
			order = append(order, line)
		}
	}
	hidden, stands := 0, false
	for _, line := range order { // the last one first
		switch rec := there[line.Link]; {
		case rec == nil && stands && !line.Deleted:
			hidden++
		case rec != nil && rec.ModifiedOn == line.ModifiedOn:
			stands = true
		}
	}
	return hidden >= 2
}

// madeSince reports whether a version is dated after all that was here when a pull was
// last complete: no backup of before has it. What we sent over a stamp of the future is
// dated in the future, too, and what is done there next is dated before it.
func (p *puller) madeSince(rec *core.Record) bool {
	return p.task.LastPull != 0 && rec.ModifiedOn > p.task.LastPull
}

func links(lines []core.InventoryLine) []core.Link {
	var out []core.Link
	for _, l := range lines {
		out = append(out, l.Link)
	}
	return out
}

// present fetches what the peer has of the records now, without applying it.
func (p *puller) present(ctx context.Context, wanted []core.Link) (map[core.Link]*core.Record, error) {
	there := make(map[core.Link]*core.Record)
	for _, chunk := range byResource(wanted, fetchChunk) {
		_, err := p.ask(ctx, chunk, func(_ context.Context, rec *core.Record, master bool, _ *BadRecord) error {
			if rec != nil && master {
				there[rec.Link()] = rec
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return there, nil
}

// former reports whether a record whose stamp went back is a former version. An Eden dates
// records with references back (spec eden-observed, scenario 51): then nothing else changed. A
// Fieldsync takes over from a server of its own what is dated before what it had: that was
// never here. Nor was a deletion that somebody did there, dated by their clock, of what was
// sent from a clock that was ahead.
func (p *puller) former(ctx context.Context, rec *core.Record) (is bool, err error) {
	err = p.Store.Import(ctx, func(tx intake.Tx) error {
		base, err := tx.Base(ctx, p.repo.ID, rec.Link())
		if err != nil {
			return err
		}
		whole := core.Complete(rec, &base, true)
		whole.FillIn(&base, p.hides(*p.task, rec.Link()))
		if is = !core.SameContent(&whole, &base); !is || !p.own && !rec.Deleted {
			return nil
		}
		_, err = tx.VersionByHash(ctx, rec.Link(), whole.Hash())
		if is = err == nil; errors.Is(err, core.ErrNotFound) {
			return nil
		}
		return err
	})
	return is, err
}
