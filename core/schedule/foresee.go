package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Foresee returns the outlooks of an agenda for a process that does not schedule
// itself: a command beside the window, say. What only the scheduler can know, it
// has stored.
func Foresee(a Agenda, now time.Time, loc *time.Location) []core.Outlook {
	out := make([]core.Outlook, 0, len(a.Repositories))
	for _, repo := range a.Repositories {
		m := a.Memories[repo.ID]
		v := View{Now: now, Location: loc, Repository: repo, JobMemories: a.JobMemories, Memory: m, Settings: a.Settings}
		for _, j := range a.Jobs {
			if j.RepositoryID == repo.ID {
				v.Jobs = append(v.Jobs, j)
			}
		}
		o := Look(v)
		if m.Why == core.WhyRunning || m.Why == core.WhyMetered && !a.Settings.OnMetered || m.Why == core.WhySaver && !a.Settings.OnSaver {
			if o.Starts() {
				o.Why, o.Next = m.Why, 0
			}
		}
		out = append(out, o)
	}
	return out
}

// A JobStatus is the state of a job as a table of jobs shows it.
type JobStatus string

// The states of a job.
const (
	JobOff       JobStatus = "off"       // switched off
	JobScheduled JobStatus = "scheduled" // it never ran yet
	JobDone      JobStatus = "done"      // the last run came through
	JobFailed    JobStatus = "failed"    // the last run did not
	JobOver      JobStatus = "over"      // past its end, or its repeats are used up
)

// StatusOf returns the state of a job.
func StatusOf(j core.Job, m JobMemory, now time.Time, loc *time.Location) JobStatus {
	_, again := Next(j, now, loc)
	switch {
	case !j.Enabled:
		return JobOff
	case !again:
		return JobOver
	case m.Result == core.ResultError || m.Result == core.ResultFatal:
		return JobFailed
	case m.Result != "":
		return JobDone
	}
	return JobScheduled
}
