package replicate_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// newMoved makes a contact of the first of two persons on both sides, and moves it to the
// second one at the server, as a merge there does; change may change more of it.
func newMoved(t *testing.T, w *world, change func(*core.Record)) (of core.Link) {
	t.Helper()
	_, second := withContact(t, w)
	c := w.there(contact(1))
	c.Master, c.ModifiedOn = second, core.MTimeOf(w.clock.Now())
	change(&c)
	w.hub.Put(c)
	return second
}

// What a server moves to another record is shown with that one here, and goes along if
// that is deleted, not with the former one.
func TestAComponentThatIsMovedThereMovesHere(t *testing.T) {
	for name, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person", "pr_contact") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person", "pr_contact"); return w },
	} {
		for what, change := range map[string]func(*core.Record){"as it is": func(*core.Record) {}, "and changed": set("value", "2")} {
			t.Run(name+" "+what, func(t *testing.T) {
				w := servers(t)
				second := newMoved(t, w, change)
				if run := w.sync(); run.Updated != 1 {
					t.Errorf("got %s, want one updated", run.Counts)
				}
				if got := w.here(contact(1)).Master; got != second {
					t.Errorf("its master is %+v", got)
				}
				w.quiet()
			})
		}
	}
}

// So is what was seen only below the former one until now (seed 2030088).
func TestAComponentThatWasSeenBelowItsMasterOnlyMovesHere(t *testing.T) {
	w := newWorld(t, "pr_person")
	_, second := withContact(t, w)
	w.pass(24 * time.Hour)
	w.hub.Put(rec(link("pr_person", 3), "first_name", "Bob")) // no pull shows the other two again
	w.sync()
	w.pass(time.Hour)
	w.moves(second)
	w.change(contact(1), "value", "2")
	w.addTask(core.NewTask(w.repo.ID, "pr_contact"))
	w.sync()
	w.agree(contact(1), "value", "2")
	w.below(second)
	w.quiet()
}

// A server that is met for the first time has the same contact below another person: the
// later one counts (seed 700).
func TestWhoseItIsOfTwoStrangersIsTheLaterOnes(t *testing.T) {
	first, second := link("pr_person", 1), link("pr_person", 2)
	for _, later := range []core.Link{first, second} {
		w := newWorld(t, "pr_person", "pr_contact")
		persons := []core.Record{rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada")}
		ours, theirs := rec(contact(1), "value", "1"), rec(contact(1), "value", "1")
		ours.Master, ours.Alias, theirs.Master, theirs.Alias = first, "contact", second, "contact"
		theirs.ModifiedOn = core.MTimeOf(start.Add(-time.Hour))
		if later == second {
			theirs.ModifiedOn = core.MTimeOf(start.Add(time.Hour))
		}
		w.pass(2 * time.Hour)
		w.hub.Put(persons...)
		w.hub.Put(theirs)
		w.elsewhere(append(persons, ours)...)
		w.sync()
		w.below(later)
		w.quiet()
	}
}

// An edit of a component that was moved there meanwhile does not move it back.
func TestAnEditOfWhatIsMovedThereFollowsIt(t *testing.T) {
	for what, change := range map[string]func(*core.Record){"as it is": func(*core.Record) {}, "and changed": set("comments", "theirs")} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "pr_person", "pr_contact")
			second := newMoved(t, w, change)
			w.edit(contact(1), set("value", "ours"))
			w.sync()
			w.agree(contact(1), "value", "ours")
			if here, there := w.here(contact(1)).Master, w.there(contact(1)).Master; here != second || there != second {
				t.Errorf("its master is %+v here and %+v there", here, there)
			}
			w.quiet()
		})
	}
}

// withContact has two persons, and a contact of the first one, on both sides.
func withContact(t *testing.T, w *world) (first, second core.Link) {
	t.Helper()
	first, second = link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	w.hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"))
	w.hub.Put(c)
	w.sync()
	if got := w.here(contact(1)).Master; got != first {
		t.Fatalf("its master is %+v", got)
	}
	w.pass(time.Hour)
	return first, second
}

// moves has somebody at the server move the contact.
func (w *world) moves(to core.Link) {
	c := w.there(contact(1))
	c.Master, c.ModifiedOn = to, core.MTimeOf(w.clock.Now())
	w.hub.Put(c)
}

// below checks whose contact it is on both sides.
func (w *world) below(master core.Link) {
	w.t.Helper()
	if here, there := w.here(contact(1)).Master, w.there(contact(1)).Master; here != master || there != master {
		w.t.Errorf("its master is %+v here and %+v there\n%s", here, there, w.logs())
	}
}

