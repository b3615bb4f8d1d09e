package storage_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// a laptop with one repository and a task for organisations.
type laptop struct {
	*storage.DB
	t     *testing.T
	clock *storagetest.Clock
	repo  core.Repository
	task  core.Task

	knowsSince bool // see knowingSince
	since      int64
}

func newLaptop(t *testing.T, resource core.Resource) *laptop {
	t.Helper()
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub")
	return &laptop{DB: db, t: t, clock: clock, repo: repo, task: storagetest.Task(t, db, repo.ID, resource)}
}

func (l *laptop) now() core.MTime { return core.MTimeOf(l.clock.Now()) }

// outgoing returns all that a push would send, asked for in pages of limit. What is lent is
// the same.
func (l *laptop) outgoing(limit int) (out []core.Outgoing) {
	l.t.Helper()
	var lending core.Lending
	for after := int64(0); ; {
		page, next, err := l.Outgoing(ctx, l.task, l.now(), after, limit, nil)
		if err != nil {
			l.t.Fatal(err)
		}
		lent, nextLent, err := l.Outgoing(ctx, l.task, l.now(), after, limit, &lending)
		if err != nil {
			l.t.Fatal(err)
		}
		if len(page)+len(lent) > 0 && !reflect.DeepEqual(page, lent) || next != nextLent {
			l.t.Fatalf("what is lent from %d on is not the same: %+v up to %d instead of %+v up to %d", after, lent, nextLent, page, next)
		}
		out = append(out, page...)
		if next == 0 {
			return out
		}
		after = next
	}
}

// names returns the titles of masters, with those of their components.
func names(out []core.Outgoing) (list []string) {
	for _, o := range out {
		name := o.Record.Title()
		for _, c := range o.Record.Components {
			name += "/" + c.Title()
		}
		list = append(list, name)
	}
	return list
}

