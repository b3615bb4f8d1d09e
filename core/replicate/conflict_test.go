package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// both changes a record on both sides: the phone here an hour before or after
// the phone there.
func (w *world) both(l core.Link, oursLater bool) {
	w.t.Helper()
	if oursLater {
		w.change(l, "phone", "theirs")
		w.pass(time.Hour)
		w.edit(l, set("phone", "ours"))
		return
	}
	w.edit(l, set("phone", "ours"))
	w.pass(time.Hour)
	w.change(l, "phone", "theirs")
}

func TestConflictsEndAsThePolicySays(t *testing.T) {
	for _, tt := range []struct {
		name      string
		policy    core.Policy
		oursLater bool
		want      string
	}{
		{"THIS keeps ours although theirs is later", core.PolicyThis, false, "ours"},
		{"OTHER takes theirs although ours is later", core.PolicyOther, true, "theirs"},
		{"NEWER keeps the later one, ours", core.PolicyNewer, true, "ours"},
		{"NEWER keeps the later one, theirs", core.PolicyNewer, false, "theirs"},
		{"MASTER takes the originator's", core.PolicyMaster, true, "theirs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			task := core.NewTask(w.repo.ID, "org_office")
			task.Conflict = tt.policy
			w.addTask(task)
			w.offices(2)
			w.sync()
			w.pass(time.Hour)
			w.both(office(1), tt.oursLater)
			run := w.sync()
			if run.Conflicts != 1 {
				t.Errorf("got %s, want one conflict\n%s", run.Counts, w.logs())
			}
			w.agree(office(1), "phone", tt.want)
			list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
			if err != nil || len(list) != 1 {
				t.Fatalf("the conflict must be listed: %v, %v", list, err)
			}
			if c := list[0]; c.Ours.Value("phone").Str != "ours" || c.Theirs.Value("phone").Str != "theirs" || c.Open() {
				t.Errorf("it must keep both versions and be decided: %+v", c)
			}
			w.quiet()
		})
	}
}

func TestChangesOfDifferentFieldsAreBothKept(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.change(office(1), "name", "Theirs")
	w.edit(office(1), set("phone", "ours"))
	run := w.sync()
	if run.Merged != 1 || run.Conflicts != 0 || run.Delivered != 1 {
		t.Errorf("got %s, want one merged and delivered\n%s", run.Counts, w.logs())
	}
	w.agree(office(1), "name", "Theirs")
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

func TestASKHoldsBothUntilAPersonAnswers(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	w.both(office(1), false)
	w.edit(office(2), set("phone", "other work"))
	run := w.sync()
	if run.Conflicts != 1 || run.Delivered != 1 {
		t.Errorf("got %s: the rest must go on\n%s", run.Counts, w.logs())
	}
	if here, there := w.here(office(1)), w.there(office(1)); here.Value("phone").Str != "ours" || there.Value("phone").Str != "theirs" {
		t.Error("both versions must stay as they are")
	}
	if run := w.sync(); run.Sent != 0 {
		t.Errorf("nothing may be sent while it is open: %s", run.Counts)
	}
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(list) != 1 {
		t.Fatalf("one question must wait: %v, %v", list, err)
	}
	w.pass(time.Hour)
	if err := w.db.ResolveConflict(t.Context(), list[0].ID, "ours", nil, "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

func TestEditAgainstDeletion(t *testing.T) {
	t.Run("a later edit here brings the record back there", func(t *testing.T) {
		w := newWorld(t, "org_office")
		w.offices(1)
		w.sync()
		w.pass(time.Hour)
		w.eden.Delete(office(1))
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "ours"))
		w.sync()
		if w.there(office(1)).Deleted {
			t.Error("the edit was lost")
		}
		w.agree(office(1), "phone", "ours")
		w.quiet()
	})
	t.Run("a later deletion there wins, and the edit is kept in sight", func(t *testing.T) {
		w := newWorld(t, "org_office")
		w.offices(1)
		w.sync()
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "ours"))
		w.pass(time.Hour)
		w.eden.Delete(office(1))
		w.sync()
		if !w.here(office(1)).Deleted {
			t.Error("NEWER: the deletion is later")
		}
		list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
		if err != nil || len(list) != 1 || list[0].Ours.Value("phone").Str != "ours" {
			t.Errorf("the losing edit must be in the list: %+v, %v", list, err)
		}
		w.quiet()
	})
}

func TestUpdatePolicyTHISSendsOursBack(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Update, task.Conflict = core.PolicyThis, core.PolicyThis
	w.addTask(task)
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.change(office(1), "phone", "theirs")
	run := w.sync()
	if run.Kept != 1 {
		t.Errorf("got %s, want ours kept\n%s", run.Counts, w.logs())
	}
	w.agree(office(1), "phone", "1")
	w.quiet()
}

func TestTwoRepositoriesDoNotEcho(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	other := newWorld(t)
	second, err := w.db.AddRepository(t.Context(), core.Repository{Name: "second", URL: other.eden.URL, Username: w.repo.Username, Password: w.repo.Password})
	if err != nil {
		t.Fatal(err)
	}
	w.addTask(core.NewTask(second.ID, "org_office"))
	other.eden.UUID = "urn:uuid:22222222-2222-4222-8222-222222222222"
	first := w.repo
	w.repo = second
	w.pass(time.Minute)
	other.pass(w.now.Sub(other.now))
	run := w.sync()
	if run.Delivered != 3 {
		t.Errorf("the second server lacks three records: %s\n%s", run.Counts, w.logs())
	}
	other.pass(time.Hour)
	w.pass(time.Hour)
	other.change(office(2), "phone", "from the second")
	w.sync()
	w.repo = first
	if run := w.sync(); run.Delivered != 1 {
		t.Errorf("the first server lacks one change: %s\n%s", run.Counts, w.logs())
	}
	w.agree(office(2), "phone", "from the second")
	w.quiet()
	w.repo = second
	w.quiet()
}