// What was moved here, by another server say, is with the other record at a server that it
// is sent to, too: it would be deleted there with the former one.
func TestAComponentThatWasMovedHereMovesThere(t *testing.T) {
	first, second := link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	for server, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person", "pr_contact") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person", "pr_contact"); return w },
	} {
		for whose, made := range map[string]func(*world){
			"what it gave us": func(w *world) {
				w.hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"), c)
			},
			"what it has from us": func(w *world) {
				for _, r := range []core.Record{rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"), c} {
					w.edit(r.Link(), func(old *core.Record) { r.CreatedOn = old.CreatedOn; *old = r })
				}
			},
		} {
			for what, change := range map[string]func(w *world, moved *core.Record){
				"as it is":    func(*world, *core.Record) {},
				"and changed": func(_ *world, moved *core.Record) { set("value", "2")(moved) },
				"changed there": func(w *world, _ *core.Record) {
					w.change(contact(1), "comments", "theirs")
				},
				"changed on both sides": func(w *world, moved *core.Record) {
					set("value", "2")(moved)
					w.change(contact(1), "comments", "theirs")
				},
			} {
				t.Run(server+" "+whose+" "+what, func(t *testing.T) {
					w := servers(t)
					made(w)
					w.sync()
					w.pass(time.Hour)
					w.edit(contact(1), func(moved *core.Record) {
						moved.Master = second
						w.pass(time.Second)
						change(w, moved)
						moved.ModifiedOn = core.MTimeOf(w.clock.Now())
					})
					if run := w.sync(); run.Sent != 1 || run.Delivered != 1 {
						t.Errorf("%s\n%s", run.Counts, w.logs())
					}
					w.below(second)
					w.quiet()
				})
			}
		}
	}
}

// Between our look and our push somebody at an Eden changes the component, or moves it. The
// Eden refuses what is older, and dates it as if it had taken it.
func TestAMoveOnBothSidesOfAPushIsKept(t *testing.T) {
	for what, tt := range map[string]struct {
		ours  func(first, second core.Link) func(*core.Record)
		there func(w *world, second core.Link)
		value string
		notes string
	}{
		"moved here, changed there": {
			func(_, second core.Link) func(*core.Record) { return func(r *core.Record) { r.Master = second } },
			func(w *world, _ core.Link) { w.change(contact(1), "comments", "theirs") }, "1", "theirs",
		},
		"changed here, moved there": {
			func(_, _ core.Link) func(*core.Record) { return set("value", "ours") },
			func(w *world, second core.Link) { w.moves(second) }, "ours", "",
		},
		"moved on both sides": {
			func(_, second core.Link) func(*core.Record) {
				return func(r *core.Record) { r.Master = second; set("value", "ours")(r) }
			},
			func(w *world, second core.Link) { w.moves(second) }, "ours", "",
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "pr_person", "pr_contact")
			first, second := withContact(t, w)
			w.edit(contact(1), tt.ours(first, second))
			w.pass(time.Hour)
			w.barge(sync.OnceFunc(func() { tt.there(w, second) }))
			w.sync()
			w.pass(48 * time.Hour) // what was refused is due again
			w.sync()
			w.below(second)
			w.agree(contact(1), "value", tt.value)
			w.agree(contact(1), "comments", tt.notes)
			w.quiet()
		})
	}
}

// A pull need not show what was moved: it is seen when the edit is about to be sent. What is sent is
// below the other one then, too: it was moved back there, and stayed with the other one here (seed
// 9910569).
func TestAnEditOfWhatWasMovedThereUnseenFollowsIt(t *testing.T) {
	w := newWorld(t, "pr_person")
	_, second := withContact(t, w)
	w.hub.Put(rec(link("pr_person", 3), "first_name", "Bob")) // no pull shows the other two again
	w.sync()
	w.pass(time.Hour)
	w.edit(contact(1), set("value", "2"))
	w.edit(second, set("first_name", "Eve")) // who is looked at, too, and shows whose it is
	c := w.there(contact(1))
	c.Master, c.ModifiedOn = second, c.ModifiedOn+1 // below our marker
	w.hub.Put(c)
	w.pass(time.Hour)
	w.sync()
	w.below(second)
	w.agree(contact(1), "value", "2")
	w.quiet()
}

