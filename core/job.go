package core

import "time"

// A Job is a repository on a schedule (Eden's sync_job). Either Every or Cron
// is set.
type Job struct {
	ID           int64
	RepositoryID int64
	Enabled      bool
	Start, End   MTime         // zero: at once, for ever
	Every        time.Duration // whole minutes
	Cron         string        // five fields, in the laptop's time zone
	Repeats      int           // 0: for ever
	Timeout      time.Duration // 0: the default of 10 minutes
	LastRun      MTime
	Runs         int
}
