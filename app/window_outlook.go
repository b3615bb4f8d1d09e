//go:build !headless

package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// An outlooker tells the window when each repository is tried next, also while
// another process, fieldsync worker say, is the one that schedules.
type outlooker struct {
	*schedule.Runner
	store schedule.Store
	log   *slog.Logger
}

// Outlooks returns the Runner's own, else what the store lets foresee.
func (o outlooker) Outlooks() []core.Outlook {
	if own := o.Runner.Outlooks(); len(own) > 0 || o.Leading() {
		return own
	}
	agenda, err := o.store.Agenda(context.Background())
	if err != nil {
		o.log.Error("Schedule could not be read", "err", err)
		return nil
	}
	return schedule.Foresee(agenda, time.Now(), time.Local)
}
