package memory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// Import runs fn while nobody else reads or writes. If fn returns an error or
// panics, everything it did is undone.
func (s *Store) Import(ctx context.Context, fn func(tx intake.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &transaction{s: s}
	done := false
	defer func() {
		if !done {
			t.rollBack()
		}
		t.s = nil // a transaction that is kept is of no use
	}()
	if err := fn(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	return nil
}

// Awaited reports that nobody waits: who does is not known here.
func (s *Store) Awaited() bool { return false }

// A transaction is the store while its lock is held, with what is needed to go
// back.
type transaction struct {
	s    *Store
	undo []func()
}

var _ intake.Tx = (*transaction)(nil)

func (t *transaction) rollBack() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}

// keep notes how to restore the value that m has under k.
func keep[K comparable, V any](t *transaction, m map[K]V, k K) {
	old, had := m[k]
	t.undo = append(t.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
}

// Expect does nothing: everything is at hand.
func (t *transaction) Expect(context.Context, int64, []core.Link) error { return nil }

// Head returns the short view of a record towards one repository.
func (t *transaction) Head(_ context.Context, repo int64, l core.Link) (core.Head, error) {
	var h core.Head
	if e, ok := t.s.entries[l]; ok {
		h.Known, h.Deleted, h.Hash = true, e.rec.Deleted, e.hash
		h.ModifiedOn, h.MCI, h.Seq, h.Origin = e.rec.ModifiedOn, e.rec.MCI, e.seq, e.origin
		h.HasMaster = !e.rec.Master.IsZero()
	}
	if b, ok := t.s.bases[baseKey{repo, l}]; ok {
		h.HasBase, h.BaseHash, h.BaseModifiedOn, h.BaseSeq = true, b.hash, b.rec.ModifiedOn, b.seq
	}
	h.OpenConflict = t.conflictIndex(repo, l) >= 0
	return h, nil
}

// Knows reports whether a record of any table has that uuid.
func (t *transaction) Knows(_ context.Context, uuid string) (bool, error) {
	for l := range t.s.entries {
		if l.UUID == uuid {
			return true, nil
		}
	}
	return false, nil
}

// conflictIndex returns the index of the open conflict about l, -1 if there is
// none.
func (t *transaction) conflictIndex(repo int64, l core.Link) int {
	return slices.IndexFunc(t.s.conflicts, func(c core.Conflict) bool {
		return c.RepositoryID == repo && c.Record == l && c.Open()
	})
}

// Record returns our version, deleted ones included.
func (t *transaction) Record(_ context.Context, l core.Link) (core.Record, error) {
	return t.s.record(l)
}

// Base returns the version last agreed with the repository.
func (t *transaction) Base(_ context.Context, repo int64, l core.Link) (core.Record, error) {
	b, ok := t.s.bases[baseKey{repo, l}]
	if !ok {
		return core.Record{}, fmt.Errorf("base of %s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
	}
	return b.rec.Clone(), nil
}

// VersionByHash returns the present or a former version with that content.
func (t *transaction) VersionByHash(_ context.Context, l core.Link, h core.Hash) (core.Record, error) {
	if e, ok := t.s.entries[l]; ok {
		if e.hash == h {
			return e.rec.Clone(), nil
		}
		for _, v := range slices.Backward(e.past) {
			if v.Record.Hash() == h {
				return v.Record.Clone(), nil
			}
		}
	}
	return core.Record{}, fmt.Errorf("version of %s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
}

// Since returns the versions that we had after seq and have replaced.
func (t *transaction) Since(_ context.Context, l core.Link, seq int64) (out []core.Record, err error) {
	if e, ok := t.s.entries[l]; ok {
		for _, v := range e.past {
			if v.Seq > seq {
				out = append(out, v.Record.Clone())
			}
		}
	}
	return out, nil
}

// Put makes rec our version and gives it the next seq.
func (t *transaction) Put(_ context.Context, rec *core.Record, change core.Change) error {
	l := rec.Link()
	if !l.Resource.Valid() || !core.ValidUUID(l.UUID) {
		return fmt.Errorf("%q %q cannot name a record", l.Resource, l.UUID)
	}
	version := rec.Clone()
	version.Components = nil
	before := t.s.seq
	t.undo = append(t.undo, func() { t.s.seq = before })
	t.s.seq++
	e := &entry{rec: version, hash: version.Hash(), seq: t.s.seq, origin: change.Origin, arrived: core.MTimeOf(t.s.now())}
	old, known := t.s.entries[l]
	if known {
		e.past = append(slices.Clip(old.past), core.Version{ID: t.s.seq, Seq: old.seq, Record: old.rec, Change: change})
	}
	keep(t, t.s.entries, l)
	t.s.entries[l] = e
	if known && old.rec.Master != version.Master {
		t.detach(old.rec.Master, l)
	}
	t.attach(version.Master, l)
	return nil
}

func (t *transaction) attach(master, component core.Link) {
	if master.IsZero() || t.s.parts[master][component] {
		return
	}
	keep(t, t.s.parts, master)
	parts := maps.Clone(t.s.parts[master])
	if parts == nil {
		parts = make(map[core.Link]bool)
	}
	parts[component] = true
	t.s.parts[master] = parts
}

func (t *transaction) detach(master, component core.Link) {
	if !t.s.parts[master][component] {
		return
	}
	keep(t, t.s.parts, master)
	parts := maps.Clone(t.s.parts[master])
	delete(parts, component)
	t.s.parts[master] = parts
}

// Touch sets stamp, mci, users and representations of our version.
func (t *transaction) Touch(_ context.Context, rec *core.Record) error {
	l := rec.Link()
	old, ok := t.s.entries[l]
	if !ok {
		return fmt.Errorf("touch %s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
	}
	e := *old
	e.rec = old.rec.Clone()
	e.rec.MCI, e.rec.CreatedOn, e.rec.ModifiedOn = rec.MCI, rec.CreatedOn, rec.ModifiedOn
	e.rec.CreatedBy, e.rec.ModifiedBy, e.rec.OwnedBy, e.rec.OwnedGroup = rec.CreatedBy, rec.ModifiedBy, rec.OwnedBy, rec.OwnedGroup
	e.rec.URL = rec.URL
	if e.rec.Master.IsZero() {
		e.rec.Master, e.rec.Alias = rec.Master, rec.Alias
	}
	for i := range e.rec.Fields {
		if f, ok := rec.Field(e.rec.Fields[i].Name); ok {
			e.rec.Fields[i].Text = f.Text
		}
	}
	keep(t, t.s.entries, l)
	t.s.entries[l] = &e
	return nil
}

// SetDigest does nothing: this store recognises nothing, and reads all that comes.
func (t *transaction) SetDigest(context.Context, int64, core.Link, core.Digest, bool) error {
	return nil
}

// LostColumn does nothing: the tables of who keeps its records here lose no columns.
func (t *transaction) LostColumn(context.Context, int64, core.Resource, string) error { return nil }

// SetBase notes which version the repository has.
func (t *transaction) SetBase(_ context.Context, repo int64, rec *core.Record, seq int64) error {
	l := rec.Link()
	version := rec.Clone()
	version.Components = nil
	if seq == core.SeqCurrent {
		e, ok := t.s.entries[l]
		if !ok {
			return errors.New("bug: a base for a record that is not here")
		}
		seq = e.seq
	}
	key := baseKey{repo, l}
	keep(t, t.s.bases, key)
	t.s.bases[key] = base{rec: version, hash: version.Hash(), seq: seq}
	return nil
}

// SetUncertain does nothing: whoever keeps its records here sends none.
func (t *transaction) SetUncertain(context.Context, int64, core.Link, core.Hash, core.MTime) error {
	return nil
}

// Uncertain returns core.ErrNotFound.
func (t *transaction) Uncertain(context.Context, int64, core.Link) (core.Hash, core.MTime, error) {
	return core.Hash{}, 0, core.ErrNotFound
}

// OpenConflict returns the conflict about the record that waits for a person.
func (t *transaction) OpenConflict(_ context.Context, repo int64, l core.Link) (core.Conflict, error) {
	i := t.conflictIndex(repo, l)
	if i < 0 {
		return core.Conflict{}, fmt.Errorf("conflict about %s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
	}
	return t.s.conflicts[i], nil
}

// AddConflict stores c; it replaces an open one of the same repository and
// record.
func (t *transaction) AddConflict(_ context.Context, c core.Conflict) (int64, error) {
	before := t.s.conflicts
	t.undo = append(t.undo, func() { t.s.conflicts = before })
	t.s.conflicts = slices.Clone(before)
	if i := t.conflictIndex(c.RepositoryID, c.Record); i >= 0 {
		c.ID = int64(i + 1)
		t.s.conflicts[i] = c
		return c.ID, nil
	}
	c.ID = int64(len(before) + 1)
	t.s.conflicts = append(t.s.conflicts, c)
	return c.ID, nil
}

// AddQuarantine stores q; attempts go on counting and Since stays.
func (t *transaction) AddQuarantine(_ context.Context, q core.Quarantine) error {
	key := quarantineKey{q.RepositoryID, q.Record, q.Outgoing}
	keep(t, t.s.quarantine, key)
	if old, ok := t.s.quarantine[key]; ok {
		q.ID, q.Since, q.Attempts = old.ID, old.Since, old.Attempts+1
	} else {
		t.s.aside++
		q.ID = t.s.aside
		q.Attempts = max(q.Attempts, 1)
	}
	t.s.quarantine[key] = q
	return nil
}

// ClearQuarantine removes the record's quarantine in that direction, if any.
func (t *transaction) ClearQuarantine(_ context.Context, repo int64, l core.Link, outgoing bool) error {
	key := quarantineKey{repo, l, outgoing}
	if _, ok := t.s.quarantine[key]; ok {
		keep(t, t.s.quarantine, key)
		delete(t.s.quarantine, key)
	}
	return nil
}

// Sealed notes which of our present versions a repository has.
func (t *transaction) Sealed(ctx context.Context, sealed []core.Sealing, _ int64) (others []core.Sealing, err error) {
	for _, d := range sealed {
		e, ok := t.s.entries[d.Record]
		if !ok || e.rec.Hash() != d.Hash {
			others = append(others, d)
			continue
		}
		rec := e.rec
		rec.ModifiedOn = d.ModifiedOn
		if err := t.SetBase(ctx, d.RepositoryID, &rec, core.SeqCurrent); err != nil {
			return nil, err
		}
		if err := t.AddDelivery(ctx, d.Delivery); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// AddDelivery notes what a repository was proved to have.
func (t *transaction) AddDelivery(_ context.Context, d core.Delivery) error {
	before := t.s.deliveries
	t.undo = append(t.undo, func() { t.s.deliveries = before })
	d.ID = int64(len(before) + 1)
	t.s.deliveries = append(slices.Clip(before), d)
	return nil
}

// SetCheckpoint stores how far the task's pull has got.
func (t *transaction) SetCheckpoint(_ context.Context, task core.Task, c core.Checkpoint, lastPull core.MTime) error {
	if task.ID < 1 || task.ID > int64(len(t.s.tasks)) {
		return nil
	}
	old := t.s.tasks[task.ID-1]
	if !slices.Equal(old.Filters, task.Filters) {
		return nil
	}
	t.undo = append(t.undo, func() { t.s.tasks[task.ID-1] = old })
	t.s.tasks[task.ID-1].Checkpoint = c
	if lastPull != 0 {
		t.s.tasks[task.ID-1].LastPull = lastPull
	}
	return nil
}
