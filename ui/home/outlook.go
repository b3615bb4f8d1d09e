package home

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Scheduler syncs by itself: *schedule.Runner.
type Scheduler interface {
	// Outlooks says when each repository is tried next, and why.
	Outlooks() []core.Outlook
	// Kick lets it look at once: something was changed.
	Kick()
}

// Follow takes the outlooks from s from now on. It is called once, before the
// first Load.
func (p *Presenter) Follow(s Scheduler) { p.scheduler = s }

// foresee fills in when each repository is tried next.
func (p *Presenter) foresee(ctx context.Context, state *State) error {
	settings, err := p.store.ScheduleSettings(ctx)
	state.OverdueDays = settings.OverdueDays
	if err != nil || p.scheduler == nil {
		return err
	}
	state.Paused = settings.Pause.On(p.now())
	for _, o := range p.scheduler.Outlooks() {
		for i := range state.Repositories {
			if r := &state.Repositories[i]; r.Repository.ID == o.RepositoryID {
				r.Outlook = o
				if r.Next = 0; o.Why == core.WhyPlanned {
					r.Next = o.Next
				}
			}
		}
	}
	return nil
}

// Pause keeps runs from starting by themselves, or, with the zero Pause, lets
// them start again.
func (p *Presenter) Pause(pause schedule.Pause) {
	p.lanes.Run(func() func() {
		settings, err := p.store.ScheduleSettings(p.ctx)
		if err == nil {
			settings.Pause = pause
			err = p.store.SaveScheduleSettings(p.ctx, settings)
		}
		if p.scheduler != nil {
			p.scheduler.Kick()
		}
		return func() {
			p.view.ShowProblem(err)
			p.Load()
		}
	})
}

// running reports whether the scheduler synchronises: such a run may have begun
// before anybody listened.
func (s State) running() bool {
	for _, r := range s.Repositories {
		if r.Outlook.Why == core.WhyRunning {
			return true
		}
	}
	return false
}

// trouble says what keeps the next sync from getting through, if anything does:
// the scheduler sees that without a run.
func (s State) trouble(now time.Time, last string) (Sentence, bool) {
	for _, r := range s.Repositories {
		if r.Outlook.Why != core.WhyRetry {
			continue
		}
		name := tr.D{"Name": r.Repository.Name}
		switch r.Outlook.Cause {
		case core.CauseOffline:
			return Sentence{MoodOffline, tr.L("This laptop is offline."), join(s.safeWords(), last)}, true
		case core.CausePortal:
			return Sentence{MoodOffline, tr.L("This network wants you to log in first."), join(s.safeWords(), last)}, true
		case core.CausePeer:
			return Sentence{MoodOffline, tr.L("{{.Name}} is not available.", name), join(s.safeWords(), last)}, true
		case core.CauseConfiguration:
			return Sentence{MoodNeedsYou, tr.L("{{.Name}} needs your attention.", name), join(words.FirstSentence(r.Outlook.Message), s.safeWords(), last)}, true
		}
	}
	return Sentence{}, false
}

// outlookWords says what is next: of the repository that is tried first, or why
// none is. What Next says already is not said twice.
func (s State) outlookWords(now time.Time) string {
	var first core.Outlook
	text := ""
	for _, r := range s.Repositories {
		o := r.Outlook
		switch {
		case o.Starts() && (!first.Starts() || o.Next < first.Next):
			first, text = o, words.Outlook(o, now)
		case text == "" && !first.Starts():
			text = words.Outlook(o, now)
		}
	}
	if first.Why == core.WhyPlanned && s.planned() {
		return ""
	}
	return text
}

// planned reports whether lastSync names the next time.
func (s State) planned() bool {
	return s.inStep() != 0
}
