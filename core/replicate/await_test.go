package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// naming makes a record with a name and references.
func naming(l core.Link, refs map[string]core.Link) core.Record {
	r := rec(l, "name", l.UUID)
	for name, to := range refs {
		r.Set(core.Field{Name: name, Value: core.RefTo(to.Resource, to.UUID)})
	}
	return r
}

// deletedThere syncs once and checks that all that was deleted here is deleted there by that.
func (w *world) deletedThere(all ...core.Link) core.Run {
	w.t.Helper()
	run, err := w.run(replicate.Options{})
	if err != nil || run.Refused != 0 || run.Conflicts != 0 || run.Result != core.ResultSuccess || len(w.quarantine()) != 0 {
		w.t.Errorf("%s, %v, want all of it taken\n%s", run.Counts, err, w.logs())
	}
	for _, l := range all {
		if there := w.there(l); !there.Deleted {
			w.t.Errorf("%s lives there", l)
		}
		if here := w.here(l); !here.Deleted {
			w.t.Errorf("%s lives here", l)
		}
	}
	return run
}

// Somebody deletes an organisation with its office, and a place with those in it, in whatever
// order. An Eden deletes nothing that a living record points to.
func TestWhatPointsToADeletedRecordIsDeletedThereBeforeIt(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office", "gis_location")
	organisation := link("org_organisation", 21)
	places := []core.Link{link("gis_location", 11), link("gis_location", 12), link("gis_location", 13), link("gis_location", 14)}
	w.hub.Put(rec(organisation, "name", "Red Cross"), naming(office(1), map[string]core.Link{"organisation_id": organisation}),
		rec(places[0], "name", "Country"), naming(places[1], map[string]core.Link{"parent": places[0]}), naming(places[2], map[string]core.Link{"parent": places[1]}), naming(places[3], map[string]core.Link{"parent": places[2]}))
	w.sync()
	w.eden.Restrict("org_organisation", "gis_location")
	w.engine.Tuning.Batch = 1
	all := append(places, organisation, office(1))
	for _, l := range all {
		w.remove(l)
	}
	if run := w.deletedThere(all...); run.Sent != len(all) || run.Delivered != len(all) {
		t.Errorf("%s, want %d sent and delivered", run.Counts, len(all))
	}
	w.quiet()
}

// So it is where the office is a component of the organisation, if its table is exchanged by
// itself.
func TestAComponentOfADeletedRecordIsDeletedThereBeforeItByItsOwnTask(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	organisation := link("org_organisation", 21)
	red := rec(organisation, "name", "Red Cross")
	red.Components = []core.Record{naming(office(1), map[string]core.Link{"organisation_id": organisation})}
	w.hub.Put(red)
	w.sync()
	w.eden.Restrict("org_organisation")
	w.remove(organisation)
	w.remove(office(1))
	w.deletedThere(organisation, office(1))
	w.quiet()
}

// An office is deleted with its staff. As it deletes the office an Eden empties the site of
// its staff and dates them anew: their deletion, which was entered before, would lose by NEWER
// against that.
func TestTheStaffOfADeletedOfficeIsDeletedBeforeIt(t *testing.T) {
	w := newWorld(t, "org_office", "hrm_human_resource")
	staff := link("hrm_human_resource", 31)
	w.hub.Put(rec(office(1), "name", "Office"), naming(staff, map[string]core.Link{"site_id": office(1)}))
	w.sync()
	w.eden.SetNull("site_id")
	w.remove(office(1))
	w.remove(staff)
	w.eden.Clock.Advance(time.Second)
	w.deletedThere(office(1), staff)
	w.quiet()
}

// So it is with an office that its organisation, which lives on, carries.
func TestTheStaffOfADeletedOfficeIsDeletedBeforeItWithinItsOrganisation(t *testing.T) {
	w := newWorld(t, "org_organisation", "hrm_human_resource")
	organisation, staff := link("org_organisation", 21), link("hrm_human_resource", 31)
	red := rec(organisation, "name", "Red Cross")
	red.Components = []core.Record{rec(office(1), "name", "Office")}
	w.hub.Put(red, naming(staff, map[string]core.Link{"site_id": office(1)}))
	w.sync()
	w.eden.SetNull("site_id")
	w.remove(office(1))
	w.remove(staff)
	w.edit(organisation, set("phone", "1"))
	w.deletedThere(office(1), staff)
	w.agree(organisation, "phone", "1")
	w.quiet()
}

// And with staff that moves to another office, as its own one is deleted.
func TestWhoMovesToAnotherOfficeMovesBeforeTheFormerOneIsDeleted(t *testing.T) {
	w := newWorld(t, "org_office", "hrm_human_resource")
	staff := link("hrm_human_resource", 31)
	w.hub.Put(rec(office(1), "name", "Office"), rec(office(2), "name", "Other office"), naming(staff, map[string]core.Link{"site_id": office(1)}))
	w.sync()
	w.eden.SetNull("site_id")
	w.edit(staff, func(r *core.Record) {
		r.Set(core.Field{Name: "site_id", Value: core.RefTo("org_office", office(2).UUID)})
	})
	w.remove(office(1))
	w.eden.Clock.Advance(time.Second)
	w.deletedThere(office(1))
	w.agree(staff, "site_id", office(2).UUID)
	w.quiet()
}

