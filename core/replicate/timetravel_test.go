package replicate_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
)

// restored makes a laptop and an Eden that is restored from a backup: since then
// office 1 was changed here, 2 there, and 41 to 43 were made here.
func restored(t *testing.T, policy core.Policy) *world {
	t.Helper()
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Update = policy
	w.addTask(task)
	w.offices(40)
	w.sync()
	w.pass(time.Hour)
	restore := w.eden.Backup()
	w.pass(time.Hour)
	if policy == core.PolicyNewer {
		w.edit(office(1), set("phone", "after the backup"))
	} else { // under OTHER, Eden does not take ours
		w.change(office(1), "phone", "after the backup")
	}
	w.change(office(2), "phone", "after the backup, there")
	for n := 41; n <= 43; n++ {
		w.edit(office(n), set("name", "New"))
	}
	w.sync()
	w.pass(time.Hour)
	w.quiet()
	restore()
	return w
}

func TestAServerThatWasRestoredFromABackupIsRecognisedBeforeAnythingIsTaken(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther} {
		t.Run(string(policy), func(t *testing.T) {
			w := restored(t, policy)
			w.pass(time.Hour)
			w.change(office(1), "name", "Changed after the restoring") // on top of what it was before
			w.edit(office(3), set("phone", "unsent"))
			run, err := w.run(replicate.Options{})
			if !core.IsKind(err, core.WentBack) || run.Changed()+run.Sent != 0 {
				t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
			}
			if got := w.here(office(1)); got.Value("phone").Str != "after the backup" {
				t.Errorf("office 1 was overwritten: %+v", got)
			}
			repo, err := w.db.Repository(t.Context(), w.repo.ID)
			if err != nil || repo.Stopped == "" {
				t.Errorf("it must not be tried again by itself: %+v, %v", repo, err)
			}
			// Again, to be sure that nothing was learnt wrongly.
			if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

// However much was changed there since the restoring: more than is received before the
// first of it is written.
func TestARestoredServerIsRecognisedBeforeTheFirstOfALargeAnswerIsWritten(t *testing.T) {
	w := restored(t, core.PolicyNewer)
	w.pass(time.Hour)
	w.change(office(1), "name", "Changed after the restoring")
	for n := 101; n <= 200; n++ {
		r := rec(office(n), "name", "New there")
		r.ModifiedOn = core.MTimeOf(w.clock.Now())
		w.eden.Put(r)
	}
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.WentBack) || run.Received != 0 {
		t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
	if got := w.here(office(1)); got.Value("phone").Str != "after the backup" {
		t.Errorf("office 1 was overwritten: %+v", got)
	}
}

func TestWhatARestoredServerLostIsSentBack(t *testing.T) {
	w := restored(t, core.PolicyNewer)
	w.edit(office(3), set("phone", "unsent"))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Fatal(err)
	}
	if err := w.db.SendBack(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	run := w.sync()
	if run.Conflicts != 0 {
		t.Errorf("got %s: what only one side changed is no conflict", run.Counts)
	}
	w.agree(office(1), "phone", "after the backup")
	w.agree(office(2), "phone", "after the backup, there")
	w.agree(office(3), "phone", "unsent")
	for n := 41; n <= 43; n++ {
		w.agree(office(n), "name", "New")
	}
	w.agree(office(4), "phone", "1")
	w.quiet()
}

// To compare is to look: what stopped the repository stands until a person decides.
func TestAComparisonStartsNothingThatWasStopped(t *testing.T) {
	w := restored(t, core.PolicyNewer)
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Fatal(err)
	}
	for _, opts := range []replicate.CompareOptions{{}, {Mend: true}} {
		repo, err := w.db.Repository(t.Context(), w.repo.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.engine.Compare(t.Context(), repo, opts); opts.Mend != core.IsKind(err, core.WentBack) || !opts.Mend && err != nil {
			t.Fatalf("%+v: %v", opts, err)
		}
		if repo, err = w.db.Repository(t.Context(), w.repo.ID); err != nil || repo.Stopped == "" {
			t.Errorf("%+v: it is not stopped any more, %v", opts, err)
		}
	}
}

func TestARecordThatVanishedThereAloneStopsNothing(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(20)
	w.sync()
	restore := w.eden.Backup()
	w.pass(time.Hour)
	w.edit(office(21), set("name", "New"))
	w.sync()
	w.quiet()
	restore()
	if _, err := w.run(replicate.Options{}); err != nil {
		t.Errorf("a single record may have been removed there: %v", err)
	}
	if w.here(office(21)).Deleted {
		t.Error("it must stay here")
	}
}

// What the server merged away is brought back here and deleted again: the server has
// nothing to delete, and its stamp stays as it was.
func TestADeletionThatTheServerHadMadeBeforeIsNoSignOfARestoredServer(t *testing.T) {
	all, noMerge := core.StrategyAll, core.StrategyAll&^core.Strategy(core.MethodMerge)
	for _, tt := range []struct {
		name     string
		strategy core.Strategy
		shown    bool
	}{
		{"it shows the record", all, true},
		{"it does not show the record, at that time", all, false},
		{"it shows the record, and this task takes no merges", noMerge, true},
		{"it does not show the record, at that time, and this task takes no merges", noMerge, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			task := core.NewTask(w.repo.ID, "org_office")
			task.Strategy = tt.strategy
			w.addTask(task)
			w.offices(2)
			w.sync()
			w.pass(time.Hour)
			w.merge(office(1), office(2))
			w.sync()
			w.pass(time.Hour)
			w.edit(office(1), func(r *core.Record) { r.Deleted, r.ReplacedBy = false, "" })
			w.edit(office(2), set("phone", "unsent"))
			w.pass(time.Hour)
			w.edit(office(1), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
			w.eden.ReadRight("org_office", tt.shown)
			w.sync()
			w.eden.ReadRight("org_office", true)
			w.pass(time.Hour)
			w.sync()
			w.pass(25 * time.Hour)
			w.sync()
			w.agree(office(2), "phone", "unsent")
			if !w.here(office(1)).Deleted || !w.there(office(1)).Deleted || len(w.quarantine()) > 0 {
				t.Errorf("office 1 is deleted on both sides\n%s", w.logs())
			}
			w.quiet()
		})
	}
}

func TestAnotherServerAtTheAddressIsANewLinkAfterAPersonSaidSo(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	w.edit(office(2), set("phone", "unsent"))

	other := newWorld(t)
	other.offices(5)
	other.change(office(1), "phone", "its own")
	other.eden.Delete(office(5))
	repo := other.eden.Repository()
	w.eden, w.hub = other.eden, other.eden
	w.clock.Set(other.clock.Now().Add(time.Minute))
	old, err := w.db.Repository(t.Context(), w.repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	old.URL = repo.URL
	if old, err = w.db.UpdateRepository(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	old.UUID = "urn:uuid:the former one"
	if err := w.db.SaveRepository(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	w.edit(office(6), set("name", "Only here"))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.IdentityChanged) {
		t.Fatalf("got %v", err)
	}
	if err := w.db.Relink(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(2), "phone", "unsent")
	w.agree(office(6), "name", "Only here")
	w.agree(office(1), "phone", "its own")
	w.agree(office(3), "phone", "1")
	w.quiet()
}

// backup copies the data folder as it is, and goes on with it.
func (w *world) backup() string {
	w.t.Helper()
	dir := w.db.Dir()
	w.close()
	old := copyDir(w.t, dir)
	w.openAt(dir, "")
	return old
}

// copyDir copies a closed data folder.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// openAt opens the world's laptop from a folder on a computer.
func (w *world) openAt(dir, machine string) {
	w.t.Helper()
	db, err := storage.Open(w.t.Context(), storage.Options{Dir: dir, Now: w.clock.Now, Machine: machine, Outside: w.outside, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() }) // Windows removes no file that is open
	w.db, w.engine = db, w.engineFor(db)
}

func (w *world) close() {
	w.t.Helper()
	if err := w.db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func TestACopiedDataFolderIsRecognisedOnAnotherComputer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		settle func(*world) error
		same   bool
	}{
		{"moved", func(w *world) error { return w.db.ConfirmMoved(w.t.Context()) }, true},
		{"used beside it", func(w *world) error { _, err := w.db.NewIdentity(w.t.Context()); return err }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(3)
			dir := w.db.Dir()
			w.close()
			w.openAt(dir, "first computer")
			w.sync()
			w.edit(office(1), set("phone", "unsent"))
			before, err := w.db.Node(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			w.close()
			w.openAt(copyDir(t, dir), "second computer")
			defer w.close()
			if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeCopied) {
				t.Fatalf("got %v", err)
			}
			if err := tt.settle(w); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(office(1), "phone", "unsent")
			after, err := w.db.Node(t.Context())
			if err != nil || (after.UUID == before.UUID) != tt.same {
				t.Errorf("the node is %s, was %s, %v", after.UUID, before.UUID, err)
			}
			if !w.eden.Registered(after.UUID) {
				t.Error("the server must know the node")
			}
			w.quiet()
			w.close()
			w.openAt(dir, "first computer") // the other one goes on
			w.sync()
		})
	}
}

func TestARestoredDatabaseIsRecognisedByWhatLiesBesideIt(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(12)
	w.sync()
	dir, old := w.db.Dir(), w.backup()
	w.edit(office(1), set("phone", "sent after the backup"))
	w.sync()
	w.close()
	// Only the database comes from the backup.
	if err := os.Rename(filepath.Join(old, "fieldsync.db"), filepath.Join(dir, "fieldsync.db")); err != nil {
		t.Fatal(err)
	}
	w.openAt(dir, "")
	w.edit(office(2), set("phone", "made before anybody noticed"))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
		t.Fatalf("got %v", err)
	}
	if err := w.db.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "sent after the backup")
	w.agree(office(2), "phone", "made before anybody noticed")
	w.quiet()
	w.close()
}

func TestAFieldsyncRecognisesARestoredOrDoubledLaptop(t *testing.T) {
	w, _ := newNodes(t, "org_office")
	w.offices(5)
	w.sync()
	dir, old := w.db.Dir(), w.backup() // the whole folder: nothing beside it remembers more
	w.edit(office(1), set("phone", "by the first"))
	w.sync()
	w.close()
	w.openAt(old, "")
	w.edit(office(2), set("phone", "by the copy"))
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.db.NewIdentity(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "by the first")
	w.agree(office(2), "phone", "by the copy")
	w.quiet()
	w.close()
	w.openAt(dir, "")
	w.sync()
	w.agree(office(2), "phone", "by the copy")
	w.close()
}

func TestALaptopRecognisesARestoredFieldsyncByTheHandshake(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(5)
	w.sync() // registers
	w.sync()
	first := w.peerAt(n)
	token, err := n.db.Remembers(t.Context(), first.ID)
	if err != nil || token == "" {
		t.Fatalf("the hub remembers %q, %v", token, err)
	}
	w.sync()
	w.sync()
	if err := n.db.Remember(t.Context(), first.ID, token); err != nil { // as in its backup
		t.Fatal(err)
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Fatalf("got %v", err)
	}
	if err := w.db.SendBack(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.quiet()
}

// peerAt is what a Fieldsync knows this laptop as.
func (w *world) peerAt(n *node) core.Repository {
	w.t.Helper()
	peer, err := n.db.PeerByUUID(w.t.Context(), w.uuid())
	if err != nil {
		w.t.Fatal(err)
	}
	return peer
}

// rememberedBy is that, and the token of this laptop's that it has last remembered.
func (w *world) rememberedBy(n *node) (peer core.Repository, token string) {
	w.t.Helper()
	peer = w.peerAt(n)
	token, err := n.db.Remembers(w.t.Context(), peer.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return peer, token
}

func (w *world) uuid() string {
	w.t.Helper()
	node, err := w.db.Node(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return node.UUID
}

func TestARunWhoseAnswerWasLostIsNoStranger(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	for range 3 {
		n.spoil(0, "lost reply")
		if _, err := w.run(replicate.Options{}); err == nil {
			t.Fatal("the fault did not happen")
		}
	}
	n.spoil(-1, "")
	w.quiet()
}

// lostLongAgo is a run whose greeting the hub took while its answer was lost, and
// then as many that reach nobody as a greeting cannot name.
func (w *world) lostLongAgo(n *node) {
	w.t.Helper()
	n.spoil(0, "lost reply")
	for range 30 {
		if _, err := w.run(replicate.Options{}); err == nil {
			w.t.Fatal("the fault did not happen")
		}
		n.spoil(0, "reset")
	}
	n.spoil(-1, "")
}

func TestARunWhoseAnswerWasLostLongAgoIsNoStranger(t *testing.T) {
	for _, tt := range []struct {
		name  string
		known int // runs before that which were complete
	}{{"the hub never answered before", 1}, {"the hub is well known", 3}} {
		t.Run(tt.name, func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			w.offices(2)
			for range tt.known {
				w.sync()
			}
			w.lostLongAgo(n)
			w.edit(office(1), set("phone", "ours"))
			w.sync()
			w.agree(office(1), "phone", "ours")
			w.quiet()
			w.lostLongAgo(n)
			w.lostLongAgo(n)
			w.quiet()
		})
	}
}

// The hub must have taken the token of the run that came after: only by that the
// laptop's copy from before it is told from the laptop.
func TestALaptopRestoredToBeforeARunAfterManyInVainIsRecognised(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	w.sync()
	w.lostLongAgo(n)
	old := w.backup()
	w.edit(office(1), set("phone", "by the first"))
	w.sync()
	w.close()
	w.openAt(old, "")
	defer w.close()
	if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.NodeWentBack) || run.Received+run.Sent != 0 {
		t.Errorf("got %v, %s", err, run.Counts)
	}
}

// A Fieldsync hides no single records: where it lacks what was agreed on it went back, though what
// stands there as it was is dated later, by the clock of another laptop say (seed 5186).
func TestAFieldsyncThatLacksWhatIsDatedEarlierWentBackAllTheSame(t *testing.T) {
	w, n := newNodes(t, "org_office")
	made := []core.Link{w.make("A"), w.make("B")}
	w.pass(time.Hour)
	n.Put(rec(office(1), "name", "There"), rec(office(2), "name", "There, too"))
	backup := copyDir(t, n.db.Dir())
	for range 3 {
		w.sync()
		w.pass(time.Hour)
	}
	n.restore(backup)
	w.edit(made[0], func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	for range 2 {
		if run, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) || run.Sent != 0 {
			t.Fatalf("got %v, %s\n%s", err, run.Counts, w.logs())
		}
	}
	if err := w.db.SendBack(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	if got, is := n.Get(made[1]); !is || got.Value("name").Str != "B" {
		t.Errorf("what it lost is not sent back: %v", got.Fields)
	}
	w.quiet()
}

// The hub's backup is from before the run whose answer was lost.
func TestAFieldsyncRestoredToBeforeManyRunsInVainIsRecognised(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	w.sync()
	peer, token := w.rememberedBy(n)
	w.sync()
	w.lostLongAgo(n)
	w.sync()
	if err := n.db.Remember(t.Context(), peer.ID, token); err != nil {
		t.Fatal(err)
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Errorf("got %v", err)
	}
}

// The request with the first token of all arrives after the laptop is known.
func TestAGreetingThatArrivesLateIsNoStranger(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	var late *http.Request
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		late = r.Clone(context.WithoutCancel(r.Context()))
		panic(http.ErrAbortHandler)
	})
	if _, err := w.run(replicate.Options{}); err == nil {
		t.Fatal("the fault did not happen")
	}
	n.spoil(-1, "")
	w.sync()
	n.meddle(func(_ http.ResponseWriter, _ *http.Request, answer http.Handler) bool {
		n.meddle(nil)
		answer.ServeHTTP(httptest.NewRecorder(), late)
		return false
	})
	w.sync()
	w.quiet()
}

// A proxy sends the request with the new token twice, and the second answer comes.
func TestAGreetingThatArrivesTwiceIsNoStranger(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	n.meddle(func(_ http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		n.meddle(nil)
		answer.ServeHTTP(httptest.NewRecorder(), r.Clone(r.Context()))
		return false
	})
	w.sync()
	w.quiet()
}

// Stamps and the Date header have whole seconds, and a push moves a stamp by one
// at least: what somebody does at the server right after it may be dated before it.
func TestWhatHappensThereRightAfterADeliveryIsTaken(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	w.wrongClock(2 * time.Second) // too little to be told from the time a request takes
	w.edit(office(1), set("phone", "ours"))
	w.edit(office(2), set("phone", "ours"))
	w.pass(-time.Minute) // the run takes no time
	w.sync()
	w.clock.Set(w.clock.Now().Add(-2 * time.Second))
	w.change(office(1), "phone", "theirs, right after")
	w.clock.Set(w.clock.Now().Add(2 * time.Second))
	w.eden.Delete(office(2))
	if there, ours := w.there(office(2)), w.here(office(2)); there.ModifiedOn >= ours.ModifiedOn {
		t.Fatalf("the deletion is dated %s, ours %s: the story has another point", there.ModifiedOn, ours.ModifiedOn)
	}
	w.sync()
	w.agree(office(1), "phone", "theirs, right after")
	if !w.here(office(2)).Deleted {
		t.Error("the deletion did not arrive")
	}
	w.quiet()
}

// future makes a laptop and an Eden at which n offices are dated two hours ahead. One of them
// was changed here since.
func future(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t, "org_office")
	w.offices(n)
	for i := range n {
		there := w.there(office(i + 1))
		there.ModifiedOn = w.serverNow().Add(2 * time.Hour)
		w.eden.Put(there)
	}
	w.sync()
	w.edit(office(1), set("phone", "ours"))
	w.sync()
	return w
}

