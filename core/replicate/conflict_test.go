package replicate_test

import (
	"context"
	"slices"
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
	w := newAskingWorld(t)
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	w.both(office(1), false)
	w.edit(office(2), set("phone", "other work"))
	run := w.sync()
	if run.Conflicts != 1 || run.Delivered != 1 {
		t.Errorf("got %s: the rest must go on\n%s", run.Counts, w.logs())
	}
	if e := w.remarkOn(office(1)); e.Run != run.ID || e.Message != core.LogConflictOpen {
		t.Errorf("the log's entry of the record: %+v", e)
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
	if err := w.db.ResolveConflict(t.Context(), list[0].ID, "ours", nil, core.Hash{}, "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

// inQuestion makes one record, changed on both sides, a question.
func (w *world) inQuestion() core.Conflict {
	w.t.Helper()
	task := core.NewTask(w.repo.ID, "org_office")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.both(office(1), false)
	w.sync()
	return w.question()
}

// question returns the one that waits.
func (w *world) question() core.Conflict {
	w.t.Helper()
	list, err := w.db.Conflicts(w.t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(list) != 1 {
		w.t.Fatalf("one question must wait: %v, %v", list, err)
	}
	return list[0]
}

// What is edited while its record waits for a decision is put before whoever decides, and
// goes under by no decision that was made without it.
func TestAnEditOfARecordInQuestionIsDecidedAboutToo(t *testing.T) {
	for _, winner := range []string{storage.WinnerTheirs, storage.WinnerBoth} {
		t.Run(winner, func(t *testing.T) {
			w := newWorld(t)
			before := w.inQuestion()
			w.edit(office(1), set("comments", "beside the road"))
			mixed := before.Ours.Clone()
			mixed.Set(core.Field{Name: "phone", Value: core.Text("both")})
			err := w.db.ResolveConflict(t.Context(), before.ID, winner, &mixed, before.Ours.Hash(), "me")
			if !core.IsKind(err, core.InvalidSetting) {
				t.Errorf("it was decided about without the edit: %v", err)
			}
			if here := w.here(office(1)); here.Value("comments").Str != "beside the road" {
				t.Errorf("the edit is lost: %+v", here)
			}
			now := w.question()
			if now.Ours.Value("comments").Str != "beside the road" || len(now.Clashes) != 1 || now.Clashes[0] != "phone" {
				t.Errorf("the question is %+v", now)
			}
			mixed = now.Ours.Clone()
			mixed.Set(core.Field{Name: "phone", Value: core.Text("both")})
			w.pass(time.Minute)
			if err := w.db.ResolveConflict(t.Context(), now.ID, storage.WinnerBoth, &mixed, now.Ours.Hash(), "me"); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(office(1), "phone", "both")
			w.agree(office(1), "comments", "beside the road")
			w.quiet()
		})
	}
}

// What was decided about is what stands in the list afterwards, and what can be chosen anew.
func TestADecisionIsRememberedWithWhatItWasMadeAbout(t *testing.T) {
	w := newWorld(t)
	w.inQuestion()
	w.edit(office(1), set("comments", "beside the road"))
	q := w.question()
	if err := w.db.ResolveConflict(t.Context(), q.ID, storage.WinnerTheirs, nil, q.Ours.Hash(), "me"); err != nil {
		t.Fatal(err)
	}
	decided, err := w.db.Conflict(t.Context(), q.ID)
	if err != nil || decided.Ours.Value("comments").Str != "beside the road" {
		t.Fatalf("%+v, %v", decided, err)
	}
	if err := w.db.ResolveConflict(t.Context(), q.ID, storage.WinnerOurs, nil, core.Hash{}, "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "comments", "beside the road")
	w.agree(office(1), "phone", "ours")
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
	other.pass(w.clock.Now().Sub(other.clock.Now()))
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

func TestDeletedOnBothSidesIsNoConflict(t *testing.T) {
	w := newAskingWorld(t)
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), func(r *core.Record) { r.Deleted = true })
	w.eden.Delete(office(1))
	run := w.sync()
	if run.Conflicts != 0 || run.Refused != 0 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if !w.here(office(1)).Deleted || !w.there(office(1)).Deleted {
		t.Error("it must be deleted on both sides")
	}
	w.quiet()
}

// Who deletes a record while they are asked about its deletion at the server has answered.
func TestWhatIsDeletedHereTooIsNoQuestionAnyMore(t *testing.T) {
	w := newAskingWorld(t)
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "2"))
	w.eden.Delete(office(1))
	if run := w.sync(); run.Conflicts != 1 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	_, _, err := w.db.Edit(t.Context(), storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: "org_office", UUID: office(1).UUID}, By: "me"})
	if err != nil {
		t.Fatal(err)
	}
	if open, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true}); err != nil || len(open) != 0 {
		t.Errorf("it waits still: %+v, %v", open, err)
	}
	if !w.here(office(1)).Deleted || !w.there(office(1)).Deleted {
		t.Error("it must be deleted on both sides")
	}
	w.quiet()
}

