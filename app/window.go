//go:build !headless

package app

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"golang.org/x/sync/errgroup"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/cli"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/presence"
	pages "github.com/fieldsync/fieldsync/ui/records"
	"github.com/fieldsync/fieldsync/ui/synclog"
	"github.com/fieldsync/fieldsync/ui/words"
)

func init() {
	window = func(ctx context.Context, dir string) error { return openWindow(ctx, dir, false) }
	hidden = func(ctx context.Context, dir string) error { return openWindow(ctx, dir, true) }
}

// appID is how desktops know the program.
const appID = "io.github.fieldsync.fieldsync"

// openWindow opens the data folder and shows the window, or its tray icon alone,
// until somebody quits. If a window is open on the folder already, it shows that
// one and returns at once. A damaged database is mended first, if a person wants that.
func openWindow(ctx context.Context, dir string, hide bool) error {
	again, err := useWindow(ctx, dir, hide)
	if again {
		return startAgain(dir)
	}
	if errors.Is(err, ui.ErrUndrawn) {
		alert(err)
	}
	return err
}

// alert says an error to a person where no window can be drawn.
func alert(err error) {
	p := core.AsProblem(err)
	platform.Alert("Fieldsync", strings.TrimSpace(words.Message(p)+"\n\n"+strings.TrimSpace(words.Safe(p)+" "+words.Hint(p))))
}

func useWindow(ctx context.Context, dir string, hide bool) (again bool, err error) {
	unlock, err := storage.LockInstance(dir)
	if core.IsKind(err, core.StoreLocked) {
		if hide && setupFile == "" {
			return false, nil
		}
		return false, sorry(ctx, dir, platform.Ring(ctx, dir, summonsText(setupFile)))
	}
	if err != nil {
		return false, sorry(ctx, dir, err)
	}
	defer unlock()
	trace := traceCrashes(dir)
	defer trace.end()
	node, err := open(ctx, dir)
	if core.IsKind(err, core.StoreDamaged) {
		return mendInWindow(ctx, dir, err)
	}
	if err != nil {
		return false, sorry(ctx, dir, err)
	}
	trace.tell(ctx, node)
	if err := presence.Prepare(); err != nil {
		node.Log.Warn("Session bus", "err", err)
	}
	return false, errors.Join(serveWindow(ctx, node, hide, newApp()), node.Close())
}

// sorry shows the error, if there is one, to a person who has no terminal, and
// returns it to one who has.
func sorry(ctx context.Context, dir string, err error) error {
	if err != nil && presence.Prepare() == nil {
		if !ui.Sorry(ctx, newApp(), storage.Glance(ctx, dir), err) {
			alert(err)
		}
	}
	return err
}

// serveWindow runs the window with everything that works beside it, and waits for
// all of it to end.
func serveWindow(ctx context.Context, node *cli.Node, hide bool, app fyne.App) error {
	notices, deaf := collectNotices(node.Events) // before anybody can want to tell something
	defer deaf()
	services, stop := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error {
		return core.Careful(node.Log, "scheduler", func() error { return node.Runner.Serve(services) })
	})
	group.Go(func() error { return cli.Upkeep(services, node) })
	group.Go(func() error { newLearner(node).serve(services); return nil })
	if store, ok := node.Store.(replica); ok {
		group.Go(func() error { newIndexer(node.Events, store.DB, node.Log).serve(services); return nil })
	}
	summons := make(chan ui.Summons)
	group.Go(func() error {
		hearStarts(services, node.Log, node.Dir, func(message string) { pass(services, summons, readSummons(message)) })
		return nil // the window is worth more than being raised
	})
	school, keeper := &school{}, keeper(node)
	group.Go(func() error {
		return core.Careful(node.Log, "answering peers", func() error { return keeper.Serve(services) })
	})
	deps, err := windowDeps(ctx, node, school, keeper)
	deps.Hidden, deps.Summons, deps.Notices = hide, summons, notices
	if err == nil {
		err = ui.Run(ctx, app, deps)
	}
	stop()
	return errors.Join(err, group.Wait(), school.close())
}

