package simulation

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
)

// A weakness ends a process, or fills its disk, at one of its writes.
type weakness struct {
	dir    string // of the database
	writes int
	killAt int // the write at which the process dies; 0: never
	fullAt int // from this write on the disk is full; 0: never
	// image is where the files lie that the killed process left.
	image string
	// newDir makes a folder for an image.
	newDir func() string
}

// write is called before every write, also of those within a transaction, and
// once more after a commit.
func (w *weakness) write() error {
	w.writes++
	if w.killAt > 0 && w.writes == w.killAt {
		w.kill()
	}
	if w.fullAt > 0 && w.writes >= w.fullAt {
		return &core.Problem{Kind: core.DiskFull, Err: errors.New("injected: disk full")}
	}
	return nil
}

// kill copies the files as they lie on the disk at this moment: that is what the
// next process finds.
func (w *weakness) kill() {
	w.image = w.newDir()
	if err := copyStore(w.dir, w.image); err != nil {
		panic(err)
	}
	runtime.Goexit()
}

// copyStore copies a database's files as they lie on the disk.
func copyStore(from, to string) error {
	for _, name := range []string{"fieldsync.db", "fieldsync.db-wal"} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A weakStore is a store whose process may die at any write.
type weakStore struct {
	*storage.DB
	*weakness
}

func (s weakStore) Import(ctx context.Context, fn func(intake.Tx) error) error {
	err := s.DB.Import(ctx, func(tx intake.Tx) error { return fn(weakTx{tx, s.weakness}) })
	if err != nil {
		return err
	}
	if s.killAt > 0 {
		return s.write() // dies after the commit, before anybody hears of it
	}
	return nil
}

func (s weakStore) Pushed(ctx context.Context, p core.Push) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.Pushed(ctx, p)
}

func (s weakStore) Sending(ctx context.Context, repo int64, list []core.Sending, more bool) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.Sending(ctx, repo, list, more)
}

func (s weakStore) Compared(ctx context.Context, task core.Task, now core.MTime) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.Compared(ctx, task, now)
}

func (s weakStore) SaveRepository(ctx context.Context, r core.Repository) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.SaveRepository(ctx, r)
}

func (s weakStore) Connected(ctx context.Context, id int64, at core.MTime) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.Connected(ctx, id, at)
}

func (s weakStore) StartRun(ctx context.Context, r core.Run) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.StartRun(ctx, r)
}

func (s weakStore) Handshake(ctx context.Context, repo int64, begins *core.Run) (core.Handshake, error) {
	if err := s.write(); err != nil {
		return core.Handshake{}, err
	}
	return s.DB.Handshake(ctx, repo, begins)
}

func (s weakStore) FinishRun(ctx context.Context, e core.Ending) ([]core.LogEntry, error) {
	if err := s.write(); err != nil {
		return nil, err
	}
	return s.DB.FinishRun(ctx, e)
}

func (s weakStore) AddLogs(ctx context.Context, rows []core.LogEntry) ([]core.LogEntry, error) {
	if err := s.write(); err != nil {
		return nil, err
	}
	return s.DB.AddLogs(ctx, rows)
}

func (s weakStore) AddLog(ctx context.Context, e core.LogEntry) (core.LogEntry, error) {
	if err := s.write(); err != nil {
		return e, err
	}
	return s.DB.AddLog(ctx, e)
}

func (s weakStore) AddPeer(ctx context.Context, r core.Repository) (core.Repository, error) {
	if err := s.write(); err != nil {
		return r, err
	}
	return s.DB.AddPeer(ctx, r)
}

func (s weakStore) Served(ctx context.Context, repo int64, resource core.Resource, last responder.Serving) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.DB.Served(ctx, repo, resource, last)
}

// A weakTx is a transaction in such a store.
type weakTx struct {
	intake.Tx
	*weakness
}

func (t weakTx) Put(ctx context.Context, rec *core.Record, change core.Change) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.Put(ctx, rec, change)
}

func (t weakTx) Touch(ctx context.Context, rec *core.Record) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.Touch(ctx, rec)
}

func (t weakTx) SetBase(ctx context.Context, repo int64, rec *core.Record, seq int64) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.SetBase(ctx, repo, rec, seq)
}

func (t weakTx) Sealed(ctx context.Context, sealed []core.Sealing, since int64) ([]core.Sealing, error) {
	if err := t.write(); err != nil {
		return nil, err
	}
	return t.Tx.Sealed(ctx, sealed, since)
}

func (t weakTx) AddConflict(ctx context.Context, c core.Conflict) (int64, error) {
	if err := t.write(); err != nil {
		return 0, err
	}
	return t.Tx.AddConflict(ctx, c)
}

func (t weakTx) AddQuarantine(ctx context.Context, q core.Quarantine) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.AddQuarantine(ctx, q)
}

func (t weakTx) ClearQuarantine(ctx context.Context, repo int64, l core.Link, outgoing bool) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.ClearQuarantine(ctx, repo, l, outgoing)
}

func (t weakTx) SetCheckpoint(ctx context.Context, task core.Task, c core.Checkpoint, lastPull core.MTime) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.SetCheckpoint(ctx, task, c, lastPull)
}