// person numbers a person and a contact of theirs.
// A question that a new link closes is closed with what stands here by then: whoever decides
// again for what was here gets that, and not what it was when the question arose.
func TestAQuestionThatANewLinkClosesKeepsWhatWasEditedSince(t *testing.T) {
	w := newWorld(t)
	c := w.inQuestion()
	w.edit(office(1), set("comments", "beside the road"))
	if err := w.db.Relink(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	for _, winner := range []string{storage.WinnerTheirs, storage.WinnerOurs} {
		if err := w.db.ResolveConflict(t.Context(), c.ID, winner, nil, core.Hash{}, "me"); err != nil {
			t.Fatal(err)
		}
		if got := w.here(office(1)); got.Value("phone").Str != winner {
			t.Errorf("decided for %s, it is %+v", winner, got)
		}
	}
	if got := w.here(office(1)); got.Value("comments").Str != "beside the road" {
		t.Errorf("the comments are gone: %+v", got)
	}
}

// newQuestionOfTheNew is a world with a question about what the server has had only since its
// backup, to which restore takes it back.
func newQuestionOfTheNew(t *testing.T) (w *world, restore func()) {
	t.Helper()
	w = newAskingWorld(t)
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	restore = w.eden.Backup()
	w.both(office(1), false)
	w.sync()
	return w, restore
}

// What a restored server has lost of a question is not believed to be there: who decides for
// it has it sent.
func TestAQuestionAboutWhatARestoredServerLostIsDecidedAnew(t *testing.T) {
	for way, goOn := range map[string]func(*storage.DB, context.Context, int64) error{"send back": (*storage.DB).SendBack, "take older": (*storage.DB).TakeOlder} {
		for _, winner := range []string{storage.WinnerOurs, storage.WinnerTheirs} {
			t.Run(way+" "+winner, func(t *testing.T) {
				w, restore := newQuestionOfTheNew(t)
				c := w.question()
				restore()
				if err := goOn(w.db, t.Context(), w.repo.ID); err != nil {
					t.Fatal(err)
				}
				w.sync()
				if err := w.db.ResolveConflict(t.Context(), c.ID, winner, nil, core.Hash{}, "me"); err != nil {
					t.Fatal(err)
				}
				w.sync()
				w.agree(office(1), "phone", winner)
				w.quiet()
			})
		}
	}
}

// One that is still there is a question again.
func TestAQuestionThatARestoredServerStillHasIsAskedAgain(t *testing.T) {
	for way, goOn := range map[string]func(*storage.DB, context.Context, int64) error{"send back": (*storage.DB).SendBack, "take older": (*storage.DB).TakeOlder} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t)
			w.inQuestion()
			if err := goOn(w.db, t.Context(), w.repo.ID); err != nil {
				t.Fatal(err)
			}
			w.sync()
			c := w.question()
			if c.Ours.Value("phone").Str != "ours" || c.Theirs.Value("phone").Str != "theirs" {
				t.Errorf("got %+v", c)
			}
			if got := w.there(office(1)); got.Value("phone").Str != "theirs" {
				t.Errorf("it was sent: %+v", got)
			}
		})
	}
}

// A server is restored to before what is in question there, and somebody edits the record once
// more: what was in question stands nowhere else, and stays in the list.
func TestWhatWasInQuestionStaysInTheListWhenTheServerHasAnotherVersion(t *testing.T) {
	for what, changeThere := range map[string]func(*world){
		"an edit":    func(w *world) { w.change(office(1), "phone", "later") },
		"a deletion": func(w *world) { w.eden.Delete(office(1)) },
	} {
		t.Run(what, func(t *testing.T) {
			w, restore := newQuestionOfTheNew(t)
			lost := w.question().Theirs
			restore()
			w.pass(time.Hour)
			changeThere(w)
			w.sync()
			if now := w.question().Theirs; core.SameContent(&now, &lost) {
				t.Errorf("the question is still about %+v", now)
			}
			list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
			if err != nil || !slices.ContainsFunc(list, func(c core.Conflict) bool { return core.SameContent(&c.Theirs, &lost) }) {
				t.Errorf("what was in question is in no list: %+v, %v", list, err)
			}
			w.sync()
			if again, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{}); err != nil || len(again) != len(list) {
				t.Errorf("a further sync makes %d of %d, %v", len(again), len(list), err)
			}
		})
	}
}

func person(n int) (core.Link, core.Link) { return link("pr_person", n), link("pr_contact", n) }

