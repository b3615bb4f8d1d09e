package schedule

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/notice"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// An Agenda is everything stored that decides when to run, at one moment.
type Agenda struct {
	Repositories []core.Repository // without their passwords
	// Resources names what each repository exchanges, and how: a text that changes
	// when a task is added, removed or given another mode.
	Resources   map[int64]string
	Jobs        []core.Job
	Memories    map[int64]Memory    // by repository
	JobMemories map[int64]JobMemory // by job
	Settings    Settings
	// Seq is the last sequence number given out: it grows with every change.
	Seq int64
	// Decisions counts, by repository, what waits for a person.
	Decisions map[int64]int
	Shown     map[core.NoticeClass]notice.Shown
}

// A Store keeps what the Runner decides by. All of it may be changed by others
// between two calls, also by other processes.
type Store interface {
	// Agenda is called every few seconds and must be quick.
	Agenda(ctx context.Context) (Agenda, error)
	// Fresh counts, for each repository of since, the records that it lacks and
	// that changed here after that seq.
	Fresh(ctx context.Context, since map[int64]int64) (map[int64]int, error)
	// Repository returns one with its passwords; core.ErrNotFound.
	Repository(ctx context.Context, id int64) (core.Repository, error)

	SaveMemory(ctx context.Context, m Memory) error
	// JobsRan notes at as the last run of the jobs and counts it.
	JobsRan(ctx context.Context, ids []int64, at core.MTime) error
	// JobsRebased pulls last runs that lie after now back to now.
	JobsRebased(ctx context.Context, now core.MTime) error
	SaveJobMemories(ctx context.Context, list []JobMemory) error
	SaveScheduleSettings(ctx context.Context, s Settings) error
	SaveShown(ctx context.Context, list []notice.Shown) error
	AddLog(ctx context.Context, e core.LogEntry) (core.LogEntry, error)

	// Lead makes sure that one Runner at a time works on the store, in all
	// processes; ok is false if another does. The lock dies with its process.
	Lead(ctx context.Context) (release func(), ok bool, err error)
}

// An Engine makes runs: *replicate.Engine.
type Engine interface {
	Sync(ctx context.Context, repo core.Repository, opts replicate.Options) (core.Run, error)
}
