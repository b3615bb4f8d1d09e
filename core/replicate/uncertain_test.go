package replicate_test

import (
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A carrier is a laptop that carries records between two Edens.
type carrier struct {
	*world
	first, second *world // as each server's people see it
	repos         [2]core.Repository
}

func newCarrier(t *testing.T) *carrier {
	t.Helper()
	c := newCarrierOfOne(t)
	c.addSecond()
	return c
}

// newCarrierOfOne knows the first server alone.
func newCarrierOfOne(t *testing.T) *carrier {
	t.Helper()
	c := &carrier{world: newWorld(t, "org_office"), second: newWorld(t)}
	c.first = c.world
	c.repos[0] = c.repo
	c.second.eden.UUID = "urn:uuid:22222222-2222-4222-8222-222222222222"
	return c
}

func (c *carrier) addSecond() {
	c.t.Helper()
	second, err := c.db.AddRepository(c.t.Context(), core.Repository{Name: "second", URL: c.second.eden.URL, Username: c.repo.Username, Password: c.repo.Password})
	if err != nil {
		c.t.Fatal(err)
	}
	c.addTask(core.NewTask(second.ID, "org_office"))
	c.repos[1] = second
}

// with synchronises with the first server (0) or the second (1).
func (c *carrier) with(i int) (core.Run, error) {
	c.t.Helper()
	c.repo = c.repos[i]
	run, err := c.run(replicate.Options{})
	c.second.pass(c.clock.Now().Sub(c.second.clock.Now()))
	return run, err
}

// sentUnheard synchronises with a server, which carries out what is pushed and is not
// heard of again.
func (c *carrier) sentUnheard(i int) {
	c.t.Helper()
	c.sentUnheardOf(i, office(1))
}

// sentUnheardOf is that, where it brings this record.
func (c *carrier) sentUnheardOf(i int, l core.Link) {
	c.t.Helper()
	eden := []*edentest.Server{c.first.eden, c.second.eden}[i]
	var sent atomic.Bool
	eden.InjectOn(func(r *http.Request) bool { return edentest.Pushes(r) && !sent.Swap(true) }, 1, edentest.LoseReply())
	eden.InjectOn(func(*http.Request) bool { return sent.Load() }, -1, edentest.Reset())
	if _, err := c.with(i); err == nil {
		c.t.Fatal("the answer was to be lost")
	}
	eden.Heal()
	if _, there := eden.Get(l); !there {
		c.t.Fatal("it was to arrive")
	}
}

// What is sent to a server that is not known to have it may have arrived though nobody
// said so: what its people make of it grew from that, and what was changed elsewhere
// meanwhile is another change.
func TestWhatMayHaveArrivedIsACommonPast(t *testing.T) {
	for _, tt := range []struct {
		name  string
		field string        // changed at the second server
		dated time.Duration // by its clock
		both  bool          // the values stand together
	}{
		{"changes of different fields are both kept", "phone", 0, true},
		{"a field that both changed is a conflict", "name", 0, false},
		{"what is dated before it was sent is a conflict", "phone", -24 * time.Hour, false},
	} {
		for _, origin := range []string{"brought from the first server", "made here"} {
			t.Run(tt.name+", "+origin, func(t *testing.T) {
				c := newCarrier(t)
				if origin == "made here" {
					c.edit(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1") })
				} else {
					c.offices(1)
				}
				if _, err := c.with(0); err != nil {
					t.Fatal(err)
				}
				c.pass(time.Hour)
				c.sentUnheard(1)
				c.pass(time.Hour)
				c.first.change(office(1), "name", "of the first")
				c.second.pass(c.clock.Now().Sub(c.second.clock.Now()) + time.Hour + tt.dated)
				c.second.change(office(1), tt.field, "of the second")
				c.pass(2 * time.Hour)
				c.second.pass(c.clock.Now().Sub(c.second.clock.Now()))
				for range 2 {
					for i := range c.repos {
						if _, err := c.with(i); err != nil {
							t.Fatal(err)
						}
					}
				}
				list, err := c.db.Conflicts(t.Context(), storage.ConflictQuery{})
				if err != nil {
					t.Fatal(err)
				}
				here := c.here(office(1))
				if tt.both {
					if here.Value("name").Str != "of the first" || here.Value("phone").Str != "of the second" || len(list) != 0 {
						t.Errorf("both are to be kept, without a conflict: %+v, %+v\n%s", here.Fields, list, c.logs())
					}
				} else if len(list) != 1 || list[0].Ours.Value("name").Str != "of the first" || list[0].Theirs.Value(tt.field).Str != "of the second" {
					t.Errorf("both are to be in the list of conflicts: %+v\n%s", list, c.logs())
				}
				for i, side := range []*world{c.first, c.second} {
					there, _ := side.eden.Get(office(1))
					if !core.SameContent(&there, &here) {
						t.Errorf("server %d has %+v, the laptop %+v", i+1, there.Fields, here.Fields)
					}
				}
				for i := range c.repos {
					c.repo = c.repos[i]
					c.quiet()
				}
			})
		}
	}
}

// The same where the other server is added only after the answer was lost, or after the
// process was killed while it waited for it, or before it had read back what had arrived.
func TestWhatMayHaveArrivedIsACommonPastWithARepositoryThatIsAddedLater(t *testing.T) {
	for name, sent := range map[string]func(c *carrier){
		"no answer":  func(c *carrier) { c.sentUnheard(0) },
		"killed":     (*carrier).killedInAPush,
		"not proved": (*carrier).sentUnread,
	} {
		t.Run(name, func(t *testing.T) {
			c := newCarrierOfOne(t)
			c.edit(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1") })
			c.pass(time.Hour)
			sent(c)
			there, ok := c.first.eden.Get(office(1))
			if !ok {
				t.Fatal("it was to arrive")
			}
			c.addSecond()
			c.second.eden.Put(there) // the servers exchanged it
			c.bothChangedIsAConflict()
		})
	}
}

// What is sent while the server has no column for one of its fields arrives without that
// field, with our stamp, and nobody says so: that field is still to be sent, whether the
// column is there again before anybody asks or later, and whatever is changed there or here
// meanwhile.
func TestAFieldThatDidNotArriveWithTheRestIsSentAgain(t *testing.T) {
	for _, tt := range []struct {
		name        string
		there, here bool // changed meanwhile
		stillGone   bool // the column, at the next run
	}{
		{name: "nothing else happens"},
		{name: "changed there", there: true},
		{name: "changed here", here: true},
		{name: "changed on both sides", there: true, here: true},
		{name: "nothing else happens, the column comes later", stillGone: true},
		{name: "changed there, the column comes later", there: true, stillGone: true},
		{name: "changed here, the column comes later", here: true, stillGone: true},
		{name: "changed on both sides, the column comes later", there: true, here: true, stillGone: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCarrierOfOne(t)
			c.first.eden.LoseColumn("org_office", "phone")
			c.edit(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1", "web", "w", "fax", "f") })
			c.pass(time.Hour)
			c.sentUnheard(0)
			c.pass(time.Hour)
			if tt.there {
				c.change(office(1), "web", "of the server")
			}
			if tt.here {
				c.edit(office(1), set("fax", "of the laptop"))
			}
			if !tt.stillGone {
				c.eden.RegainColumn("org_office", "phone")
			}
			c.pass(time.Hour)
			if _, err := c.with(0); err != nil {
				t.Fatal(err)
			}
			if tt.stillGone {
				c.eden.RegainColumn("org_office", "phone")
				c.pass(48 * time.Hour)
				c.sync()
			}
			want := map[string]string{"name": "Office 1", "phone": "1", "web": "w", "fax": "f"}
			if tt.there {
				want["web"] = "of the server"
			}
			if tt.here {
				want["fax"] = "of the laptop"
			}
			for field, value := range want {
				c.agree(office(1), field, value)
			}
			if list, err := c.db.Conflicts(t.Context(), storage.ConflictQuery{}); err != nil || len(list) != 0 {
				t.Errorf("it is no conflict: %+v, %v", list, err)
			}
			c.quiet()
		})
	}
}

// bothChangedIsAConflict has people change the same field at both servers, and checks that
// both find what they wrote.
func (c *carrier) bothChangedIsAConflict() {
	t := c.t
	t.Helper()
	c.pass(time.Hour)
	c.second.pass(c.clock.Now().Sub(c.second.clock.Now()))
	c.second.change(office(1), "name", "of the second")
	c.pass(time.Hour)
	c.first.change(office(1), "name", "of the first")
	c.pass(time.Hour)
	c.second.pass(c.clock.Now().Sub(c.second.clock.Now()))
	for _, i := range []int{1, 0, 1} {
		if _, err := c.with(i); err != nil {
			t.Fatal(err)
		}
	}
	list, err := c.db.Conflicts(t.Context(), storage.ConflictQuery{})
	both := false
	for _, one := range list {
		a, b := one.Ours.Value("name").Str, one.Theirs.Value("name").Str
		both = both || a == "of the second" && b == "of the first"
	}
	if err != nil || !both {
		t.Errorf("what the two servers made of it is to be in the list of conflicts: %+v, %v\n%s", list, err, c.logs())
	}
}

// killedInAPush ends the process that synchronises with the first server when something
// that it has pushed has arrived, before it hears of that.
func (c *carrier) killedInAPush() {
	c.t.Helper()
	c.engine.Connect = onPush(c.engine.Connect, runtime.Goexit)
	ended, killed := make(chan struct{}), true
	go func() {
		defer close(ended)
		_, _ = c.with(0)
		killed = false
	}()
	<-ended
	if !killed {
		c.t.Fatal("it was to be killed")
	}
	dir := c.db.Dir()
	c.close()
	c.openAt(dir, "")
	c.t.Cleanup(c.close)
}

// sentUnread synchronises with the first server, which answers a push and then nothing more.
func (c *carrier) sentUnread() {
	c.t.Helper()
	var sent atomic.Bool
	c.first.eden.InjectOn(func(r *http.Request) bool {
		return sent.Load() || edentest.Pushes(r) && sent.Swap(true)
	}, -1, edentest.Reset())
	if _, err := c.with(0); err == nil {
		c.t.Fatal("it was to be left unproved")
	}
	c.first.eden.Heal()
}

// What is changed here and there while a new record is on its way is a conflict: both
// grew from what was sent.
func TestWhatIsChangedOnBothSidesWhileItIsPushedIsAConflict(t *testing.T) {
	w := newWorld(t, "org_office")
	w.edit(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1") })
	w.pass(time.Hour)
	w.engine.Connect = onPush(w.engine.Connect, func() {
		w.pass(time.Second)
		w.edit(office(1), set("name", "of the laptop"))
		w.pass(time.Second)
		w.change(office(1), "name", "of the server")
	})
	w.sync()
	w.sync()
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
	if err != nil || len(list) != 1 || list[0].Ours.Value("name").Str != "of the laptop" || list[0].Theirs.Value("name").Str != "of the server" {
		t.Errorf("both are to be in the list of conflicts: %+v, %v\n%s", list, err, w.logs())
	}
	w.quiet()
}

// What was sent and is not shown, as the right to read is missing, may have arrived, and be
// deleted there before anybody could see it: what was changed here since, on a clock that is
// behind, is no part of what was deleted.
func TestWhatIsNotShownMayHaveArrived(t *testing.T) {
	w := newWorld(t, "org_office")
	w.sync()
	w.eden.ReadRight("org_office", false)
	w.edit(office(1), set("name", "Office 1"))
	w.sync()
	if there := w.there(office(1)); there.Value("name").Str != "Office 1" {
		t.Fatalf("it was to arrive: %+v", there)
	}
	w.pass(time.Hour)
	w.eden.Delete(office(1))
	w.pass(time.Hour)
	w.wrongClock(-5 * time.Hour)
	w.typed(office(1), "phone", "of the laptop")
	w.eden.InjectOn(edentest.Pushes, 1, edentest.Status(http.StatusBadGateway))
	w.sync()
	w.eden.ReadRight("org_office", true)
	w.pass(25 * time.Hour)
	w.sync()
	list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{})
	if err != nil || len(list) != 1 || list[0].Ours.Value("phone").Str != "of the laptop" || !list[0].Theirs.Deleted {
		t.Errorf("both are to be in the list of conflicts: %+v, %v\n%s", list, err, w.logs())
	}
	w.quiet()
}

// A new record arrived though nobody heard so, and somebody edits it at an Eden whose clock was
// ahead and has been put back: no pull shows that. Deleted here meanwhile, it is looked at before
// the deletion is sent.
func TestAnEditBelowTheMarkerDoesNotGoUnderWithADeletion(t *testing.T) {
	c := newCarrierOfOne(t)
	node, err := c.db.Node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mine := core.Link{Resource: "org_office", UUID: node.NewUUID()}
	c.first.offices(2)
	if _, err := c.with(0); err != nil {
		t.Fatal(err)
	}
	c.pass(3 * time.Hour)
	c.first.change(office(2), "phone", "2") // the marker goes on
	if _, err := c.with(0); err != nil {
		t.Fatal(err)
	}
	c.edit(mine, set("name", "new"))
	c.sentUnheardOf(0, mine)
	there := c.first.there(mine)
	there.Set(core.Field{Name: "name", Value: core.Text("edited there")})
	there.ModifiedOn = there.ModifiedOn.Add(-2 * time.Hour)
	c.first.eden.Put(there)
	c.edit(mine, bury)
	for range 2 {
		if _, err := c.with(0); err != nil {
			t.Fatalf("%v\n%s", err, c.logs())
		}
	}
	list, err := c.db.Conflicts(t.Context(), storage.ConflictQuery{})
	if err != nil || len(list) != 1 || list[0].Theirs.Value("name").Str != "edited there" {
		t.Errorf("the edit is in no list of conflicts: %+v, %v\n%s", list, err, c.logs())
	}
	if here, there := c.here(mine), c.first.there(mine); here.Deleted != there.Deleted {
		t.Errorf("deleted here: %t, there: %t", here.Deleted, there.Deleted)
	}
}