// What was given to one person there and to another one here is with the one to whom it was given
// later, on both sides. The earlier of two was said to be delivered, and each side kept its own
// (seed 9909161).
func TestOfTwoMovesTheLaterOneStands(t *testing.T) {
	third := link("pr_person", 3)
	moved := func(change func(*core.Record)) func(*core.Record) {
		return func(r *core.Record) { r.Master = third; change(r) }
	}
	nothing := func(*core.Record) {}
	for server, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person", "pr_contact"); return w },
	} {
		for what, change := range map[string]struct{ ours, theirs func(*core.Record) }{
			"as it is":              {nothing, nothing},
			"changed here":          {set("value", "2"), nothing},
			"changed there":         {nothing, set("comments", "theirs")},
			"changed on both sides": {set("value", "2"), set("comments", "theirs")},
			"changed alike":         {set("value", "2"), set("value", "2")},
		} {
			for _, hereLater := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %s, here later: %t", server, what, hereLater), func(t *testing.T) {
					w := servers(t)
					_, second := withContact(t, w)
					w.hub.Put(rec(third, "first_name", "Bob"))
					w.sync()
					w.pass(time.Hour)
					first := func() { w.edit(contact(1), moved(change.ours)) }
					last := func() {
						c := w.there(contact(1))
						c.Master, c.ModifiedOn = second, core.MTimeOf(w.clock.Now())
						change.theirs(&c)
						w.hub.Put(c)
					}
					want := second
					if hereLater {
						first, last, want = last, first, third
					}
					first()
					w.pass(time.Hour)
					last()
					w.pass(time.Hour)
					w.sync()
					w.pass(time.Hour)
					w.sync()
					w.below(want)
					w.quiet()
				})
			}
		}
	}
}

// Somebody is merged here into a person whom the server deletes meanwhile, and lives again, by a
// later edit there: what belonged to that one does so again, and does not stay with the person who
// is deleted (seed 9800430).
func TestWhatBelongsToSomebodyWhoIsDeletedGoesBackToWhomTheServerHasItBelow(t *testing.T) {
	for server, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person", "pr_contact") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person"); return w },
	} {
		for what, value := range map[string]string{"as it is": "1", "and changed": "2"} {
			t.Run(server+" "+what, func(t *testing.T) {
				w := servers(t)
				first, second := withContact(t, w)
				if err := w.db.Merge(t.Context(), first, second, "me"); err != nil {
					t.Fatal(err)
				}
				w.edit(contact(1), set("value", value))
				w.pass(time.Hour)
				w.hub.Delete(second)
				w.change(first, "first_name", "Ada Lovelace")
				w.sync()
				w.pass(48 * time.Hour) // what was refused is due again
				w.sync()
				w.agree(first, "first_name", "Ada Lovelace")
				w.below(first)
				w.agree(contact(1), "value", value)
				if aside := w.quarantine(); len(aside) != 0 {
					t.Errorf("it is set aside: %+v", aside)
				}
				w.quiet()
			})
		}
	}
}

// What is added here to somebody whom the server deletes meanwhile belongs to that one there, too,
// once that one lives again (seed 9800342).
func TestWhatIsAddedToSomebodyWhoIsDeletedThereIsThatOnesWhenItLivesAgain(t *testing.T) {
	for server, servers := range map[string]func(*testing.T) (*world, func(core.Link)){
		"an Eden": func(t *testing.T) (*world, func(core.Link)) {
			w := newWorld(t, "pr_person")
			return w, func(l core.Link) {
				r := w.there(l)
				r.Deleted, r.ModifiedOn = false, core.MTimeOf(w.clock.Now())
				w.eden.Put(r)
			}
		},
		"a Fieldsync": func(t *testing.T) (*world, func(core.Link)) {
			w, hub := newNodes(t, "pr_person", "pr_contact")
			return w, func(l core.Link) {
				_, _, err := hub.db.Edit(t.Context(), storage.EditRequest{Action: storage.EditRestore, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: "somebody"})
				if err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(server, func(t *testing.T) {
			w, restore := servers(t)
			person := link("pr_person", 1)
			w.hub.Put(rec(person, "first_name", "Ada"), rec(link("pr_person", 2), "first_name", "Bob"))
			w.sync()
			w.pass(time.Hour)
			w.edit(contact(1), func(r *core.Record) {
				set("value", "1")(r)
				r.Master, r.Alias = person, "contact"
			})
			w.hub.Delete(person)
			w.sync()
			w.pass(time.Hour)
			restore(person)
			w.sync()
			w.below(person)
			w.quiet()
		})
	}
}

// What a Fieldsync moves right after a pull of its table is met by the comparison of the same run,
// which asks for the record that it is below now: alone it would not be known to be moved (seed
// 9913321).
func TestAComponentThatTheComparisonFindsMovedMovesHere(t *testing.T) {
	for what, compare := range map[string]func(*world) error{
		"in a sync": func(w *world) error { _, err := w.run(replicate.Options{}); return err },
		"by itself": func(w *world) error {
			_, err := w.engine.Compare(w.t.Context(), w.repo, replicate.CompareOptions{Mend: true})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			w, n := newNodes(t, "pr_person")
			if err := n.db.Share(t.Context(), "pr_contact", true); err != nil {
				t.Fatal(err)
			}
			_, second := withContact(t, w)
			w.pass(25 * time.Hour)
			w.sync() // which reads all of it
			w.pass(25 * time.Hour)
			moves := sync.OnceFunc(func() { w.moves(second) })
			n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				if q := r.URL.Query(); q.Has("fields") || strings.HasSuffix(r.URL.Path, "person/sync.xml") && !q.Has("msince") {
					moves()
				}
				return false
			})
			if err := compare(w); err != nil {
				t.Fatal(err)
			}
			n.meddle(nil)
			w.sync()
			w.below(second)
			w.quiet()
		})
	}
}

