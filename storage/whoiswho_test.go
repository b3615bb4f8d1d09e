package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Who the server is, and who we are, is decided between two runs: one that is under way
// would end with markers that speak for what was forgotten meanwhile, and what the server
// lacks would lie below them for ever.
func TestWhoIsWhoIsNotDecidedDuringARun(t *testing.T) {
	for name, decide := range map[string]func(l *laptop) error{
		"relinked":   func(l *laptop) error { return l.Relink(ctx, l.repo.ID) },
		"sent back":  func(l *laptop) error { return l.SendBack(ctx, l.repo.ID) },
		"take older": func(l *laptop) error { return l.TakeOlder(ctx, l.repo.ID) },
		"restored":   func(l *laptop) error { return l.ConfirmRestored(ctx) },
		"a copy":     func(l *laptop) error { _, err := l.NewIdentity(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLaptop(t, "org_office")
			storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.SetCheckpoint(ctx, l.task, core.Checkpoint{}, 500) })
			node, err := l.Node(ctx)
			if err != nil {
				t.Fatal(err)
			}
			unlock, err := l.LockRun(ctx, l.repo.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := decide(l); !core.IsKind(err, core.AlreadyRunning) {
				t.Errorf("during a run: %v", err)
			}
			tasks, err := l.Tasks(ctx, l.repo.ID)
			if err != nil || tasks[0].LastPull != 500 {
				t.Errorf("the marker was put back: %+v, %v", tasks, err)
			}
			if now, err := l.Node(ctx); err != nil || now.UUID != node.UUID {
				t.Errorf("the node is %s, %v", now.UUID, err)
			}
			unlock()
			if err := decide(l); err != nil {
				t.Errorf("after the run: %v", err)
			}
			if tasks, err = l.Tasks(ctx, l.repo.ID); err != nil || tasks[0].LastPull != 0 {
				t.Errorf("the marker was not put back: %+v, %v", tasks, err)
			}
			unlock, err = l.LockRun(ctx, l.repo.ID)
			if err != nil {
				t.Fatalf("the lock was kept: %v", err)
			}
			unlock()
		})
	}
}
