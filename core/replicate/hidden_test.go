package replicate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A deleted component stands in no master's document.
func TestADeletedComponentIsFoundByComparison(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"by the inventory":                        func(*world) {},
		"by content, where there is no inventory": func(w *world) { w.eden.NoNative("pr_person") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "pr_person")
			prepare(w)
			person, contact := link("pr_person", 1), link("pr_contact", 2)
			p := rec(person, "first_name", "Ann")
			p.Components = []core.Record{rec(contact, "value", "a@example.org"), rec(link("pr_contact", 3), "value", "b@example.org")}
			w.eden.Put(p)
			w.sync()
			w.eden.Delete(contact)
			w.pass(25 * time.Hour)
			w.sync()
			if !w.here(contact).Deleted || w.here(link("pr_contact", 3)).Deleted {
				t.Error("the one contact was deleted at the server, the other was not")
			}
			w.quiet()
		})
	}
}

func TestARecordThatAControllerHidesArrivesAlthoughItIgnoresPaging(t *testing.T) {
	w := newWorld(t, "org_office")
	w.eden.NativeHides(func(l core.Link) bool { return l == office(2) })
	w.eden.IgnorePaging()
	w.offices(3)
	w.sync()
	w.agree(office(2), "name", "Office 2")
	w.quiet()
}

// The right to read is gone, the right to write is not: what cannot be seen must
// not be overwritten, and not be taken for deleted.
func TestWhatTheServerDoesNotShowIsNotOverwritten(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "ours"))
	w.edit(office(2), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	w.eden.ReadRight("org_office", false)
	w.change(office(1), "name", "theirs")
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "ours again"))
	run := w.sync()
	if run.Delivered != 0 || run.Refused != 2 || len(w.quarantine()) != 2 {
		t.Errorf("got %s, want both set aside\n%s", run.Counts, w.logs())
	}
	if got := w.there(office(1)); got.Value("name").Str != "theirs" {
		t.Errorf("the name there was overwritten with %q", got.Value("name").Str)
	}
	w.eden.ReadRight("org_office", true)
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(office(1), "name", "theirs")
	w.agree(office(1), "phone", "ours again")
	if !w.there(office(2)).Deleted {
		t.Error("the deletion must arrive now")
	}
	w.quiet()
}

