package replicate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// many is how many records of a table of 40 the server deletes: unusually many.
const many = 25

func contact(n int) core.Link { return link("pr_contact", n) }

// numbered are the links 1 to many of a test.
func numbered(of func(int) core.Link) (links []core.Link) {
	for n := 1; n <= many; n++ {
		links = append(links, of(n))
	}
	return links
}

// deleted counts those that are deleted here.
func (w *world) deleted(links []core.Link) (n int) {
	w.t.Helper()
	for _, l := range links {
		if w.here(l).Deleted {
			n++
		}
	}
	return n
}

// mostOfficesGone makes fifty offices on both sides, and deletes thirty of them at the Eden.
func (w *world) mostOfficesGone() {
	w.offices(50)
	w.sync()
	w.pass(time.Hour)
	for i := 1; i <= 30; i++ {
		w.eden.Delete(office(i))
	}
}

// bury deletes a record at the server with a stamp that no pull asks for any more.
func (w *world) bury(l core.Link) {
	w.t.Helper()
	r := w.there(l)
	r.Deleted, r.Fields, r.Components, r.ModifiedOn = true, nil, nil, r.ModifiedOn+1
	w.hub.Put(r)
}

// pushOnly lets the tasks send and take nothing, and the server win what is changed
// on both sides.
func (w *world) pushOnly(resources ...core.Resource) {
	w.t.Helper()
	for _, r := range resources {
		task := w.task(r)
		task.Mode, task.Conflict = core.ModePush, core.PolicyOther
		if err := w.db.UpdateTask(w.t.Context(), task); err != nil {
			w.t.Fatal(err)
		}
	}
}

// theirsWin lets the server win what is changed on both sides.
func (w *world) theirsWin(resource core.Resource) {
	w.t.Helper()
	task := w.task(resource)
	task.Conflict = core.PolicyOther
	if err := w.db.UpdateTask(w.t.Context(), task); err != nil {
		w.t.Fatal(err)
	}
}

// editAll changes records here.
func (w *world) editAll(links []core.Link, field string) {
	w.t.Helper()
	for _, l := range links {
		w.edit(l, set(field, "ours"))
	}
}

// people gives the server persons with a contact each.
func (w *world) people(n int) {
	for i := 1; i <= n; i++ {
		p := rec(link("pr_person", i), "first_name", fmt.Sprintf("Person %d", i))
		p.Components = []core.Record{rec(contact(i), "value", "1")}
		w.hub.Put(p)
	}
}

// A meddler is a server at which something happens right after each push.
type meddler struct {
	replicate.Peer
	after func()
}

func (m meddler) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	reply, err := m.Peer.Push(ctx, req)
	m.after()
	return reply, err
}

// meddle lets something happen at the server right after each push.
func (w *world) meddle(after func()) {
	connect := w.engine.Connect
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return meddler{p, after}, err
	}
}