// deliver notes that the repository has everything in out.
func (l *laptop) deliver(out []core.Outgoing) {
	l.t.Helper()
	storagetest.Import(l.t, l.DB, func(tx intake.Tx) error {
		for _, o := range out {
			err := o.Record.Walk(func(rec *core.Record) error {
				part, unsent := o.Parts.Get(rec.Link())
				if !unsent {
					return nil
				}
				return tx.SetBase(ctx, l.repo.ID, rec, part.Seq)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *laptop) pushed() {
	l.t.Helper()
	seq, err := l.Seq(ctx)
	if err == nil {
		err = l.Pushed(ctx, core.Push{Task: l.task, Seq: seq, At: l.now()})
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *laptop) wantUnsent(want int) {
	l.t.Helper()
	counts, err := l.Unsent(ctx)
	if err != nil || counts[l.repo.ID] != want {
		l.t.Errorf("%d unsent (%v), want %d", counts[l.repo.ID], err, want)
	}
	links, err := l.UnsentLinks(ctx, l.repo.ID)
	if err != nil || len(links) != want {
		l.t.Errorf("unsent links %v (%v), want %d", links, err, want)
	}
}

func (l *laptop) refuse(link core.Link, seq int64) {
	l.t.Helper()
	storagetest.Import(l.t, l.DB, func(tx intake.Tx) error {
		return tx.AddQuarantine(ctx, core.Quarantine{RepositoryID: l.repo.ID, Outgoing: true, Record: link, Seq: seq, Reason: "no"})
	})
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want - got +\n%s", diff)
	}
}

func TestOnlyWhatTheRepositoryLacksGoesOut(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(1), storagetest.Organisation(2))
	same(t, []string(nil), names(l.outgoing(10)))
	edit(t, l.DB, link(2), "name", "Two")
	edit(t, l.DB, link(3), "name", "Three")
	edit(t, l.DB, core.Link{Resource: "org_office", UUID: "elsewhere"}, "name", "no task")
	l.wantUnsent(2)
	out := l.outgoing(1)
	same(t, []string{"Two", "Three"}, names(out))
	same(t, []bool{true, false}, []bool{out[0].Known, out[1].Known})
	l.deliver(out)
	same(t, 0, len(l.outgoing(10)))
	l.wantUnsent(0)
}

func TestAnEditDuringThePushStaysUnsent(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	edit(t, l.DB, link(1), "name", "One")
	out := l.outgoing(10)
	upTo, _ := l.Seq(ctx)
	edit(t, l.DB, link(1), "name", "One again")
	l.deliver(out)
	if err := l.Pushed(ctx, core.Push{Task: l.task, Seq: upTo, At: l.now()}); err != nil {
		t.Fatal(err)
	}
	l.wantUnsent(1)
	same(t, []string{"One again"}, names(l.outgoing(10)))
	base, err := l.Base(ctx, l.repo.ID, link(1))
	if err != nil || base.Title() != "One" {
		t.Errorf("base %q %v", base.Title(), err)
	}
}

func TestComponentsTravelInsideTheirMaster(t *testing.T) {
	l := newLaptop(t, "pr_person")
	person := core.Record{Resource: "pr_person", UUID: "p", Fields: []core.Field{field("first_name", core.String, "Ada")}}
	address := core.Record{Resource: "pr_address", UUID: "a", Master: person.Link(), Fields: []core.Field{field("value", core.String, "Street")}}
	below := core.Record{Resource: "pr_note", UUID: "n", Master: address.Link(), Fields: []core.Field{field("value", core.String, "Note")}}
	storagetest.Pull(t, l.DB, l.repo.ID, person, address, below)
	same(t, 0, len(l.outgoing(10)))

	edit(t, l.DB, below.Link(), "value", "Other note")
	out := l.outgoing(10)
	if len(out) != 1 || out[0].Changed || !out[0].Known {
		t.Fatalf("%+v", out)
	}
	same(t, "Other note", out[0].Record.Components[0].Components[0].Title())
	if _, ok := out[0].Parts.Get(below.Link()); !ok || out[0].Parts.Len() != 1 {
		t.Errorf("parts %v", out[0].Parts)
	}
	l.deliver(out)
	l.wantUnsent(0)

	edit(t, l.DB, address.Link(), "value", "Road")
	edit(t, l.DB, person.Link(), "first_name", "Eva")
	out = l.outgoing(1)
	same(t, []string{"Eva/Road"}, names(out))
	same(t, true, out[0].Changed)
}

func TestATaskForAComponentTableSendsItInItsMaster(t *testing.T) {
	l := newLaptop(t, "pr_contact")
	person := core.Record{Resource: "pr_person", UUID: "p", Fields: []core.Field{field("first_name", core.String, "Ada")}}
	c := storagetest.Contact(1, person.Link())
	storagetest.Pull(t, l.DB, l.repo.ID, person, c)
	edit(t, l.DB, c.Link(), "value", "123")
	edit(t, l.DB, person.Link(), "first_name", "Eva")
	out := l.outgoing(10)
	same(t, []string{"Eva/123"}, names(out))
	same(t, false, out[0].Changed)
	same(t, 1, out[0].Parts.Len())
}

func TestAComponentWithoutItsMasterGoesByItself(t *testing.T) {
	l := newLaptop(t, "pr_person")
	c := storagetest.Contact(1, core.Link{Resource: "pr_person", UUID: "unknown"})
	storagetest.Pull(t, l.DB, l.repo.ID, c)
	edit(t, l.DB, c.Link(), "value", "123")
	out := l.outgoing(10)
	if len(out) != 1 || out[0].Record.Link() != c.Link() {
		t.Errorf("%+v", out)
	}
}

func TestFieldsTheRepositoryStillHasAreNamed(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, l.DB, l.repo.ID, rec)
	rec.Unset("acronym")
	rec.Unset("website")
	if _, _, err := l.Edit(ctx, storage.EditRequest{Record: rec}); err != nil {
		t.Fatal(err)
	}
	out := l.outgoing(10)
	part, _ := out[0].Parts.Get(rec.Link())
	slices.Sort(part.Cleared)
	same(t, []string{"acronym", "website"}, part.Cleared)
}

func TestAConflictHoldsItsRecordUntilItIsResolved(t *testing.T) {
	for _, tt := range []struct {
		winner, want string
		unsent       int
	}{{"ours", "mine", 1}, {"theirs", "yours", 0}, {"both", "mixed", 1}} {
		t.Run(tt.winner, func(t *testing.T) {
			l := newLaptop(t, "org_organisation")
			base := storagetest.Organisation(1)
			storagetest.Pull(t, l.DB, l.repo.ID, base)
			ours := edit(t, l.DB, base.Link(), "name", "mine")
			theirs := base.Clone()
			theirs.Set(core.Field{Name: "name", Value: core.Text("yours")})
			theirs.ModifiedOn = core.MTimeOf(storagetest.Start) + 5000
			var id int64
			storagetest.Import(t, l.DB, func(tx intake.Tx) (err error) {
				c := core.Conflict{RepositoryID: l.repo.ID, Record: base.Link(), Base: &base, Ours: ours, Theirs: theirs, Clashes: []string{"name"}}
				if _, err = tx.AddConflict(ctx, c); err != nil {
					return err
				}
				id, err = tx.AddConflict(ctx, c)
				return err
			})
			if h := head(t, l.DB, l.repo.ID, base.Link()); !h.OpenConflict {
				t.Error("the head does not tell of the conflict")
			}
			same(t, 0, len(l.outgoing(10)))
			l.pushed()
			l.wantUnsent(1)
			mixed := ours.Clone()
			mixed.Set(core.Field{Name: "name", Value: core.Text("mixed")})
			if err := l.ResolveConflict(ctx, id, tt.winner, &mixed, core.Hash{}, "ada@example.org"); err != nil {
				t.Fatal(err)
			}
			all, err := l.Conflicts(ctx, storage.ConflictQuery{})
			if err != nil || len(all) != 1 || all[0].Winner != tt.winner || all[0].Open() || all[0].Clashes[0] != "name" || sameRecord(theirs, all[0].Theirs) != "" {
				t.Errorf("conflicts %+v %v", all, err)
			}
			got, _ := l.Record(ctx, base.Link())
			same(t, tt.want, got.Title())
			if got.ModifiedOn < theirs.ModifiedOn {
				t.Errorf("stamp %v is older than theirs %v", got.ModifiedOn, theirs.ModifiedOn)
			}
			same(t, tt.unsent, len(l.outgoing(10)))
			l.wantUnsent(tt.unsent)
			agreed, err := l.Base(ctx, l.repo.ID, base.Link())
			if err != nil || agreed.Title() != "yours" {
				t.Errorf("base %q %v, want theirs", agreed.Title(), err)
			}
		})
	}
}

func TestADecidedConflictIsDecidedAnewAsAnEdit(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	base := storagetest.Organisation(1)
	storagetest.Pull(t, l.DB, l.repo.ID, base)
	ours := edit(t, l.DB, base.Link(), "name", "mine")
	theirs := base.Clone()
	theirs.Set(core.Field{Name: "name", Value: core.Text("yours")})
	var id int64
	storagetest.Import(t, l.DB, func(tx intake.Tx) (err error) {
		id, err = tx.AddConflict(ctx, core.Conflict{RepositoryID: l.repo.ID, Record: base.Link(), Base: &base, Ours: ours, Theirs: theirs})
		return err
	})
	if err := l.ResolveConflict(ctx, id, "ours", nil, core.Hash{}, "ada"); err != nil {
		t.Fatal(err)
	}
	l.deliver(l.outgoing(10)) // the repository has ours now
	l.wantUnsent(0)
	if err := l.ResolveConflict(ctx, id, "theirs", nil, core.Hash{}, "ada"); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"yours"}, names(l.outgoing(10)))
	l.deliver(l.outgoing(10))

	rec, changed, err := l.RestoreLost(ctx, id, "ada", 0)
	if err != nil || changed {
		t.Errorf("what stands already: %v %v", changed, err)
	}
	edit(t, l.DB, base.Link(), "name", "third")
	rec, changed, err = l.RestoreLost(ctx, id, "ada", 0)
	if err != nil || !changed || rec.Title() != "yours" {
		t.Errorf("restored %q %v %v", rec.Title(), changed, err)
	}
	if versions, err := l.History(ctx, base.Link()); err != nil || versions[0].Record.Title() != "third" {
		t.Errorf("what was replaced is in the history: %+v %v", versions, err)
	}
	if _, _, err := l.RestoreLost(ctx, 999, "ada", 0); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a conflict that is not there: %v", err)
	}
}

