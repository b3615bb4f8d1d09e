package schedule

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

func at(t *testing.T, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04:05", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestNext(t *testing.T) {
	const berlin = "Europe/Berlin"
	const noon = "2026-06-10 12:00:00"
	stamp := func(zone, text string) core.MTime { return core.MTimeOf(at(t, zone, text)) }
	for _, tt := range []struct {
		name string
		job  core.Job
		now  string
		want string // "" if it does not run again
	}{
		{"an interval that never ran is due at once", core.Job{Every: time.Hour}, noon, noon},
		{"an interval counts from the last run", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-10 11:20:00")}, noon, "2026-06-10 12:20:00"},
		{"a missed interval is made up once, now", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-08 11:20:00")}, noon, noon},
		{"nothing before the start", core.Job{Every: time.Hour, Start: stamp(berlin, "2026-06-11 08:00:00")}, noon, "2026-06-11 08:00:00"},
		{"a start after the last run holds an interval back", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-10 11:00:00"), Start: stamp(berlin, "2026-06-11 08:00:00")}, noon, "2026-06-11 08:00:00"},
		{"nothing after the end", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-10 11:30:00"), End: stamp(berlin, "2026-06-10 12:15:00")}, noon, ""},
		{"nothing is made up after the end", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-09 10:00:00"), End: stamp(berlin, "2026-06-10 11:00:00")}, noon, ""},
		{"the end itself still counts", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2026-06-10 11:30:00"), End: stamp(berlin, "2026-06-10 12:30:00")}, noon, "2026-06-10 12:30:00"},
		{"repeats are used up", core.Job{Every: time.Hour, Repeats: 3, Runs: 3}, noon, ""},
		{"the last repeat still runs", core.Job{Every: time.Hour, Repeats: 3, Runs: 2}, noon, noon},
		{"a clock that was set back does not silence an interval", core.Job{Every: time.Hour, LastRun: stamp(berlin, "2031-01-01 00:00:00")}, noon, "2026-06-10 13:00:00"},
		{"a clock that was set back does not silence a cron job", core.Job{Cron: "30 * * * *", LastRun: stamp(berlin, "2031-01-01 00:00:00")}, noon, "2026-06-10 12:30:00"},
		{"neither interval nor cron never runs", core.Job{}, noon, ""},
		{"an invalid expression never runs", core.Job{Cron: "TZ=UTC"}, noon, ""},
		{"30 February never comes", core.Job{Cron: "0 0 30 2 *"}, noon, ""},

		{"a cron job that never ran waits for its time", core.Job{Cron: "30 6 * * *"}, noon, "2026-06-11 06:30:00"},
		{"a missed cron time is made up once, now", core.Job{Cron: "30 6 * * *", LastRun: stamp(berlin, "2026-06-07 06:30:00")}, noon, noon},
		{"a cron job that ran on time waits for the next", core.Job{Cron: "30 6 * * *", LastRun: stamp(berlin, "2026-06-10 06:30:00")}, noon, "2026-06-11 06:30:00"},
		{"a cron time that is the start counts", core.Job{Cron: "0 8 * * *", Start: stamp(berlin, "2026-06-12 08:00:00")}, noon, "2026-06-12 08:00:00"},
		{"weekdays skip the weekend", core.Job{Cron: "0 8 * * 1-5", LastRun: stamp(berlin, "2026-06-12 08:00:00")}, "2026-06-12 12:00:00", "2026-06-15 08:00:00"},
		{"29 February is found across years", core.Job{Cron: "0 0 29 2 *"}, noon, "2028-02-29 00:00:00"},
		{"29 February is found across 2100, which has none", core.Job{Cron: "0 0 29 2 *"}, "2096-03-01 00:00:00", "2104-02-29 00:00:00"},

		{"summer time begins: a time of day that is skipped is skipped that day", core.Job{Cron: "30 2 * * *"}, "2026-03-29 00:00:00", "2026-03-30 02:30:00"},
		{"summer time begins: other times of that day stand", core.Job{Cron: "0 6 * * *"}, "2026-03-29 00:00:00", "2026-03-29 06:00:00"},
		{"summer time begins: an interval stays one of real hours", core.Job{Every: 4 * time.Hour, LastRun: stamp(berlin, "2026-03-29 00:30:00")}, "2026-03-29 00:30:00", "2026-03-29 05:30:00"},
		{"summer time ends: other times of that day stand", core.Job{Cron: "0 6 * * *"}, "2026-10-25 00:00:00", "2026-10-25 06:00:00"},
		{"summer time ends: an interval stays one of real hours", core.Job{Every: 4 * time.Hour, LastRun: stamp(berlin, "2026-10-25 00:30:00")}, "2026-10-25 00:30:00", "2026-10-25 03:30:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := tt.job
			job.Enabled = true
			now := at(t, berlin, tt.now)
			got, ok := Next(job, now, now.Location())
			if tt.want == "" {
				if ok {
					t.Errorf("Next = %v, want none", got)
				}
				return
			}
			if want := at(t, berlin, tt.want); !ok || !got.Equal(want) {
				t.Errorf("Next = %v, %v, want %v", got, ok, want)
			}
			if got.Before(now) {
				t.Errorf("Next = %v is before now", got)
			}
		})
	}
}

func TestASwitchedOffJobDoesNotRun(t *testing.T) {
	if got, ok := Next(core.Job{Every: time.Hour}, time.Now(), time.UTC); ok {
		t.Errorf("Next = %v, want none", got)
	}
}

// A cron job at a time that the end of summer time repeats runs at most twice,
// and never stands still.
func TestTheRepeatedHourDoesNotHoldACronJobUp(t *testing.T) {
	now := at(t, "Europe/Berlin", "2026-10-25 00:00:00")
	job := core.Job{Enabled: true, Cron: "30 2 * * *"}
	runs := 0
	for now.Day() == 25 {
		next, ok := Next(job, now, now.Location())
		if !ok || !next.After(now) {
			t.Fatalf("Next = %v, %v after %v", next, ok, now)
		}
		if next.Day() == 25 {
			runs++
		}
		job.LastRun, now = core.MTimeOf(next), next
	}
	if runs < 1 || runs > 2 {
		t.Errorf("%d runs on the day summer time ends", runs)
	}
}

func TestTheSameJobIsReadInTheZoneOfTheLaptop(t *testing.T) {
	job := core.Job{Enabled: true, Cron: "0 6 * * *"}
	now := time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Asia/Kathmandu": "2026-06-10T06:00:00+05:45", "America/Port-au-Prince": "2026-06-10T06:00:00-04:00"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Next(job, now, loc)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, want %s", zone, got, want)
		}
	}
}
