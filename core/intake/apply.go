// Package intake applies received records to the store by the rules of core:
// for a pull on the active side and for a push that a peer makes to us. It
// decides each record, writes the outcome, its base, its history and its
// conflict in the caller's transaction, and counts each record in exactly one
// state.
package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// BasedOn is the attribute in which a Fieldsync tells its peer which version an
// edit grew from: the hexadecimal core.Hash of the content. Eden ignores it.
const BasedOn = "based_on"

// Apply decides about one top-level record and each component nested in it. The
// error is trouble with the store, or Unasked if rules.Columns has to be asked
// first; what is wrong with a record itself ends as its state.
func Apply(ctx context.Context, tx Tx, rules *Rules, rec *core.Record) (core.Counts, error) {
	return Continue(ctx, tx, rules, Received{Record: rec})
}

// Continue is Apply without the first in.Done records of the tree, which were decided
// about and counted before.
func Continue(ctx context.Context, tx Tx, rules *Rules, in Received) (core.Counts, error) {
	var counts core.Counts
	rec := in.Record
	if in.sums == nil {
		unnest(rec)
	}
	if rules.Filter != nil && !rules.Filter(rec) {
		err := rec.Walk(func(r *core.Record) error {
			rules.count(&counts, r, core.Verdict{Action: core.ActSkip, State: core.StateFiltered, Rule: "filter"})
			return nil
		})
		return counts, err
	}
	h := rules.Hasher
	if h == nil {
		h = new(core.Hasher)
	}
	n := 0
	err := rec.Walk(func(r *core.Record) error {
		if n++; n <= in.Done {
			return nil
		}
		v, err := applyOne(ctx, tx, rules, r, in.sum(n-1), h)
		if err != nil {
			if unasked := (*Unasked)(nil); errors.As(err, &unasked) {
				unasked.Done = n - 1
				return unasked
			}
			return fmt.Errorf("apply %s %s: %w", r.Resource, r.UUID, err)
		}
		if v.State != 0 {
			rules.count(&counts, r, v)
		}
		return nil
	})
	return counts, err
}

// applyOne decides about one record, without its components. The fast way, for
// a record that both sides have unchanged, costs one hash and one query. sum is that of
// r, or zero.
func applyOne(ctx context.Context, tx Tx, rules *Rules, r *core.Record, sum core.Hash, h *core.Hasher) (core.Verdict, error) {
	basedOn, digest := takeBasedOn(r), takeDigest(r)
	head, err := tx.Head(ctx, rules.Repository, r.Link())
	if err != nil {
		return core.Verdict{}, err
	}
	if sum.IsZero() {
		sum = h.Sum(r)
	}
	unstamped := r.ModifiedOn == 0
	if unstamped {
		r.ModifiedOn = rules.dated(head, sum)
	}
	if head.HasBase && sum == head.BaseHash && head.Hash == sum && !rules.mayHaveMoved(head, r) {
		rules.stands(r, sum, head.ModifiedOn)
		v := core.Verdict{Action: core.ActNothing, State: core.StateUnchanged, Rule: "same"}
		if err := dropHeld(ctx, tx, rules, r); err != nil {
			return v, err
		}
		if err := agree(ctx, tx, rules, head, r); err != nil || digest.IsZero() {
			return v, err
		}
		// A component may come below several masters: its digests would take turns.
		return v, tx.SetDigest(ctx, rules.Repository, r.Link(), digest, r.Master.IsZero())
	}
	p := rules.pass()
	defer p.clear()
	// One after the other, as a pass is large: put together it would be made twice.
	p.tx, p.rules, p.head, p.hasher = tx, rules, head, h
	p.theirs, p.came, p.basedOn, p.digest = *r, sum, basedOn, digest
	if err := p.complete(ctx, sum); err != nil {
		return core.Verdict{}, err
	}
	if unstamped { // with what it left out it may be a version that is known
		p.theirs.ModifiedOn = rules.dated(head, p.sum)
		p.whole.ModifiedOn = p.theirs.ModifiedOn
	}
	s, err := p.situation(ctx)
	if err != nil {
		return core.Verdict{}, err
	}
	v := rules.of(r.Resource).Decide(s)
	if !head.Known && v.Action == core.ActTake && rules.Made != nil && rules.Made(r.UUID) {
		// What an Eden makes of a record (a row of org_site) has its uuid.
		known, err := tx.Knows(ctx, r.UUID)
		if err != nil {
			return core.Verdict{}, err
		}
		if !known {
			return core.Verdict{}, &core.Problem{Kind: core.NodeWentBack, Err: fmt.Errorf("%s has a record that was made here and is not known", rules.Peer)}
		}
	}
	if v.Action == core.ActTake && rules.Because != "" {
		v.Rule = rules.Because
	}
	if err := dropHeld(ctx, tx, rules, r); err != nil {
		return v, err
	}
	if v, err = p.carryOut(ctx, v); err == nil && p.orphan {
		err = p.adopt(ctx)
	}
	return v, err
}