func TestARefusedRecordIsTriedAgainWhenDueOrChanged(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	one := link(1)
	edit(t, l.DB, one, "name", "One")
	h := head(t, l.DB, l.repo.ID, one)
	l.refuse(one, h.Seq)
	l.pushed()
	same(t, 0, len(l.outgoing(10)))
	l.wantUnsent(1)

	l.clock.Add(5*time.Minute + time.Second)
	same(t, []string{"One"}, names(l.outgoing(10)))
	l.refuse(one, h.Seq)
	same(t, 0, len(l.outgoing(10)))

	edit(t, l.DB, one, "name", "Better")
	same(t, []string{"Better"}, names(l.outgoing(10)))
	l.deliver(l.outgoing(10))
	l.wantUnsent(0)
}

func TestARefusalIsForgottenWhenTheirsIsTaken(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, l.DB, l.repo.ID, rec)
	edit(t, l.DB, link(1), "name", "mine")
	l.refuse(link(1), head(t, l.DB, l.repo.ID, link(1)).Seq)
	rec.Set(core.Field{Name: "name", Value: core.Text("theirs")})
	storagetest.Pull(t, l.DB, l.repo.ID, rec)
	l.wantUnsent(0)
	if all, err := l.Quarantines(ctx, 0); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
}

func TestARefusedRecordWaitsLongerEachTime(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	one := link(1)
	want := []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}
	var since core.MTime
	for i, wait := range want {
		l.refuse(one, 1)
		all, err := l.Quarantines(ctx, l.repo.ID)
		if err != nil || len(all) != 1 {
			t.Fatalf("%v %v", all, err)
		}
		q := all[0]
		if i == 0 {
			since = q.Since
		}
		if q.Attempts != i+1 || q.NextTry != l.now().Add(wait) || q.Since != since {
			t.Errorf("attempt %d: %+v", i+1, q)
		}
		l.clock.Add(time.Minute)
	}
	all, _ := l.Quarantines(ctx, 0)
	if err := l.RetryQuarantine(ctx, all[0].ID); err != nil {
		t.Fatal(err)
	}
	all, _ = l.Quarantines(ctx, 0)
	same(t, core.MTime(0), all[0].NextTry)
}