// What stays in the way is said, once, with the Eden's words.
func TestADeletionThatSomethingStaysInTheWayOfIsRefusedOnce(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	organisation := link("org_organisation", 21)
	w.hub.Put(rec(organisation, "name", "Red Cross"),
		naming(office(1), map[string]core.Link{"organisation_id": organisation}), naming(office(2), map[string]core.Link{"organisation_id": organisation}))
	w.sync()
	w.eden.Restrict("org_organisation")
	w.remove(organisation)
	w.remove(office(1))
	run, err := w.run(replicate.Options{})
	aside := w.quarantine()
	if err != nil || run.Sent != 2 || run.Delivered != 1 || run.Refused != 1 || len(aside) != 1 || aside[0].Reason != "restricted by other records" {
		t.Errorf("%s, %v, %+v, want one delivered and one refused\n%s", run.Counts, err, aside, w.logs())
	}
}

// A deletion waits in vain for what the Eden refuses, and for what is deleted in a circle.
func TestADeletionWaitsForNothingThatDoesNotGo(t *testing.T) {
	w := newWorld(t, "org_office", "hrm_human_resource")
	staff, other := link("hrm_human_resource", 31), office(2)
	w.hub.Put(naming(office(1), map[string]core.Link{"other_id": other}), naming(other, map[string]core.Link{"other_id": office(1)}),
		rec(office(3), "name", "Office"), naming(staff, map[string]core.Link{"site_id": office(3)}))
	w.sync()
	w.eden.Reject(func(rec core.Record, field string) string {
		if rec.Resource == "hrm_human_resource" && field == "" {
			return "not today"
		}
		return ""
	})
	w.edit(staff, set("code", "7"))
	for i := 1; i <= 3; i++ {
		w.remove(office(i))
	}
	run, err := w.run(replicate.Options{})
	if err != nil || run.Sent != 4 || run.Delivered != 3 || run.Refused != 1 {
		t.Errorf("%s, %v, want three delivered and one refused\n%s", run.Counts, err, w.logs())
	}
}

// So it is where nothing is pulled, and nobody has looked yet what is there.
func TestWhatIsDeletedGoesInOrderWhereNothingIsPulled(t *testing.T) {
	w := newWorld(t)
	for _, r := range []core.Resource{"org_organisation", "org_office"} {
		task := core.NewTask(w.repo.ID, r)
		task.Mode = core.ModePush
		w.addTask(task)
	}
	organisation := link("org_organisation", 21)
	within := naming(office(1), map[string]core.Link{"organisation_id": organisation})
	w.hub.Put(rec(organisation, "name", "Red Cross"), within)
	w.pass(time.Minute)
	for _, r := range []core.Record{rec(organisation, "name", "Red Cross"), within} {
		w.edit(r.Link(), func(here *core.Record) { here.Fields = r.Fields })
		w.remove(r.Link())
	}
	w.eden.Restrict("org_organisation")
	w.deletedThere(organisation, office(1))
}

// As it deletes an office an Eden empties the site of its staff. An edit of one of them that is sent
// right before is dated before that, although the laptop's clock was ahead as it was made: else
// nothing would tell that the site is empty.
func TestAnEditThatADeletionWaitsForIsDatedBeforeIt(t *testing.T) {
	w := newWorld(t, "org_office", "hrm_human_resource")
	staff := link("hrm_human_resource", 31)
	w.hub.Put(rec(office(1), "name", "Office"), naming(staff, map[string]core.Link{"site_id": office(1)}))
	w.sync()
	w.eden.SetNull("site_id")
	w.edit(staff, func(r *core.Record) {
		set("code", "7")(r)
		r.ModifiedOn = core.MTimeOf(w.clock.Now().Add(30 * time.Hour))
	})
	w.remove(office(1))
	w.deletedThere(office(1))
	w.sync()
	w.agree(staff, "site_id", "")
	w.agree(staff, "code", "7")
	w.quiet()
}

// So it is at an Eden that is met for the first time: what points there to what is deleted here is
// not known before its table was read (seed 12000859).
func TestWhatIsDeletedGoesInOrderAtAnEdenThatIsMetForTheFirstTime(t *testing.T) {
	c := &carrier{world: newWorld(t, "org_organisation", "org_office"), second: newWorld(t)}
	c.first, c.repos[0], c.second.eden.UUID = c.world, c.repo, "urn:uuid:22222222-2222-4222-8222-222222222222"
	organisation := link("org_organisation", 21)
	for _, w := range []*world{c.world, c.second} {
		w.eden.Put(rec(organisation, "name", "Red Cross"), naming(office(1), map[string]core.Link{"organisation_id": organisation}))
	}
	c.second.eden.Restrict("org_organisation", "org_office")
	c.sync()
	c.pass(time.Hour)
	c.first.eden.Delete(office(1))
	c.first.eden.Delete(organisation)
	c.deletedThere(office(1), organisation)
	c.addSecond()
	c.addTask(core.NewTask(c.repos[1].ID, "org_organisation"))
	if run, err := c.with(1); err != nil || run.Refused > 0 {
		t.Errorf("%s, %v, want nothing refused\n%s", run.Counts, err, c.logs())
	}
	for _, l := range []core.Link{office(1), organisation} {
		if there := c.second.there(l); !there.Deleted {
			t.Errorf("%s lives at the second Eden\n%s", l.UUID, c.logs())
		}
	}
}
