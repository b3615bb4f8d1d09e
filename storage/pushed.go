package storage

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// Pushed notes that a push of the task was complete; see replicate.Store.
func (db *DB) Pushed(ctx context.Context, p core.Push) error {
	return db.inTx(ctx, "note push", func(t *tx) error { return t.pushed(p) })
}

// pushed moves the task's watermark, which never goes back. It stops short of a component that waits only because
// its master does: if the master is settled without being sent, nothing else would
// bring the component to mind again; and of a record whose deletion a brake holds,
// which may have to be sent yet.
func (t *tx) pushed(p core.Push) error {
	if err := errors.Join(t.dropCertain(p.Task.RepositoryID), t.dropSending(p.Task.RepositoryID)); err != nil {
		return err
	}
	if stands, err := t.stands(p.Task); err != nil || !stands {
		return err
	}
	o := outgoing{view: t.view(), repo: p.Task.RepositoryID, now: p.At, lent: new(lent)}
	if err := o.prepare(p.Task); err != nil {
		return err
	}
	seq, err := o.beforeStranded(p.Seq)
	if err != nil {
		return err
	}
	return t.one(`UPDATE task SET push_seq = max(push_seq, ?), last_push = ? WHERE id = ?`, seq, int64(p.At), p.Task.ID)
}

// beforeStranded returns seq, or the number before the first unsent record up to it
// that waits for its master or for a brake. Where nothing is held by a conflict, a
// refusal or a brake none can, and none is looked for.
func (o *outgoing) beforeStranded(seq int64) (int64, error) {
	if len(o.conflicts)+len(o.refused)+len(o.braked) == 0 {
		return seq, nil
	}
	const chunk = 500
	for after := o.watermark; ; {
		parts, more, err := o.parts(after, chunk)
		if err != nil {
			return 0, err
		}
		for _, p := range parts {
			if after = p.seq; p.seq > seq {
				return seq, nil
			}
			waits, err := o.isStranded(p)
			if err != nil {
				return 0, err
			}
			if waits {
				return p.seq - 1, nil
			}
		}
		if !more {
			return seq, nil
		}
	}
}

func (o *outgoing) isStranded(p part) (bool, error) {
	l := p.rec.Link()
	if o.braked[l] {
		return true, nil
	}
	if o.waiting(l) {
		return false, nil // it is remembered for its own reason
	}
	r, err := p.based, error(nil)
	for range maxDepth {
		if err != nil || r.rec.Master.IsZero() {
			break
		}
		if o.waiting(r.rec.Master) || o.braked[r.rec.Master] {
			return true, nil
		}
		r, err = o.find(r.rec.Master)
	}
	if errors.Is(err, core.ErrNotFound) {
		err = nil
	}
	return false, err
}

// waiting reports whether the record is in an open conflict or was refused.
func (o *outgoing) waiting(l core.Link) bool {
	_, refused := o.refused[l]
	return refused || o.conflicts[l]
}