// A clock that was years ahead must not put off a further try for years.
func TestARefusalOnAClockThatWentWrongIsDueWhenItIsRightAgain(t *testing.T) {
	const tenYears = 10 * 365 * 24 * time.Hour
	l := newLaptop(t, "org_organisation")
	rec := storagetest.Organisation(1)
	storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.Put(ctx, &rec, core.Change{Rule: "create"}) })
	l.clock.Add(tenYears)
	l.refuse(rec.Link(), 1)
	if n := len(l.outgoing(10)); n != 0 {
		t.Errorf("%d are sent again at once", n)
	}
	l.clock.Add(-tenYears)
	if n := len(l.outgoing(10)); n != 1 {
		t.Errorf("%d are due now that the clock is right, want 1", n)
	}
}

func TestReceivedRecordsSetAsideAreHandedOutWhenDue(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	storagetest.Import(t, l.DB, func(tx intake.Tx) error {
		for _, q := range []core.Quarantine{
			{Record: link(1), Content: "<resource/>"}, {Record: core.Link{Resource: "org_organisation"}, Content: "<a/>"},
			{Record: core.Link{Resource: "org_organisation"}, Content: "<b/>"}, {Record: link(2), Reason: core.HeldDeletion},
		} {
			q.RepositoryID = l.repo.ID
			if err := tx.AddQuarantine(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	due, _ := l.QuarantineDue(ctx, l.repo.ID, l.now(), 10)
	same(t, 0, len(due))
	due, _ = l.QuarantineDue(ctx, l.repo.ID, l.now()+301, 10)
	same(t, 3, len(due))
	held, _ := l.Held(ctx, l.repo.ID, "org_organisation")
	same(t, 1, len(held))
	storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.ClearQuarantine(ctx, l.repo.ID, link(1), false) })
	due, _ = l.QuarantineDue(ctx, l.repo.ID, l.now()+301, 10)
	same(t, 2, len(due))
}

func TestAComponentWaitsForItsMasterAndIsNotForgotten(t *testing.T) {
	l := newLaptop(t, "pr_person")
	person := core.Record{Resource: "pr_person", UUID: "p", Fields: []core.Field{field("first_name", core.String, "Ada")}}
	c := storagetest.Contact(1, person.Link())
	storagetest.Pull(t, l.DB, l.repo.ID, person, c)
	edit(t, l.DB, person.Link(), "first_name", "Eva")
	edit(t, l.DB, c.Link(), "value", "123")
	l.refuse(person.Link(), head(t, l.DB, l.repo.ID, person.Link()).Seq)
	same(t, 0, len(l.outgoing(10)))
	l.pushed()
	l.wantUnsent(2)

	// Theirs wins for the master: nothing of it is left to send.
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ida")})
	storagetest.Pull(t, l.DB, l.repo.ID, person)
	storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.ClearQuarantine(ctx, l.repo.ID, person.Link(), true) })
	same(t, []string{"Ida/123"}, names(l.outgoing(10)))
	l.wantUnsent(1)
}

