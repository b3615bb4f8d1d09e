package intake

import "github.com/fieldsync/fieldsync/core"

// A Received is a top-level record on its way to be applied.
type Received struct {
	Record *core.Record
	Done   int // records of the tree that were decided about before (Unasked.Done)

	// sums are the hashes of the tree's records as they came, in the order of Walk; nil
	// where none were taken, zero of one that is not only content (BasedOn).
	sums []core.Hash
}

// A Reception does with records that were received what needs no store, so that it can be
// done beside the applying of those before. It serves one goroutine.
type Reception struct {
	hasher core.Hasher
	room   []core.Hash // for the sums of many records
}

// receptionRoom is how many sums share an allocation.
const receptionRoom = 512

// Receive puts right what only looks like a component, and hashes the record and its
// components. None of them may be changed before they are applied.
func (rc *Reception) Receive(rec *core.Record) Received {
	unnest(rec)
	if cap(rc.room)-len(rc.room) < 1+len(rec.Components) {
		rc.room = make([]core.Hash, 0, max(receptionRoom, 1+len(rec.Components)))
	}
	start := len(rc.room)
	_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
		var sum core.Hash
		if basedOnAt(r) < 0 {
			sum = rc.hasher.Sum(r)
		}
		rc.room = append(rc.room, sum)
		return nil
	})
	return Received{Record: rec, sums: rc.room[start:len(rc.room):len(rc.room)]}
}

// sum returns what was taken of the nth record of the tree; zero if nothing was.
func (in *Received) sum(n int) core.Hash {
	if in.sums == nil {
		return core.Hash{}
	}
	return in.sums[n]
}
