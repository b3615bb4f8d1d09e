package replicate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A reader counts the elements that had to be read in pulls, but for those that were asked
// for by name: a sample that tells whether the server is what it was.
type reader struct {
	replicate.Peer
	read *int
}

func (r reader) Pull(ctx context.Context, req replicate.PullRequest, yield func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	return r.Peer.Pull(ctx, req, func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
		if len(req.UUIDs) == 0 {
			*r.read++
		}
		return yield(rec, master, bad)
	})
}

// countReading makes the world count what its runs read.
func (w *world) countReading() (read *int) {
	read = new(int)
	connect := w.engine.Connect
	w.engine.Connect = func(repo core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(repo, n)
		return reader{p, read}, err
	}
	return read
}

// whole pulls everything again.
func (w *world) whole() core.Run {
	w.t.Helper()
	run, err := w.run(replicate.Options{Full: true})
	if err != nil {
		w.t.Fatalf("full sync: %v\n%s", err, w.logs())
	}
	return run
}

func TestWhatComesAgainTheSameIsNotRead(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(35)
	read := w.countReading()
	w.sync()
	w.pass(time.Hour)
	*read = 0
	if run := w.whole(); run.Unchanged != 35 || run.Received != 35 || *read != 0 {
		t.Errorf("%s, %d records read, want all unchanged and none read", run.Counts, *read)
	}
	w.change(office(7), "phone", "2")
	*read = 0
	if run := w.whole(); run.Unchanged != 34 || run.Updated != 1 || *read != 1 {
		t.Errorf("%s, %d records read, want one", run.Counts, *read)
	}
	w.agree(office(7), "phone", "2")
	w.quiet()
}

// The digest speaks for nothing but equality: what else decides is asked every time.
func TestWhatWasChangedHereIsJudgedAnew(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	task := w.task("org_office")
	task.Mode = core.ModePull
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.edit(office(1), set("phone", "here"))
	if run := w.whole(); run.Kept != 1 || run.Unchanged != 2 {
		t.Errorf("ours is unsent and must be kept: %s", run.Counts)
	}
	w.change(office(1), "phone", "there")
	if run := w.whole(); run.Conflicts != 1 || run.Unchanged != 2 {
		t.Errorf("both sides changed it: %s", run.Counts)
	}
	task.Update, task.Conflict = core.PolicyOther, core.PolicyOther
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.whole()
	w.agree(office(1), "phone", "there")
}

func TestATasksNewStrategyJudgesWhatWasFilteredBefore(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	task := w.task("org_office")
	task.Strategy &^= core.Strategy(core.MethodUpdate)
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.change(office(1), "phone", "2")
	for range 2 {
		if run := w.whole(); run.Filtered != 1 || run.Unchanged != 2 {
			t.Errorf("an update is not allowed: %s", run.Counts)
		}
	}
	task.Strategy |= core.Strategy(core.MethodUpdate)
	if err := w.db.UpdateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if run := w.whole(); run.Updated != 1 {
		t.Errorf("now it is: %s", run.Counts)
	}
	w.agree(office(1), "phone", "2")
}

// After a push the server writes the record in its own words: these are noted once.
func TestWhatWasPushedIsRecognisedWhenItComesBackASecondTime(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.edit(office(2), set("phone", "here"))
	w.sync()
	w.agree(office(2), "phone", "here")
	read := w.countReading()
	w.whole()
	*read = 0
	if run := w.whole(); run.Unchanged != 3 || *read != 0 {
		t.Errorf("%s, %d records read", run.Counts, *read)
	}
}

func TestAFullPullAsksForWhatDidNotCome(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(11)
	restore := w.eden.Backup()
	w.offices(12)
	w.sync()
	restore()
	run := w.whole()
	if run.Unchanged != 11 || run.Deleted != 0 {
		t.Errorf("%s", run.Counts)
	}
	w.here(office(12))
	if logs := w.logs(); !strings.Contains(logs, "1 records that are here are no longer at") {
		t.Errorf("the log does not name it:\n%s", logs)
	}
}

func TestADeletedComponentIsFoundByAFullPull(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = []core.Record{rec(contact, "value", "a@example.org"), rec(link("pr_contact", 3), "value", "b@example.org")}
	w.eden.Put(p, rec(link("pr_person", 4), "first_name", "Bob"))
	w.sync()
	read := w.countReading()
	if run := w.whole(); run.Unchanged != 4 || *read != 0 {
		t.Errorf("%s, %d read, want two persons and two contacts unchanged", run.Counts, *read)
	}
	w.eden.Delete(contact)
	w.pass(time.Hour)
	w.whole()
	if !w.here(contact).Deleted || w.here(link("pr_contact", 3)).Deleted {
		t.Error("the one contact was deleted at the server, the other was not")
	}
	w.quiet()
}
