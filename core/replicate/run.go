package replicate

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// A run is the state of one execution. It is used by one goroutine; one besides may
// read from the store, see reading.
type run struct {
	*Engine
	opts   Options
	tuning Tuning
	repo   core.Repository
	node   core.Node
	peer   Peer
	report core.Run
	// begins is the report of a run that the handshake is to note; a run that does not
	// get that far is noted when it ends.
	begins  *core.Run
	now     func() time.Time
	offset  time.Duration // the peer's clock minus ours
	trusted bool          // the clocks are close enough for times to decide
	own     bool          // the peer is a Fieldsync
	serves  bool          // others pull from this node
	others  bool          // there are other repositories
	// registered: with the peer, in this run.
	registered bool
	// unstreamed: a stretch was refused, by the peer or by something in front of it; no
	// other is tried.
	unstreamed bool
	// remembered: it knows our last run, and we know that it does.
	remembered bool
	// greeted: it knows a run of ours after that.
	greeted  bool
	verbose  bool // what becomes of each record goes to the program's log
	worst    *core.Problem
	noted    bool // what ended the run stands in the log with its task
	open     int  // conflicts that wait for a person
	lacking  map[core.Trouble]core.Tables
	leads    map[core.Resource][]core.Resource // to which tables the records of each point
	policies map[core.Resource]core.Rules      // of the tables that are pulled
	through  int                               // pulls, pushes and comparisons of a table that were done to their end
	pulled   map[int64]bool                    // the tasks of which all was seen that is new there
	// waits is how many deletions of each task go after others; once insists is set none does
	// any more.
	waits map[int64]int
	// unread are the tasks whose table was never read as a whole: what points there to what
	// others delete is not known yet.
	unread  map[int64]bool
	insists bool
	// idle is what the run's end is stored with: that there was nothing to do.
	idle    core.Ending
	columns columns
	brake   brake
	// comparing: this run only looks, and what stopped the repository stands.
	comparing bool
	// previewed are the records that a dry run has counted as changed: they come
	// along with several tables, and the second time they would be here already.
	previewed map[core.Link]bool
}

func (e *Engine) newRun(repo core.Repository, opts Options) *run {
	r := &run{Engine: e, opts: opts, tuning: e.Tuning.withDefaults(), repo: repo, now: e.Now, trusted: true, brake: newBrake(), lacking: map[core.Trouble]core.Tables{}, pulled: map[int64]bool{}, waits: map[int64]int{}, unread: map[int64]bool{}}
	if r.now == nil {
		r.now = time.Now
	}
	r.report = core.Run{ID: uuid.NewString(), Repository: repo.ID, Started: core.MTimeOf(r.now()), DryRun: opts.DryRun, Result: core.ResultSuccess}
	return r
}

// begin notes that the run began. One that calls the repository leaves that to the
// handshake, which comes next: it is one wait for the disk for both.
func (r *run) begin(ctx context.Context, calls bool) error {
	r.Events.Emit(event.RunStarted{Run: r.report.ID, Repository: r.repo, DryRun: r.opts.DryRun})
	if r.opts.DryRun {
		return nil
	}
	if calls {
		r.begins = &r.report
		return nil
	}
	return r.Store.StartRun(ctx, r.report)
}

// work does the run. The error it returns ended it; troubles of single tasks are
// only noted.
func (r *run) work(ctx context.Context) error {
	if err := r.connect(ctx); err != nil {
		return err
	}
	if renamed := r.repo.RegisteredAs != "" && r.repo.RegisteredAs != r.node.Name; (r.repo.Registered == 0 || renamed) && !r.opts.DryRun {
		if err := r.register(ctx); err != nil && ends(err) {
			return err
		}
	}
	shared, err := r.Store.Shared(ctx)
	if err != nil {
		return err
	}
	r.serves = len(shared) > 0
	if r.others, err = r.Store.HasOthers(ctx, r.repo.ID); err != nil {
		return err
	}
	if err := r.recall(ctx); err != nil {
		return err
	}
	if err := r.returned(ctx); err != nil {
		return err
	}
	tasks, err := r.tasks(ctx)
	if err != nil {
		return err
	}
	if err := r.retryQuarantined(ctx, tasks); err != nil {
		return err
	}
	if err := r.exchange(ctx, tasks); err != nil {
		return err
	}
	if err := r.pushWaiting(ctx, tasks); err != nil {
		return err
	}
	if err := r.askAlone(ctx, tasks); err != nil {
		return err
	}
	if err := r.compareDue(ctx, tasks); err != nil {
		return err
	}
	if err := r.releaseRest(ctx); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.stage(ctx, func() error { return r.files(ctx) })
}

// exchange does the tasks one after the other: what is complete at one is not undone
// where the next breaks off. Only when a Fieldsync is met for the first time are all
// pulled before anything is sent: the tables of components would get back what has just
// been taken there with their masters.
func (r *run) exchange(ctx context.Context, tasks []core.Task) error {
	for _, task := range tasks {
		if task.Mode.Pulls() && task.Compared == 0 {
			r.unread[task.ID] = true
		}
	}
	at := 1
	if r.own && !slices.ContainsFunc(tasks, func(t core.Task) bool { return t.Compared != 0 }) {
		at = max(1, len(tasks))
	}
	for together := range slices.Chunk(tasks, at) {
		if err := r.pullThenPush(ctx, together); err != nil {
			return err
		}
	}
	return nil
}

// pullThenPush pulls tasks, then pushes them. A failed pull skips the push of its task:
// what was not seen must not be overwritten.
func (r *run) pullThenPush(ctx context.Context, tasks []core.Task) error {
	for i := range tasks {
		task := &tasks[i]
		if !task.Mode.Pulls() {
			continue
		}
		done, err := r.attempt(ctx, *task, "pull", func() error { return r.pull(ctx, task) })
		if err != nil {
			return err
		}
		if r.pulled[task.ID] = done; done {
			delete(r.unread, task.ID)
		}
	}
	for _, task := range tasks {
		if task.Mode.Pulls() && !r.pulled[task.ID] {
			continue
		}
		if err := r.pushTask(ctx, task); err != nil {
			return err
		}
	}
	return nil
}

// pushTask pushes a task, if it pushes. The error ends the run; other trouble is noted.
func (r *run) pushTask(ctx context.Context, task core.Task) error {
	if !task.Mode.Pushes() {
		return nil
	}
	_, err := r.attempt(ctx, task, "push", func() error { return r.pushKnowing(ctx, task) })
	return err
}

// attempt does something with a task and reports whether that came to its end. The error
// ends the run; other trouble is noted.
func (r *run) attempt(ctx context.Context, task core.Task, mode string, do func() error) (done bool, err error) {
	if err := r.stage(ctx, func() error { return r.introduced(ctx, do) }); err != nil {
		return false, r.note(ctx, task, mode, err)
	}
	r.through++
	return true, nil
}

// pushKnowing pushes to a peer that is what it was: where nothing is pulled it is
// asked now, or what it lost would never be noticed.
func (r *run) pushKnowing(ctx context.Context, task core.Task) error {
	switch {
	case task.Mode.Pulls():
	case r.repo.TakeOlder:
		if err := r.takeOlder(ctx, task); err != nil {
			return err
		}
	default:
		if err := r.guardUnseen(ctx, task); err != nil {
			return err
		}
	}
	return r.push(ctx, task)
}

// stage does one stage, if there is room on the disk for it (PROMISES 22).
func (r *run) stage(ctx context.Context, do func() error) error {
	if err := r.Store.Room(ctx); err != nil {
		return err
	}
	return core.Caught(do)
}