// maxNotices bounds those that wait for the window; they are condensed.
const maxNotices = 64

// collectNotices keeps what the scheduler wants to be told until somebody takes it.
func collectNotices(events *event.Bus) (notices <-chan core.Notice, deaf func()) {
	all := make(chan core.Notice, maxNotices)
	return all, events.Subscribe(func(e event.Event) {
		if e, ok := e.(event.Noticed); ok {
			select {
			case all <- e.Notice:
			default:
			}
		}
	})
}

// pass hands a summons on while somebody listens.
func pass(ctx context.Context, to chan<- ui.Summons, s ui.Summons) {
	select {
	case to <- s:
	case <-ctx.Done():
	}
}

// newApp returns Fyne's side of the program.
func newApp() fyne.App {
	// Fyne writes its preferences below it and does not make it.
	if cache, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(cache, 0o700) // without it only the window's own memory of sizes is lost
	}
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Fieldsync", Version: build.Version, Icon: look.WindowIcon(), Migrations: map[string]bool{"fyneDo": true}})
	app := fyneapp.NewWithID(appID)
	stopSimply(app)
	return app
}

// stopSimply lets Fyne's loop end without an event of its own. Fyne queues one in which
// its preferences are saved once more, and at the same time closes the queue: on a busy
// machine the event is lost and waited for without end, a program without a window that
// nobody can end or open again, or it panics. Preferences are saved when they change.
func stopSimply(app fyne.App) {
	if l, ok := app.Lifecycle().(interface{ SetOnStoppedHookExecuted(hook func()) }); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// windowDeps joins the window's parts. k may be nil: then no peers are answered.
func windowDeps(ctx context.Context, n *cli.Node, s *school, k *responder.Keeper) (ui.Deps, error) {
	db := n.Store.(replica).DB
	c := connector{db: db, log: n.Log}
	s.forget = func(ctx context.Context, repo int64) error {
		err := replica{db}.Forget(ctx, repo)
		if err == nil {
			n.Events.Emit(event.Changed{})
		}
		return err
	}
	prefs, err := db.Preferences(ctx)
	width, height := platform.Room()
	return ui.Deps{Store: windowReplica{replica{db}, n.Events}, Engine: forecaster{n.Engine.(*replicate.Engine)}, Connect: c.connectCarefully, Scheduler: outlooker{n.Runner, db, n.Log}, Practice: s, Events: n.Events, Log: n.Log,
		Version: build.Version, Person: person(), Dir: n.Dir,
		SetupFile: setupFile, Preferences: prefs, Room: fyne.NewSize(width, height), Settings: settingsSurroundings(n, c, k)}, err
}

// A windowReplica is the store as the window asks for it.
// It tells of what a person changed: the scheduler sends it before long.
type windowReplica struct {
	replica
	events *event.Bus
}

// tell passes err on, after telling of a change if there is none.
func (r windowReplica) tell(resource core.Resource, err error) error {
	if err == nil {
		r.events.Emit(event.Changed{Resource: resource})
	}
	return err
}

// LogEntries returns entries of the log, newest first.
func (r windowReplica) LogEntries(ctx context.Context, q synclog.Query) ([]core.LogEntry, error) {
	return r.DB.Log(ctx, storage.LogQuery{Repository: q.Repository, Resource: q.Resource, Result: q.Result, Run: q.Run, Since: q.Since, Until: q.Until,
		Search: q.Search, Before: q.Before, Limit: q.Limit})
}

// TableTroubles returns what the repository's last run says of single tables that it
// could not exchange.
func (r windowReplica) TableTroubles(ctx context.Context, repo int64) (map[core.Resource]string, error) {
	runs, err := r.Runs(ctx, repo, 20)
	last, _ := core.Latest(runs)
	if err != nil || last == nil {
		return nil, err
	}
	entries, err := r.DB.Log(ctx, storage.LogQuery{Repository: repo, Run: last.ID})
	troubles := make(map[core.Resource]string)
	for _, e := range entries {
		_, ofRecord := e.Record()
		if resource := core.Resource(e.Resource); resource.Valid() && !ofRecord && (e.Result == core.ResultFatal || e.Result == core.ResultError) {
			troubles[resource] = e.Message
		}
	}
	return troubles, err
}

// Kinds returns the resources that have records here, and those that may have a first
// one: a repository took what there was to send, or peers may fetch them here, and what
// such a record consists of is known.
func (r windowReplica) Kinds(ctx context.Context) ([]pages.Kind, error) {
	counts, err := r.Resources(ctx)
	if err != nil {
		return nil, err
	}
	var kinds []pages.Kind
	known := make(map[core.Resource]bool)
	for _, c := range counts {
		if c.Records > 0 {
			kinds = append(kinds, pages.Kind{Resource: c.Resource, Records: c.Records})
			known[c.Resource] = true
		}
	}
	exchanged, err := r.exchanged(ctx)
	if err != nil {
		return nil, err
	}
	for _, resource := range exchanged {
		if known[resource] || words.Inner(resource) {
			continue
		}
		known[resource] = true
		schema, err := r.Schema(ctx, resource)
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			return nil, err
		}
		if len(schema.Fields) > 0 {
			kinds = append(kinds, pages.Kind{Resource: resource})
		}
	}
	return kinds, nil
}

