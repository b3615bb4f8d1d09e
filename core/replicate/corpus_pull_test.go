package replicate_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// TestRecordedPullsEndAsTheHubHadIt lets the engine pull what a real hub once answered, one answer after the other into the
// same store, each at its hour: afterwards every record is here as the last answer had it, and the same answer again moves
// nothing and writes nothing about any record, also about those that Eden sends without a stamp (org_site).
func TestRecordedPullsEndAsTheHubHadIt(t *testing.T) {
	type step struct {
		scenario string
		n        int
	}
	for _, tt := range []struct {
		name     string
		resource core.Resource
		steps    []step
	}{
		{"organisations, first and incremental, created, changed and deleted", "org_organisation", []step{
			{"04-first-sync-full-pull-then-push", 1}, {"05-second-sync-nothing-changed-echo", 1}, {"06-incremental-pull-hub-changed", 1},
			{"07-incremental-pull-nothing-new", 1}, {"10-push-deleted-record", 2}, {"11-pull-deleted-record", 1}}},
		{"staff with what it refers to", "hrm_human_resource", []step{{"13-pull-hrm_human_resource-with-references", 1}}},
		{"persons with components; a component changed alone", "pr_person", []step{
			{"14-pull-pr_person-with-components", 1}, {"17-pull-component-only-change", 1}}},
		{"an organisation with a logo", "org_organisation", []step{{"21-pull-org-logo-files", 1}}},
		{"shelters by an unknown repository", "cr_shelter", []step{{"32-client-pull-parameters", 3}, {"34-client-pull-msince-formats", 3}, {"34-client-pull-msince-formats", 2}}},
		{"events with times in every form", "event_event", []step{{"41-client-time-zones", 6}}},
		{"job titles, deleted ones too", "hrm_job_title", []step{{"44-client-paging", 12}, {"44-client-paging", 11}}},
		{"documents with files", "doc_document", []step{{"45-client-files", 8}}},
		{"persons after their contacts changed", "pr_person", []step{{"49-client-components", 8}, {"49-client-components", 10}, {"49-client-components", 12}}},
		{"contacts on their own, deleted ones too", "pr_contact", []step{{"49-client-components", 9}, {"49-client-components", 11}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edentest.Corpus(t)
			w := newWorld(t)
			w.engine.Tuning.CompareEvery = 10000 * time.Hour // only the recorded answer is the hub's
			w.engine.Tuning.Marks = -1
			task := core.NewTask(w.repo.ID, tt.resource)
			task.Mode = core.ModePull
			w.addTask(task)
			for _, s := range tt.steps {
				e := recorded(t, s.scenario, s.n)
				w.replay(e)
				w.holds(e)
				writes := w.writesOf(func() {
					again := w.replay(e)
					if again.Changed()+again.Conflicts+again.Quarantined != 0 {
						t.Errorf("%s/%02d again: %s", s.scenario, s.n, again.Counts)
					}
				})
				if len(writes) != 0 {
					t.Errorf("%s/%02d again: %d writes, the first: %v", s.scenario, s.n, len(writes), writes[:min(len(writes), 4)])
				}
			}
		})
	}
}

// TestWhatARecordedHubDoesNotStampDoesNotDiffer compares a hub's records with the copy of them: a super-entity has no stamp
// there, and differs by its content only.
func TestWhatARecordedHubDoesNotStampDoesNotDiffer(t *testing.T) {
	e := recorded(t, "04-first-sync-full-pull-then-push", 1)
	w := newWorld(t)
	task := core.NewTask(w.repo.ID, "org_organisation")
	task.Mode = core.ModePull
	w.addTask(task)
	w.replay(e)
	w.eden.InjectOn(edentest.Pulls, 1, edentest.Reply(e.Status, e.Header.Get("Content-Type"), string(e.Response)))
	if c := w.compare(replicate.CompareOptions{}); c.Differing() != 0 || c.Same == 0 {
		t.Errorf("%d differ, %d are the same: %+v", c.Differing(), c.Same, c.Differences[:min(3, len(c.Differences))])
	}
}

// replay lets the engine pull once and get the recorded answer, at its hour.
func (w *world) replay(e edentest.Exchange) core.Run {
	w.t.Helper()
	if date := recordedAt(w.t, e); date > core.MTimeOf(w.clock.Now()) {
		w.at(date)
	}
	w.eden.Heal()
	w.eden.InjectOn(edentest.Pulls, 1, edentest.Reply(e.Status, e.Header.Get("Content-Type"), string(e.Response)))
	run := w.sync()
	if root, _ := decoded(w.t, e.Response); run.Received < root.Results {
		w.t.Errorf("%s: received %d, the hub sent %d", e.Line, run.Received, root.Results)
	}
	if run.Quarantined != 0 || run.Conflicts != 0 {
		w.t.Errorf("%s: %s\n%s", e.Line, run.Counts, w.logs())
	}
	return run
}

