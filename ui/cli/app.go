// Package cli is Fieldsync as commands, for a terminal, a script and a server
// without a screen. It offers what the window offers, through the same
// interfaces; main.go gives it the store and the engine.
package cli

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/core/transfer"
)

// An App is the program around the commands.
type App struct {
	Version string
	// Program is the name the program was called by; "" for fieldsync.
	Program string
	// Data is the data folder unless --data names another.
	Data string
	// Person tells who edits, as the history shows it. On some computers a server is
	// asked for that.
	Person func() string
	// Open opens a data folder and makes it if it does not exist. The error is a
	// Problem.
	Open func(ctx context.Context, dir string) (*Node, error)
	// Rebuild replaces a damaged database that Open refuses or that Mend cannot
	// mend, and says in sentences what it did. The error is a Problem.
	Rebuild func(ctx context.Context, dir string) ([]eden.Finding, error)
	// Window opens the window and returns when it is closed; nil in a program
	// without one.
	Window func(ctx context.Context, dir string) error
	// Hidden is Window, but nothing is shown before somebody asks for it in the
	// tray; nil: as Window.
	Hidden func(ctx context.Context, dir string) error
	// Setup, if not nil, is told which file the window is to open and set up from.
	Setup func(file string)
	// Autostart starts the program at login.
	Autostart Autostart
}

// A Node is an opened data folder with what works on it.
type Node struct {
	Dir    string
	Store  Store
	Engine Engine
	// Check tries everything a sync with the repository needs and changes
	// nothing there.
	Check func(ctx context.Context, r core.Repository, tasks []core.Task) ([]eden.Finding, error)
	// Schema asks the repository what fields a table has.
	Schema func(ctx context.Context, r core.Repository, resource core.Resource) (core.Schema, error)
	// Runner synchronises by itself while it is served.
	Runner *schedule.Runner
	Events *event.Bus
	Log    *slog.Logger
	Close  func() error
}

// IO is where a command reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// An Engine makes runs: *replicate.Engine.
type Engine interface {
	Sync(ctx context.Context, repo core.Repository, opts replicate.Options) (core.Run, error)
	Register(ctx context.Context, repo core.Repository) (core.Repository, error)
	Compare(ctx context.Context, repo core.Repository, opts replicate.CompareOptions) ([]core.Comparison, error)
	RefuseHeld(ctx context.Context, repo core.Repository, resource core.Resource, by string) (kept int, err error)
	// OlderState finds out what TakeOlder would do here, and changes nothing.
	OlderState(ctx context.Context, repo core.Repository) (core.OlderState, error)
}

