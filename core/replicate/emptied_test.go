package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// aStaffedOffice is a world in which somebody works at an office, which the Eden's people delete:
// the Eden empties the site of its staff by that, and dates them anew.
func aStaffedOffice(t *testing.T, staff core.Link, meanwhile func(*world)) *world {
	t.Helper()
	w := newWorld(t, "org_office", "hrm_human_resource")
	w.hub.Put(rec(office(1), "name", "Office"), rec(office(2), "name", "Other office"), naming(staff, map[string]core.Link{"site_id": office(1)}))
	w.sync()
	w.eden.SetNull("site_id")
	w.pass(1e9)
	meanwhile(w)
	w.pass(1e9)
	w.hub.Delete(office(1))
	return w
}

// A deletion here does not lose against a field that the Eden emptied by itself.
func TestWhatAnEdenEmptiesAsItDeletesIsNoEdit(t *testing.T) {
	staff := link("hrm_human_resource", 31)
	w := aStaffedOffice(t, staff, func(w *world) { w.remove(staff) })
	emptied := w.there(staff)
	emptied.Set(core.Field{Name: "site_contact", Value: core.Value{Kind: core.Boolean, Str: "false"}}) // so does today's Eden
	w.hub.Put(emptied)
	w.deletedThere(office(1), staff)
	w.quiet()
}

// Nor does a move to another office.
func TestWhatAnEdenEmptiesAsItDeletesTakesNobodyBack(t *testing.T) {
	staff := link("hrm_human_resource", 31)
	w := aStaffedOffice(t, staff, func(w *world) {
		w.edit(staff, func(r *core.Record) {
			r.Set(core.Field{Name: "site_id", Value: core.RefTo("org_office", office(2).UUID)})
		})
	})
	w.deletedThere(office(1))
	w.agree(staff, "site_id", office(2).UUID)
	w.quiet()
}

// Where something else was edited here the site is empty afterwards, and that stays.
func TestWhatAnEdenEmptiesAsItDeletesIsEmptyHere(t *testing.T) {
	staff := link("hrm_human_resource", 31)
	w := aStaffedOffice(t, staff, func(w *world) { w.edit(staff, set("code", "7")) })
	w.deletedThere(office(1))
	w.agree(staff, "site_id", "")
	w.agree(staff, "code", "7")
	w.quiet()
}

// What somebody there edited besides is an edit.
func TestAnEditBesidesWhatAnEdenEmptiesIsInConflictWithADeletion(t *testing.T) {
	staff := link("hrm_human_resource", 31)
	w := aStaffedOffice(t, staff, func(w *world) {
		w.remove(staff)
		w.change(staff, "code", "7")
	})
	run, err := w.run(replicate.Options{})
	if err != nil || run.Conflicts != 1 {
		t.Errorf("%s, %v, want one conflict\n%s", run.Counts, err, w.logs())
	}
}

// So it is with what points to others of its own table, of which an Eden shows nothing where it is
// asked for single records: the comparison of the same run meets it, also where the table has no
// controller that tells.
func TestWhatAnEdenEmptiesInItsOwnTableIsEmptyHere(t *testing.T) {
	for name, native := range map[string]bool{"with a controller": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "org_organisation")
			if !native {
				w.eden.NoNative("org_organisation")
			}
			branch, organisation := link("org_organisation", 21), link("org_organisation", 22)
			w.hub.Put(rec(organisation, "name", "Red Cross"), naming(branch, map[string]core.Link{"root_organisation": organisation}))
			w.sync()
			w.eden.SetNull("root_organisation")
			w.pass(25 * time.Hour)
			w.remove(organisation)
			w.deletedThere(organisation)
			w.sync()
			w.agree(branch, "root_organisation", "")
			w.quiet()
		})
	}
}

// Nor does a deletion here lose against that where the Eden shows what it emptied before what it
// deleted (seeds 12000153 and 12001817).
func TestWhatAnEdenEmptiesInItsOwnTableIsNoEditThoughItComesFirst(t *testing.T) {
	branch, organisation := link("org_organisation", 21), link("org_organisation", 22)
	for name, records := range map[string][]core.Record{
		"the branch first": {naming(branch, map[string]core.Link{"root_organisation": organisation}), rec(organisation, "name", "Red Cross")},
		"the branch last":  {rec(organisation, "name", "Red Cross"), naming(branch, map[string]core.Link{"root_organisation": organisation})},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "org_organisation")
			w.hub.Put(records...)
			w.sync()
			w.eden.SetNull("root_organisation")
			w.pass(time.Minute)
			w.remove(branch)
			w.pass(time.Minute)
			w.hub.Delete(organisation)
			w.deletedThere(branch, organisation)
			w.quiet()
		})
	}
}