func TestAConflictOfAComponentLeavesItsMasterAlone(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "pr_person")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	p, c := person(1)
	master, contact := rec(p, "first_name", "Amina"), rec(c, "value", "+254 1")
	contact.Alias = "contact"
	master.Components = []core.Record{contact}
	w.hub.Put(master)
	w.sync()
	w.pass(time.Hour)
	w.edit(c, set("value", "+254 ours"))
	w.edit(p, set("first_name", "Amina, edited here"))
	w.pass(time.Minute)
	contact.Set(core.Field{Name: "value", Value: core.Text("+254 theirs")})
	contact.ModifiedOn = core.MTimeOf(w.clock.Now())
	master.Components, master.ModifiedOn = []core.Record{contact}, core.MTimeOf(w.clock.Now())
	w.hub.Put(master)
	w.sync()
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(list) != 1 || list[0].Record != c {
		t.Fatalf("%+v, %v\n%s", list, err, w.logs())
	}
	w.agree(p, "first_name", "Amina, edited here")
	if got := w.there(p); len(got.Components) != 1 || got.Components[0].Value("value").Str != "+254 theirs" {
		t.Errorf("a held component must not be sent: %+v", got.Components)
	}
	w.pass(time.Minute)
	if err := w.db.ResolveConflict(t.Context(), list[0].ID, "ours", nil, core.Hash{}, "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(c, "value", "+254 ours")
	w.quiet()
}

func TestAConflictOfAReferenceIsOneOfItsField(t *testing.T) {
	w := newAskingWorld(t)
	w.addTask(core.NewTask(w.repo.ID, "org_organisation"))
	orgs := []core.Link{link("org_organisation", 1), link("org_organisation", 2), link("org_organisation", 3)}
	for i, o := range orgs {
		w.hub.Put(rec(o, "name", []string{"One", "Two", "Three"}[i]))
	}
	belongs := func(o core.Link) func(*core.Record) {
		return func(r *core.Record) {
			r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(o.Resource, o.UUID)})
		}
	}
	first := rec(office(1), "name", "Office", "phone", "1")
	belongs(orgs[0])(&first)
	w.hub.Put(first)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), belongs(orgs[1]))
	theirs := w.there(office(1))
	theirs.Components, theirs.ModifiedOn = nil, core.MTimeOf(w.clock.Now())
	belongs(orgs[2])(&theirs)
	theirs.Set(core.Field{Name: "phone", Value: core.Text("2")})
	w.hub.Put(theirs)
	w.sync()
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(list) != 1 || len(list[0].Clashes) != 1 || list[0].Clashes[0] != "organisation_id" {
		t.Fatalf("%+v, %v\n%s", list, err, w.logs())
	}
	mixed := list[0].Theirs.Clone()
	belongs(orgs[1])(&mixed)
	w.pass(time.Minute)
	if err := w.db.ResolveConflict(t.Context(), list[0].ID, "both", &mixed, core.Hash{}, "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "2")
	w.agree(office(1), "organisation_id", orgs[1].UUID)
	w.quiet()
}

func TestManyConflictsAreDecidedByARule(t *testing.T) {
	for _, tt := range []struct {
		rule core.ConflictRule
		want [2]string // office 1: ours is later; office 2: theirs is
	}{
		{core.ConflictOurs, [2]string{"ours", "ours"}},
		{core.ConflictTheirs, [2]string{"theirs", "theirs"}},
		{core.ConflictNewer, [2]string{"ours", "theirs"}},
	} {
		t.Run(string(tt.rule), func(t *testing.T) {
			w := newAskingWorld(t)
			w.offices(4)
			w.sync()
			w.pass(time.Hour)
			w.both(office(1), true)
			w.both(office(2), false)
			w.sync()
			w.pass(time.Hour)
			n, err := w.db.ResolveConflicts(t.Context(), storage.ConflictQuery{Repository: w.repo.ID}, tt.rule, "me")
			if err != nil || n != 2 {
				t.Fatalf("%d decided, %v", n, err)
			}
			w.sync()
			for i, want := range tt.want {
				w.agree(office(i+1), "phone", want)
			}
			if n, err := w.db.ResolveConflicts(t.Context(), storage.ConflictQuery{}, tt.rule, "me"); err != nil || n != 0 {
				t.Errorf("%d more, %v", n, err)
			}
			w.quiet()
		})
	}
}