// What was moved and edited here is below the other record there, too, though it is deleted there
// meanwhile (seed 9912201).
func TestWhatIsMovedHereAndDeletedThereLivesBelowTheOtherOne(t *testing.T) {
	for server, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person"); return w },
	} {
		t.Run(server, func(t *testing.T) {
			w := servers(t)
			first, second := withContact(t, w)
			for _, l := range []core.Link{contact(1), first, second} {
				w.hub.Delete(l)
			}
			w.pass(time.Hour)
			w.edit(contact(1), func(r *core.Record) {
				set("value", "2")(r)
				r.Follow(&core.Record{Master: second})
			})
			w.edit(first, set("first_name", "Ada L."))
			w.edit(second, set("first_name", "Ada K."))
			w.sync()
			w.sync()
			w.agree(contact(1), "value", "2")
			w.below(second)
			w.quiet()
		})
	}
}

// A move that the server does not take is not delivered.
func TestAMoveThatTheServerDoesNotTakeIsRefused(t *testing.T) {
	w := newWorld(t, "pr_person", "pr_contact")
	first, second := withContact(t, w)
	task := core.NewTask(1, "pr_person")
	task.Update = core.PolicyThis
	w.eden.Task(task)
	w.edit(contact(1), func(r *core.Record) { r.Master = second })
	if run := w.sync(); run.Delivered != 0 || run.Refused != 1 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	if here, there := w.here(contact(1)).Master, w.there(contact(1)).Master; here != second || there != first {
		t.Errorf("its master is %+v here and %+v there\n%s", here, there, w.logs())
	}
	if q := w.quarantine(); len(q) != 1 || !q[0].Outgoing {
		t.Errorf("it is to be set aside: %+v", q)
	}
	w.quiet()
	task.Update = core.PolicyNewer
	w.eden.Task(task)
	w.pass(48 * time.Hour)
	w.sync()
	w.below(second)
	w.quiet()
}

// Who has not heard yet that it was moved does not move it back.
func TestWhatWasMovedAtAFieldsyncIsNotMovedBack(t *testing.T) {
	w, hub := newNodes(t, "pr_person", "pr_contact")
	first, second := link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"), c)
	w.sync()
	w.pass(time.Hour)
	w.edit(contact(1), set("comments", "ours"))
	w.engine.Connect = beforePush(w.engine.Connect, func() {
		moved := w.there(contact(1))
		if moved.Master == first {
			moved.Master, moved.ModifiedOn = second, core.MTimeOf(w.clock.Now())
			hub.Put(moved)
		}
	})
	w.sync()
	w.pass(time.Hour)
	w.sync()
	w.agree(contact(1), "comments", "ours")
	if there := w.there(contact(1)).Master; there != second {
		t.Errorf("its master is %+v there\n%s", there, w.logs())
	}
	w.quiet()
}

// What is sent by itself names the record that it belongs to. If that one is deleted there, it
// stays so.
func TestWhatIsOnlyNamedStaysDeleted(t *testing.T) {
	for server, servers := range map[string]func(*testing.T) *world{
		"an Eden":     func(t *testing.T) *world { return newWorld(t, "pr_person", "pr_contact") },
		"a Fieldsync": func(t *testing.T) *world { w, _ := newNodes(t, "pr_person", "pr_contact"); return w },
	} {
		t.Run(server, func(t *testing.T) {
			w := servers(t)
			person := link("pr_person", 1)
			c := rec(contact(1), "value", "1")
			c.Set(core.Field{Name: "pe_id", Value: core.RefTo(person.Resource, person.UUID)})
			c.Master, c.Alias = person, "contact"
			w.hub.Put(rec(person, "first_name", "Ada"), rec(link("pr_person", 2), "first_name", "Bob"))
			w.hub.Put(c)
			w.sync()
			w.pass(time.Hour)
			for _, of := range []storage.EditRequest{
				{Action: storage.EditDelete, Record: core.Record{Resource: person.Resource, UUID: person.UUID}, By: "me"},
				{Action: storage.EditRestore, Record: core.Record{Resource: contact(1).Resource, UUID: contact(1).UUID}, By: "me"},
			} {
				if _, _, err := w.db.Edit(t.Context(), of); err != nil {
					t.Fatal(err)
				}
				w.sync()
				w.pass(time.Hour)
			}
			w.sync()
			if here, there := w.here(person), w.there(person); !here.Deleted || !there.Deleted {
				t.Errorf("the person came back: here %+v, there %+v\n%s", here, there, w.logs())
			}
			if here, there := w.here(contact(1)), w.there(contact(1)); here.Deleted || there.Deleted {
				t.Errorf("the contact was restored: here %+v, there %+v\n%s", here, there, w.logs())
			}
		})
	}
}