// A Store is what the commands need of the replica. Where a single thing is
// asked for and does not exist, the error is core.ErrNotFound.
type Store interface {
	intake.Store
	responder.Store
	transfer.Store
	Background

	// Standing says whether the data folder is where and what it was; the next
	// three settle it after a person has said what happened.
	Standing(ctx context.Context) (core.Standing, error)
	ConfirmMoved(ctx context.Context) error
	ConfirmRestored(ctx context.Context) error
	NewIdentity(ctx context.Context) (core.Node, error)
	// Relink and SendBack make the next sync compare everything with a
	// repository that is another one now, or went back in time. Agreed counts what
	// both sides are known to have had in common.
	Relink(ctx context.Context, repo int64) error
	SendBack(ctx context.Context, repo int64) error
	// TakeOlder makes the next sync take over what a repository that went back has.
	TakeOlder(ctx context.Context, repo int64) error
	Agreed(ctx context.Context, repo int64) (int, error)

	Preferences(ctx context.Context) (core.Preferences, error)
	SavePreferences(ctx context.Context, p core.Preferences) error
	// RunIDs returns the ids of the runs that changed something here and begin
	// with the text, at most two. PlanUndo and UndoRun take one back.
	RunIDs(ctx context.Context, begin string) ([]string, error)
	PlanUndo(ctx context.Context, run string, offset time.Duration) (core.Undo, error)
	UndoRun(ctx context.Context, run, by string, offset time.Duration) (core.Undo, error)
	Retention(ctx context.Context) (core.Retention, error)
	SetRetention(ctx context.Context, r core.Retention) error
	// HeldBack lists what brakes hold; SetBrake switches one off or on.
	HeldBack(ctx context.Context) ([]core.HeldBack, error)
	SetBrake(ctx context.Context, repo int64, resource core.Resource, on bool) error
	// Deliveries hands over what was proved to be at repositories, by time.
	Deliveries(ctx context.Context, q DeliveryQuery, yield func(core.Delivery) error) error
	// Backup makes a checked copy of the database at path, CopyNow among the
	// copies that are made by themselves, which Copies lists.
	Backup(ctx context.Context, path string) error
	CopyNow(ctx context.Context) (path string, err error)
	Copies(ctx context.Context) ([]Backup, error)
	// Upkeep does what is due about once a day; it costs nothing if nothing is.
	Upkeep(ctx context.Context) error

	// SaveNode stores name and proxy; the identity never changes.
	SaveNode(ctx context.Context, n core.Node) error

	Repositories(ctx context.Context) ([]core.Repository, error)
	Repository(ctx context.Context, id int64) (core.Repository, error)
	RepositoryByName(ctx context.Context, name string) (core.Repository, error)
	AddRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	DeleteRepository(ctx context.Context, id int64) error
	// Forget removes a practice repository with its invented records.
	Forget(ctx context.Context, id int64) error
	// Practising reports whether this data folder is one to practise with, EndPractising
	// removes its practice repositories and all invented records.
	Practising(ctx context.Context) (bool, error)
	EndPractising(ctx context.Context) error

	AddTask(ctx context.Context, t core.Task) (core.Task, error)
	UpdateTask(ctx context.Context, t core.Task) error
	DeleteTask(ctx context.Context, id int64) error

	Jobs(ctx context.Context, repo int64) ([]core.Job, error)
	SaveJob(ctx context.Context, j core.Job) (core.Job, error)
	DeleteJob(ctx context.Context, id int64) error

	// Unsent counts the records whose present version the repository lacks.
	Unsent(ctx context.Context, repo int64) (int, error)
	// Waiting counts what only a person can settle with the repository.
	Waiting(ctx context.Context, repo int64) (conflicts, refused int, err error)
	// Staying counts the changes made here that no repository is ever sent.
	Staying(ctx context.Context) (int, error)
	Runs(ctx context.Context, repo int64, limit int) ([]core.Run, error)
	Log(ctx context.Context, q LogQuery) ([]core.LogEntry, error)

	// SaveSchema keeps what a peer said of a table; Schema returns it, else what
	// was seen in the data, with Fetched zero.
	SaveSchema(ctx context.Context, s core.Schema) error

	// Tables returns the resources that have records here, by name.
	Tables(ctx context.Context) ([]Table, error)
	Records(ctx context.Context, q RecordQuery) ([]core.Record, error)
	History(ctx context.Context, l core.Link) ([]core.Version, error)

	// Save makes rec the present version of its record, as an edit of a person:
	// it sets the stamp and the next seq. seen, if not zero, is the content that it was
	// made of: if the record has another by now, a Problem InvalidSetting of "record".
	Save(ctx context.Context, rec core.Record, seen core.Hash, by string) error
	// Delete makes the record a tombstone, with its components.
	Delete(ctx context.Context, l core.Link, by string) (along int, err error)
	// Undelete brings a deleted record back, with the components that were
	// deleted with it.
	Undelete(ctx context.Context, l core.Link, by string) error
	// Merge makes one record of two of a table: from goes in favour of into, which gets
	// what it lacks, and what points to from.
	Merge(ctx context.Context, from, into core.Link, by string) error
	// Restore makes a version of the history the present one again.
	Restore(ctx context.Context, version int64, by string) error

	// Conflicts returns conflicts, newest first; of all repositories for 0.
	Conflicts(ctx context.Context, repo int64, openOnly bool) ([]core.Conflict, error)
	Conflict(ctx context.Context, id int64) (core.Conflict, error)
	// ResolveConflict lets "ours", "theirs" or a mixture, for "both", stand. seen is the
	// content of ours that was looked at, as for Save.
	ResolveConflict(ctx context.Context, id int64, winner string, mixed *core.Record, seen core.Hash, by string) error
	// ResolveConflicts decides all open ones by one rule, of a repository or all
	// for 0, of a table or all for "", and returns how many.
	ResolveConflicts(ctx context.Context, repo int64, resource core.Resource, rule core.ConflictRule, by string) (int, error)
	Quarantines(ctx context.Context, repo int64) ([]core.Quarantine, error)
	RetryQuarantine(ctx context.Context, id int64) error

	Accounts(ctx context.Context) ([]core.Account, error)
	SaveAccount(ctx context.Context, a core.Account) (core.Account, error)
	DeleteAccount(ctx context.Context, name string) error
	Share(ctx context.Context, r core.Resource, on bool) error

	// Examine looks the database over; Mend puts right what is safe to put right
	// first.
	Examine(ctx context.Context) ([]eden.Finding, error)
	Mend(ctx context.Context) ([]eden.Finding, error)
	// SecretsWhere says where passwords are kept, for a person.
	SecretsWhere() string
}

// A Table is a resource with records here.
type Table struct {
	Resource core.Resource `json:"resource"`
	Records  int           `json:"records"`
	Deleted  int           `json:"deleted"`
}

// A LogQuery selects log rows, newest first.
type LogQuery struct {
	Repository int64         // 0: all
	Resource   core.Resource // "": all
	Run        string        // "": all
	Since      core.MTime    // at or after it; 0: whenever
	Until      core.MTime    // before it; 0: whenever
	Limit      int
}

// A RecordQuery selects records in the order of their names.
type RecordQuery struct {
	Resource core.Resource // "" only with Words: all resources
	Words    string        // full-text search; "": all
	Deleted  bool          // the deleted ones instead of the living
	Unsent   bool          // only those that some repository still has to get
	Offset   int
	Limit    int
}
