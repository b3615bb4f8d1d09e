package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func TestTheOlderStateOfARestoredServerIsTakenAfterAPersonSaidSo(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther, core.PolicyThis, core.PolicyMaster} {
		t.Run(string(policy), func(t *testing.T) {
			w := restored(t, core.PolicyNewer)
			task := w.task("org_office")
			task.Update = policy
			if err := w.db.UpdateTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			w.edit(office(3), set("phone", "unsent"))
			if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
				t.Fatal(err)
			}
			repo, err := w.db.Repository(t.Context(), w.repo.ID)
			if err != nil {
				t.Fatal(err)
			}
			found, err := w.engine.OlderState(t.Context(), repo)
			if want := (core.OlderState{Replaced: 2, Lacking: 3}); err != nil || found != want {
				t.Fatalf("the numbers are %+v, %v; want %+v", found, err, want)
			}
			if again, err := w.db.Repository(t.Context(), w.repo.ID); err != nil || again != repo {
				t.Errorf("finding out changed %+v to %+v, %v", repo, again, err)
			}
			if err := w.db.TakeOlder(t.Context(), w.repo.ID); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(office(1), "phone", "1")
			w.agree(office(2), "phone", "1")
			w.agree(office(4), "phone", "1")
			if got := w.here(office(3)); got.Value("phone").Str != "unsent" {
				t.Errorf("an unsent edit is gone: %+v", got)
			}
			if policy == core.PolicyNewer {
				w.agree(office(3), "phone", "unsent")
			}
			w.remembers(office(1), "after the backup")
			w.remembers(office(2), "after the backup, there")
			if versions, err := w.db.History(t.Context(), office(2)); err != nil || versions[0].Change.Rule != "older state" {
				t.Errorf("the history says %+v, %v", versions[0].Change, err)
			}
			for n := 41; n <= 43; n++ {
				if w.here(office(n)).Deleted {
					t.Errorf("office %d is gone: only a tombstone deletes", n)
				}
				if _, there := w.eden.Get(office(n)); there {
					t.Errorf("office %d was sent back", n)
				}
			}
			w.quiet()
			w.quiet()
			if policy != core.PolicyNewer {
				return
			}
			// What somebody changes is sent, also if it was lost there.
			w.edit(office(41), set("phone", "needed after all"))
			w.sync()
			w.agree(office(41), "phone", "needed after all")
			// It was said of that backup, and of no other.
			restore := w.eden.Backup()
			w.pass(time.Hour)
			w.edit(office(5), set("phone", "later"))
			w.edit(office(6), set("phone", "later"))
			w.sync()
			w.quiet()
			restore()
			if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
				t.Errorf("the next time: %v", err)
			}
		})
	}
}

// remembers checks that a version with that phone stands in the history.
func (w *world) remembers(l core.Link, phone string) {
	w.t.Helper()
	versions, err := w.db.History(w.t.Context(), l)
	for _, v := range versions {
		if v.Record.Value("phone").Str == phone {
			return
		}
	}
	w.t.Errorf("the history of %s does not have %q: %+v, %v", l.UUID, phone, versions, err)
}

func TestARestoredServerIsNoticedWhereNothingIsPulled(t *testing.T) {
	deliver := func(t *testing.T) (*world, func()) {
		w := newWorld(t)
		task := core.NewTask(w.repo.ID, "org_office")
		task.Mode = core.ModePush
		w.addTask(task)
		for n := 1; n <= 12; n++ {
			w.edit(office(n), set("name", "Ours"))
		}
		w.sync()
		restore := w.eden.Backup()
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "after the backup"))
		for n := 13; n <= 15; n++ {
			w.edit(office(n), set("name", "New"))
		}
		w.sync()
		w.eden.ForgetRequests()
		w.quiet()
		if n := len(w.requests()); n > 2 { // who is there, and one for the table
			t.Errorf("a quiet run cost %v", w.requests())
		}
		return w, restore
	}
	w, restore := deliver(t)
	restore()
	w.edit(office(2), set("phone", "unsent"))
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) || run.Sent != 0 {
		t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
	t.Run("sent back", func(t *testing.T) {
		if err := w.db.SendBack(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.agree(office(1), "phone", "after the backup")
		w.agree(office(2), "phone", "unsent")
		w.agree(office(13), "name", "New")
		w.quiet()
	})
	t.Run("taken", func(t *testing.T) {
		w, restore := deliver(t)
		w.eden.Put(rec(office(100), "name", "Not ours"))
		restore()
		w.eden.Put(rec(office(100), "name", "Not ours"))
		if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
			t.Fatal(err)
		}
		if err := w.db.TakeOlder(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.agree(office(1), "phone", "")
		w.remembers(office(1), "after the backup")
		if _, err := w.db.Record(t.Context(), office(100)); err == nil {
			t.Error("what is only pushed is not pulled")
		}
		w.quiet()
		w.quiet()
	})
}