// A server's clock was ahead when all of a table was entered there, and was put right. What is
// done there next is dated before that, and before what was sent over it (seed 3000037).
func TestWhatHappensInATableOfTheFutureIsTaken(t *testing.T) {
	w := future(t, 3)
	w.change(office(1), "name", "theirs, right after")
	w.pass(3 * time.Hour)
	w.sync()
	w.agree(office(1), "name", "theirs, right after")
	w.agree(office(1), "phone", "ours")
	w.quiet()
}

// What is deleted there of a table of the future is dated before what it was. Where the brake
// holds that, the deletions are known when the time has come: nobody put the server back
// (seed 9404595).
func TestADeletionThatIsHeldIsNoServerThatWentBack(t *testing.T) {
	w := future(t, 40)
	for n := range 30 {
		w.eden.Delete(office(n + 1))
	}
	for range 3 {
		if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
			t.Fatalf("got %v\n%s", err, w.logs())
		}
		w.pass(3 * time.Hour)
	}
	if _, err := w.run(replicate.Options{Confirm: true}); err != nil || !w.here(office(1)).Deleted {
		t.Errorf("the deletions were confirmed: %v", err)
	}
	w.quiet()
}

// A record that is deleted, brought back and deleted again within two seconds has
// the same tombstone twice, the second one dated before what was delivered.
func TestARecordThatIsDeletedAgainWithinTheSecondIsNoServerThatWentBack(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	w.eden.Delete(office(1))
	w.sync()
	w.wrongClock(2 * time.Second)
	if _, _, err := w.db.Edit(t.Context(), storage.EditRequest{Action: storage.EditRestore, Record: core.Record{Resource: "org_office", UUID: office(1).UUID}, By: "me"}); err != nil {
		t.Fatal(err)
	}
	w.pass(-time.Minute)
	w.sync()
	w.eden.Delete(office(1))
	w.sync()
	if !w.here(office(1)).Deleted {
		t.Error("the deletion did not arrive")
	}
	w.quiet()
}

