package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// newMoved makes a contact of the first of two persons on both sides, and moves it to the
// second one at the server, as a merge there does; change may change more of it.
func newMoved(t *testing.T, w *world, change func(*core.Record)) (of core.Link) {
	t.Helper()
	first, second := link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	w.hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"))
	w.hub.Put(c)
	w.sync()
	if got := w.here(contact(1)).Master; got != first {
		t.Fatalf("its master is %+v", got)
	}
	w.pass(time.Hour)
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

// What was moved here, by another server say, is with the other record at a Fieldsync that it
// is sent to, too: it would be deleted there with the former one.
func TestAComponentThatWasMovedHereMovesAtAFieldsync(t *testing.T) {
	first, second := link("pr_person", 1), link("pr_person", 2)
	c := rec(contact(1), "value", "1")
	c.Master, c.Alias = first, "contact"
	for whose, made := range map[string]func(*world, *node){
		"what it gave us": func(w *world, hub *node) {
			hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"), c)
		},
		"what it has from us": func(w *world, _ *node) {
			for _, r := range []core.Record{rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"), c} {
				w.edit(r.Link(), func(old *core.Record) { r.CreatedOn = old.CreatedOn; *old = r })
			}
		},
	} {
		for what, change := range map[string]func(w *world, hub *node, moved *core.Record){
			"as it is":    func(*world, *node, *core.Record) {},
			"and changed": func(_ *world, _ *node, moved *core.Record) { set("value", "2")(moved) },
			"changed there": func(w *world, hub *node, _ *core.Record) {
				w.change(contact(1), "comments", "theirs")
			},
			"changed on both sides": func(w *world, hub *node, moved *core.Record) {
				set("value", "2")(moved)
				w.change(contact(1), "comments", "theirs")
			},
		} {
			t.Run(whose+" "+what, func(t *testing.T) {
				w, hub := newNodes(t, "pr_person", "pr_contact")
				made(w, hub)
				w.sync()
				w.pass(time.Hour)
				w.edit(contact(1), func(moved *core.Record) {
					moved.Master = second
					w.pass(time.Second)
					change(w, hub, moved)
					moved.ModifiedOn = core.MTimeOf(w.clock.Now())
				})
				w.sync()
				if here, there := w.here(contact(1)).Master, w.there(contact(1)).Master; here != second || there != second {
					t.Errorf("its master is %+v here and %+v there\n%s", here, there, w.logs())
				}
				w.quiet()
			})
		}
	}
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

// To move it is an edit, also where nothing else of it changes: an Eden is sent it, and does not
// move it back here by what is changed in it there meanwhile. (The tests' Eden moves nothing.)
func TestAComponentThatIsMovedHereIsSentSo(t *testing.T) {
	for what, meanwhile := range map[string]func(w *world){
		"alone":                 func(*world) {},
		"and was changed there": func(w *world) { w.change(contact(1), "comments", "theirs") },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "pr_person", "pr_contact")
			first, second := link("pr_person", 1), link("pr_person", 2)
			c := rec(contact(1), "value", "1")
			c.Master, c.Alias = first, "contact"
			w.hub.Put(rec(first, "first_name", "Ada"), rec(second, "first_name", "Ada"))
			w.hub.Put(c)
			w.sync()
			w.pass(time.Hour)
			w.edit(contact(1), func(r *core.Record) { r.Master = second })
			meanwhile(w)
			if run := w.sync(); run.Sent != 1 || run.Delivered != 1 {
				t.Errorf("%s\n%s", run.Counts, w.logs())
			}
			if here := w.here(contact(1)).Master; here != second {
				t.Errorf("its master is %+v here\n%s", here, w.logs())
			}
			w.quiet()
		})
	}
}