// ways are all by which a record that is here can become deleted on the server's
// word. Each brings unusually many deletions to the laptop with the next run, and names
// their table.
var ways = []struct {
	name    string
	tables  []core.Resource
	deleted func(int) core.Link
	bring   func(*world)
}{
	{"a pull", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.eden.Delete(l)
		}
	}},
	{"a pull of merged records", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.merge(l, office(40))
		}
	}},
	{"a pull of what was edited here", []core.Resource{"org_office"}, office, func(w *world) {
		w.theirsWin("org_office")
		w.offices(40)
		w.sync()
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.eden.Delete(l)
		}
		w.editAll(numbered(office), "phone")
	}},
	{"a look before a push", []core.Resource{"org_office"}, office, func(w *world) {
		w.theirsWin("org_office")
		w.offices(40)
		w.sync()
		w.moveOn(office(40))
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.bury(l)
		}
		w.editAll(numbered(office), "phone")
	}},
	{"a look before a push that is all", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.pushOnly("org_office")
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.eden.Delete(l)
		}
		w.editAll(numbered(office), "phone")
	}},
	{"a push of what was deleted there before it came here", []core.Resource{"org_office"}, office, func(w *world) {
		w.strangers()
	}},
	{"a push, where nothing is pulled, of what was deleted there before it came here", []core.Resource{"org_office"}, office, func(w *world) {
		w.pushOnly("org_office")
		w.strangers()
	}},
	{"a push that carries components that were deleted there", []core.Resource{"pr_person"}, contact, func(w *world) {
		w.strangeContacts()
	}},
	{"a push, where nothing is pulled, that carries components that were deleted there", []core.Resource{"pr_person"}, contact, func(w *world) {
		w.pushOnly("pr_person")
		w.strangeContacts()
	}},
	{"reading back what was sent", []core.Resource{"org_office"}, office, func(w *world) {
		w.theirsWin("org_office")
		w.offices(40)
		w.sync()
		w.pass(time.Hour)
		w.editAll(numbered(office), "phone")
		w.meddle(func() {
			w.pass(time.Minute)
			for _, l := range numbered(office) {
				if r := w.there(l); !r.Deleted && r.Value("phone").Str == "ours" {
					w.eden.Delete(l)
				}
			}
		})
	}},
	{"a comparison by stamps", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.moveOn(office(40))
		for _, l := range numbered(office) {
			w.bury(l)
		}
		w.pass(25 * time.Hour)
		w.hub.Put(rec(office(50), "name", "News: this run compares no contents"))
	}},
	{"a comparison by content", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.moveOn(office(40))
		for _, l := range numbered(office) {
			w.bury(l)
		}
		w.pass(8 * 24 * time.Hour)
	}},
	{"a comparison that finds components", []core.Resource{"pr_person"}, contact, func(w *world) {
		w.people(40)
		w.sync()
		for _, l := range numbered(contact) {
			w.eden.Delete(l)
		}
		w.pass(25 * time.Hour)
	}},
	{"a comparison that finds components, which have a task of their own", []core.Resource{"pr_person", "pr_contact"}, contact, func(w *world) {
		w.people(40)
		w.sync()
		for _, l := range numbered(contact) {
			w.eden.Delete(l)
		}
		w.pass(25 * time.Hour)
	}},
	{"what a database that was rebuilt gets again", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.pass(time.Hour)
		for _, l := range numbered(office) {
			w.eden.Delete(l)
		}
		w.rebuild()
	}},
	{"another try of what could not be stored", []core.Resource{"org_office"}, office, func(w *world) {
		w.offices(40)
		w.sync()
		w.moveOn(office(40))
		for _, l := range numbered(office) {
			w.bury(l)
			w.setAside(l)
		}
		w.pass(10 * time.Minute)
	}},
}