// A single record may come back with an old stamp: another program pushed it, and
// the server takes everything from that one. What leads the others is there.
func TestOneRecordWithAnOldStampIsNoServerThatWentBack(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	for n := 1; n <= 3; n++ {
		w.pass(time.Second)
		w.change(office(n), "phone", "2")
	}
	w.sync()
	stale := rec(office(1), "name", "Office 1", "phone", "by another program")
	stale.ModifiedOn = core.MTimeOf(w.clock.Now().Add(-240 * time.Hour))
	w.eden.Put(stale)
	w.pass(25 * time.Hour)
	w.sync()
	w.agree(office(1), "phone", "by another program")
	w.quiet()
}

// putAhead has another program, whose clock is ahead, push two offices.
func (w *world) putAhead() {
	for n := 1; n <= 2; n++ {
		ahead := rec(office(n), "name", "Office", "phone", "by another program")
		ahead.ModifiedOn = core.MTimeOf(w.clock.Now().Add(3 * time.Hour))
		w.eden.Put(ahead)
	}
}

// takesWhatHappensThere has somebody change one of the two at the server and delete the
// other, and expects both here.
func (w *world) takesWhatHappensThere() {
	w.t.Helper()
	w.change(office(1), "phone", "theirs")
	w.eden.Delete(office(2))
	w.pass(4 * time.Hour)
	w.sync()
	w.agree(office(1), "phone", "theirs")
	if !w.here(office(2)).Deleted {
		w.t.Error("the deletion did not arrive")
	}
	w.quiet()
}

