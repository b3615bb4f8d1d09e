package storage

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// The settings of the scheduler, as they stand in the table of settings.
const (
	settingPauseFrom  = "pause_from"
	settingPauseUntil = "pause_until"
	settingOnMetered  = "sync_on_metered"
	settingOnSaver    = "sync_on_battery_saver"
	settingSendAfter  = "send_after_seconds"
	settingNotify     = "notify"
	settingOverdue    = "overdue_days"
)

// ScheduleSettings returns what was chosen about syncing by itself.
func (db *DB) ScheduleSettings(ctx context.Context) (schedule.Settings, error) {
	stored, err := db.Settings(ctx)
	return scheduleSettings(stored), err
}

// scheduleSettings reads the stored texts; what is absent or cannot be read is as
// in a new data folder.
func scheduleSettings(stored map[string]string) schedule.Settings {
	s := schedule.DefaultSettings()
	number := func(key string, otherwise int64) int64 {
		if n, err := strconv.ParseInt(stored[key], 10, 64); err == nil {
			return n
		}
		return otherwise
	}
	s.Pause = schedule.Pause{From: core.MTime(number(settingPauseFrom, 0)), Until: core.MTime(number(settingPauseUntil, 0))}
	s.OnMetered, s.OnSaver = number(settingOnMetered, 0) != 0, number(settingOnSaver, 0) != 0
	s.SendAfter = time.Duration(number(settingSendAfter, int64(s.SendAfter/time.Second))) * time.Second
	s.OverdueDays = int(number(settingOverdue, int64(s.OverdueDays)))
	if list, chosen := stored[settingNotify]; chosen {
		clear(s.Notify)
		for class := range strings.SplitSeq(list, ",") {
			s.Notify[core.NoticeClass(class)] = true
		}
	}
	return s
}

// SaveScheduleSettings stores them all.
func (db *DB) SaveScheduleSettings(ctx context.Context, s schedule.Settings) error {
	var wanted []string
	for _, class := range core.NoticeClasses() {
		if s.Notify[class] {
			wanted = append(wanted, string(class))
		}
	}
	integer := func(n int64) string { return strconv.FormatInt(n, 10) }
	return db.inTx(ctx, "store settings", func(t *tx) error {
		for key, value := range map[string]string{
			settingPauseFrom: integer(int64(s.Pause.From)), settingPauseUntil: integer(int64(s.Pause.Until)),
			settingOnMetered: integer(number(s.OnMetered)), settingOnSaver: integer(number(s.OnSaver)),
			settingSendAfter: integer(int64(s.SendAfter / time.Second)), settingOverdue: strconv.Itoa(s.OverdueDays),
			settingNotify: strings.Join(wanted, ","),
		} {
			if err := t.setSetting(key, value); err != nil {
				return err
			}
		}
		return nil
	})
}
