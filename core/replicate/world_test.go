package replicate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// start is when every test begins, on the laptop and on the server.
var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// A world is one laptop with a real store and one Eden, on clocks that move only
// when a test says so.
type world struct {
	t      *testing.T
	eden   *edentest.Server // nil if the server is a Fieldsync
	hub    server
	db     *storage.DB
	repo   core.Repository
	engine *replicate.Engine
	// outside is where a witness lies outside the data folder; "" for nowhere.
	outside string
	clock   *edentest.Clock // the laptop's, and that of a Fieldsync at the other end
}

func stoppedAt(now time.Time) *edentest.Clock {
	c := new(edentest.Clock)
	c.Set(now)
	return c
}

// A server is the other side as its own users see it.
type server interface {
	Put(...core.Record)
	Get(core.Link) (core.Record, bool)
	Delete(core.Link)
}

// newWorld makes a laptop that has a task for each of the resources.
func newWorld(t *testing.T, resources ...core.Resource) *world {
	t.Helper()
	w := &world{t: t, eden: edentest.New(t, edentest.At(start)), clock: stoppedAt(start)}
	w.hub = w.eden
	w.join(w.eden.Repository(), resources...)
	return w
}

// newAskingWorld exchanges offices, and asks a person about what was changed on both sides.
func newAskingWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_office")
	task.Conflict = core.PolicyAsk
	w.addTask(task)
	return w
}

// join gives the laptop its store, the repository and the tasks.
func (w *world) join(repo core.Repository, resources ...core.Resource) {
	t := w.t
	t.Helper()
	w.db = w.open(t)
	w.engine = w.engineFor(w.db)
	w.know(repo, resources...)
}

// know adds the repository and its tasks.
func (w *world) know(repo core.Repository, resources ...core.Resource) {
	t := w.t
	t.Helper()
	repo.ID = 0
	var err error
	if w.repo, err = w.db.AddRepository(t.Context(), repo); err != nil {
		t.Fatal(err)
	}
	for _, r := range resources {
		w.addTask(core.NewTask(w.repo.ID, r))
	}
}

