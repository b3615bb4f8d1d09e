package cli

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// An outlookState is when a repository is tried next by itself, and why.
type outlookState struct {
	Next     core.MTime `json:"next"` // empty: not by itself, or not known
	Why      core.Why   `json:"why"`
	Cause    core.Cause `json:"cause"`
	Failures int        `json:"failures"`
	Words    string     `json:"words"`
}

// foresee fills in when each repository is tried next. It reports whether a
// scheduler is at work on the data folder at all, in whatever process.
func foresee(ctx context.Context, s Store, states []repositoryState) (working bool, err error) {
	a, err := s.Agenda(ctx)
	if err != nil {
		return false, err
	}
	release, free, err := s.Lead(ctx)
	if err != nil {
		return false, err
	}
	if free { // then nobody runs, whatever one that was killed has left behind
		release()
		for id, m := range a.Memories {
			m.Why = ""
			a.Memories[id] = m
		}
	}
	now := time.Now()
	for _, o := range schedule.Foresee(a, now, time.Local) {
		for i := range states {
			if states[i].Repository == o.Repository {
				states[i].Outlook = outlookState{Next: o.Next, Why: o.Why, Cause: o.Cause, Failures: o.Failures, Words: o.Sentence(now, time.Local)}
			}
		}
	}
	return !free, nil
}

// showOutlooks prints them below the states.
func (c *commands) showOutlooks(states []repositoryState, working bool) {
	planned := false
	for _, s := range states {
		if s.URL == "" {
			continue
		}
		planned = true
		if s.Outlook.Why == core.WhyStopped {
			continue // said above, with what to do
		}
		if working || s.Outlook.Why == core.WhyPaused {
			c.say("%s: %s", oneLine(s.Repository), oneLine(s.Outlook.Words))
		}
	}
	if planned && !working {
		c.say("Nothing syncs by itself now: open the window, or start “fieldsync worker”.")
	}
}
