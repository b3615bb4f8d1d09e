// Package replicate runs one synchronisation against one repository: connect,
// then for each task pull, push, prove delivery, and report (DESIGN §5). It owns
// the order of things and the promises; the peer speaks the protocol, the store
// keeps, intake decides.
package replicate

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// An Engine makes runs. It has no state of its own; runs for different
// repositories may go on at the same time.
type Engine struct {
	Store Store
	// Connect makes the peer of a repository. The error is a *core.Problem.
	Connect func(core.Repository, core.Node) (Peer, error)
	Events  *event.Bus       // may be nil
	Log     *slog.Logger     // may be nil
	Now     func() time.Time // nil: time.Now
	Tuning  Tuning
}

// Options select what a run does.
type Options struct {
	Resources []core.Resource // only these tasks; empty: all
	DryRun    bool            // find out and tell, write nothing, send nothing
	// Tasks, in a dry run, stand in place of the stored ones of their resources:
	// what would another policy do?
	Tasks []core.Task
	Full  bool // pull everything again and compare, whatever the markers say
	// Confirm lets held deletions through that a brake stopped in an earlier
	// run, and trusts the clock. For a peer that only calls us it does nothing
	// else.
	Confirm bool
}

// Sync makes one run for the repository and reports it. The run is returned
// whatever happened; the error, if any, is the gravest *core.Problem met. A run
// that stopped early has kept everything that it had finished.
func (e *Engine) Sync(ctx context.Context, repo core.Repository, opts Options) (core.Run, error) {
	r := e.newRun(repo, opts)
	if repo.URL == "" && !opts.Confirm {
		return r.fail(ctx, core.Invalid("url", "This repository has no address: it only calls us."))
	}
	unlock, err := e.Store.LockRun(ctx, repo.ID)
	if err != nil {
		return r.fail(ctx, err)
	}
	defer unlock()
	if err := r.begin(ctx, repo.URL != ""); err != nil {
		return r.fail(ctx, err)
	}
	work := r.work
	if repo.URL == "" {
		work = r.confirm
	}
	return r.finish(ctx, core.Caught(func() error { return work(ctx) }))
}

// Register makes this node known at the repository and stores what the peer said
// of itself.
func (e *Engine) Register(ctx context.Context, repo core.Repository) (core.Repository, error) {
	r := e.newRun(repo, Options{})
	err := r.careful("registering", func() error {
		if err := r.connect(ctx); err != nil {
			return err
		}
		return r.register(ctx)
	})
	return r.repo, err
}

// careful is core.Careful for what is no run and has no report.
func (r *run) careful(what string, do func() error) error {
	return core.Careful(r.Log, what+" at "+r.repo.Name, do)
}

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
	// idle is what the run's end is stored with: that there was nothing to do.
	idle    core.Ending
	columns columns
	brake   brake
	// comparing: this run only looks, and what stopped the repository stands.
	comparing bool
	// turnedDown are the records that the peer refused in this run; due are those of what it ever
	// refused of which a later delivery says that they may be taken now.
	turnedDown map[core.Link]bool
	due        []core.Link
	// previewed are the records that a dry run has counted as changed: they come
	// along with several tables, and the second time they would be here already.
	previewed map[core.Link]bool
}