// rebuild destroys the database and has it rebuilt from a copy.
func (w *world) rebuild() {
	w.t.Helper()
	if _, err := w.db.SafetyCopy(w.t.Context(), storage.BackupDaily); err != nil {
		w.t.Fatal(err)
	}
	dir := w.db.Dir()
	w.close()
	if err := os.WriteFile(filepath.Join(dir, "fieldsync.db"), []byte("no database"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if _, err := storage.Rebuild(w.t.Context(), storage.Options{Dir: dir, Now: w.clock.Now, Secrets: storage.NewFileSecrets(dir)}); err != nil {
		w.t.Fatal(err)
	}
	w.openAt(dir, "")
}

// strangers are records that another server brings and that this one had deleted before.
func (w *world) strangers() {
	w.offices(40)
	w.pass(time.Hour)
	var old []core.Record
	for n, l := range numbered(office) {
		old = append(old, rec(l, "name", fmt.Sprintf("Office %d", n), "phone", "1"))
		w.hub.Delete(l)
	}
	w.hub.Put(rec(office(99), "name", "Last"))
	w.sync()
	w.pass(time.Hour)
	w.hub.Put(rec(office(99), "name", "Last of all"))
	w.sync()
	w.elsewhere(old...)
}

// strangeContacts is the same with contacts below persons that are known to both.
func (w *world) strangeContacts() {
	w.people(40)
	w.pass(time.Hour)
	var old []core.Record
	for n, l := range numbered(contact) {
		c := rec(l, "value", "1")
		c.Master, c.Alias = link("pr_person", n+1), "contact"
		old = append(old, c)
		w.hub.Delete(l)
	}
	w.sync()
	w.pass(time.Hour)
	var persons []core.Record
	for n := 1; n <= 40; n++ {
		if _, err := w.db.Record(w.t.Context(), link("pr_person", n)); err != nil {
			persons = append(persons, rec(link("pr_person", n), "first_name", fmt.Sprintf("Person %d", n)))
		}
	}
	w.elsewhere(append(persons, old...)...)
}

// setAside puts a deletion into the quarantine, as of a record that the store could not take
// when it came.
func (w *world) setAside(l core.Link) {
	w.t.Helper()
	err := w.db.Import(w.t.Context(), func(tx intake.Tx) error {
		return tx.AddQuarantine(w.t.Context(), core.Quarantine{RepositoryID: w.repo.ID, Record: l, Reason: "could not be stored", Since: core.MTimeOf(w.clock.Now()),
			Content: fmt.Sprintf(`<resource name="%s" uuid="%s" modified_on="2026-03-01T09:00:00" deleted="True"/>`, l.Resource, l.UUID)})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// By whatever way unusually many deletions come: none is carried out, the numbers stand
// in log and list, nothing of it is sent back to the server, and a person may confirm
// or refuse them.
func TestNothingIsDeletedPastTheBrakeByAnyWay(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			braked := func(t *testing.T) *world {
				w := newWorld(t, way.tables...)
				way.bring(w)
				_, err := w.run(replicate.Options{})
				if !core.IsKind(err, core.Brake) || w.deleted(numbered(way.deleted)) != 0 {
					t.Fatalf("got %v and %d deleted, want the brake\n%s", err, w.deleted(numbered(way.deleted)), w.logs())
				}
				held, err := w.db.HeldBack(t.Context())
				if err != nil || len(held) != 1 || held[0].Held != many || held[0].Alive < many || held[0].Resource != way.deleted(1).Resource {
					t.Fatalf("held are %+v, %v\n%s", held, err, w.logs())
				}
				w.pass(26 * time.Hour)
				if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) || w.deleted(numbered(way.deleted)) != 0 || run.Quarantined != many {
					t.Fatalf("a day later: got %v, %s, want it to wait still\n%s", err, run.Counts, w.logs())
				}
				for _, l := range numbered(way.deleted) {
					if !w.there(l).Deleted {
						t.Fatalf("%s was brought back at the server before anybody decided\n%s", l.UUID, w.logs())
					}
				}
				return w
			}
			t.Run("confirmed", func(t *testing.T) {
				w := braked(t)
				if _, err := w.run(replicate.Options{Confirm: true, Resources: []core.Resource{way.deleted(1).Resource}}); err != nil {
					t.Fatalf("%v\n%s", err, w.logs())
				}
				if n := w.deleted(numbered(way.deleted)); n != many {
					t.Errorf("%d are deleted\n%s", n, w.logs())
				}
				if aside := w.quarantine(); len(aside) > 0 {
					t.Errorf("set aside: %d, %+v", len(aside), aside[0])
				}
				w.quiet()
			})
			t.Run("refused", func(t *testing.T) {
				w := braked(t)
				if kept, err := w.engine.RefuseHeld(t.Context(), w.repo, way.deleted(1).Resource, "ada"); err != nil || kept != many {
					t.Fatalf("%d kept, %v", kept, err)
				}
				w.engine = w.engineFor(w.db)
				w.sync()
				for _, l := range numbered(way.deleted) {
					if w.here(l).Deleted || w.there(l).Deleted {
						t.Fatalf("%s is deleted here: %t, there: %t\n%s", l.UUID, w.here(l).Deleted, w.there(l).Deleted, w.logs())
					}
				}
				w.quiet()
			})
		})
	}
}

// Each way alone brings few; together they are unusually many.
func TestTheBrakeCountsWhatARunDeletesByAllWays(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(40)
	w.sync()
	w.moveOn(office(40))
	for n := 16; n <= 30; n++ {
		w.bury(office(n))
	}
	w.pass(25 * time.Hour)
	for n := 1; n <= 15; n++ {
		w.eden.Delete(office(n))
	}
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.Brake) || run.Deleted != 15 || run.Quarantined != 15 {
		t.Errorf("got %v, %s, want the second half held\n%s", err, run.Counts, w.logs())
	}
}

