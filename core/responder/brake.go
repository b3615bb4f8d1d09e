package responder

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// The brake on a peer's deletions: those that would take a resource more than
// brakeRecords records and more than half of all it has are held until somebody
// here confirms them (DESIGN §5, PROMISES 3). A peer pushes in batches, so what
// it deleted within brakeWindow counts together.
const (
	brakeRecords = 20
	brakeWindow  = 24 * time.Hour
)

// heldWords tell the peer why its deletion does not stand.
const heldWords = "Held until somebody there confirms: one of unusually many deletions"

// arm decides, before a page is applied, whether deletions are put off until the
// whole push is in. They are, unless it is in already and has too few of them to
// matter.
func (imp *importer) arm(ctx context.Context, p *page) error {
	if imp.armed = imp.armed || !p.last; imp.armed {
		return nil
	}
	sums := make(map[core.Resource]int)
	for i := range p.items {
		_ = p.items[i].rec.Walk(func(r *core.Record) error { // never fails: fn does not
			if r.Deleted {
				sums[r.Resource]++
			}
			return nil
		})
	}
	for resource, n := range sums {
		recent, err := imp.recent(ctx, resource)
		if err != nil {
			return err
		}
		waiting, err := imp.c.store.Held(ctx, imp.peer.ID, resource)
		if err != nil {
			return err
		}
		imp.armed = imp.armed || n+recent+len(waiting) > brakeRecords
	}
	return nil
}

// recent counts what the peer's pushes deleted of the resource lately.
func (imp *importer) recent(ctx context.Context, resource core.Resource) (int, error) {
	return imp.c.store.DeletedBy(ctx, imp.peer.ID, resource, imp.c.now.Add(-brakeWindow))
}

// hold puts a deletion off; see intake.Rules.Hold.
func (imp *importer) hold(l core.Link) string {
	if !imp.armed {
		return ""
	}
	// Its name, not the record: the page it came in must not stay in memory.
	rec := imp.item.rec
	imp.held[l] = &item{position: imp.item.position, rec: &core.Record{Resource: rec.Resource, UUID: rec.UUID, Deleted: rec.Deleted}}
	return core.HeldDeletion
}

// release judges the deletions that were put off, resource by resource: they
// are carried out, or wait for a person. What waits from before waits on, though it
// is pushed again.
func (imp *importer) release(ctx context.Context) error {
	mine := make(map[core.Resource]bool)
	for l := range imp.held {
		mine[l.Resource] = true
	}
	for resource := range mine {
		held, err := imp.c.store.Held(ctx, imp.peer.ID, resource)
		if err != nil {
			return err
		}
		alive, err := imp.c.store.Alive(ctx, resource)
		if err != nil {
			return err
		}
		upTo, err := imp.weigh(ctx, resource, held, alive)
		if err != nil {
			return err
		}
		sent := slices.DeleteFunc(slices.Clone(held), func(q core.Quarantine) bool { return imp.held[q.Record] == nil })
		first := slices.IndexFunc(append(sent, core.Quarantine{ID: upTo + 1}), func(q core.Quarantine) bool { return q.ID > upTo })
		if err := imp.carryOut(ctx, sent[first:]); err != nil {
			return err
		}
		if err := imp.brake(ctx, resource, sent[:first], len(held), alive); err != nil {
			return err
		}
	}
	return nil
}

// weigh returns up to which id of the quarantine held deletions wait for a person.
func (imp *importer) weigh(ctx context.Context, resource core.Resource, held []core.Quarantine, alive int) (upTo int64, err error) {
	if off, err := imp.c.store.BrakeOff(ctx, imp.peer.ID, resource); off || err != nil {
		return 0, err
	}
	recent, err := imp.recent(ctx, resource)
	if err != nil {
		return 0, err
	}
	if n := len(held) + recent; n > brakeRecords && 2*n > alive+recent {
		upTo = held[len(held)-1].ID
		return upTo, imp.c.store.SetBraked(ctx, imp.peer.ID, resource, upTo)
	}
	return imp.c.store.Braked(ctx, imp.peer.ID, resource)
}

// brake leaves the deletions of a push where they are, of as many as are held in
// all, tells the peer and the log.
func (imp *importer) brake(ctx context.Context, resource core.Resource, sent []core.Quarantine, held, alive int) error {
	if len(sent) == 0 {
		return nil
	}
	sent = slices.Clone(sent)
	slices.SortStableFunc(sent, func(a, b core.Quarantine) int { return imp.held[a.Record].position - imp.held[b.Record].position })
	p := newPage()
	for _, q := range sent {
		v := core.Verdict{State: core.StateQuarantined, Rule: heldWords}
		p.counts.Count(v.State)
		imp.tell(p, imp.held[q.Record], q.Record, v)
	}
	imp.conclude(p)
	problem := &core.Problem{Kind: core.Brake, Subject: imp.peer.Name}
	e := imp.logEntry(core.ResultWarning, fmt.Sprintf("%s %d of %d records.", problem.Sentence(), held, alive), "")
	e.Resource = string(resource)
	return imp.c.journal.note(ctx, imp.peer, e)
}

// carryOut applies deletions that were put off.
func (imp *importer) carryOut(ctx context.Context, held []core.Quarantine) error {
	for chunk := range slices.Chunk(held, pageRecords) {
		p := newPage()
		imp.now = p
		err := imp.c.store.Import(ctx, func(tx intake.Tx) error {
			for _, q := range chunk {
				imp.item = imp.held[q.Record]
				rules := *imp.rules[imp.item.rec.Resource]
				rules.Hold = nil
				counts, _, err := intake.Retry(ctx, tx, &rules, q)
				if err != nil {
					return err
				}
				p.counts.Add(counts)
			}
			return nil
		})
		if err != nil {
			return err
		}
		imp.conclude(p)
	}
	return nil
}
