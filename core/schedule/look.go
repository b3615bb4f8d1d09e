package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// What decides beside the stored settings.
const (
	// defaultEvery is the rhythm of a repository for which no job was ever made.
	defaultEvery = time.Hour
	// quiet is the least time between the end of a run and one that begins only
	// because the network returned or the laptop woke: networks flap.
	quiet = 2 * time.Minute
	// gap is the least time between two tries, whatever happens.
	gap = 5 * time.Second
	// longEdit is how long changes wait at most while somebody goes on editing.
	longEdit = 5
	// lateness is when a planned time counts as missed.
	lateness = 2 * time.Minute
)

// A View is everything that decides when one repository is tried next.
type View struct {
	Now          time.Time
	Location     *time.Location
	Repository   core.Repository
	Jobs         []core.Job // its own; Runs and LastRun as stored
	JobMemories  map[int64]JobMemory
	Memory       Memory
	Settings     Settings
	Surroundings Surroundings
	Asked        bool // a person said "Sync now"
	Running      bool
}

// Look returns when the repository is tried next and why. It is pure: the clock
// and the past are given.
func Look(v View) core.Outlook {
	o := core.Outlook{RepositoryID: v.Repository.ID, Repository: v.Repository.Name, Cause: v.Memory.Cause, Since: v.Memory.Since,
		Failures: v.Memory.Failures, Message: v.Memory.Message}
	now := core.MTimeOf(v.Now)
	switch {
	case v.Running:
		o.Why = core.WhyRunning
	case v.Asked:
		o.Why, o.Next = core.WhyAsked, now
	case !v.Repository.Active():
		o.Why = core.WhyPassive
	case v.Repository.Stopped != "":
		o.Why, o.Cause, o.Message = core.WhyStopped, core.CauseRefused, v.Repository.Stopped
	case v.Settings.Pause.On(v.Now):
		o.Why, o.Next = core.WhyPaused, v.Settings.Pause.Until
	case v.Surroundings.Metered && !v.Settings.OnMetered:
		o.Why = core.WhyMetered
	case v.Surroundings.Saver && !v.Settings.OnSaver:
		o.Why = core.WhySaver
	default:
		o.Why, o.Next = v.wanted()
	}
	return o
}

// wanted returns the first of the reasons to run.
func (v View) wanted() (core.Why, core.MTime) {
	m := v.Memory
	if m.Cause != core.CauseNone {
		return core.WhyRetry, m.Tried.Add(max(m.Wait, gap))
	}
	why, next := v.planned()
	sooner := func(w core.Why, at core.MTime) {
		if next.IsZero() || at < next {
			why, next = w, at
		}
	}
	if m.Edited != 0 {
		after := v.Settings.SendAfter
		sooner(core.WhyEdited, min(m.Edited.Add(after), m.EditedFirst.Add(longEdit*after)))
	}
	if m.Wanted != "" {
		sooner(m.Wanted, max(m.WantedAt, m.RanAt.Add(quiet)))
	}
	if !next.IsZero() {
		next = max(next, m.Tried.Add(max(m.Wait, gap)))
	}
	return why, next
}

// planned returns the earliest time of a job. Without a job a repository has a
// rhythm of its own; with jobs that are all switched off or over it has none.
func (v View) planned() (core.Why, core.MTime) {
	why, next := core.WhyManual, core.MTime(0)
	for _, j := range v.jobs() {
		due, missed, ok := v.due(j)
		if ok && (next.IsZero() || due < next) {
			why, next = core.WhyPlanned, due
			if missed {
				why = core.WhyMissed
			}
		}
	}
	return why, next
}

func (v View) jobs() []core.Job {
	if len(v.Jobs) > 0 {
		return v.Jobs
	}
	return []core.Job{{RepositoryID: v.Repository.ID, Enabled: true, Every: defaultEvery, LastRun: v.Memory.RanAt}}
}

// due returns when a job is due; missed if that lies well back.
func (v View) due(j core.Job) (due core.MTime, missed, ok bool) {
	j = anchored(j, v.JobMemories[j.ID])
	next, ok := Next(j, v.Now, v.Location)
	if !ok {
		return 0, false, false
	}
	if !next.After(v.Now) {
		at, there := dueAfterLast(j, v.Now, v.Location)
		missed = there && v.Now.Sub(at) > lateness
	}
	return core.MTimeOf(next), missed, true
}

// anchored gives a cron job that never ran the time since which it exists, so
// that its first time can pass at all, and be made up.
func anchored(j core.Job, m JobMemory) core.Job {
	if j.Cron != "" && j.LastRun.IsZero() {
		j.LastRun = m.Seen
	}
	return j
}

// dueJobs returns the ids of the stored jobs that a run beginning now serves.
func (v View) dueJobs() (ids []int64, timeout time.Duration) {
	now := core.MTimeOf(v.Now)
	for _, j := range v.Jobs {
		if !j.Enabled {
			continue
		}
		timeout = max(timeout, timeoutOf(j))
		if due, _, ok := v.due(j); ok && due <= now {
			ids = append(ids, j.ID)
		}
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return ids, timeout
}

// defaultTimeout is that of a job without one.
const defaultTimeout = 10 * time.Minute

func timeoutOf(j core.Job) time.Duration {
	if j.Timeout > 0 {
		return j.Timeout
	}
	return defaultTimeout
}
