package ui

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
)

// pausesVariable in the environment lets the window measure itself.
const pausesVariable = "FIELDSYNC_WATCH_WINDOW"

const (
	beatEvery   = 10 * time.Millisecond
	reportEvery = 250 * time.Millisecond
)

// logPauses writes to the log, four times a second, for how long at most the window did
// not answer, until ctx ends.
func logPauses(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	longest, reported := time.Duration(0), time.Now()
	beat := make(chan struct{}, 1)
	for {
		began := time.Now()
		fyne.Do(func() { beat <- struct{}{} })
		select {
		case <-ctx.Done():
			return
		case <-beat:
		}
		longest = max(longest, time.Since(began))
		if time.Since(reported) >= reportEvery {
			log.Info("Window", "longest_pause_ms", longest.Milliseconds())
			longest, reported = 0, time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
