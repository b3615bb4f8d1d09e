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
		{core.Job{Enabled: true, Cron: "*/7 * * * *"}, "every day at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour"},
		{core.Job{Enabled: true, Cron: "0 6 1 * *"}, "on day 1 of the month at 06:00"},
		{core.Job{Enabled: true, Cron: "0 9,17 * * *"}, "every day at 09:00 and 17:00"},
		{core.Job{Enabled: true, Cron: "15,45 8-17 * * 1-5"}, "Monday to Friday at minutes 15 and 45 of the hours 8 to 17"},
		{core.Job{Enabled: true, Cron: "0 6 * * 2,4"}, "Tuesday and Thursday at 06:00"},
		{core.Job{Enabled: true, Cron: "0 6 * * 6-7"}, "Saturday and Sunday at 06:00"},
		{core.Job{Enabled: true, Cron: "0 0 1 1,7 *"}, "on day 1 of the month in January and July at 00:00"},
		{core.Job{Enabled: true, Cron: "0 12 13 * 5"}, "on day 13 of the month, and every Friday, at 12:00"},
		{core.Job{Enabled: true, Cron: "* 9 * * *"}, "every day every minute of hour 9"},
		{core.Job{Enabled: true, Cron: "nonsense"}, `by the cron expression "nonsense"`},
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
