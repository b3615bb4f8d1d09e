package simulation

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A watch on the brake of a laptop during one run with one server.
type watch struct {
	s       *simulation
	l       *laptop
	alive   map[core.Link]bool
	counts  map[core.Resource]int // of alive
	waiting map[core.Link]bool    // this server's deletions, put before a person who has not decided
}

func (s *simulation) watchBrake(l *laptop, k *link) *watch {
	w := &watch{s: s, l: l, alive: map[core.Link]bool{}, counts: map[core.Resource]int{}, waiting: map[core.Link]bool{}}
	clear(l.gone)
	for _, r := range recordsOf(s, l.db) {
		if !r.Deleted {
			w.alive[r.Link()] = true
			w.counts[r.Resource]++
		}
	}
	for _, q := range l.held(k) {
		upTo, err := l.db.Braked(s.ctx, k.repo, q.Record.Resource)
		s.must(err)
		if q.ID <= upTo {
			w.waiting[q.Record] = true
		}
	}
	return w
}

// check tells what a run deleted that it may not: more than a few and more than half of
// a table, or what waits for a person. What the person deleted during the run is no
// business of the brake; what is deleted because it was refused before is.
func (w *watch) check(k *link, run core.Run) {
	w.s.t.Helper()
	if len(w.waiting) > 0 {
		w.checkSent(k, run)
	}
	gone, left := map[core.Resource]int{}, map[core.Resource]int{}
	for _, r := range recordsOf(w.s, w.l.db) {
		switch l := r.Link(); {
		case !r.Deleted:
			left[l.Resource]++
		case w.alive[l] && w.l.gone[l]: // it was here when the others were counted, perhaps
			left[l.Resource]++
		case w.alive[l]:
			gone[l.Resource]++
			if w.waiting[l] {
				w.s.t.Errorf("%s: %s was deleted although its deletion waits for a person", w.l.name, short(l))
			}
		}
	}
	for r, n := range gone {
		if n > w.s.brake && 2*n > max(w.counts[r], left[r]+n) {
			w.s.t.Errorf("%s: %d of %d records of %s were deleted past the brake", w.l.name, n, w.counts[r], r)
		}
	}
}

// checkSent tells if something was sent whose deletion waits for a person: the server
// would have it again before anybody decided.
func (w *watch) checkSent(k *link, run core.Run) {
	w.s.t.Helper()
	held := map[core.Link]bool{}
	for _, q := range w.l.held(k) {
		held[q.Record] = true
	}
	w.s.must(w.l.db.Deliveries(w.s.ctx, storage.DeliveryQuery{Repository: k.repo}, func(d core.Delivery) error {
		if d.Run == run.ID && held[d.Record] && w.waiting[d.Record] {
			w.s.t.Errorf("%s: %s was sent although its deletion waits for a person", w.l.name, short(d.Record))
		}
		return nil
	}))
}

// held are the deletions by a server that a brake holds.
func (l *laptop) held(k *link) []core.Quarantine {
	held, err := l.db.Held(l.s.ctx, k.repo, "")
	l.s.must(err)
	return held
}

// decideAt is a person who lets held deletions of a table through, or keeps the
// records, having looked at them. Nobody does the first while a server shows nothing:
// to confirm means, too, that what is not shown may be overwritten.
func (s *simulation) decideAt(l *laptop) {
	k := pick(s, l.links)
	held := l.held(k)
	if len(held) == 0 {
		return
	}
	table := pick(s, held).Record.Resource
	if s.state.unreadable || s.chance(50) {
		kept, err := l.engine(k).RefuseHeld(s.ctx, s.repositoryOf(l, k), table, l.name)
		s.must(err)
		s.tell("%s refuses deletions of %s by %s: %d kept", l.name, table, k.hub.name(), kept)
		l.look()
		return
	}
	for _, q := range held {
		if rec, ok := l.record(q.Record); ok && q.Record.Resource == table {
			s.supersede(rec, "")
		}
	}
	run, err, _ := l.sync(k, replicate.Options{Confirm: true, Resources: []core.Resource{table}})
	s.tell("%s confirms deletions of %s by %s: %s, %v", l.name, table, k.hub.name(), run.Counts, err)
	if core.IsKind(err, core.NodeWentBack) { // nothing was deleted yet; whoever synchronises next is asked again
		s.account()
		s.recognised(l, k)
		return
	}
	if core.IsKind(err, core.WentBack) && (k.older || s.redates()) {
		s.account()
		s.wentBack(l, k)
		return
	}
	if err != nil && !s.explained(err) {
		s.t.Errorf("confirming failed: %v", err)
	}
	if slices.ContainsFunc(l.held(k), func(q core.Quarantine) bool { return q.Record.Resource == table }) && err == nil {
		s.t.Errorf("%s: deletions of %s are still held after they were confirmed", l.name, table)
	}
	s.account()
}

func (s *simulation) repositoryOf(l *laptop, k *link) core.Repository {
	repo, err := l.db.Repository(s.ctx, k.repo)
	s.must(err)
	return repo
}