// recordedAt is when an answer was given: by its Date, which uWSGI leaves out, else by the youngest record in it.
func recordedAt(t *testing.T, e edentest.Exchange) (at core.MTime) {
	t.Helper()
	if date, err := http.ParseTime(e.Header.Get("Date")); err == nil {
		return core.MTimeOf(date)
	}
	_, recs := decoded(t, e.Response)
	for i := range recs {
		at = max(at, recs[i].ModifiedOn)
	}
	return at
}

// holds checks that all of a recorded document is here: each record with every value that it has there, under its master,
// and the accounts left out.
func (w *world) holds(e edentest.Exchange) {
	w.t.Helper()
	_, recs := decoded(w.t, e.Response)
	for i := range recs {
		_ = recs[i].Walk(func(there *core.Record) error {
			here, err := w.db.Record(w.t.Context(), there.Link())
			switch {
			case err != nil && there.Deleted: // it was never here: nothing to delete
			case err != nil:
				w.t.Errorf("%s %s is not here: %v", there.Resource, there.UUID, err)
			case there.Resource.Private():
				w.t.Errorf("%s reached the store", there.Resource)
			case here.Deleted != there.Deleted || len(lacking(&here, there)) > 0:
				w.t.Errorf("%s %s: deleted %v, there %v; %v differ", there.Resource, there.UUID, here.Deleted, there.Deleted, lacking(&here, there))
			}
			return nil
		})
	}
}

// lacking names the fields of there that here has otherwise.
func lacking(here, there *core.Record) (names []string) {
	for _, f := range there.Fields {
		if !core.SameValue(here.Value(f.Name), f.Value) && f.Value.Kind != core.Null {
			names = append(names, fmt.Sprintf("%s (%s, there %s)", f.Name, here.Value(f.Name).Str, f.Value.Str))
		}
	}
	return names
}

// TestRecordedFailuresEndWithoutHarm lets the engine meet every recorded failure of a pull: it says which, and changes
// nothing.
func TestRecordedFailuresEndWithoutHarm(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		n        int
		want     core.Trouble
		stopped  bool
	}{
		{"22-eden-error-wrong-password", 1, core.Unauthorized, true}, {"24-eden-error-unknown-resource", 1, core.UnknownResource, false},
		{"32-client-pull-parameters", 7, core.Forbidden, true}, {"34-client-pull-msince-formats", 14, core.ServerFault, false},
		{"43-client-permissions", 3, core.Forbidden, true}, {"60-errors-builtin-server-with-routes", 7, core.Forbidden, true},
		{"62-errors-uwsgi-without-routes", 8, core.UnknownResource, false},
	} {
		t.Run(fmt.Sprintf("%s/%02d", tt.scenario, tt.n), func(t *testing.T) {
			e := recorded(t, tt.scenario, tt.n)
			w := newWorld(t, "org_office")
			w.offices(2)
			w.sync()
			w.edit(office(1), set("phone", "mine"))
			seq := w.seq()
			w.eden.InjectOn(edentest.Pulls, -1, edentest.Reply(e.Status, e.Header.Get("Content-Type"), string(e.Response)))
			_, err := w.run(replicate.Options{})
			if !core.IsKind(err, tt.want) {
				t.Errorf("got %v, want kind %d", err, tt.want)
			}
			if w.seq() != seq {
				t.Error("a failed pull wrote something")
			}
			repo, err := w.db.Repository(t.Context(), w.repo.ID)
			if err != nil || (repo.Stopped != "") != tt.stopped {
				t.Errorf("stopped: %q, %v", repo.Stopped, err)
			}
		})
	}
}

// TestEveryScenarioOfTheCorpusIsKnown fails when a scenario is recorded that no test has heard of.
func TestEveryScenarioOfTheCorpusIsKnown(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(edentest.Corpus(t), "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range found {
		number, _, _ := strings.Cut(filepath.Base(dir), "-")
		if !slices.Contains(strings.Fields(scenarios), number) {
			t.Errorf("%s: no test", filepath.Base(dir))
		}
	}
}

// scenarios are the recorded ones and where they are tested: a = core/eden and here, as the active side; p = core/responder, as
// the passive side. 03 is a browser at an Eden and 46 Eden's plain REST import: our side takes no part in them. Of 31 only what
// we ask for is tested.
//
//	01 a p   02 a p   04 a p   05 a p   06 a p   07 a p   08 a p   09 a p   10 a p   11 a   12 a   13 a p   14 a p   15 a p   16 a
//	17 a     19 a p   20 a p   21 a     22 a p   23 a p   24 a p   30 a p   31 a     32 a p 33 a p 34 a p   35 a p   36 a p   37 a p
//	38 p     39 p     40 p     41 a p   43 a     44 a     45 a     48 a p   49 a p   51 p   60 a     62 a
const scenarios = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 19 20 21 22 23 24 30 31 32 33 34 35 36 37 38 39 40 41 43 44 45 46 48 49 51 60 62"