// braked returns a world in which a person has been asked about 25 deletions of 40.
func braked(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "org_office")
	w.offices(40)
	w.sync()
	w.pass(time.Hour)
	for n := 1; n <= 25; n++ {
		w.eden.Delete(office(n))
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
		t.Fatal(err)
	}
	return w
}

// What waits counts: the rest does not go the same way in portions.
func TestFewDeletionsBesideThoseThatAreHeldAreHeldToo(t *testing.T) {
	w := braked(t)
	w.pass(time.Hour)
	for n := 26; n <= 40; n++ {
		w.eden.Delete(office(n))
	}
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) || run.Deleted != 0 || run.Quarantined != 40 {
		t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
}

// A person was told that nothing is deleted before there is a decision.
func TestWhatABrakeHoldsWaitsThoughTheTableGrows(t *testing.T) {
	w := braked(t)
	w.pass(time.Hour)
	for n := 41; n <= 140; n++ {
		w.eden.Put(rec(office(n), "name", "New"))
	}
	w.eden.Delete(office(40))
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.Brake) || run.Deleted != 1 || run.Quarantined != 25 {
		t.Errorf("got %v, %s, want the 25 to wait and the one to go\n%s", err, run.Counts, w.logs())
	}
}

// The server took its deletions back: there is nothing to decide any more.
func TestAHeldDeletionThatTheServerTookBackIsNoQuestion(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(40)
	w.sync()
	w.pass(time.Hour)
	before := make(map[core.Link]core.Record)
	for _, l := range numbered(office) {
		before[l] = w.there(l)
		w.eden.Delete(l)
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
		t.Fatal(err)
	}
	w.edit(office(1), set("phone", "ours"))
	w.pass(time.Hour)
	for _, r := range before {
		r.ModifiedOn = core.MTimeOf(w.clock.Now())
		w.eden.Put(r)
	}
	w.sync()
	if held, err := w.db.HeldBack(t.Context()); err != nil || len(held) != 0 {
		t.Errorf("still held: %+v, %v", held, err)
	}
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

// A run that meets a late tombstone counts its record once, as what became of it.
func TestWhatWasDeletedBeforeItCameHereCountsOnce(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.mergedAway()
		run := w.sync()
		if run.Merged != 1 || run.Refused != 0 || run.Sent != run.Delivered || run.Result != core.ResultSuccess {
			t.Errorf("got %s, %s\n%s", run.Result, run.Counts, w.logs())
		}
	})
}

// Where nothing is pulled a tombstone is met like anywhere, from an Eden and from a
// Fieldsync: few are carried out.
func TestWhereNothingIsPulledTombstonesAreMet(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.pushOnly("org_office")
		w.offices(3)
		w.pass(time.Hour)
		w.merge(office(1), office(2))
		w.elsewhere(rec(office(1), "name", "Office 1", "phone", "1"), rec(office(5), "name", "Office 5"))
		if run := w.sync(); run.Merged != 1 || run.Sent != 1 || run.Delivered != 1 || run.Result != core.ResultSuccess {
			t.Errorf("got %s, %s\n%s", run.Result, run.Counts, w.logs())
		}
		if got := w.here(office(1)); !got.Deleted || got.ReplacedBy != office(2).UUID {
			t.Errorf("here is %+v", got)
		}
		w.quiet()
	})
}
