package schedule

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/notice"
)

// slack is by how much a next try may move without being told anew.
const slack = 30 * time.Second

// tell publishes the outlooks: to whoever asks, to the subscribers and the log if
// they changed, and to the memories, for other processes.
func (l *loop) tell(ctx context.Context, outlooks []core.Outlook, now time.Time) {
	l.mu.Lock()
	l.outlooks = append([]core.Outlook(nil), outlooks...)
	l.mu.Unlock()
	for _, o := range outlooks {
		was, told := l.told[o.RepositoryID]
		m := l.memories[o.RepositoryID]
		m.Why = o.Why
		if !told || !o.Same(was, slackOf(o)) {
			l.told[o.RepositoryID] = o
			m.Next = o.Next
			l.o.Log.Info("Next try", "repository", o.Repository, "why", o.Why, "cause", o.Cause, "next", o.Next, "failures", o.Failures,
				"words", o.Sentence(now, l.o.Location()))
			l.o.Events.Emit(event.OutlookChanged{Outlook: o})
		}
	}
}

// slackOf is large where the next look is seconds away, again and again.
func slackOf(o core.Outlook) time.Duration {
	if o.Why == core.WhyRetry && (o.Cause == core.CauseOffline || o.Cause == core.CausePortal) {
		return seldom
	}
	return slack
}

// notice lets notifications be shown.
func (l *loop) notice(ctx context.Context, a Agenda, now time.Time) {
	findings := make([]notice.Finding, 0, len(a.Repositories))
	for _, repo := range a.Repositories {
		if repo.Active() {
			findings = append(findings, l.finding(a, repo, now))
		}
	}
	notices, changed := notice.Condense(now, l.o.Location(), a.Settings.Notify, findings, a.Shown)
	if len(changed) > 0 {
		if err := l.o.Store.SaveShown(ctx, changed); err != nil {
			l.o.Log.Error("Notifications not noted", "err", err)
			return // rather none than the same one every few seconds
		}
	}
	for _, n := range notices {
		l.o.Log.Info("Notification", "class", n.Class, "repositories", n.Repositories, "count", n.Count)
		l.o.Events.Emit(event.Noticed{Notice: n})
	}
}

func (l *loop) finding(a Agenda, repo core.Repository, now time.Time) notice.Finding {
	m := l.memories[repo.ID]
	f := notice.Finding{RepositoryID: repo.ID, Decisions: a.Decisions[repo.ID], Portal: m.Cause == core.CausePortal}
	lasts := now.Sub(m.Since.Time()) >= l.o.Tuning.Trouble
	switch {
	case repo.Stopped != "":
		f.Attention = "stopped"
	case m.Cause == core.CauseConfiguration && m.Failures > 1:
		f.Attention = "configuration"
	case (m.Cause == core.CauseRefused || m.Cause == core.CauseUnaccepted || m.Cause == core.CauseHere) && lasts:
		f.Attention = string(m.Cause) // the server is there: it is not that
	case m.Cause == core.CausePeer && lasts:
		f.Trouble = string(m.Cause)
	}
	last := max(repo.LastConnected, m.Seen)
	f.OverdueDays = Overdue(a.Settings.OverdueDays, last, now)
	return f
}