// mayHaveMoved reports whether a component of which nothing else changed has to be looked at:
// whether it belongs to another record by now, there or here.
func (rules *Rules) mayHaveMoved(head core.Head, r *core.Record) bool {
	return head.HasMaster && (head.Unsent() || !r.Master.IsZero() && r.ModifiedOn != head.BaseModifiedOn)
}

// dropHeld drops a deletion that a brake holds: the record is alive there again.
func dropHeld(ctx context.Context, tx Tx, rules *Rules, r *core.Record) error {
	if r.Deleted {
		return nil
	}
	return tx.ClearQuarantine(ctx, rules.Repository, r.Link(), false)
}

// takeBasedOn removes the attribute from r and returns its hash, zero if there
// is none.
func takeBasedOn(r *core.Record) (h core.Hash) {
	i := basedOnAt(r)
	if i < 0 {
		return h
	}
	if b, err := hex.DecodeString(r.Attrs[i].Value); err == nil && len(b) == len(h) {
		copy(h[:], b)
	}
	r.Attrs = slices.Delete(r.Attrs, i, i+1)
	return h
}

// basedOnAt returns where the attribute stands; -1 if there is none.
func basedOnAt(r *core.Record) int {
	return slices.IndexFunc(r.Attrs, func(a core.Attr) bool { return a.Name == BasedOn })
}

// takeDigest removes the digest from r and returns it: only where r as it came is
// what both sides have in the end does it go into the store. It is zero where the
// bytes do not say all, or where there is more to do than to compare.
func takeDigest(r *core.Record) core.Digest {
	d := r.Digest
	r.Digest = core.Digest{}
	if r.Deleted || r.ModifiedOn == 0 {
		return core.Digest{}
	}
	return d
}

// agree notes the peer's stamp of a version that is the same on both sides. It
// writes nothing if that is known already, so that a quiet sync stays quiet.
func agree(ctx context.Context, tx Tx, rules *Rules, head core.Head, r *core.Record) error {
	orphan := !head.HasMaster && !r.Master.IsZero() // seen alone before: now its master is known
	if head.HasBase && head.BaseModifiedOn == r.ModifiedOn && head.BaseSeq >= head.Seq && head.Hash == head.BaseHash && !orphan {
		return nil
	}
	ours, err := tx.Record(ctx, r.Link())
	if err != nil {
		return err
	}
	if orphan {
		ours.Master, ours.Alias = r.Master, r.Alias
	}
	before := ours
	if r.ModifiedOn >= ours.ModifiedOn {
		ours.TakeOwner(&before, r)
	}
	stamp := rules.standing(r.ModifiedOn, &ours)
	if rules.Serves && !rules.undated(ours.ModifiedOn) { // others have seen what stood here in between
		stamp = max(stamp, ours.ModifiedOn)
	}
	touched := orphan || ours.ModifiedOn != stamp || !core.SameOwner(&ours, &before)
	ours.ModifiedOn = stamp
	switch {
	case orphan && rules.heard(): // whose it is
		if err := tx.Put(ctx, &ours, rules.change(foundMaster)); err != nil {
			return err
		}
	case touched:
		if err := tx.Touch(ctx, &ours); err != nil {
			return err
		}
	}
	ours.ModifiedOn = r.ModifiedOn
	return tx.SetBase(ctx, rules.Repository, &ours, core.SeqCurrent)
}
