package repositories

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// A Store is what the page needs of the replica.
type Store interface {
	Node(ctx context.Context) (core.Node, error)
	Repositories(ctx context.Context) ([]core.Repository, error)
	Repository(ctx context.Context, id int64) (core.Repository, error)
	AddRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	DeleteRepository(ctx context.Context, id int64) error
	Unsent(ctx context.Context, repo int64) (int, error)
	WayStore

	Tasks(ctx context.Context, repo int64) ([]core.Task, error)
	AddTask(ctx context.Context, t core.Task) (core.Task, error)
	UpdateTask(ctx context.Context, t core.Task) error
	DeleteTask(ctx context.Context, id int64) error

	Jobs(ctx context.Context, repo int64) ([]core.Job, error)
	SaveJob(ctx context.Context, j core.Job) (core.Job, error)
	DeleteJob(ctx context.Context, id int64) error
	// Agenda tells how the jobs' last runs ended.
	Agenda(ctx context.Context) (schedule.Agenda, error)

	// TableTroubles returns what the last run says of single tables that it could not
	// exchange, as the log has it.
	TableTroubles(ctx context.Context, repo int64) (map[core.Resource]string, error)

	// Tables lists the tables that have records here.
	Tables(ctx context.Context) ([]core.Resource, error)
	// SaveSetup writes what is set up here to a file, without passwords.
	SaveSetup(ctx context.Context, path string) error
}

// An Engine registers and tries runs out.
type Engine interface {
	Sync(ctx context.Context, repo core.Repository, opts replicate.Options) (core.Run, error)
	Register(ctx context.Context, repo core.Repository) (core.Repository, error)
	// Forecast tries a task that need not be stored, without writing anything.
	Forecast(ctx context.Context, repo core.Repository, t core.Task) (Forecast, error)
	WayEngine
}