// What a server moves while an edit of it waits here is moved at the other servers, too.
func TestAMoveIsSentOnThoughAnEditOfOursStays(t *testing.T) {
	for tables, resources := range map[string][]core.Resource{"below its person": {"pr_person"}, "and by itself": {"pr_person", "pr_contact"}} {
		t.Run(tables, func(t *testing.T) {
			c, with := newContactCarrier(t, resources...)
			_, second := withContact(t, c.world)
			with(1)
			c.pass(time.Hour)
			c.edit(contact(1), set("value", "ours"))
			with(1)
			c.moves(second)
			c.change(second, "first_name", "Bea") // an Eden shows what is below it then
			stays := core.NewTask(1, "pr_person")
			stays.Update = core.PolicyThis
			c.eden.Task(stays)
			with(0)
			with(1)
			for where, got := range map[string]core.Record{"here": c.here(contact(1)), "at the other server": c.second.there(contact(1))} {
				if key := got.Value("pe_id"); got.Master != second || got.Value("value").Str != "ours" || key.Kind != core.Null && key.Str != second.UUID {
					t.Errorf("%s it is %+v\n%s", where, got, c.logs())
				}
			}
		})
	}
}

// newContactCarrier makes a laptop that carries contacts between two Edens, and what has it
// synchronise with one of them.
func newContactCarrier(t *testing.T, resources ...core.Resource) (c *carrier, with func(i int)) {
	t.Helper()
	c = &carrier{world: newWorld(t, resources...), second: newWorld(t)}
	c.first, c.repos[0], c.second.eden.UUID = c.world, c.repo, "urn:uuid:22222222-2222-4222-8222-222222222222"
	c.addSecond()
	for _, r := range resources {
		c.addTask(core.NewTask(c.repos[1].ID, r))
	}
	return c, func(i int) {
		t.Helper()
		if _, err := c.with(i); err != nil {
			t.Fatalf("%v\n%s", err, c.logs())
		}
	}
}

// What one server changed, and another one moved before it had that, is moved at the first one,
// too: it would be deleted there with the former record (seed 71297).
func TestWhatOneServerMovesIsMovedAtTheOneThatChangedIt(t *testing.T) {
	c, with := newContactCarrier(t, "pr_person")
	first, second := withContact(t, c.world)
	with(1)
	c.pass(time.Hour)
	c.change(contact(1), "value", "changed at the first")
	c.change(first, "last_name", "and its person")
	with(0)
	c.second.moves(second)
	with(1)
	with(0)
	c.below(second)
	c.agree(contact(1), "value", "changed at the first")
	if there := c.second.there(contact(1)); there.Master != second || there.Value("value").Str != "changed at the first" {
		t.Errorf("at the second server it is %+v\n%s", there, c.logs())
	}
	c.quiet()
}

// What a person decides about a component that was moved there meanwhile does not move it back,
// nor is it kept below its former master here (seeds 60083, 60895).
func TestADecisionAboutWhatIsMovedThereFollowsIt(t *testing.T) {
	for _, winner := range []string{storage.WinnerOurs, storage.WinnerTheirs, storage.WinnerBoth} {
		for what, alone := range map[string]bool{"seen below its person": false, "seen by itself": true} {
			t.Run(winner+" of what was "+what, func(t *testing.T) {
				w := newWorld(t, "pr_person")
				tables := []core.Resource{"pr_person"}
				if alone {
					tables = append(tables, "pr_contact")
					w.addTask(core.NewTask(w.repo.ID, "pr_contact"))
				}
				for _, r := range tables {
					task := w.task(r)
					task.Conflict, task.Merge = core.PolicyAsk, false
					if err := w.db.UpdateTask(t.Context(), task); err != nil {
						t.Fatal(err)
					}
				}
				_, second := withContact(t, w)
				if alone {
					w.change(contact(1), "comments", "so that it is shown")
					w.sync()
					w.pass(time.Hour)
				}
				w.edit(contact(1), set("value", "ours"))
				w.pass(time.Minute)
				w.moves(second)
				w.change(contact(1), "value", "theirs")
				w.change(second, "last_name", "with another contact")
				w.sync()
				q := w.question()
				mixed := q.Ours.Clone()
				mixed.Set(core.Field{Name: "value", Value: core.Text("both")})
				if err := w.db.ResolveConflict(t.Context(), q.ID, winner, &mixed, q.Ours.Hash(), "me"); err != nil {
					t.Fatal(err)
				}
				w.sync()
				w.below(second)
				w.agree(contact(1), "value", winner)
				here := w.here(contact(1))
				if key := here.Value("pe_id"); key.Kind != core.Null && key.Str != second.UUID {
					t.Errorf("it points to %s", key.Str)
				}
				w.quiet()
			})
		}
	}
}

