package replicate_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// askedPeer calls asked before it is asked who it is.
type askedPeer struct {
	replicate.Peer
	asked func() error
}

func (p askedPeer) Probe(ctx context.Context) (replicate.Identity, error) {
	if err := p.asked(); err != nil {
		return replicate.Identity{}, err
	}
	return p.Peer.Probe(ctx)
}

// beforeProbe has fn called whenever the laptop is about to ask who answers.
func (w *world) beforeProbe(fn func() error) {
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		peer, err := connect(r, n)
		return askedPeer{peer, fn}, err
	}
}

// lastRun is what stands in the list of runs first.
func (w *world) lastRun() core.Run {
	w.t.Helper()
	runs, err := w.db.Runs(w.t.Context(), w.repo.ID, 1)
	if err != nil || len(runs) != 1 {
		w.t.Fatalf("runs %v, %v", runs, err)
	}
	return runs[0]
}

func TestARunIsNotedBeforeAnybodyIsAsked(t *testing.T) {
	w := newWorld(t, "org_office")
	var noted core.Run
	w.beforeProbe(func() error { noted = w.lastRun(); return nil })
	run := w.sync()
	if noted.ID != run.ID || noted.Finished != 0 {
		t.Errorf("while it was connecting %+v was noted, the run is %s", noted, run.ID)
	}
	if last := w.lastRun(); last.ID != run.ID || last.Finished == 0 {
		t.Errorf("in the end %+v is noted", last)
	}
}

func TestARunIsNotedThatTheDataFolderForbids(t *testing.T) {
	w := newWorld(t, "org_office")
	dir := w.db.Dir()
	w.close()
	w.openAt(dir, "first computer")
	w.close()
	w.openAt(dir, "second computer")
	defer w.close()
	w.beforeProbe(func() error { t.Error("the server was asked"); return nil })
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.NodeCopied) {
		t.Fatalf("got %v", err)
	}
	if last := w.lastRun(); last.ID != run.ID || last.Result != core.ResultFatal {
		t.Errorf("%+v is noted", last)
	}
}

// What lies beside the database is written while the server is asked, and also where
// nobody answers.
func TestADatabaseFromBeforeARunThatFoundNobodyIsRecognised(t *testing.T) {
	w := newWorld(t, "org_office")
	w.sync()
	dir, old := w.db.Dir(), w.backup()
	w.beforeProbe(func() error { return &core.Problem{Kind: core.Unreachable, Subject: w.repo.Name} })
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Unreachable) {
		t.Fatalf("got %v", err)
	}
	w.close()
	if err := os.Rename(filepath.Join(old, "fieldsync.db"), filepath.Join(dir, "fieldsync.db")); err != nil {
		t.Fatal(err)
	}
	w.openAt(dir, "")
	defer w.close()
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
		t.Errorf("got %v", err)
	}
}