// exchanged lists the resources of which a new record reaches others; one may stand there
// more than once.
func (r windowReplica) exchanged(ctx context.Context) ([]core.Resource, error) {
	resources, err := r.Shared(ctx)
	if err != nil {
		return nil, err
	}
	repositories, err := r.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	for _, repo := range repositories {
		tasks, err := r.Tasks(ctx, repo.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			if t.Mode.Pushes() && !t.LastPush.IsZero() {
				resources = append(resources, t.Resource)
			}
		}
	}
	return resources, nil
}

// ListRecords returns a stretch of a list.
func (r windowReplica) ListRecords(ctx context.Context, q pages.Query) (pages.ListPage, error) {
	query := storage.Query{Resource: q.Resource, Search: q.Search, Sort: q.Sort, Desc: q.Desc, Only: storage.Mark(q.Mark), Since: q.Since, After: q.After, Limit: q.Limit}
	page, err := r.List(ctx, query)
	out := pages.ListPage{Next: page.Next, Rows: make([]pages.Row, len(page.Rows))}
	for i, row := range page.Rows {
		out.Rows[i] = pages.Row{Record: row.Record, Unsent: row.Unsent, Refused: row.Refused, Conflict: row.Conflict}
	}
	return out, err
}

// Row returns one record with its marks.
func (r windowReplica) Row(ctx context.Context, l core.Link) (pages.Row, error) {
	row, err := r.ListRow(ctx, l)
	return pages.Row{Record: row.Record, Unsent: row.Unsent, Refused: row.Refused, Conflict: row.Conflict}, err
}

// ConflictsOf returns all conflicts of a record, decided ones too, newest first.
func (r windowReplica) ConflictsOf(ctx context.Context, l core.Link) ([]core.Conflict, error) {
	return r.DB.Conflicts(ctx, storage.ConflictQuery{Record: l})
}

// RestoreLost makes the version that a conflict was decided against the present one.
func (r windowReplica) RestoreLost(ctx context.Context, conflict int64, by string) error {
	_, _, err := r.DB.RestoreLost(ctx, conflict, by, 0)
	return r.tell("", err)
}

// SaveRecord stores a person's edit, unless the record changed since it was seen.
func (r windowReplica) SaveRecord(ctx context.Context, rec core.Record, seen core.Hash, by string) (core.Record, error) {
	saved, _, err := r.Edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, Seen: seen, By: by})
	return saved, r.tell(rec.Resource, err)
}