// Nor does what a person decides, or the conflict policy does, about one that was moved here only
// leave it where it was there: it moves there, too, and points to where it is (seed 9406193).
func TestADecisionAboutWhatWasMovedHereMovesItThere(t *testing.T) {
	for winner, policy := range map[string]core.Policy{storage.WinnerOurs: core.PolicyAsk, storage.WinnerTheirs: core.PolicyAsk, storage.WinnerBoth: core.PolicyAsk,
		"theirs by policy": core.PolicyOther, "ours by policy": core.PolicyThis} {
		for what, tables := range map[string][]core.Resource{"seen below its person": {"pr_person"}, "seen by itself": {"pr_person", "pr_contact"}} {
			for how, merge := range map[string]bool{"as wholes": false, "field by field": true} {
				t.Run(winner+" of what was "+what+" "+how, func(t *testing.T) {
					w := newWorld(t, tables...)
					for _, r := range tables {
						task := w.task(r)
						task.Conflict, task.Merge = policy, merge
						if err := w.db.UpdateTask(t.Context(), task); err != nil {
							t.Fatal(err)
						}
					}
					first, second := withContact(t, w)
					w.change(contact(1), "comments", "so that it is shown")
					w.change(first, "last_name", "Lovelace")
					w.sync()
					w.pass(time.Hour)
					w.edit(contact(1), func(moved *core.Record) {
						moved.Follow(&core.Record{Master: second})
						set("value", "ours")(moved)
					})
					w.pass(time.Minute)
					w.change(contact(1), "value", "theirs")
					w.change(first, "last_name", "King")
					w.sync()
					want := strings.TrimSuffix(winner, " by policy")
					if policy == core.PolicyAsk {
						q := w.question()
						mixed := q.Ours.Clone()
						mixed.Set(core.Field{Name: "value", Value: core.Text("both")})
						if err := w.db.ResolveConflict(t.Context(), q.ID, winner, &mixed, q.Ours.Hash(), "me"); err != nil {
							t.Fatal(err)
						}
						w.sync()
					}
					w.below(second)
					w.agree(contact(1), "value", want)
					for where, r := range map[string]core.Record{"here": w.here(contact(1)), "there": w.there(contact(1))} {
						if key := r.Value("pe_id"); key.Kind != core.Null && key.Str != second.UUID {
							t.Errorf("%s it points to %s", where, key.Str)
						}
					}
					w.quiet()
				})
			}
		}
	}
}

// What was deleted on both sides and lives again on both is below what the server says, if a
// person decides for that one (seed 61714).
func TestWhatLivesAgainThereIsBelowWhatItSays(t *testing.T) {
	w := newWorld(t, "pr_person", "pr_contact")
	for _, r := range []core.Resource{"pr_person", "pr_contact"} {
		task := w.task(r)
		task.Conflict = core.PolicyAsk
		if err := w.db.UpdateTask(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	_, second := withContact(t, w)
	w.hub.Delete(contact(1))
	w.sync()
	w.pass(time.Hour)
	if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Action: storage.EditRestore, Record: core.Record{Resource: "pr_contact", UUID: contact(1).UUID}, By: "me"}); err != nil {
		t.Fatal(err)
	}
	w.edit(contact(1), set("value", "ours"))
	again := w.there(contact(1))
	again.Deleted, again.Master, again.ModifiedOn = false, second, core.MTimeOf(w.clock.Now())
	again.Set(core.Field{Name: "value", Value: core.Text("theirs")})
	w.hub.Put(again)
	w.sync()
	q := w.question()
	if err := w.db.ResolveConflict(t.Context(), q.ID, storage.WinnerTheirs, nil, q.Ours.Hash(), "me"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.below(second)
	w.agree(contact(1), "value", "theirs")
	w.quiet()
}

// A component that is shown by itself points to the record that it was seen below before:
// that is no other version, whatever was done with it here meanwhile.
func TestTheKeyToTheMasterIsNoChange(t *testing.T) {
	for what, change := range map[string]func(*core.Record){
		"edited": set("value", "ours"), "deleted": bury,
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "pr_person")
			task := w.task("pr_person")
			task.Mode, task.Merge = core.ModePull, false
			if err := w.db.UpdateTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			withContact(t, w)
			w.edit(contact(1), change)
			own := core.NewTask(w.repo.ID, "pr_contact")
			own.Merge = false
			w.addTask(own)
			if run := w.sync(); run.Kept == 0 || run.Conflicts+run.Merged != 0 || run.Delivered != 1 {
				t.Errorf("%s\n%s", run.Counts, w.logs())
			}
			if there := w.there(contact(1)); what == "deleted" != there.Deleted || what == "edited" && there.Value("value").Str != "ours" {
				t.Errorf("it is %+v there", there)
			}
			w.sync() // it learns by which field
			w.quiet()
		})
	}
}

