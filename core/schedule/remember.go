package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// remember brings the memories up to date with the agenda: new and removed
// repositories and jobs, changed settings, runs of other processes, a clock that
// was set back.
func (l *loop) remember(ctx context.Context, a *Agenda, now time.Time) {
	stamp := core.MTimeOf(now)
	there := make(map[int64]bool, len(a.Repositories))
	for _, repo := range a.Repositories {
		there[repo.ID] = true
		m := l.memories[repo.ID]
		if m == nil {
			m = l.load(a, repo, stamp)
		}
		m.rebase(stamp)
		if l.tries[repo.ID] == nil { // of our own run the outcome tells more
			m.adopt(repo, a.Resources[repo.ID], stamp)
		}
	}
	for id := range l.memories {
		if !there[id] {
			l.forget(id)
		}
	}
	l.rebaseStored(ctx, a, stamp)
	l.seeJobs(ctx, a, stamp)
}

func (l *loop) load(a *Agenda, repo core.Repository, now core.MTime) *Memory {
	m, known := a.Memories[repo.ID]
	if !known {
		m = Memory{RepositoryID: repo.ID, Seen: now, Setup: setupOf(repo, a.Resources[repo.ID]), RanAt: repo.LastConnected}
	} else {
		l.saved[repo.ID] = m
	}
	l.memories[repo.ID] = &m
	return &m
}

func (l *loop) forget(id int64) {
	if t := l.tries[id]; t != nil {
		t.cancel(errGone)
	}
	delete(l.memories, id)
	delete(l.saved, id)
	delete(l.savedAt, id)
	delete(l.told, id)
	delete(l.asked, id)
	delete(l.others, id)
}

// adopt notes what was done to the repository by others: new settings, other
// resources, a run that came through.
func (m *Memory) adopt(repo core.Repository, resources string, now core.MTime) {
	if setup := setupOf(repo, resources); setup != m.Setup {
		others := !strings.HasSuffix(m.Setup, resourcesBegin+resources)
		m.Setup = setup
		if repo.Stopped == "" && repo.Active() {
			m.Cause, m.Since, m.Message, m.Failures, m.Wait, m.Demanded = core.CauseNone, 0, "", 0, 0, false
			if others || now-m.RanAt > core.MTime(quiet/time.Second) { // not when it was a run itself that found it well
				m.want(core.WhyPlanned, now)
			}
		}
	}
	if repo.LastConnected > m.RanAt && repo.LastConnected <= now {
		m.through(repo.LastConnected, m.RanSeq)
	}
}

// resourcesBegin separates a repository's settings from its resources in Setup.
const resourcesBegin = "\n\n"

// setupOf digests the settings that decide whether a try can succeed, and what it
// would bring.
func setupOf(r core.Repository, resources string) string {
	return strings.Join([]string{r.URL, r.Username, r.Proxy, r.CAFile, fmt.Sprint(r.Stopped != "", r.PasswordChanges)}, "\n") + resourcesBegin + resources
}

// rebaseStored pulls stored times that lie in the future back to now.
func (l *loop) rebaseStored(ctx context.Context, a *Agenda, now core.MTime) {
	if pause, changed := a.Settings.Pause.rebased(now); changed {
		a.Settings.Pause = pause
		if err := l.o.Store.SaveScheduleSettings(ctx, a.Settings); err != nil {
			l.o.Log.Error("Pause not stored", "err", err)
		}
	}
	back := false
	for i := range a.Jobs {
		if a.Jobs[i].LastRun > now+core.MTime(clockNoise/time.Second) {
			a.Jobs[i].LastRun, back = now, true
		}
	}
	if !back {
		return
	}
	l.o.Log.Info("Clock was set back")
	if err := l.o.Store.JobsRebased(ctx, now); err != nil {
		l.o.Log.Error("Jobs not stored", "err", err)
	}
}

// seeJobs notes since when a job exists.
func (l *loop) seeJobs(ctx context.Context, a *Agenda, now core.MTime) {
	var fresh []JobMemory
	for _, j := range a.Jobs {
		m, known := a.JobMemories[j.ID]
		if known && m.Seen != 0 && m.Seen <= now+core.MTime(clockNoise/time.Second) {
			continue
		}
		m.JobID, m.Seen = j.ID, now
		fresh = append(fresh, m)
		if a.JobMemories == nil {
			a.JobMemories = make(map[int64]JobMemory)
		}
		a.JobMemories[j.ID] = m
	}
	if len(fresh) == 0 {
		return
	}
	if err := l.o.Store.SaveJobMemories(ctx, fresh); err != nil {
		l.o.Log.Error("New jobs not noted", "err", err)
	}
}

// seldom is how often a memory is stored at least while only the time of the last
// look changes: a laptop without a network looks every few seconds, and each
// store is a write to the disk.
const seldom = 10 * time.Minute

// save stores the memories that changed.
func (l *loop) save(ctx context.Context, now time.Time) {
	for id, m := range l.memories {
		was, stored := l.saved[id]
		if stored && was == *m {
			continue
		}
		if stored && m.idle() == was.idle() && l.o.Now().Sub(l.savedAt[id]).Abs() < seldom {
			continue
		}
		if err := l.o.Store.SaveMemory(ctx, *m); err != nil {
			if ctx.Err() == nil {
				l.o.Log.Error("Schedule not stored", "err", err)
			}
			return
		}
		l.saved[id], l.savedAt[id] = *m, now
	}
}

// idle is the memory without what changes at every look without a network.
func (m Memory) idle() Memory {
	if m.Cause == core.CauseOffline || m.Cause == core.CausePortal {
		m.Tried, m.Failures, m.Wait, m.Next = 0, 0, 0, 0
	}
	return m
}