// Only the person is hidden; that the contact was deleted there, too, is seen before
// anything is sent. Nothing of it is left to be sent, nor to be set aside.
func TestWhatIsFoundToBeTheSameIsNotSetAsideWithItsMaster(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = []core.Record{rec(contact, "value", "a@example.org")}
	w.eden.Put(p, rec(link("pr_person", 3), "first_name", "Ben"))
	w.sync()
	w.pass(time.Hour)
	w.edit(person, set("last_name", "Bee"))
	w.edit(contact, func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	w.eden.Delete(contact)
	w.eden.ReadRight("pr_person", false)
	run := w.sync()
	if aside := w.quarantine(); run.Refused != 1 || len(aside) != 1 || aside[0].Record != person {
		t.Errorf("got %s and %+v, want the person set aside\n%s", run.Counts, aside, w.logs())
	}
	w.eden.ReadRight("pr_person", true)
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(person, "last_name", "Bee")
	if aside := w.quarantine(); len(aside) > 0 {
		t.Errorf("still set aside: %+v\n%s", aside, w.logs())
	}
	w.quiet()
}

func TestAPersonMaySendWhatTheServerDoesNotShow(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", "ours"))
	w.eden.ReadRight("org_office", false)
	if _, err := w.run(replicate.Options{Confirm: true}); err != nil {
		t.Fatal(err)
	}
	if got := w.there(office(1)); got.Value("phone").Str != "ours" {
		t.Errorf("the phone there is %q", got.Value("phone").Str)
	}
}

// Another laptop brought it late, so it stands below the marker, and the resource's
// own controller hides it from pages and lists: the weekly comparison sees it.
func TestWhatAControllerHidesAndCameLateIsFoundByTheWeeklyComparison(t *testing.T) {
	w := newWorld(t, "org_office")
	w.eden.NativeHides(func(l core.Link) bool { return l == office(9) })
	w.offices(3)
	w.sync()
	late := rec(office(9), "name", "Office 9")
	late.ModifiedOn = core.MTimeOf(w.clock.Now().Add(-240 * time.Hour))
	w.eden.Put(late)
	w.pass(8 * 24 * time.Hour)
	w.sync()
	w.agree(office(9), "name", "Office 9")
	w.quiet()
}

// A component that only a comparison finds comes with its master: alone it would
// stand below nothing, and nobody would notice when it is deleted there.
func TestAComponentThatAComparisonFindsComesWithItsMaster(t *testing.T) {
	for _, busy := range []bool{true, false} { // a busy run compares by stamps, an idle one by content
		t.Run(fmt.Sprint(busy), func(t *testing.T) {
			w := newWorld(t, "pr_person")
			person, contact := link("pr_person", 1), link("pr_contact", 9)
			w.eden.Put(rec(person, "first_name", "Ann"))
			w.sync()
			w.pass(time.Hour)
			late := rec(contact, "value", "a@example.org")
			late.Master, late.Alias, late.ModifiedOn = person, "contact", core.MTimeOf(w.clock.Now().Add(-240*time.Hour))
			w.eden.Put(late)
			w.pass(25 * time.Hour)
			if busy {
				w.eden.Put(rec(link("pr_person", 2), "first_name", "Ben"))
			}
			w.sync()
			if got := w.here(contact); got.Master != person {
				t.Errorf("its master is %+v", got.Master)
			}
			w.eden.Delete(contact)
			w.pass(25 * time.Hour)
			w.sync()
			if !w.here(contact).Deleted {
				t.Error("it was deleted at the server")
			}
			w.quiet()
		})
	}
}

// A blinding peer: right after a push the account may not read a table any more.
type blinding struct {
	replicate.Peer
	then func()
}

func (b blinding) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	reply, err := b.Peer.Push(ctx, req)
	b.then()
	return reply, err
}

// blindAfterPush lets the right to read tables go between a push and its proof, once.
func (w *world) blindAfterPush(tables ...core.Resource) {
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		peer, err := connect(r, n)
		return blinding{peer, func() {
			for _, table := range tables {
				w.eden.ReadRight(table, false)
			}
			tables = nil
		}}, err
	}
}

// keepAll lets the server pass over deletions without a word.
func (w *world) keepAll(table core.Resource) {
	task := core.NewTask(0, table)
	task.Strategy &^= core.Strategy(core.MethodDelete)
	w.eden.Task(task)
}

// A deletion is delivered if the record is not there any more. That nothing of its table is
// shown says nothing.
func TestADeletionIsNotProvedByARightThatIsGone(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), bury)
	w.keepAll("org_office")
	w.blindAfterPush("org_office")
	run, err := w.run(replicate.Options{})
	if run.Delivered != 0 || w.there(office(1)).Deleted {
		t.Errorf("got %s, %v\n%s", run.Counts, err, w.logs())
	}
	if unsent, err := w.db.UnsentLinks(t.Context(), w.repo.ID); err != nil || len(unsent) != 1 {
		t.Errorf("it must count as unsent: %v, %v", unsent, err)
	}
	w.eden.ReadRight("org_office", true)
	w.eden.Task(core.NewTask(0, "org_office"))
	w.pass(48 * time.Hour)
	w.sync()
	if !w.there(office(1)).Deleted {
		t.Errorf("it must arrive now\n%s", w.logs())
	}
	w.quiet()
}

// Of the last record of a table nothing else tells whether the table can be read.
func TestTheDeletionOfTheLastRecordIsNotProvedByARightThatIsGone(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), bury)
	w.keepAll("org_office")
	w.blindAfterPush("org_office")
	for i := range 3 {
		run, err := w.run(replicate.Options{})
		if run.Delivered != 0 || w.there(office(1)).Deleted || err != nil {
			t.Errorf("run %d: got %s, %v\n%s", i, run.Counts, err, w.logs())
		}
		if unsent, err := w.db.UnsentLinks(t.Context(), w.repo.ID); err != nil || len(unsent) != 1 {
			t.Errorf("run %d: it must count as unsent: %v, %v", i, unsent, err)
		}
	}
	w.eden.ReadRight("org_office", true)
	w.eden.Task(core.NewTask(0, "org_office"))
	w.pass(48 * time.Hour)
	w.sync()
	if !w.there(office(1)).Deleted {
		t.Errorf("it must arrive now\n%s", w.logs())
	}
	if unsent, err := w.db.UnsentLinks(t.Context(), w.repo.ID); err != nil || len(unsent) != 0 {
		t.Errorf("it must count as delivered: %v, %v", unsent, err)
	}
	w.quiet()
}

