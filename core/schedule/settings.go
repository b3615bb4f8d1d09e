package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Settings are what an administrator may choose about syncing by itself.
type Settings struct {
	Pause Pause
	// OnMetered and OnSaver let runs start by themselves on a network that costs
	// by volume, and while the battery saver is on.
	OnMetered, OnSaver bool
	// SendAfter is how long changes made here settle before they are sent.
	SendAfter time.Duration
	// Notify are the notifications that are wanted.
	Notify map[core.NoticeClass]bool
	// OverdueDays is after how many days without an exchange a person is told,
	// once a day.
	OverdueDays int
}

// DefaultSettings are those of a new data folder.
func DefaultSettings() Settings {
	s := Settings{SendAfter: 3 * time.Minute, Notify: make(map[core.NoticeClass]bool), OverdueDays: 7}
	for _, class := range core.NoticeClasses() {
		s.Notify[class] = class != core.NoticeRecovered
	}
	return s
}

// Overdue returns how many days have gone by since last, if they are limit or more, of which
// 0 is none; else 0.
func Overdue(limit int, last core.MTime, now time.Time) int {
	days := int(now.Sub(last.Time()) / (24 * time.Hour))
	if limit <= 0 || days < limit {
		return 0
	}
	return days
}
