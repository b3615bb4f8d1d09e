package replicate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A ring is two laptops that carry records between the same two Edens.
type ring struct {
	*carrier
	other      *storage.DB
	otherRepos [2]core.Repository
}

func newRing(t *testing.T, conflict core.Policy) *ring {
	t.Helper()
	r := &ring{carrier: newCarrier(t)}
	r.other = r.open(t)
	for i, repo := range r.repos {
		added, err := r.other.AddRepository(t.Context(), core.Repository{Name: repo.Name, URL: repo.URL, Username: repo.Username, Password: repo.Password})
		if err != nil {
			t.Fatal(err)
		}
		r.otherRepos[i] = added
		if _, err := r.other.AddTask(t.Context(), core.NewTask(added.ID, "org_office")); err != nil {
			t.Fatal(err)
		}
	}
	for db, repos := range map[*storage.DB][2]core.Repository{r.db: r.repos, r.other: r.otherRepos} {
		for _, repo := range repos {
			tasks, err := db.Tasks(t.Context(), repo.ID)
			if err != nil {
				t.Fatal(err)
			}
			tasks[0].Conflict = conflict
			if err := db.UpdateTask(t.Context(), tasks[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return r
}

// round has both laptops synchronise, each first with another server, and counts what that moved.
func (r *ring) round() (moved int) {
	r.t.Helper()
	for _, i := range []int{0, 1} {
		run, err := r.with(i)
		if err != nil {
			r.t.Fatal(err)
		}
		moved += run.Changed() + run.Conflicts + run.Sent
	}
	for _, i := range []int{1, 0} {
		r.pass(time.Minute)
		r.second.pass(time.Minute)
		repo, err := r.other.Repository(r.t.Context(), r.otherRepos[i].ID)
		if err != nil {
			r.t.Fatal(err)
		}
		run, err := r.engineFor(r.other).Sync(r.t.Context(), repo, replicate.Options{})
		if err != nil {
			r.t.Fatal(err)
		}
		moved += run.Changed() + run.Conflicts + run.Sent
	}
	return moved
}

// One laptop takes the one version to both servers, the other one the other: each takes what
// comes back for an edit of what was there, and two versions would change places for ever, each
// dated a second after the other. One of them stays, the same for everybody; the other is in the
// lists of conflicts, and in the histories (seed 3000041 of the worlds with a ring).
func TestTwoVersionsInARingComeToRest(t *testing.T) {
	for _, conflict := range []core.Policy{core.PolicyNewer, core.PolicyOther, core.PolicyThis} {
		for what, change := range map[string]func(*world){
			"edits":                   func(there *world) { there.change(office(1), "name", fmt.Sprint("edited at ", there.eden.UUID)) },
			"an edit and a deletion":  nil,
			"edits of several fields": func(there *world) { there.change(office(1), "phone", "1"+there.eden.UUID[9:11]) },
		} {
			t.Run(fmt.Sprint(conflict, " ", what), func(t *testing.T) {
				r := newRing(t, conflict)
				r.first.offices(3)
				for r.round() > 0 {
				}
				r.pass(time.Hour)
				r.second.pass(time.Hour)
				if change == nil {
					r.first.change(office(1), "name", "edited")
					r.second.eden.Delete(office(1))
				} else {
					change(r.first)
					change(r.second)
				}
				rounds := 0
				for r.round() > 0 {
					if rounds++; rounds > 8 {
						t.Fatalf("it moves on after %d rounds:\n%s", rounds, r.logs())
					}
				}
				here, atFirst, atSecond := r.here(office(1)), r.first.there(office(1)), r.second.there(office(1))
				other, err := r.other.Record(t.Context(), office(1))
				if err != nil {
					t.Fatal(err)
				}
				kept := 0
				for _, db := range []*storage.DB{r.db, r.other} {
					list, err := db.Conflicts(t.Context(), storage.ConflictQuery{})
					if err != nil {
						t.Fatal(err)
					}
					kept += len(list)
				}
				if kept == 0 {
					t.Error("no list of conflicts tells of the other version")
				}
				for where, rec := range map[string]*core.Record{"on the other laptop": &other, "at the first server": &atFirst, "at the second server": &atSecond} {
					if rec.Deleted != here.Deleted || !here.Deleted && !core.SameContent(&here, rec) {
						t.Errorf("here it is %+v, %s %+v", here.Fields, where, rec.Fields)
					}
				}
			})
		}
	}
}

// Each laptop joins what the other one brought to what it has, field by field, each time to
// something else: four versions would go round for ever. One of two that are joined again and again
// stays, the same for everybody; the other is in the lists of conflicts (seed 3005291).
func TestVersionsThatAreJoinedAgainAndAgainInARingComeToRest(t *testing.T) {
	for _, conflict := range []core.Policy{core.PolicyNewer, core.PolicyThis, core.PolicyAsk} {
		t.Run(string(conflict), func(t *testing.T) {
			r := newRing(t, conflict)
			one := office(1)
			r.first.hub.Put(rec(one, "name", "B", "phone", "2"))
			for r.round() > 0 {
			}
			with := func(db *storage.DB, repos [2]core.Repository, i int) (moved int) {
				t.Helper()
				r.pass(time.Minute)
				r.second.pass(time.Minute)
				repo, err := db.Repository(t.Context(), repos[i].ID)
				if err != nil {
					t.Fatal(err)
				}
				run, err := r.engineFor(db).Sync(t.Context(), repo, replicate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return run.Changed() + run.Conflicts + run.Sent
			}
			there := func(server *world, change func(*core.Record)) {
				t.Helper()
				rec := server.there(one)
				change(&rec)
				rec.ModifiedOn = core.MTimeOf(server.clock.Now())
				server.hub.Put(rec)
			}
			emptied := func(r *core.Record) { r.Unset("phone") }
			there(r.first, emptied)
			with(r.db, r.repos, 0)
			r.editIn(r.db, one, set("phone", "2"))
			r.pass(time.Minute)
			there(r.first, set("name", "A"))
			with(r.other, r.otherRepos, 0)
			there(r.second, emptied)
			r.editIn(r.other, one, set("name", "B"))
			with(r.other, r.otherRepos, 1)
			rounds := 0
			for moved := 1; moved > 0; rounds++ {
				moved = 0
				for _, i := range []int{0, 1} {
					moved += with(r.db, r.repos, i)
				}
				for _, i := range []int{0, 1} {
					moved += with(r.other, r.otherRepos, i)
				}
				if rounds > 12 {
					t.Fatalf("it moves on after %d rounds:\n%s", rounds, r.logs())
				}
				for _, db := range []*storage.DB{r.db, r.other} {
					open, err := db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
					if err != nil || len(open) > 0 && conflict != core.PolicyAsk {
						t.Fatalf("%+v, %v", open, err)
					}
					for _, q := range open {
						if err := db.ResolveConflict(t.Context(), q.ID, storage.WinnerTheirs, nil, q.Ours.Hash(), "me"); err != nil {
							t.Fatal(err)
						}
						moved++
					}
				}
			}
			if rounds < 3 {
				t.Errorf("it was at rest after %d rounds: nothing went round", rounds)
			}
			here, atFirst, atSecond := r.here(one), r.first.there(one), r.second.there(one)
			other, err := r.other.Record(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			for where, rec := range map[string]*core.Record{"on the other laptop": &other, "at the first server": &atFirst, "at the second server": &atSecond} {
				if !core.SameContent(&here, rec) {
					t.Errorf("here it is %+v, %s %+v", here.Fields, where, rec.Fields)
				}
			}
			var told []core.Conflict
			for _, db := range []*storage.DB{r.db, r.other} {
				list, err := db.Conflicts(t.Context(), storage.ConflictQuery{})
				if err != nil {
					t.Fatal(err)
				}
				told = append(told, list...)
			}
			if len(told) == 0 {
				t.Error("no list of conflicts tells of the other version")
			}
		})
	}
}