// An office that came within its organisation is given to another one by its form.
func TestAnOfficeThatIsGivenToAnotherOrganisationMovesThere(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	from, to := link("org_organisation", 1), link("org_organisation", 2)
	for l, name := range map[core.Link]string{from: "From", to: "To"} {
		org := core.Record{Resource: l.Resource, UUID: l.UUID, Fields: []core.Field{{Name: "name", Value: core.Text(name)}}}
		if l == from {
			org.Components = []core.Record{{Resource: "org_office", UUID: office(3).UUID, Fields: []core.Field{{Name: "name", Value: core.Text("Office")}}}}
		}
		w.eden.Put(org)
	}
	w.sync()
	if w.here(office(3)).Master != from {
		t.Fatalf("it is below %+v", w.here(office(3)).Master)
	}
	w.pass(time.Hour)
	rec := w.here(office(3))
	rec.Set(core.Field{Name: "organisation_id", Value: core.RefTo(to.Resource, to.UUID)})
	if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Record: rec, By: "ada@example.org"}); err != nil {
		t.Fatal(err)
	}
	w.deliversOne()
	if got := w.there(to); len(got.Components) != 1 || got.Components[0].UUID != office(3).UUID {
		t.Errorf("at the server it is not there: %+v", got.Components)
	}
	w.quiet()
}

// The same where the server shows it below the one that it was given away from, meanwhile.
func TestAnOfficeThatWasGivenAwayIsNotPutBackByBeingShownThere(t *testing.T) {
	w := newWorld(t, "org_office", "org_organisation")
	from, to := link("org_organisation", 1), link("org_organisation", 2)
	for l, name := range map[core.Link]string{from: "From", to: "To"} {
		w.eden.Put(core.Record{Resource: l.Resource, UUID: l.UUID, Fields: []core.Field{{Name: "name", Value: core.Text(name)}}})
	}
	w.eden.Put(core.Record{Resource: "org_office", UUID: office(3).UUID, Master: from, Fields: []core.Field{
		{Name: "name", Value: core.Text("Office")}, {Name: "organisation_id", Value: core.RefTo(from.Resource, from.UUID)}}})
	if _, err := w.run(replicate.Options{Resources: []core.Resource{"org_office"}}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	rec := w.here(office(3))
	rec.Set(core.Field{Name: "organisation_id", Value: core.RefTo(to.Resource, to.UUID)})
	if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Record: rec, By: "ada@example.org"}); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.sync()
	if got := w.there(to); len(got.Components) != 1 || got.Components[0].UUID != office(3).UUID {
		t.Errorf("at the server it is not there: %+v\n%s", w.there(office(3)), w.logs())
	}
	if here := w.here(office(3)); here.Master != to && !here.Master.IsZero() || says(here, "organisation_id") != to.UUID {
		t.Errorf("here it is below %+v", here.Master)
	}
	w.quiet()
}

// A Fieldsync shows all that it has: where it lacks the key to the master, which an Eden showed
// us, it is told of it, and what ours grew from is the version that it has (seed 70413).
func TestTheKeyToTheMasterIsSentToAFieldsync(t *testing.T) {
	for what, value := range map[string]string{"the same otherwise": "1", "another value": "2"} {
		t.Run(what, func(t *testing.T) {
			w, hub := newNodes(t, "pr_person")
			task := w.task("pr_person")
			task.Conflict = core.PolicyMaster
			if err := w.db.UpdateTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			person, c := link("pr_person", 1), rec(contact(1), "value", "1")
			c.Master, c.Alias = person, "contact"
			hub.Put(rec(person, "first_name", "Ada"), c)
			w.pass(time.Hour)
			w.edit(person, set("first_name", "Ada"))
			w.edit(contact(1), func(r *core.Record) {
				set("value", value)(r)
				r.Set(core.Field{Name: "pe_id", Value: core.RefTo(person.Resource, person.UUID)})
				r.Master, r.Alias = person, "contact"
			})
			w.sync()
			w.sync()
			w.agree(contact(1), "value", value)
			if there := w.there(contact(1)); there.Value("pe_id").Str != person.UUID {
				t.Errorf("at the hub it is %+v", there.Fields)
			}
			if aside := w.quarantine(); len(aside) != 0 {
				t.Errorf("it is set aside: %+v", aside)
			}
			w.quiet()
		})
	}
}

