package words

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/letters"
	tr "github.com/fieldsync/fieldsync/ui/translations"
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

func TestASchedulesWordsNameTimesAndBounds(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	for want, job := range map[string]core.Job{
		"Every 15 minutes":                       {Every: 15 * time.Minute},
		"Every hour":                             {Every: time.Hour},
		"Every 2 days, once":                     {Every: 48 * time.Hour, Repeats: 1},
		"Every day at 02:30":                     {Cron: "30 2 * * *"},
		"Monday to Friday at 06:30 and 18:30":    {Cron: "30 6,18 * * 1-5"},
		"Every day at minute 10 of every hour":   {Cron: "10 * * * *"},
		"Saturday and Sunday at 08:00":           {Cron: "0 8 * * 6,0"},
		"On day 1 of the month at 07:00, in May": {Cron: "0 7 1 5 *"},
		"Every hour, from today 16:00, until 31 Dec 00:00, 12 times": {Every: time.Hour, Repeats: 12,
			Start: core.MTimeOf(now.Add(time.Hour)), End: core.MTimeOf(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))},
		"not cron": {Cron: "not cron"},
	} {
		if got := Schedule(job, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnOutlookSaysWhenAndWhy(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	soon := core.MTimeOf(now.Add(20 * time.Minute))
	for want, o := range map[string]core.Outlook{
		"Next sync today 15:20.":                                         {Why: core.WhyPlanned, Next: soon},
		"Next sync now, because you asked for it.":                       {Why: core.WhyAsked},
		"Next try today 15:20, because the server is not available.":     {Why: core.WhyRetry, Cause: core.CausePeer, Next: soon, Message: "HQ does not answer."},
		"Next try today 15:20, in case this laptop is accepted by then.": {Why: core.WhyRetry, Cause: core.CauseUnaccepted, Next: soon, Message: "HQ has not accepted this laptop yet."},
		"":                            {Why: core.WhyStopped, Message: "HQ refused the user name or password."},
		"Paused until today 15:20.":   {Why: core.WhyPaused, Next: soon},
		"Paused until you resume it.": {Why: core.WhyPaused},
		"It syncs by itself as soon as there is a network.": {Why: core.WhyRetry, Cause: core.CauseOffline, Next: soon, Message: "x"},
	} {
		if got := Outlook(o, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An Eden notes with each organisation which one is above all of its branches: mostly itself.
func TestWhatAnEdenWorksOutByItselfIsNotShown(t *testing.T) {
	for name, want := range map[string]bool{"root_organisation": true, "realm_entity": true, "organisation_id": false, "name": false} {
		if got := Technical(core.FieldSchema{Name: name}); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// What Eden's common fields are called is known before the server has described them.
func TestACommonFieldHasANameInEveryLanguage(t *testing.T) {
	tr.Use("ne", "ne-NP")
	t.Cleanup(func() { tr.Use("en", "en") })
	for _, resource := range Common() {
		schema, _ := core.CommonSchema(resource)
		for _, f := range schema.Fields {
			if said := Field(f.Name, nil); said == sentence(strings.TrimSuffix(f.Name, "_id")) {
				t.Errorf("%s.%s is called %q", resource, f.Name, said)
			}
			if said := Label(f.Label); said == f.Label {
				t.Errorf("the label %q of %s.%s has no translation", f.Label, resource, f.Name)
			}
		}
	}
}

// What is called by a choice is called in the person's language.
func TestATitleThatIsAChoiceIsTranslated(t *testing.T) {
	tr.Use("es", "es-ES")
	t.Cleanup(func() { tr.Use("en", "en") })
	home := core.Record{Resource: "pr_address", Fields: []core.Field{{Name: "type", Value: core.Value{Kind: core.Integer, Str: "1"}, Text: "Current Home Address"}}}
	if got := Title(&home, nil); got != "Domicilio actual" {
		t.Errorf("got %q", got)
	}
}

// A kind of record is listed among others, where "their" would be nobody's.
func TestAKindIsNamedOutOfItsContext(t *testing.T) {
	for r, n := range tables {
		if strings.HasPrefix(n.many, "Their ") || strings.HasSuffix(n.one, " of it") {
			t.Errorf("%s is called %q, %q", r, n.one, n.many)
		}
	}
}

// The statuses of a shelter begin with an accent in French, and stand among the E all the same.
func TestKindsStandWhereAPersonLooksForThem(t *testing.T) {
	tr.Use("fr", "")
	t.Cleanup(func() { tr.Use("en", "en") })
	list := []core.Resource{"org_sector", "cr_shelter_status", "hrm_skill"}
	var names []string
	slices.SortFunc(list, Compare)
	for _, r := range list {
		names = append(names, Many(r, nil))
	}
	if list[1] != "cr_shelter_status" || !slices.IsSortedFunc(names, letters.Compare) {
		t.Errorf("they stand as %q", names)
	}
}

// A field that leads to a record is called what the list of such records is called, in
// English, too, however the server spells it; the server's other words stay.
func TestOneThingHasOneName(t *testing.T) {
	schema := &core.Schema{Resource: "org_office", Fields: []core.FieldSchema{{Name: "organisation_id", Label: "Organization"}, {Name: "location_id", Label: "Location"},
		{Name: "phone1", Label: "Phone 1"}, {Name: "obsolete", Label: "Obsolete"}}}
	for field, want := range map[string]string{"organisation_id": "Organisation", "location_id": "Place", "phone1": "Phone 1", "obsolete": "Obsolete"} {
		if got := Field(field, schema); got != want {
			t.Errorf("%s is called %q, want %q", field, got, want)
		}
	}
	if got := Label("Location"); got != "Location" {
		t.Errorf("a value is shown as %q", got)
	}
	if got := Within("org_sector_organisation", nil); got != "Sectors" {
		t.Errorf("the sectors inside their organisation are called %q", got)
	}
}
