package settings

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/diagnostics"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/inspect"
	"github.com/fieldsync/fieldsync/ui/lock"
)

// A Store is what the page needs of the replica.
type Store interface {
	lock.Store

	Preferences(ctx context.Context) (core.Preferences, error)
	SavePreferences(ctx context.Context, p core.Preferences) error
	ScheduleSettings(ctx context.Context) (schedule.Settings, error)
	SaveScheduleSettings(ctx context.Context, s schedule.Settings) error

	Node(ctx context.Context) (core.Node, error)
	SaveNode(ctx context.Context, n core.Node) error
	NodeProxyPassword(ctx context.Context) (core.Secret, error)
	SetNodeProxyPassword(ctx context.Context, s core.Secret) error
	SecretsWhere() string

	Serving(ctx context.Context) (core.Serving, error)
	SaveServing(ctx context.Context, s core.Serving) error
	Accounts(ctx context.Context) ([]core.Account, error)
	SaveAccount(ctx context.Context, a core.Account) (core.Account, error)
	DeleteAccount(ctx context.Context, name string) error
	Repositories(ctx context.Context) ([]core.Repository, error)
	Repository(ctx context.Context, id int64) (core.Repository, error)
	UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	Shared(ctx context.Context) ([]core.Resource, error)
	Share(ctx context.Context, r core.Resource, on bool) error

	// Size is how many bytes the data folder takes.
	Size() (int64, error)
	Backup(ctx context.Context, path string) error
}

// A Server answers peers while it is switched on; nil in a program that cannot.
type Server interface {
	// Apply follows the stored settings and says how it goes then.
	Apply(ctx context.Context) (responder.State, error)
}

// A Finding is one thing that was looked at in the database.
type Finding struct {
	OK       bool
	Name     string // as storage names its checks
	Said     core.Saying
	Mendable bool // Mend puts it right
}

// A Copy is a copy of the database that Fieldsync made by itself.
type Copy struct {
	Path   string
	Made   core.MTime
	Reason CopyReason
	Size   int64 // bytes
}

// A CopyReason is why a copy was made.
type CopyReason int

// The reasons.
const (
	CopyDaily CopyReason = iota
	CopyBeforeUpdate
	CopyBeforeUndo
	CopyBeforeMending
)

// Surroundings are what the page needs besides the store. What is nil is not
// offered.
type Surroundings struct {
	Server  Server
	Connect inspect.Connect
	// Examine looks the database over. Mend puts right what is safe to put right, and
	// looks again.
	Examine, Mend func(ctx context.Context) ([]Finding, error)
	// Copies lists the copies that were made by themselves, the newest first.
	Copies func(ctx context.Context) ([]Copy, error)
	// Report makes the diagnostics.
	Report func(ctx context.Context) diagnostics.Report
	// Login tells whether the program starts at login, SetLogin changes it.
	Login    func() (bool, error)
	SetLogin func(on bool) error
	// Looks is called when somebody chose another look or size of text.
	Looks   func(core.Preferences)
	Version string
	Licence string
	Dir     string // the data folder
}
