package replicate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A removing peer is removed when it is asked for its records.
type removing struct {
	replicate.Peer
	remove func()
}

func (r removing) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	r.remove()
	return r.Peer.Pull(ctx, req, yield)
}

// A repository that is removed in the middle of a run leaves nothing behind: no question that
// nobody can answer, and no word of what it had.
func TestARepositoryThatIsRemovedDuringARunLeavesNothing(t *testing.T) {
	for when, hook := range map[string]func(w *world, remove func()){
		"before it is pulled": func(w *world, remove func()) { w.beforeProbe(func() error { remove(); return nil }) },
		"while it is pulled": func(w *world, remove func()) {
			connect := w.engine.Connect
			w.engine.Connect = func(repo core.Repository, n core.Node) (replicate.Peer, error) {
				p, err := connect(repo, n)
				return removing{p, remove}, err
			}
		},
		"before it is sent to": func(w *world, remove func()) {
			w.engine.Connect = beforePush(w.engine.Connect, remove)
		},
		"before it is proved": func(w *world, remove func()) {
			w.engine.Connect = onPush(w.engine.Connect, remove)
		},
	} {
		t.Run(when, func(t *testing.T) {
			w := newAskingWorld(t)
			w.offices(12)
			w.sync()
			w.edit(office(1), set("phone", "ours"))
			w.change(office(1), "phone", "theirs")
			w.edit(office(2), set("phone", "unsent"))
			for n := 21; n < 40; n++ {
				w.edit(office(n), set("name", "New"))
			}
			hook(w, func() {
				if err := w.db.DeleteRepository(t.Context(), w.repo.ID); err != nil && !errors.Is(err, core.ErrNotFound) {
					t.Error(err)
				}
			})
			_, err := w.run(replicate.Options{})
			if err != nil && !core.IsKind(err, core.Cancelled) {
				t.Errorf("got %v\n%s", err, w.logs())
			}
			if list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true}); err != nil || len(list) != 0 {
				t.Errorf("%d questions are left, %v", len(list), err)
			}
			if n := len(w.quarantine()); n != 0 {
				t.Errorf("%d records are set aside", n)
			}
			if n, err := w.db.Agreed(t.Context(), w.repo.ID); err != nil || n != 0 {
				t.Errorf("%d bases are left, %v", n, err)
			}
		})
	}
}

// Who cannot get on removes a server and adds it again. A Fieldsync remembers what it was given
// before: that is no later state of this laptop.
func TestAFieldsyncThatIsRemovedAndAddedAgainIsNoStranger(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(5)
	w.sync()
	w.edit(office(1), set("phone", "before"))
	w.sync()
	w.edit(office(2), set("phone", "not sent yet"))
	for range 2 {
		if err := w.db.DeleteRepository(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		w.know(core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}, "org_office")
		w.sync()
		w.agree(office(1), "phone", "before")
		w.agree(office(2), "phone", "not sent yet")
		w.quiet()
	}
	peer, token := w.rememberedBy(n)
	w.sync()
	w.sync()
	if err := n.db.Remember(t.Context(), peer.ID, token); err != nil { // as in its backup
		t.Fatal(err)
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Errorf("it is recognised as restored as before: got %v", err)
	}
}

// Of a server that was added anew nothing is known. What only this laptop has of a record that
// is in question is shown with theirs, stays, and is still to be sent, whatever is decided
// (seed 1416348).
func TestWhatTheServerLacksOfAQuestionIsStillSent(t *testing.T) {
	for _, winner := range []string{storage.WinnerTheirs, storage.WinnerOurs} {
		t.Run(winner, func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			w.offices(1)
			w.sync()
			w.pass(time.Hour)
			w.edit(office(1), set("comments", "only here"))
			if err := w.db.DeleteRepository(t.Context(), w.repo.ID); err != nil {
				t.Fatal(err)
			}
			w.know(core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword})
			task := core.NewTask(w.repo.ID, "org_office")
			task.Conflict = core.PolicyAsk
			w.addTask(task)
			w.pass(time.Hour)
			w.change(office(1), "phone", "there")
			w.sync()
			c := w.question()
			if err := w.db.ResolveConflict(t.Context(), c.ID, winner, nil, core.Hash{}, "tester"); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Hour)
			w.change(office(1), "email", "since then")
			w.sync()
			w.agree(office(1), "comments", "only here")
			w.agree(office(1), "email", "since then")
			w.quiet()
		})
	}
}

// What lost, or waits to be decided, may stand in the list of conflicts alone: it outlives the
// repository (seed 1310844).
func TestWhatLostIsKeptThoughTheRepositoryIsRemoved(t *testing.T) {
	for what, policy := range map[string]core.Policy{"decided": core.PolicyThis, "waiting": core.PolicyAsk} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			task := core.NewTask(w.repo.ID, "org_office")
			task.Conflict = policy
			w.addTask(task)
			w.offices(1)
			w.sync()
			w.both(office(1), false)
			w.edit(office(1), set("email", "makes the winner a mixture"))
			w.sync()
			if err := w.db.DeleteRepository(t.Context(), w.repo.ID); err != nil {
				t.Fatal(err)
			}
			list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
			if err != nil || len(list) != 1 || list[0].Theirs.Value("phone").Str != "theirs" {
				t.Fatalf("the list of conflicts has %+v, %v", list, err)
			}
			if list[0].Open() {
				t.Error("it waits for a person, and there is nobody to tell")
			}
			if err := w.db.ResolveConflict(t.Context(), list[0].ID, storage.WinnerTheirs, nil, core.Hash{}, "me"); err != nil {
				t.Fatal(err)
			}
			if got := w.here(office(1)); got.Value("phone").Str != "theirs" {
				t.Errorf("decided anew it is %+v", got.Fields)
			}
		})
	}
}