// DeleteRecord makes a record a tombstone, and returns how many components went along.
func (r windowReplica) DeleteRecord(ctx context.Context, l core.Link, by string) (along int, err error) {
	along, err = r.Delete(ctx, l, by)
	return along, r.tell(l.Resource, err)
}

// Undelete brings a deleted record back.
func (r windowReplica) Undelete(ctx context.Context, l core.Link, by string) error {
	return r.tell(l.Resource, r.replica.Undelete(ctx, l, by))
}

// Restore makes a version of the history the present one.
func (r windowReplica) Restore(ctx context.Context, version int64, by string) error {
	return r.tell("", r.replica.Restore(ctx, version, by))
}

// Import reads a person's file.
func (r windowReplica) Import(ctx context.Context, fn func(intake.Tx) error) error {
	return r.tell("", r.replica.Import(ctx, fn))
}

// UndoRun takes a run back.
func (r windowReplica) UndoRun(ctx context.Context, run, by string, offset time.Duration) (core.Undo, error) {
	done, err := r.DB.UndoRun(ctx, run, by, offset)
	return done, r.tell("", err)
}

// ResolveConflict carries out a person's decision.
func (r windowReplica) ResolveConflict(ctx context.Context, id int64, winner string, mixed *core.Record, seen core.Hash, by string) error {
	return r.tell("", r.replica.ResolveConflict(ctx, id, winner, mixed, seen, by))
}

// ReopenConflicts takes such decisions back.
func (r windowReplica) ReopenConflicts(ctx context.Context, ids []int64, by string) (int, error) {
	n, err := r.replica.ReopenConflicts(ctx, ids, by)
	return n, r.tell("", err)
}

// Merge makes one record of two.
func (r windowReplica) Merge(ctx context.Context, from, into core.Link, by string) error {
	return r.tell(into.Resource, r.replica.Merge(ctx, from, into, by))
}

// A school is the practice repository as the window starts it: once, when
// somebody wants to practise.
type school struct {
	// forget removes what was exchanged with the practice repository.
	forget  func(ctx context.Context, repo int64) error
	mu      sync.Mutex // guards running
	running *practice.Practice
}

// Start starts the practice repository if it does not run yet.
func (s *school) Start(ctx context.Context) (core.Repository, []core.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		p, err := practice.Start(ctx, practice.Options{})
		if err != nil {
			return core.Repository{}, nil, err
		}
		s.running = p
	}
	return s.running.Repository(), practice.Resources(), nil
}

// Is reports whether r is a practice repository.
func (s *school) Is(r core.Repository) bool { return practice.Is(r) }

// Running reports whether the practice repository answers.
func (s *school) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running != nil
}

// Office is one to try things on.
func (s *school) Office() (core.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		if all := s.running.Records("org_office"); len(all) > 0 {
			return all[0].Link(), nil
		}
	}
	return core.Link{}, core.Invalid("practice", "The practice repository does not run.")
}

// Clash lets somebody there change a field of a record.
func (s *school) Clash(ctx context.Context, l core.Link, field string) (core.Saying, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return core.Saying{}, core.Invalid("practice", "The practice repository does not run.")
	}
	return s.running.Conflict(ctx, l, field, core.Text("+999 555 0142"))
}

// End removes the repository with all its records.
func (s *school) End(ctx context.Context, repo int64) error {
	if s.forget == nil {
		return nil
	}
	if err := s.forget(ctx, repo); err != nil {
		return err
	}
	err := s.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = nil
	return err
}

// Colleague lets somebody there change something.
func (s *school) Colleague(ctx context.Context) (core.Saying, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return core.Saying{}, core.Invalid("practice", "The practice repository does not run.")
	}
	return s.running.Colleague(ctx)
}

func (s *school) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	return s.running.Close()
}