func (e *Engine) newRun(repo core.Repository, opts Options) *run {
	r := &run{Engine: e, opts: opts, tuning: e.Tuning.withDefaults(), repo: repo, now: e.Now, trusted: true, brake: newBrake(), lacking: map[core.Trouble]core.Tables{}, pulled: map[int64]bool{}, turnedDown: map[core.Link]bool{}}
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
	if err := r.pushDue(ctx, tasks); err != nil {
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
		r.pulled[task.ID] = done
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

// note logs a task's trouble and returns it if it ends the run.
func (r *run) note(ctx context.Context, task core.Task, mode string, err error) error {
	p := core.AsProblem(err)
	r.log(ctx, core.LogEntry{Resource: string(task.Resource), Mode: mode, Direction: "outgoing", Action: actionOf(mode),
		Result: p.Result(), Remote: p.Remote(), Message: p.Naming(core.Tables{task.Resource}).Sentence(), Details: p.Error()})
	r.grave(p)
	if p.OfTables() && !slices.Contains(r.lacking[p.Kind], task.Resource) {
		r.lacking[p.Kind] = append(r.lacking[p.Kind], task.Resource)
	}
	r.brake.failed = true
	if r.noted = ends(err); r.noted {
		return err
	}
	return nil
}

func actionOf(mode string) string {
	if mode == "push" {
		return "send"
	}
	return "fetch"
}

// ends reports whether a trouble is one of the whole run and not of one task:
// there is no sense in asking for the next table.
func ends(err error) bool {
	kind := core.AsProblem(err).Kind
	switch kind {
	case core.Cancelled, core.Unreachable, core.Timeout, core.Portal, core.WrongPath, core.NotEden, core.Unauthorized, core.Forbidden,
		core.ProxyWrong, core.IdentityChanged, core.WentBack, core.NodeCopied, core.NodeWentBack, core.Busy,
		core.DiskFull, core.StoreLocked, core.StoreDamaged, core.StoreTooNew, core.AlreadyRunning, core.NoPassword, core.InvalidSetting:
		return true
	}
	return slices.Contains(core.EncryptionTroubles(), kind) || core.BugIn(err) != nil
}

// grave remembers the gravest problem, the first of equals: what ends all runs until somebody
// does something before what stops one table, and that before what may pass.
func (r *run) grave(p *core.Problem) {
	if r.worst == nil || weight(p) > weight(r.worst) {
		r.worst = p
	}
}

func weight(p *core.Problem) int {
	switch {
	case p.Retryable():
		return 0
	case !ends(p):
		return 1
	}
	return 2
}

// finish closes the run whatever happened; the report must reach the store even
// if ctx was cancelled.
func (r *run) finish(ctx context.Context, err error) (core.Run, error) {
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		r.grave(core.AsProblem(err))
		r.stop(core.AsProblem(err))
		r.logBug(ctx, err)
	} else if r.peer != nil && !r.comparing {
		r.repo.Stopped = ""
	}
	r.remark(ctx)
	if r.worst != nil {
		r.worst = r.worst.Naming(r.lacking[r.worst.Kind])
	}
	r.conclude()
	if !r.opts.DryRun {
		if err == nil && r.peer != nil && (r.through > 0 || !r.brake.failed) {
			r.repo.LastConnected = r.report.Finished
		}
		r.idle.Run, r.idle.Repository = r.report, r.repo
		stored, err := r.Store.FinishRun(ctx, r.idle)
		if err != nil {
			r.grave(core.AsProblem(err))
		}
		r.logged(stored)
	}
	r.Events.Emit(event.RunFinished{Run: r.report, Problem: r.worst})
	if r.worst != nil {
		return r.report, r.worst
	}
	return r.report, nil
}

// logBug puts a panic into the program's log with its stack, and into the one that people
// read if none of the tasks did.
func (r *run) logBug(ctx context.Context, err error) {
	bug := core.BugIn(err)
	if bug == nil {
		return
	}
	if r.Log != nil {
		r.Log.Error("Panic in a run", "run", r.report.ID, "bug", bug)
	}
	if !r.noted {
		p := core.AsProblem(err)
		r.log(ctx, core.LogEntry{Resource: "none", Mode: "none", Direction: "none", Action: "check", Result: p.Result(), Message: p.Sentence(), Details: p.Error()})
	}
}

// stop keeps the repository from being tried again by itself where that would
// do harm: a wrong password locks accounts (PROMISES 19).
func (r *run) stop(p *core.Problem) {
	switch p.Kind {
	case core.Unauthorized, core.Forbidden, core.IdentityChanged, core.WentBack, core.NodeCopied, core.NodeWentBack:
		r.repo.Stopped = p.Message()
	}
}

// conclude sums the run up in one row of words.
func (r *run) conclude() {
	r.report.Finished = core.MTimeOf(r.now())
	r.report.Seconds = r.now().Sub(r.report.Started.Time()).Seconds()
	switch {
	case r.worst != nil:
		r.report.Result, r.report.Message = r.worst.Result(), r.worst.Sentence()
	case r.report.Quarantined+r.report.Refused+r.open > 0:
		r.report.Result, r.report.Message = core.ResultWarning, r.report.Counts.String()
	default:
		r.report.Message = r.report.Counts.String()
	}
	if n := r.report.Accounted(); n != r.report.Received {
		r.report.Result = core.ResultError
		r.report.Message = "The counts of this run do not add up: please report this. " + r.report.Counts.String()
	}
}

// fail reports a run that could not even begin.
func (r *run) fail(ctx context.Context, err error) (core.Run, error) {
	p := core.AsProblem(err)
	r.worst = p
	r.conclude()
	r.log(ctx, core.LogEntry{Resource: "none", Mode: "none", Direction: "none", Action: "check", Result: p.Result(), Message: p.Sentence(), Details: p.Error()})
	r.Events.Emit(event.RunFinished{Run: r.report, Problem: p})
	return r.report, p
}

// log writes a row of the user's log, after those that were put off, and tells the
// subscribers. A dry run has no rows.
func (r *run) log(ctx context.Context, entry core.LogEntry) {
	if !r.logLater(entry) {
		return
	}
	stored, err := r.Store.AddLogs(context.WithoutCancel(ctx), r.idle.Log)
	if err != nil {
		r.grave(core.AsProblem(err))
	}
	r.idle.Log = nil
	r.logged(stored)
}

// logLater puts a row of the log off until the next one or the end of the run: it
// says that there was nothing to do, and is not worth waiting for the disk. A run
// that is ended from outside loses it, and nothing else. It reports whether the row
// will be stored at all.
func (r *run) logLater(entry core.LogEntry) bool {
	entry.Time, entry.Run = core.MTimeOf(r.now()), r.report.ID
	entry.RepositoryID, entry.Repository = r.repo.ID, r.repo.Name
	if r.Log != nil {
		r.Log.Info("Step", "run", entry.Run, "repository", entry.Repository, "task", entry.Resource, "mode", entry.Mode,
			"action", entry.Action, "result", entry.Result, "message", entry.Message, "details", entry.Details)
	}
	if r.opts.DryRun {
		return false
	}
	r.idle.Log = append(r.idle.Log, entry)
	return true
}

// logged tells the subscribers of rows of the log.
func (r *run) logged(rows []core.LogEntry) {
	for _, row := range rows {
		r.Events.Emit(event.Logged{Entry: row})
	}
}

func (r *run) progress(resource core.Resource, step event.Step, done, total int) {
	r.Events.Emit(event.Progress{Run: r.report.ID, Repository: r.repo.Name, Resource: resource, Step: step, Done: done, Total: total, Counts: r.report.Counts})
}
