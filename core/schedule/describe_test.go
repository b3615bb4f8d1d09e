package schedule

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

func TestDescribe(t *testing.T) {
	until := core.MTimeOf(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))
	for _, tt := range []struct {
		job  core.Job
		want string
	}{
		{core.Job{Enabled: true, Every: time.Minute}, "every minute"},
		{core.Job{Enabled: true, Every: 15 * time.Minute}, "every 15 minutes"},
		{core.Job{Enabled: true, Every: 90 * time.Minute}, "every 90 minutes"},
		{core.Job{Enabled: true, Every: 2 * time.Hour}, "every 2 hours"},
		{core.Job{Enabled: true, Every: 48 * time.Hour}, "every 2 days"},
		{core.Job{Enabled: true, Cron: "30 2 * * *"}, "every day at 02:30"},
		{core.Job{Enabled: true, Cron: "0 6 * * 1-5"}, "Monday to Friday at 06:00"},
		{core.Job{Enabled: true, Cron: "0 6 * * 7"}, "every Sunday at 06:00"},
		{core.Job{Enabled: true, Cron: "5 * * * *"}, "every hour at minute 5"},
		{core.Job{Enabled: true, Cron: "*/10 * * * *"}, "every 10 minutes, on the clock"},
		{core.Job{Enabled: true, Cron: "*/7 * * * *"}, `by the cron expression "*/7 * * * *"`},
		{core.Job{Enabled: true, Cron: "0 6 1 * *"}, `by the cron expression "0 6 1 * *"`},
		{core.Job{Enabled: true, Every: time.Hour, End: until}, "every hour, until 2026-12-31 00:00 UTC"},
		{core.Job{Enabled: true, Every: time.Hour, Repeats: 3}, "every hour, 3 times"},
		{core.Job{Every: time.Hour}, "every hour (switched off)"},
		{core.Job{Enabled: true}, "never"},
	} {
		if got := Describe(tt.job); got != tt.want {
			t.Errorf("Describe(%+v) = %q, want %q", tt.job, got, tt.want)
		}
	}
}
