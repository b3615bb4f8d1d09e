package replicate_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// Somebody deletes an organisation with its office, and a country with what lies in it, in
// whatever order. An Eden deletes nothing that a living record points to ("Integrity error",
// seen at the Eden of today): the organisation, which goes before its office as everything does
// that others point to, was refused, and stood among what needs a person until the next sync
// five minutes later.
func TestWhatPointsToADeletedRecordIsDeletedThereInTheSameRun(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office", "gis_location")
	organisation := link("org_organisation", 1)
	places := []core.Link{link("gis_location", 1), link("gis_location", 2), link("gis_location", 3)}
	w.hub.Put(rec(organisation, "name", "Red Cross"))
	theirs := rec(office(1), "name", "Office 1")
	theirs.Set(core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", organisation.UUID)})
	w.hub.Put(theirs)
	for i, l := range places {
		place := rec(l, "name", "Place")
		if i > 0 {
			place.Set(core.Field{Name: "parent", Value: core.RefTo("gis_location", places[i-1].UUID)})
		}
		w.hub.Put(place)
	}
	w.sync()
	w.eden.Restrict("org_organisation", "gis_location")
	all := append(places, organisation, office(1))
	for _, l := range all {
		w.remove(l)
	}
	run, err := w.run(replicate.Options{})
	if err != nil || run.Sent != len(all) || run.Delivered != len(all) || run.Refused != 0 || run.Result != core.ResultSuccess || len(w.quarantine()) != 0 {
		t.Errorf("%s, %v, want %d sent and delivered, none refused\n%s", run.Counts, err, len(all), w.logs())
	}
	for _, l := range all {
		if there, ok := w.hub.Get(l); ok && !there.Deleted {
			t.Errorf("%s lives there", l)
		}
	}
	w.quiet()
}

// What stays in the way is said, once.
func TestADeletionThatStaysInTheWayIsRefusedOnce(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	organisation := link("org_organisation", 1)
	w.hub.Put(rec(organisation, "name", "Red Cross"))
	for i := 1; i <= 2; i++ {
		theirs := rec(office(i), "name", "Office")
		theirs.Set(core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", organisation.UUID)})
		w.hub.Put(theirs)
	}
	w.sync()
	w.eden.Restrict("org_organisation")
	w.remove(organisation)
	w.remove(office(1))
	run, err := w.run(replicate.Options{})
	if err != nil || run.Sent != 2 || run.Delivered != 1 || run.Refused != 1 || len(w.quarantine()) != 1 {
		t.Errorf("%s, %v, want one delivered and one refused\n%s", run.Counts, err, w.logs())
	}
}