// Another program's clock is ahead, and so is what it pushed to the server. What
// somebody does there before that moment comes later nevertheless.
func TestWhatHappensThereBeforeAStampOfTheFutureIsTaken(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.putAhead()
	w.sync()
	w.pass(time.Hour)
	w.takesWhatHappensThere()
}

// What is edited here on top of such a stamp is sent with a later one still.
func TestWhatHappensThereAfterAnEditOverAStampOfTheFutureIsTaken(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.putAhead()
	w.sync()
	w.typed(office(1), "phone", "ours")
	w.typed(office(2), "phone", "ours")
	w.sync()
	w.agree(office(1), "phone", "ours")
	w.pass(time.Hour)
	w.takesWhatHappensThere()
}

// Two servers: what one of them changed is older than what the other had, and
// nothing was ever agreed with it.
func TestAnOlderVersionOfAServerThatNothingWasAgreedWithIsKeptInTheHistory(t *testing.T) {
	w := newWorld(t, "org_office")
	other := newWorld(t)
	other.eden.UUID = "urn:uuid:the second one"
	other.eden.Put(rec(office(1), "name", "Office 1", "phone", "only at the second server"))
	w.pass(time.Hour)
	other.pass(time.Hour)
	w.eden.Put(rec(office(1), "name", "Office 1", "phone", "newer, at the first"))
	w.sync()
	other.pass(time.Minute)
	repo := other.eden.Repository()
	repo.ID, repo.Name = 0, "second"
	second, err := w.db.AddRepository(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	task := core.NewTask(second.ID, "org_office")
	if _, err := w.db.AddTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.pass(time.Minute)
		other.pass(time.Minute)
		if _, err := w.engine.Sync(t.Context(), second, replicate.Options{}); err != nil {
			t.Fatal(err)
		}
		w.sync()
	}
	w.agree(office(1), "phone", "newer, at the first")
	if there, _ := other.eden.Get(office(1)); there.Value("phone").Str != "newer, at the first" {
		t.Errorf("the second server has %q", there.Value("phone").Str)
	}
	history, err := w.db.History(t.Context(), office(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range history {
		if v.Record.Value("phone").Str == "only at the second server" {
			return
		}
	}
	t.Error("what the second server had is nowhere")
}

// A Fieldsync that synchronises itself with another server takes over from there what is dated
// before what it had. That is no former version: it was never here (seed 1430230).
func TestWhatAFieldsyncGetsFromAServerOfItsOwnIsNoFormerVersion(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(3)
	w.sync() // registers: it begins to remember us with the next run
	before := w.there(office(2)).ModifiedOn
	w.pass(time.Hour)
	from := rec(office(2), "name", "Office 2", "phone", "from elsewhere")
	from.CreatedOn, from.ModifiedOn, from.MCI = before-7200, before-3600, 2
	err := n.db.Import(t.Context(), func(tx intake.Tx) error {
		return tx.Put(t.Context(), &from, core.Change{Rule: "update OTHER", By: "its own server", At: core.MTimeOf(w.clock.Now())})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(2), "phone", "from elsewhere")
	w.quiet()
}

// A server that was restored from a backup of before this laptop registered does not know it
// any more. It is told once more, by itself: nobody has lost a right.
func TestAServerThatForgotThisLaptopIsToldOfItAgain(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(3)
	w.sync()
	w.edit(office(1), set("phone", "unsent"))
	if err := n.db.DeleteRepository(t.Context(), w.peerAt(n).ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(1), "phone", "unsent")
	w.quiet()
}

// A laptop that got another name is shown by it where it registered, unless it was given one
// there.
func TestALaptopThatIsRenamedIsShownByItsNewName(t *testing.T) {
	w, n := newNodes(t, "org_office")
	rename := func(name string) {
		t.Helper()
		node, err := w.db.Node(t.Context())
		if err == nil {
			node.Name = name
			err = w.db.SaveNode(t.Context(), node)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.sync()
	}
	for _, name := range []string{"Laptop 7", "Laptop 8"} {
		if rename(name); w.peerAt(n).Name != name {
			t.Errorf("shown as %q, want %q", w.peerAt(n).Name, name)
		}
	}
	given := w.peerAt(n)
	given.Name = "The one of the north"
	if _, err := n.db.UpdateRepository(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	if rename("Laptop 9"); w.peerAt(n).Name != given.Name {
		t.Errorf("shown as %q, want what it was given", w.peerAt(n).Name)
	}
	w.quiet()
}

// A Fieldsync shows all of a table or says that it does not: one that has nothing of what was
// there went back in time, and took no right away (seed 1452738).
func TestAFieldsyncThatHasNothingAnyMoreWentBackInTime(t *testing.T) {
	for _, made := range []string{"there", "here"} {
		t.Run("of what was made "+made, func(t *testing.T) { nothingAnyMore(t, made == "here", false) })
		t.Run("of what was made "+made+", and that is right", func(t *testing.T) { nothingAnyMore(t, made == "here", true) })
	}
}

func nothingAnyMore(t *testing.T, madeHere, takeOlder bool) {
	t.Helper()
	w, n := newNodes(t, "org_office")
	if madeHere { // the pull brought nothing, and the comparison looks first (seed 9404546)
		for i := range 3 {
			w.edit(office(i+1), set("phone", "1"))
		}
	} else {
		w.offices(3)
	}
	w.sync()
	w.pass(25 * time.Hour)
	empty := w.open(t)
	hash, err := responder.HashPassword(core.Secret(laptopPassword))
	if err != nil {
		t.Fatal(err)
	}
	_, err = empty.SaveAccount(t.Context(), core.Account{Name: laptopLogin, Hash: hash})
	if err := errors.Join(err, empty.Share(t.Context(), "org_office", true)); err != nil {
		t.Fatal(err)
	}
	node, err := empty.Node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	repo, err := w.db.Repository(t.Context(), w.repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	repo.UUID = node.UUID // it is the same one, but for what it has lost
	if err := w.db.SaveRepository(t.Context(), repo); err != nil {
		t.Fatal(err)
	}
	answer := responder.New(empty, responder.Options{Now: w.clock.Now, Welcome: true, Page: 4})
	n.meddle(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		answer.ServeHTTP(rw, r)
		return true
	})
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.WentBack) {
		t.Fatalf("got %v", err)
	}
	if takeOlder {
		if repo, err = w.db.Repository(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		if found, err := w.engine.OlderState(t.Context(), repo); err != nil || found.Lacking != 3 {
			t.Errorf("its older state is %+v, %v", found, err)
		}
		if err := w.db.TakeOlder(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		w.sync()
		if _, err := empty.Record(t.Context(), office(1)); !errors.Is(err, core.ErrNotFound) || w.here(office(1)).Deleted {
			t.Errorf("here it is %+v, there %v\n%s", w.here(office(1)), err, w.logs())
		}
		w.quiet()
		return
	}
	if err := w.db.SendBack(t.Context(), w.repo.ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	if rec, err := empty.Record(t.Context(), office(1)); err != nil || rec.Value("phone").Str != "1" {
		t.Errorf("it was not sent back: %+v, %v\n%s", rec, err, w.logs())
	}
}