func TestOtherFiltersOrAnotherModeLookAtEverythingAgain(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(*core.Task)
		again    int
		pullFrom core.MTime
	}{
		{"nothing changed", func(*core.Task) {}, 0, 500},
		{"another policy", func(k *core.Task) { k.Update = core.PolicyOther }, 0, 500},
		{"another mode", func(k *core.Task) { k.Mode = core.ModePush }, 1, 500},
		{"another filter", func(k *core.Task) { k.Filters = []core.Filter{{Query: "~.name__like=O*"}} }, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t, "org_organisation")
			edit(t, l.DB, link(1), "name", "One")
			l.pushed() // as if a filter had left it out
			storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.SetCheckpoint(ctx, l.task, core.Checkpoint{Start: 7}, 500) })
			same(t, 0, len(l.outgoing(10)))
			tasks, _ := l.Tasks(ctx, l.repo.ID)
			l.task = tasks[0]
			same(t, core.MTime(500), l.task.LastPull)
			same(t, 7, l.task.Checkpoint.Start)
			tt.change(&l.task)
			if err := l.UpdateTask(ctx, l.task); err != nil {
				t.Fatal(err)
			}
			same(t, tt.again, len(l.outgoing(10)))
			tasks, _ = l.Tasks(ctx, l.repo.ID)
			same(t, tt.pullFrom, tasks[0].LastPull)
		})
	}
}

func TestAManyPagedPushSendsEachMasterOnce(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	for i := range 30 {
		edit(t, l.DB, link(i), "name", fmt.Sprint("a", i))
		c := storagetest.Contact(i, link(i/2))
		if _, _, err := l.Edit(ctx, storage.EditRequest{Record: c}); err != nil {
			t.Fatal(err)
		}
	}
	seen := make(map[core.Link]int)
	parts := 0
	for _, o := range l.outgoing(7) {
		seen[o.Record.Link()]++
		parts += o.Parts.Len()
	}
	same(t, 30, len(seen))
	same(t, 60, parts)
	for link, n := range seen {
		if n != 1 {
			t.Errorf("%v went out %d times", link, n)
		}
	}
	l.wantUnsent(60)
}