// What a shelter must have in stock is given to an office by its form: both are sites.
func TestWhatBelongsToASiteMovesToOneOfAnotherKind(t *testing.T) {
	w := newWorld(t, "cr_shelter", "org_office", "inv_minimum")
	shelter, minimum := link("cr_shelter", 1), link("inv_minimum", 2)
	w.eden.Put(core.Record{Resource: shelter.Resource, UUID: shelter.UUID, Fields: []core.Field{{Name: "name", Value: core.Text("School")}},
		Components: []core.Record{{Resource: minimum.Resource, UUID: minimum.UUID, Fields: []core.Field{{Name: "quantity", Value: core.Value{Kind: core.Number, Str: "5"}}}}}})
	w.offices(3)
	w.sync()
	if got := w.here(minimum).Master; got != shelter {
		t.Fatalf("it is below %+v", got)
	}
	move := func(to core.Link) {
		w.pass(time.Hour)
		rec := w.here(minimum)
		rec.Set(core.Field{Name: "site_id", Value: core.RefTo(to.Resource, to.UUID)})
		if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Record: rec, By: "ada@example.org"}); err != nil {
			t.Fatal(err)
		}
		if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
			t.Errorf("got %s\n%s", run.Counts, w.logs())
		}
		if got := w.there(minimum); got.Master != to {
			t.Errorf("at the server it is below %+v", got.Master)
		}
		w.quiet()
	}
	move(office(3))
	move(shelter)

	w.pass(time.Hour) // and somebody there gives it to the office
	there := w.there(minimum)
	there.Master, there.ModifiedOn = office(3), core.MTimeOf(w.clock.Now())
	there.Set(core.Field{Name: "site_id", Value: core.RefTo("org_office", office(3).UUID)})
	w.eden.Put(there)
	w.sync()
	if got := w.here(minimum).Master; got != office(3) {
		t.Errorf("here it is below %+v", got)
	}
	w.pass(time.Hour)
	w.edit(minimum, set("comments", "ours"))
	if run := w.sync(); run.Delivered != 1 || w.there(minimum).Master != office(3) {
		t.Errorf("an edit moved it back: %s, below %+v, %+v\n%s", run.Counts, w.there(minimum).Master, w.quarantine(), w.logs())
	}
	w.quiet()
}

// Where a shipment goes to is a site, too, by another name.
func TestAReferenceToASiteByAnyNameIsDelivered(t *testing.T) {
	w := newWorld(t, "org_office", "inv_send", "org_resource_type", "org_resource")
	w.offices(2)
	w.eden.Put(rec(link("org_resource_type", 8), "name", "Truck"))
	w.sync()
	w.pass(time.Hour)
	send, resource := link("inv_send", 5), link("org_resource", 6)
	for name, ref := range map[string]core.Value{"site_id": core.RefTo("org_office", office(1).UUID), "to_site_id": core.RefTo("org_office", office(2).UUID)} {
		w.edit(send, func(r *core.Record) { r.Set(core.Field{Name: name, Value: ref}) })
	}
	w.edit(resource, func(r *core.Record) {
		r.Set(core.Field{Name: "parameter_id", Value: core.RefTo("org_resource_type", link("org_resource_type", 8).UUID)})
	})
	if run := w.sync(); run.Delivered != 2 || run.Refused != 0 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.agree(send, "to_site_id", office(2).UUID)
	w.agree(resource, "parameter_id", link("org_resource_type", 8).UUID)
	w.quiet()
}

// A component that was moved here, was deleted there with its former master, and comes by itself
// once it lives again there, is sent below its new master by the name of its kind (seed 12000681).
func TestWhatWasMovedHereKeepsTheNameOfItsKind(t *testing.T) {
	w := newWorld(t, "pr_person")
	first, second := withContact(t, w)
	rules := func(m core.Mode, conflict core.Policy) {
		t.Helper()
		task := w.task("pr_person")
		task.Mode, task.Conflict = m, conflict
		if err := w.db.UpdateTask(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	rules(core.ModePull, core.PolicyThis)
	w.hub.Delete(first)
	w.hub.Delete(contact(1))
	w.pass(time.Minute)
	w.edit(contact(1), func(r *core.Record) {
		r.Follow(&core.Record{Master: second})
		set("comments", "ours")(r)
	})
	w.sync()
	w.pass(time.Hour)
	w.hub.Put(rec(contact(1), "value", "theirs", "comments", "theirs"))
	rules(core.ModeBoth, core.PolicyOther)
	w.sync()
	w.below(second)
	w.agree(contact(1), "value", "theirs")
	if here, there := w.here(contact(1)), w.there(contact(1)); here.Alias != "contact" || there.Alias != "contact" {
		t.Errorf("it is %q here and %q there\n%s", here.Alias, there.Alias, w.logs())
	}
	w.quiet()
}
