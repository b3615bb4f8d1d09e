package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name, expression string
		ok               bool
	}{
		{"every quarter of an hour", "*/15 * * * *", true},
		{"weekday mornings", "30 6 * * 1-5", true},
		{"29 February exists", "0 0 29 2 *", true},
		{"31 February does not", "0 0 31 2 *", false},
		{"31 April and June do not", "0 0 31 4,6 *", false},
		{"Sunday as seven", "0 6 * * 7", true},
		{"a week that ends on Sunday", "0 6 * * 5-7", true},
		{"no eighth day", "0 6 * * 8", false},
		{"empty", "", false},
		{"a zone alone", "TZ=UTC", false},
		{"a zone before the fields", "TZ=UTC 0 0 * * *", false},
		{"another zone", "CRON_TZ=Asia/Tokyo 0 0 * * *", false},
		{"a word", "@daily", false},
		{"an interval word", "@every 1s", false},
		{"six fields", "0 0 0 * * *", false},
		{"minute 60", "60 * * * *", false},
		{"no step", "*/0 * * * *", false},
		{"a negative hour", "0 -1 * * *", false},
		{"a text", "tomorrow", false},
		{"far too long", strings.Repeat("1,", 5000) + "1 * * * *", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Validate(tt.expression)
			if (err == nil) != tt.ok {
				t.Fatalf("Validate(%q) = %v", tt.expression, err)
			}
			if err != nil && (!core.IsKind(err, core.InvalidSetting) || core.AsProblem(err).Subject != "cron") {
				t.Errorf("Validate(%q) = %#v, want a problem of the field cron", tt.expression, err)
			}
		})
	}
}

func TestValidateJobNamesTheField(t *testing.T) {
	for _, tt := range []struct {
		name  string
		job   core.Job
		field string // "" if it is valid
	}{
		{"an hour", core.Job{Every: time.Hour}, ""},
		{"a cron expression", core.Job{Cron: "0 * * * *"}, ""},
		{"neither", core.Job{}, "every"},
		{"both", core.Job{Every: time.Hour, Cron: "0 * * * *"}, "every"},
		{"half a minute", core.Job{Every: 30 * time.Second}, "every"},
		{"a minute and a half", core.Job{Every: 90 * time.Second}, "every"},
		{"negative", core.Job{Every: -time.Hour}, "every"},
		{"end before start", core.Job{Every: time.Hour, Start: 200, End: 100}, "end"},
		{"negative repeats", core.Job{Every: time.Hour, Repeats: -1}, "repeats"},
		{"negative time-out", core.Job{Every: time.Hour, Timeout: -1}, "timeout"},
		{"an impossible day", core.Job{Cron: "0 0 31 2 *"}, "cron"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := ValidateJob(tt.job)
			if tt.field == "" {
				if err != nil {
					t.Errorf("ValidateJob = %v", err)
				}
				return
			}
			if !core.IsKind(err, core.InvalidSetting) || core.AsProblem(err).Subject != tt.field {
				t.Errorf("ValidateJob = %v, want a problem of the field %s", err, tt.field)
			}
		})
	}
}

func FuzzValidate(f *testing.F) {
	for _, s := range []string{"*/15 * * * *", "TZ=UTC", "TZ=", "0 0 31 2 *", "1-2/3,4 * ? jan sun"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		if Validate(expression) != nil {
			return
		}
		now := time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC)
		next, ok := Next(core.Job{Enabled: true, Cron: expression}, now, time.UTC)
		if !ok || !next.After(now) {
			t.Errorf("%q is valid, but Next = %v, %v", expression, next, ok)
		}
	})
}