func (w *world) open(t *testing.T) *storage.DB {
	t.Helper()
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), storage.Options{Dir: dir, Now: w.clock.Now, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (w *world) engineFor(db *storage.DB) *replicate.Engine {
	return &replicate.Engine{
		Store: db, Now: w.clock.Now,
		Connect: func(r core.Repository, n core.Node) (replicate.Peer, error) {
			return eden.New(r, n, eden.Options{Retries: -1, Now: w.clock.Now})
		},
		Tuning: replicate.Tuning{Page: 10, Batch: 5},
	}
}

func (w *world) addTask(task core.Task) core.Task {
	w.t.Helper()
	task, err := w.db.AddTask(w.t.Context(), task)
	if err != nil {
		w.t.Fatal(err)
	}
	return task
}

// pass moves both clocks.
func (w *world) pass(d time.Duration) {
	w.clock.Advance(d)
	if w.eden != nil {
		w.eden.Clock.Advance(d)
	}
}

// run synchronises and checks what holds of every run: the states add up.
func (w *world) run(opts replicate.Options) (core.Run, error) {
	w.t.Helper()
	w.pass(time.Minute)
	repo, err := w.db.Repository(w.t.Context(), w.repo.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	run, err := w.engine.Sync(w.t.Context(), repo, opts)
	if run.Received != run.Accounted() {
		w.t.Errorf("received %d, but the states add up to %d: %+v", run.Received, run.Accounted(), run.Counts)
	}
	return run, err
}

// sync must succeed.
func (w *world) sync() core.Run {
	w.t.Helper()
	run, err := w.run(replicate.Options{})
	if err != nil {
		w.t.Fatalf("sync: %v\n%s", err, w.logs())
	}
	return run
}

// quiet checks that a further sync moves nothing (PROMISES 13).
func (w *world) quiet() {
	w.t.Helper()
	seq := w.seq()
	run := w.sync()
	if run.Changed() != 0 || run.Conflicts != 0 || run.Sent != 0 || run.Quarantined != 0 {
		w.t.Errorf("a further sync must move nothing, but: %s\n%s", run.Counts, w.logs())
	}
	if after := w.seq(); after != seq {
		w.t.Errorf("a further sync wrote %d versions", after-seq)
	}
}

func (w *world) seq() int64 {
	w.t.Helper()
	seq, err := w.db.Seq(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return seq
}

func (w *world) logs() string {
	entries, err := w.db.Log(w.t.Context(), storage.LogQuery{})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s %s/%s %s %s %s %s | %s\n", e.Resource, e.Mode, e.Direction, e.Action, e.Result, e.Time, e.Message, e.Details)
	}
	return b.String()
}

// remarkOn returns the one entry of the log that is about the record.
func (w *world) remarkOn(l core.Link) (found core.LogEntry) {
	w.t.Helper()
	entries, err := w.db.Log(w.t.Context(), storage.LogQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if link, ok := e.Record(); ok && link == l {
			found, n = e, n+1
		}
	}
	if n != 1 {
		w.t.Errorf("the log has %d entries of %s, want one\n%s", n, l.UUID, w.logs())
	}
	return found
}

// edit changes a record here as a person would; it makes it if need be.
func (w *world) edit(l core.Link, change func(*core.Record)) {
	w.t.Helper()
	w.editIn(w.db, l, change)
}

func (w *world) editIn(db *storage.DB, l core.Link, change func(*core.Record)) {
	w.t.Helper()
	now := core.MTimeOf(w.clock.Now())
	err := db.Import(w.t.Context(), func(tx intake.Tx) error {
		rec, err := tx.Record(w.t.Context(), l)
		if err != nil {
			rec = core.Record{Resource: l.Resource, UUID: l.UUID, CreatedOn: now}
		}
		change(&rec)
		rec.ModifiedOn = max(now, rec.ModifiedOn)
		return tx.Put(w.t.Context(), &rec, core.Change{Rule: "edit", By: "me", At: now})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// here returns our version; the test fails if there is none.
func (w *world) here(l core.Link) core.Record {
	w.t.Helper()
	rec, err := w.db.Record(w.t.Context(), l)
	if err != nil {
		w.t.Fatalf("%s is not here: %v\n%s", l.UUID, err, w.logs())
	}
	return rec
}

// there returns the server's version; the test fails if there is none.
func (w *world) there(l core.Link) core.Record {
	w.t.Helper()
	rec, ok := w.hub.Get(l)
	if !ok {
		w.t.Fatalf("%s is not at the server\n%s", l.UUID, w.logs())
	}
	return rec
}

// agree checks that both sides have the same value of a field.
func (w *world) agree(l core.Link, field, want string) {
	w.t.Helper()
	here, there := w.here(l), w.there(l)
	if got := here.Value(field).Str; got != want {
		w.t.Errorf("here %s of %s is %q, want %q", field, l.UUID, got, want)
	}
	if got := there.Value(field).Str; got != want {
		w.t.Errorf("at the server %s of %s is %q, want %q", field, l.UUID, got, want)
	}
}

func (w *world) quarantine() []core.Quarantine {
	w.t.Helper()
	q, err := w.db.Quarantines(w.t.Context(), w.repo.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

func (w *world) task(resource core.Resource) core.Task {
	w.t.Helper()
	tasks, err := w.db.Tasks(w.t.Context(), w.repo.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(tasks, func(t core.Task) bool { return t.Resource == resource })
	if i < 0 {
		w.t.Fatalf("no task for %s", resource)
	}
	return tasks[i]
}

// requests returns the paths asked for since the last ForgetRequests.
func (w *world) requests() []string {
	var paths []string
	for _, r := range w.eden.Requests() {
		paths = append(paths, r.Method+" "+r.Path)
	}
	return paths
}

// link numbers the records of a test.
func link(resource core.Resource, n int) core.Link {
	return core.Link{Resource: resource, UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n)}
}

func office(n int) core.Link { return link("org_office", n) }

// rec makes a record with text fields.
func rec(l core.Link, pairs ...string) core.Record {
	r := core.Record{Resource: l.Resource, UUID: l.UUID}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Set(core.Field{Name: pairs[i], Value: core.Text(pairs[i+1])})
	}
	return r
}

func set(field, value string) func(*core.Record) {
	return func(r *core.Record) { r.Set(core.Field{Name: field, Value: core.Text(value)}) }
}

// offices fills the server with n offices.
func (w *world) offices(n int) {
	for i := 1; i <= n; i++ {
		w.hub.Put(rec(office(i), "name", fmt.Sprintf("Office %d", i), "phone", "1"))
	}
}

// change edits a record at the server, now.
func (w *world) change(l core.Link, field, value string) {
	w.t.Helper()
	r := w.there(l)
	r.Set(core.Field{Name: field, Value: core.Text(value)})
	r.Components = nil
	r.ModifiedOn = core.MTimeOf(w.clock.Now())
	w.hub.Put(r)
}