func TestLackingAsksOnlyForWhatIsHere(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(1))
	edit(t, l.DB, link(2), "name", "Two")
	edit(t, l.DB, link(3), "name", "Three")
	remove(t, l.DB, link(3))
	got, err := l.Lacking(ctx, l.repo.ID, []core.Link{link(1), link(2), link(3), link(4), {Resource: "no_table", UUID: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []core.Link{link(2)}, got)
}

func TestLackingLeavesOutWhatWaitsForADecision(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	for i := range 4 {
		edit(t, l.DB, link(i), "name", "here")
	}
	other := storagetest.Repository(t, l.DB, "other")
	theirs := core.Record{Resource: link(0).Resource, UUID: link(0).UUID}
	storagetest.Import(t, l.DB, func(tx intake.Tx) error {
		for _, c := range []core.Conflict{
			{RepositoryID: l.repo.ID, Record: link(0), Ours: theirs, Theirs: theirs},
			{RepositoryID: l.repo.ID, Record: link(1), Ours: theirs, Theirs: theirs, Winner: storage.WinnerOurs},
			{RepositoryID: other.ID, Record: link(2), Ours: theirs, Theirs: theirs},
		} {
			if _, err := tx.AddConflict(ctx, c); err != nil {
				return err
			}
		}
		return tx.AddQuarantine(ctx, core.Quarantine{RepositoryID: l.repo.ID, Record: link(3), Reason: core.HeldDeletion})
	})
	got, err := l.Lacking(ctx, l.repo.ID, []core.Link{link(0), link(1), link(2), link(3)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []core.Link{link(1), link(2)}, got)
}

func TestDifferingComparesStampsWithTheBases(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	var lines []core.InventoryLine
	for i := range 6 {
		rec := storagetest.Organisation(i)
		storagetest.Pull(t, l.DB, l.repo.ID, rec)
		lines = append(lines, core.InventoryLine{Link: rec.Link(), ModifiedOn: rec.ModifiedOn})
	}
	c := storagetest.Contact(1, link(1))
	storagetest.Pull(t, l.DB, l.repo.ID, c)
	edit(t, l.DB, link(2), "name", "edited here: still what was agreed")
	lines[3].ModifiedOn++
	lines = append(lines[:5],
		core.InventoryLine{Link: link(77), ModifiedOn: 5},
		core.InventoryLine{Link: link(78), ModifiedOn: 5, Deleted: true},
		core.InventoryLine{Link: core.Link{Resource: "new_table", UUID: "n"}, ModifiedOn: 5})
	differ, missing, same1, err := l.Differing(ctx, l.task, nil, func(add func([]core.InventoryLine) error) error {
		for _, line := range lines {
			if err := add([]core.InventoryLine{line}); err != nil {
				return err
			}
		}
		return add(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(differ, func(a, b core.InventoryLine) int { return len(a.Resource) - len(b.Resource) })
	same(t, 3, len(differ))
	same(t, []core.Link{link(5), c.Link()}, missing)
	same(t, 5, same1)
}

func TestReferencesNameTargetsAndMasters(t *testing.T) {
	db, _ := storagetest.New(t)
	rec := storagetest.Organisation(1)
	other := storagetest.Organisation(2)
	other.Set(core.Field{Name: "region_id", Value: core.RefTo("gis_location", "x")})
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for _, r := range []core.Record{rec, other, storagetest.Contact(1, rec.Link())} {
			if err := tx.Put(ctx, &r, core.Change{}); err != nil {
				return err
			}
		}
		return nil
	})
	refs, err := db.References(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []core.Resource{"gis_location", "org_region"}, refs["org_organisation"])
	same(t, []core.Resource{"org_organisation"}, refs["pr_contact"])
}

// Masters and components of two tables, edited all over each other, some of them
// delivered, refused and deleted: however large the pages are, each master goes out
// once, with the same components, and all that is unsent goes along with one.
func TestPagesOfAnySizeHaveTheSame(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	contact := func(i int) core.Record {
		c := storagetest.Contact(i, link(i%9))
		c.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("contact %d", i))})
		return c
	}
	for i := range 60 {
		at := i * 37 % 60 // in no order
		edit(t, l.DB, link(at%9), "name", fmt.Sprintf("org %d of %d", at%9, i))
		if _, _, err := l.Edit(ctx, storage.EditRequest{Record: contact(at)}); err != nil {
			t.Fatal(err)
		}
	}
	l.deliver(l.outgoing(0)[:4])
	for i := range 20 {
		c := contact(i * 7 % 20)
		edit(t, l.DB, c.Link(), "value", fmt.Sprint(i))
	}
	gone := contact(3)
	remove(t, l.DB, gone.Link())
	l.refuse(link(8), head(t, l.DB, l.repo.ID, link(8)).Seq+1000)
	want := l.outgoing(0)
	unsent := 0
	for _, o := range want {
		unsent += o.Parts.Len()
	}
	l.wantUnsent(unsent + 1 + components(t, l, link(8))) // what was refused, and what goes with it, waits
	if len(want) != 8 {
		t.Errorf("masters %q", names(want))
	}
	for _, limit := range []int{1, 2, 3, 5, 7, 100} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			got := l.outgoing(limit)
			same(t, names(want), names(got))
			for i := range min(len(got), len(want)) {
				same(t, maps.Collect(want[i].Parts.All()), maps.Collect(got[i].Parts.All()))
			}
		})
	}
}