// An Eden shows what it deleted: the last record of a table waits for nothing.
func TestTheDeletionOfTheLastRecordIsProvedByItsTombstone(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), bury)
	if run := w.sync(); run.Delivered != 1 || !w.there(office(1)).Deleted {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.quiet()
}

// A server may delete for good, and have nothing else in the table. A person who
// insists ends the waiting.
func TestADeletionThatNothingCanProveEndsWhenAPersonInsists(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), bury)
	w.blindAfterPush("org_office")
	if run := w.sync(); run.Delivered != 0 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if run := w.sync(); run.Refused != 1 || len(w.quarantine()) != 1 {
		t.Errorf("got %s, want it set aside for a person\n%s", run.Counts, w.logs())
	}
	w.pass(time.Hour)
	if run, err := w.run(replicate.Options{Confirm: true}); err != nil || run.Delivered != 1 {
		t.Errorf("got %s, %v\n%s", run.Counts, err, w.logs())
	}
	if len(w.quarantine()) != 0 {
		t.Errorf("still set aside: %+v", w.quarantine())
	}
	w.quiet()
}

// Who could not be asked is no witness.
func TestADeletionIsNotProvedByWitnessesThatCouldNotBeAsked(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), bury)
	w.keepAll("org_office")
	w.blindAfterPush("org_office")
	w.loseWitnesses()
	run, err := w.run(replicate.Options{})
	if run.Delivered != 0 || !core.IsKind(err, core.Timeout) {
		t.Errorf("got %s, %v\n%s", run.Counts, err, w.logs())
	}
	if unsent, err := w.db.UnsentLinks(t.Context(), w.repo.ID); err != nil || len(unsent) != 1 {
		t.Errorf("it must count as unsent: %v, %v", unsent, err)
	}
}

// A mute peer does not answer the second question after a push.
type mute struct {
	replicate.Peer
	asked *int
}

func (m mute) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	*m.asked = 2
	return m.Peer.Push(ctx, req)
}

func (m mute) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if *m.asked--; *m.asked == 0 {
		return replicate.PullReply{}, &core.Problem{Kind: core.Timeout, Subject: "injected"}
	}
	return m.Peer.Pull(ctx, req, yield)
}

// loseWitnesses lets the question that follows the reading back of a push get no answer.
func (w *world) loseWitnesses() {
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		peer, err := connect(r, n)
		return mute{peer, new(int)}, err
	}
}

// The same of a component.
func TestADeletionOfAComponentIsNotProvedByARightThatIsGone(t *testing.T) {
	w := newWorld(t, "pr_person")
	p, c := person(1)
	master := rec(p, "first_name", "Ann")
	master.Components = []core.Record{rec(c, "value", "a@example.org"), rec(link("pr_contact", 3), "value", "b@example.org")}
	w.eden.Put(master)
	w.sync()
	w.pass(time.Hour)
	w.edit(c, bury)
	w.keepAll("pr_person")
	w.blindAfterPush("pr_person", "pr_contact")
	run, err := w.run(replicate.Options{})
	if there, _ := w.eden.Get(c); run.Delivered != 0 || there.Deleted {
		t.Errorf("got %s, %v, %t\n%s", run.Counts, err, there.Deleted, w.logs())
	}
	w.eden.ReadRight("pr_person", true)
	w.eden.ReadRight("pr_contact", true)
	w.eden.Task(core.NewTask(0, "pr_person"))
	w.pass(48 * time.Hour)
	w.sync()
	if there, _ := w.eden.Get(c); !there.Deleted {
		t.Errorf("it must arrive now\n%s", w.logs())
	}
	w.quiet()
}

