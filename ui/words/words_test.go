package words

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

func TestNoTableNameReachesAFieldWorker(t *testing.T) {
	labelled := &core.Schema{Label: "Water point", Plural: "Water points"}
	for _, tt := range []struct {
		name     string
		resource core.Resource
		schema   *core.Schema
		want     string
	}{
		{"a common table has its own plain name", "org_office", nil, "Offices"},
		{"an unknown table has the schema's label", "wash_point", labelled, "Water points"},
		{"without a schema its name is split into words", "wash_water_point", nil, "Water point"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Many(tt.resource, tt.schema); got != tt.want {
				t.Errorf("Many(%s) = %q, want %q", tt.resource, got, tt.want)
			}
		})
	}
}

func TestFieldsHavePlainNames(t *testing.T) {
	schema := &core.Schema{Fields: []core.FieldSchema{{Name: "code", Label: "Branch code"}}}
	for field, want := range map[string]string{"code": "Branch code", "organisation_id": "Organisation", "roof_material": "Roof material", "roof_type_id": "Roof type"} {
		if got := Field(field, schema); got != want {
			t.Errorf("Field(%s) = %q, want %q", field, got, want)
		}
	}
}

func TestWhenIsSaidAsAPersonWould(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 3, 12, 14, 3, 0, 0, time.UTC), "today 14:03"},
		{time.Date(2026, 3, 11, 23, 59, 0, 0, time.UTC), "yesterday 23:59"},
		{time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC), "2 Jan 08:00"},
		{time.Date(2024, 1, 2, 8, 0, 0, 0, time.UTC), "2 Jan 2024 08:00"},
		{time.Time{}, "never"},
	} {
		if got := When(core.MTimeOf(tt.at), now); got != tt.want {
			t.Errorf("When(%s) = %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestOutcomeNamesWhatHappenedAndNothingElse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		counts core.Counts
		want   string
	}{
		{"a quiet run", core.Counts{Received: 7, Unchanged: 7}, "Nothing was new on either side"},
		{"both directions", core.Counts{Created: 12, Updated: 3, Sent: 5, Delivered: 5}, "12 new, 3 changed here; 5 of yours delivered"},
		{"what is not proved is not called delivered", core.Counts{Sent: 5, Delivered: 3}, "3 of yours delivered; 2 sent, not yet confirmed"},
		{"refused and in conflict", core.Counts{Sent: 1, Refused: 1, Conflicts: 2}, "1 refused by the server; 2 changed on both sides"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Outcome(tt.counts); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
