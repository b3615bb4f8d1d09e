package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// chained is a laptop whose Fieldsync synchronises itself with an Eden; up does that.
func chained(t *testing.T, conflict core.Policy) (w *world, n *node, up func()) {
	return chainedBy(t, "org_office", conflict)
}

// chainedBy is chained for another table.
func chainedBy(t *testing.T, table core.Resource, conflict core.Policy) (w *world, n *node, up func()) {
	w, n = newNodes(t, table)
	w.eden = edentest.New(t, edentest.At(w.clock.Now()))
	repo, err := n.db.AddRepository(t.Context(), w.eden.Repository())
	if err != nil {
		t.Fatal(err)
	}
	task := core.NewTask(repo.ID, table)
	task.Conflict, task.Merge = conflict, false
	if _, err := n.db.AddTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	engine := w.engineFor(n.db)
	return w, n, func() {
		t.Helper()
		w.pass(time.Minute)
		repo, err := n.db.Repository(t.Context(), repo.ID)
		if err == nil {
			_, err = engine.Sync(t.Context(), repo, replicate.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What a Fieldsync takes from a server of its own may be dated there before, or in the very
// second of, what it goes over here, which a laptop has seen. The laptop takes it all the same:
// its Fieldsync is not one that was restored from a backup, and a field that is missing was
// cleared (seeds 1444406, 1446406).
func TestWhatAFieldsyncTakesFromAServerOfItsOwnReachesItsLaptops(t *testing.T) {
	for _, conflict := range []core.Policy{core.PolicyOther, core.PolicyAsk} {
		for what, clash := range map[string]func(w *world){
			"a former version": func(w *world) {
				w.edit(office(1), set("phone", "2"))
				w.sync()
				w.pass(time.Hour)
				w.edenChanges(office(1), "phone", "2")
				w.pass(time.Hour)
				w.edit(office(1), set("phone", "3"))
			},
			"in the same second": func(w *world) {
				w.edenChanges(office(1), "phone", "2")
				w.edit(office(1), set("comments", "goes under"))
			},
		} {
			t.Run(what+" "+string(conflict), func(t *testing.T) {
				w, n, up := chained(t, conflict)
				w.eden.Put(rec(office(1), "name", "Office 1", "phone", "1"), rec(office(2), "name", "Office 2", "comments", "a column that it has"))
				up()
				for range 3 {
					w.sync()
				}
				w.pass(time.Hour)
				clash(w)
				w.sync()
				up()
				if conflict == core.PolicyAsk {
					list, err := n.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
					if err != nil || len(list) != 1 {
						t.Fatalf("one question must wait: %v, %v", list, err)
					}
					if err := n.db.ResolveConflict(t.Context(), list[0].ID, storage.WinnerTheirs, nil, core.Hash{}, "somebody"); err != nil {
						t.Fatal(err)
					}
				}
				w.sync()
				w.agree(office(1), "phone", "2")
				w.agree(office(1), "comments", "")
				w.quiet()
			})
		}
	}
}

// Somebody at a Fieldsync takes back what a laptop changed, before its own server heard of the change:
// both have the same then, and the server's stamp is of before. The laptop has seen what came in
// between, and hears of it all the same (seed 9406294).
func TestWhatIsTakenBackAtAFieldsyncReachesItsLaptops(t *testing.T) {
	w, n, up := chained(t, core.PolicyNewer)
	w.eden.Put(rec(office(1), "name", "Office 1", "phone", "1"))
	up()
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "2"))
	w.sync()
	w.pass(time.Hour)
	history, err := n.db.History(t.Context(), office(1))
	if err != nil || len(history) != 1 {
		t.Fatalf("%+v, %v", history, err)
	}
	if _, _, err := n.db.RestoreVersion(t.Context(), history[0].ID, "somebody", 0); err != nil {
		t.Fatal(err)
	}
	up()
	w.sync()
	w.agree(office(1), "phone", "1")
	w.quiet()
	before, err := n.db.Seq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	up()
	if after, err := n.db.Seq(t.Context()); err != nil || after != before {
		t.Errorf("the Fieldsync is not at rest: %d versions more, %v", after-before, err)
	}
}

// A merge at the server of a Fieldsync moves a contact that somebody edited at that Fieldsync: the
// edit stays there, and moves. The laptops, which have the edit, hear of the move (seed 9612550).
func TestWhatAServerMovesBelowAnEditOfAFieldsyncReachesItsLaptops(t *testing.T) {
	w, n, up := chainedBy(t, "pr_person", core.PolicyNewer)
	first, second := link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	w.eden.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"))
	w.eden.Put(c)
	up()
	if err := n.db.Share(t.Context(), "pr_contact", true); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.pass(time.Hour)
	w.editIn(n.db, contact(1), set("value", "edited at the Fieldsync"))
	w.sync()
	w.agree(contact(1), "value", "edited at the Fieldsync")
	w.pass(time.Hour)
	moved, _ := w.eden.Get(contact(1))
	moved.Master, moved.ModifiedOn = second, w.serverNow()
	w.eden.Put(moved)
	up()
	w.pass(26 * time.Hour) // the daily comparison finds what is below the marker
	w.sync()
	w.below(second)
	w.agree(contact(1), "value", "edited at the Fieldsync")
	if there, _ := w.eden.Get(contact(1)); there.Master != second || there.Value("value").Str != "edited at the Fieldsync" {
		t.Errorf("at the Eden it is %+v", there)
	}
	w.quiet()
}

// edenChanges is somebody at the Eden of a chain who changes a field.
func (w *world) edenChanges(l core.Link, field, value string) {
	there, _ := w.eden.Get(l)
	there.Set(core.Field{Name: field, Value: core.Text(value)})
	there.ModifiedOn = w.serverNow()
	w.eden.Put(there)
}