// Who may write and not read cannot be told that a new record arrived, and sends it again and
// again. What somebody makes of it at the server meanwhile stays: an Eden keeps it each time, but
// dates it as what was sent, and on a tie it would take that (spec eden-sync-protocol W4).
func TestWhatIsSentAgainUnseenGoesOverNothing(t *testing.T) {
	w := newWorld(t, "pr_person")
	w.eden.ReadRight("pr_person", false)
	w.eden.ReadRight("pr_contact", false)
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	w.edit(person, set("first_name", "An"))
	w.edit(contact, func(r *core.Record) {
		r.Master, r.Alias = person, "contact"
		r.Set(core.Field{Name: "value", Value: core.Text("12345")})
	})
	w.sync()
	w.pass(time.Hour)
	w.change(person, "first_name", "Ana")
	w.change(contact, "value", "123456")
	for range 4 {
		w.pass(48 * time.Hour)
		w.sync()
	}
	for l, want := range map[core.Link]string{person: "Ana", contact: "123456"} {
		if there := w.there(l); !slices.ContainsFunc(there.Fields, func(f core.Field) bool { return f.Value.Str == want }) {
			t.Errorf("%s there: what was sent again went over %s: %+v", l.Resource, want, there.Fields)
		}
	}
	w.eden.ReadRight("pr_person", true)
	w.eden.ReadRight("pr_contact", true)
	w.pass(48 * time.Hour)
	w.sync()
	w.agree(person, "first_name", "Ana")
	w.agree(contact, "value", "123456")
	w.quiet()
}

// An account that sees only what is its own by now is shown old records and not the newest ones,
// as by a server that was restored from a backup. But some that are older than those are
// missing, too: what is shown is exchanged, what is not is neither deleted nor sent.
func TestAnAccountThatSeesOnlyItsOwnIsNoServerThatWentBack(t *testing.T) {
	w := newWorld(t)
	w.addTask(core.NewTask(w.repo.ID, "org_office"))
	w.offices(12)
	w.sync()
	for n := 1; n <= 12; n++ {
		w.pass(time.Hour)
		w.change(office(n), "phone", "agreed on")
	}
	w.sync()
	w.pass(time.Hour)
	own := map[core.Link]bool{office(4): true, office(8): true, office(9): true}
	w.eden.Hides(func(l core.Link) bool { return !own[l] })
	w.edit(office(4), set("phone", "edited here"))
	w.edit(office(5), set("phone", "edited here, unseen"))
	w.change(office(9), "phone", "changed there")
	for range 2 {
		w.pass(48 * time.Hour) // compared, too
		run, err := w.run(replicate.Options{})
		if err != nil || run.Counts.Deleted != 0 {
			t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
		}
	}
	if got := w.there(office(4)); got.Value("phone").Str != "edited here" {
		t.Errorf("what is its own does not arrive there: %v", got.Fields)
	}
	if got := w.here(office(9)); got.Value("phone").Str != "changed there" {
		t.Errorf("what is its own does not arrive here: %v", got.Fields)
	}
	if got := w.there(office(5)); got.Value("phone").Str != "agreed on" {
		t.Errorf("what it does not see was overwritten: %v", got.Fields)
	}
	for n := 1; n <= 12; n++ {
		if w.here(office(n)).Deleted {
			t.Errorf("office %d is deleted here", n)
		}
	}
	if w.asideFor()[office(5)] == "" {
		t.Error("nobody is told of what could not be sent")
	}
}

// An Eden whose accounts see the records of their own organisation alone stores what it then
// shows to them no more: nobody knows which of the two it was.
func TestOfWhatIsNotShownAfterItWasSentBothAreSaid(t *testing.T) {
	w := newWorld(t, "org_office")
	l := w.make("Office")
	w.eden.Hides(func(it core.Link) bool { return it == l })
	if _, err := w.run(replicate.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, there := w.eden.Get(l); !there {
		t.Fatal("it was to be stored")
	}
	if got := w.asideFor()[l]; got != core.NotShown {
		t.Errorf("it says %q", got)
	}
}