func TestAConflictWithOneRepositoryDoesNotHoldTheOther(t *testing.T) {
	w := newAskingWorld(t)
	w.offices(2)
	w.sync()
	other := newWorld(t)
	other.eden.UUID = "urn:uuid:22222222-2222-4222-8222-222222222222"
	second, err := w.db.AddRepository(t.Context(), core.Repository{Name: "second", URL: other.eden.URL, Username: w.repo.Username, Password: w.repo.Password})
	if err != nil {
		t.Fatal(err)
	}
	w.addTask(core.NewTask(second.ID, "org_office"))
	first := w.repo
	w.pass(time.Hour)
	other.pass(w.clock.Now().Sub(other.clock.Now()) + time.Minute)
	w.both(office(1), true)
	w.sync() // held with the first
	w.repo = second
	w.sync()
	if got, ok := other.hub.Get(office(1)); !ok || got.Value("phone").Str != "ours" {
		t.Errorf("the second server must have our version: %+v\n%s", got, w.logs())
	}
	open, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(open) != 1 {
		t.Fatalf("%+v, %v", open, err)
	}
	w.pass(time.Hour)
	other.pass(w.clock.Now().Sub(other.clock.Now()) + time.Minute)
	if err := w.db.ResolveConflict(t.Context(), open[0].ID, "theirs", nil, core.Hash{}, "me"); err != nil {
		t.Fatal(err)
	}
	w.repo = first
	w.sync()
	w.agree(office(1), "phone", "theirs")
	w.repo = second
	w.sync()
	if got, _ := other.hub.Get(office(1)); got.Value("phone").Str != "theirs" {
		t.Errorf("the decision must reach the second server: %+v", got)
	}
	w.quiet()
}

// What waits for a person's answer is not sent along with what points to it either.
func TestWhatIsInConflictIsNotSentAsTheTargetOfAReference(t *testing.T) {
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_organisation")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	w.addTask(core.NewTask(w.repo.ID, "org_office"))
	org := link("org_organisation", 1)
	w.hub.Put(rec(org, "name", "of the server"))
	w.edit(org, func(r *core.Record) { *r = rec(org, "name", "of the laptop") })
	w.edit(office(1), func(r *core.Record) {
		*r = rec(office(1), "name", "Office 1")
		r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	})
	w.sync()
	open, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil || len(open) != 1 || open[0].Record != org {
		t.Fatalf("a conflict was to be found: %+v, %v\n%s", open, err, w.logs())
	}
	there := w.there(org)
	if name := there.Value("name").Str; name != "of the server" {
		t.Errorf("the server has %q, which nobody has decided\n%s", name, w.logs())
	}
	w.agree(office(1), "name", "Office 1")
	if at := w.there(office(1)); at.Value("organisation_id").Str != org.UUID {
		t.Errorf("the office points to %+v", at.Fields)
	}
}

// What a server has of the target of a reference, in a table that is not exchanged with it,
// is not overwritten so that the reference leads somewhere.
func TestTheTargetOfAReferenceThatTheServerHasIsLeftAlone(t *testing.T) {
	w := newWorld(t, "org_office")
	org, other := link("org_organisation", 1), link("org_organisation", 2)
	w.hub.Put(rec(org, "name", "of the server"))
	w.pass(time.Hour)
	for _, l := range []core.Link{org, other} {
		w.edit(l, func(r *core.Record) { *r = rec(l, "name", "of the laptop") })
	}
	for i, l := range []core.Link{org, other} {
		w.edit(office(i), func(r *core.Record) {
			*r = rec(office(i), "name", "Office")
			r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(l.Resource, l.UUID)})
		})
	}
	w.sync()
	there := w.there(org)
	if name := there.Value("name").Str; name != "of the server" {
		t.Errorf("the server has %q\n%s", name, w.logs())
	}
	w.agree(other, "name", "of the laptop")
	for i, l := range []core.Link{org, other} {
		if at := w.there(office(i)); at.Value("organisation_id").Str != l.UUID {
			t.Errorf("office %d points to %+v", i, at.Fields)
		}
	}
	w.sync() // which brings the server's organisation with the office
	open, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
	if err != nil || len(open) != 1 || open[0].Record != org {
		t.Errorf("a conflict was to be found: %+v, %v\n%s", open, err, w.logs())
	}
	there = w.there(org)
	if name := there.Value("name").Str; name != "of the server" {
		t.Errorf("then the server has %q\n%s", name, w.logs())
	}
	w.quiet()
}

// A contact comes along with its person and again with its own table: it is in conflict once.
func TestAConflictThatComesWithTwoTablesCountsOnce(t *testing.T) {
	w := newWorld(t)
	for _, table := range []core.Resource{"pr_person", "pr_contact"} {
		task := core.NewTask(w.repo.ID, table)
		task.Conflict = core.PolicyAsk
		w.addTask(task)
	}
	withContact(t, w)
	w.edit(contact(1), set("value", "ours"))
	w.change(contact(1), "value", "theirs")
	w.change(link("pr_person", 1), "last_name", "so that it is shown")
	run := w.sync()
	if run.Conflicts != 1 {
		t.Errorf("%s, and one question waits", run.Counts)
	}
	w.question()
}
