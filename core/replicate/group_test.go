package replicate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A binder sees how many records each transaction that ended well has written.
type binder struct {
	replicate.Store
	bound []int
}

type binderTx struct {
	intake.Tx
	written *int
}

func (s *binder) Import(ctx context.Context, fn func(intake.Tx) error) error {
	written := 0
	err := s.Store.Import(ctx, func(tx intake.Tx) error { return fn(binderTx{tx, &written}) })
	if err == nil && written > 0 {
		s.bound = append(s.bound, written)
	}
	return err
}

func (tx binderTx) Put(ctx context.Context, rec *core.Record, change core.Change) error {
	*tx.written++
	return tx.Tx.Put(ctx, rec, change)
}

func TestThePagesOfAFirstPullShareTransactions(t *testing.T) {
	w := newWorld(t, "org_office")
	w.engine.Tuning.InTurn = true
	w.offices(95)
	store := &binder{Store: w.db}
	w.engine.Store = store
	if run := w.sync(); run.Created != 95 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	if want := []int{28, 27, 27, 13}; !slices.Equal(store.bound, want) { // three pages each, of ten that begin with the last one before
		t.Errorf("the transactions have %d records, want %d", store.bound, want)
	}
	w.quiet()
}

// An awaited store always has somebody who waits to write.
type awaited struct{ *binder }

func (awaited) Awaited() bool { return true }

// Whoever waits to write comes next: no parcel joins the one being written.
func TestAFirstPullGivesWayToWhoeverWaitsToWrite(t *testing.T) {
	w := newWorld(t, "org_office")
	w.engine.Tuning.InTurn = true
	w.offices(95)
	store := &binder{Store: w.db}
	w.engine.Store = awaited{store}
	if run := w.sync(); run.Created != 95 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	if most := slices.Max(store.bound); most > 10 {
		t.Errorf("a transaction has %d records, a page has ten: %d", most, store.bound)
	}
	w.quiet()
}

// What one record spoils is taken back as a whole, pulled again, and then everything
// but that record is here; nothing is counted or told twice.
func TestAGroupThatOneRecordSpoilsIsPulledAgain(t *testing.T) {
	for _, inTurn := range []bool{false, true} {
		t.Run(fmt.Sprint("in turn ", inTurn), func(t *testing.T) {
			w, told := contested(t, inTurn)
			for n := 1; n <= 95; n++ {
				w.change(office(n), "phone", fmt.Sprint("phone of ", n))
			}
			w.engine.Store = &picky{Store: w.db, poison: office(25)}
			run := w.sync()
			if run.Updated != 93 || run.Conflicts != 1 || run.Quarantined != 1 {
				t.Errorf("got %s\n%s", run.Counts, w.logs())
			}
			if len(*told) != 1 {
				t.Errorf("one conflict was told of %d times", len(*told))
			}
			if held := w.quarantine(); len(held) != 1 || held[0].Record != office(25) {
				t.Errorf("set aside: %+v", held)
			}
			w.agree(office(95), "phone", "phone of 95")
		})
	}
}

// A roomy peer sees where the records that it reads are to lie.
type roomy struct {
	replicate.Peer
	rooms map[*core.Room]bool
}

func (p *roomy) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if place := req.Room; place != nil {
		req.Room = func() *core.Room {
			room := place()
			p.rooms[room] = true
			return room
		}
	}
	return p.Peer.Pull(ctx, req, yield)
}

// However large a first pull is, its records lie where those lay that are written.
func TestTheRecordsOfAFirstPullShareTwoRooms(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(95)
	peer := &roomy{rooms: make(map[*core.Room]bool)}
	connect := w.engine.Connect
	w.engine.Connect = func(repo core.Repository, node core.Node) (replicate.Peer, error) {
		p, err := connect(repo, node)
		peer.Peer = p
		return peer, err
	}
	if run := w.sync(); run.Created != 95 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	if n := len(peer.rooms); n == 0 || n > 2 {
		t.Errorf("95 records in pages of ten lay in %d rooms", len(peer.rooms))
	}
	w.agree(office(1), "name", "Office 1")
	w.agree(office(95), "name", "Office 95")
	w.quiet()
}

// What a first pull tells of a record stays what it was, whatever comes after it.
func TestWhatAFirstPullTellsOfIsNotOverwritten(t *testing.T) {
	for _, inTurn := range []bool{false, true} {
		t.Run(fmt.Sprint("in turn ", inTurn), func(t *testing.T) {
			w, found := contested(t, inTurn)
			w.sync()
			if told := *found; len(told) != 1 || told[0].Ours.Value("name").Str != "ours" || told[0].Theirs.Value("name").Str != "theirs" {
				t.Errorf("told of %+v\n%s", told, w.logs())
			}
		})
	}
}

// contested is a world of 95 offices that are pulled as if for the first time, of which the
// third was changed on both sides; told are the conflicts that the engine told of.
func contested(t *testing.T, inTurn bool) (w *world, told *[]core.Conflict) {
	w, told = newWorld(t, "org_office"), new([]core.Conflict)
	w.engine.Tuning.InTurn = inTurn
	w.offices(95)
	w.sync()
	w.edit(office(3), set("name", "ours"))
	w.forgetMarker("org_office")
	w.pass(time.Minute)
	w.change(office(3), "name", "theirs")
	w.engine.Events = new(event.Bus)
	t.Cleanup(w.engine.Events.Subscribe(func(e event.Event) {
		if c, ok := e.(event.ConflictFound); ok {
			*told = append(*told, c.Conflict)
		}
	}))
	return w, told
}

// forgetMarker lets the next pull of the resource be a first one, with all that is known
// of its records.
func (w *world) forgetMarker(resource core.Resource) {
	w.t.Helper()
	task := w.task(resource)
	if err := w.db.DeleteTask(w.t.Context(), task.ID); err != nil {
		w.t.Fatal(err)
	}
	task.ID = 0
	task.LastPull, task.Compared = 0, 0
	task.Conflict = core.PolicyAsk
	w.addTask(task)
}

// A stalling peer waits before each page that begins further on than a place.
type stalling struct {
	replicate.Peer
	from int
	wait func() error
}

func (p *stalling) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if req.Start >= p.from {
		if err := p.wait(); err != nil {
			return replicate.PullReply{}, err
		}
	}
	return p.Peer.Pull(ctx, req, yield)
}

// However long a page takes to come, an edit does not wait for it, and what came before
// it is here.
func TestAnEditDoesNotWaitForALineThatStalls(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(95)
	edits := 0
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return &stalling{p, 20, func() error { // the page comes when an edit is done
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			edits++
			return w.db.Import(ctx, func(tx intake.Tx) error {
				if head, err := tx.Head(ctx, w.repo.ID, office(1)); err != nil || !head.Known {
					return errors.Join(err, errors.New("what came before is not here"))
				}
				rec := core.Record{Resource: "org_office", UUID: link("org_office", 1000+edits).UUID}
				return tx.Put(ctx, &rec, core.Change{Rule: "edit", By: "me", At: core.MTimeOf(w.clock.Now())})
			})
		}}, err
	}
	if run := w.sync(); run.Created != 95 || edits == 0 {
		t.Fatalf("%d edits, got %s\n%s", edits, run.Counts, w.logs())
	}
}