// components counts the unsent components of a master.
func components(t *testing.T, l *laptop, master core.Link) (n int) {
	t.Helper()
	links, err := l.UnsentLinks(ctx, l.repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range links {
		if rec, err := l.Record(ctx, u); err == nil && rec.Master == master {
			n++
		}
	}
	return n
}

// A mixture of both is dated after our version, which others may have seen, also where that is of the
// same second or of the future.
func TestAMixtureIsDatedAfterWhatOthersHaveSeen(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"of this second": 0, "of the future": time.Hour} {
		t.Run(name, func(t *testing.T) {
			db, clock := storagetest.New(t)
			repo := storagetest.Repository(t, db, "hub")
			now := core.MTimeOf(clock.Now())
			ours, theirs := storagetest.Organisation(0), storagetest.Organisation(0)
			ours.ModifiedOn, theirs.ModifiedOn = now.Add(ahead), now.Add(-time.Hour)
			theirs.Set(core.Field{Name: "name", Value: core.Text("theirs")})
			var id int64
			storagetest.Import(t, db, func(tx intake.Tx) (err error) {
				if err = tx.Put(ctx, &ours, core.Change{Rule: "edit"}); err == nil {
					id, err = tx.AddConflict(ctx, core.Conflict{RepositoryID: repo.ID, Record: ours.Link(), Ours: ours, Theirs: theirs})
				}
				return err
			})
			mixed := ours.Clone()
			mixed.Set(core.Field{Name: "name", Value: core.Text("both")})
			if err := db.ResolveConflict(ctx, id, storage.WinnerBoth, &mixed, core.Hash{}, "ada"); err != nil {
				t.Fatal(err)
			}
			if rec, err := db.Record(ctx, ours.Link()); err != nil || rec.ModifiedOn <= ours.ModifiedOn || rec.Value("name").Str != "both" {
				t.Errorf("it is %q of %s, and was of %s: %v", rec.Value("name").Str, rec.ModifiedOn, ours.ModifiedOn, err)
			}
		})
	}
}
