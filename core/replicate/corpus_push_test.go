package replicate_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// remake makes here, as a person would, what an Eden once pushed; it returns the records, masters before their components.
func (w *world) remake(e edentest.Exchange) (flat []core.Record) {
	w.t.Helper()
	_, recs := decoded(w.t, e.Sent)
	youngest := core.MTimeOf(w.clock.Now())
	for i := range recs {
		_ = recs[i].Walk(func(r *core.Record) error {
			one := r.Clone()
			one.Components = nil
			flat = append(flat, one)
			youngest = max(youngest, one.ModifiedOn)
			return nil
		})
	}
	w.at(youngest)
	for _, r := range flat {
		w.edit(r.Link(), func(ours *core.Record) {
			r.MCI, r.Attrs, r.URL = max(r.MCI-1, 0), nil, ""
			*ours = r
		})
	}
	return flat
}

// pushed collects what we sent, by link.
func (w *world) pushed() map[core.Link]core.Record {
	w.t.Helper()
	sent := map[core.Link]core.Record{}
	for _, r := range w.eden.Requests() {
		if r.Method != "POST" || len(r.Body) == 0 || r.Body[0] != '<' {
			continue
		}
		_, recs := decoded(w.t, r.Body)
		for i := range recs {
			_ = recs[i].Walk(func(c *core.Record) error { sent[c.Link()] = *c; return nil })
		}
	}
	return sent
}

// TestWhatEdenPushedWePushToo makes the edits that were recorded between two Edens and lets the engine send them: what goes
// out says the same of every record, the server's rules take it, and it is proved.
func TestWhatEdenPushedWePushToo(t *testing.T) {
	type step struct {
		scenario string
		n        int
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"an organisation made, changed and deleted", []step{{"08-push-new-record", 1}, {"09-push-updated-record", 1}, {"10-push-deleted-record", 1}}},
		{"a person with components and a location", []step{{"15-push-pr_person-with-components", 1}}},
		{"an office with its location", []step{{"19-push-org_office-with-location", 1}}},
		{"a document and an image that lie elsewhere", []step{{"20-push-file-and-image", 1}, {"20-push-file-and-image", 3}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edentest.Corpus(t)
			w := newWorld(t)
			w.engine.Tuning.CompareEvery = 10000 * time.Hour
			for _, s := range tt.steps {
				e := recorded(t, s.scenario, s.n)
				resource := core.Resource(e.QueryOf().Get("resource"))
				if tasks, err := w.db.Tasks(t.Context(), w.repo.ID); err != nil || !slices.ContainsFunc(tasks, func(k core.Task) bool { return k.Resource == resource }) {
					w.addTask(core.NewTask(w.repo.ID, resource))
				}
				w.sync()
				made := w.remake(e)
				w.eden.ForgetRequests()
				run := w.sync()
				if run.Delivered != run.Sent || run.Sent == 0 || run.Refused != 0 {
					t.Errorf("%s: %s\n%s", s.scenario, run.Counts, w.logs())
				}
				w.sentAsRecorded(s.scenario, made)
				w.quiet()
			}
		})
	}
}

// sentAsRecorded compares what we sent with what Eden did, and with what the server has now.
func (w *world) sentAsRecorded(scenario string, made []core.Record) {
	w.t.Helper()
	sent := w.pushed()
	for i := range made {
		r := &made[i]
		ours, ok := sent[r.Link()]
		switch {
		case !ok:
			w.t.Errorf("%s: %s %s was not sent", scenario, r.Resource, r.UUID)
		case ours.Deleted != r.Deleted || len(lacking(&ours, r)) > 0:
			w.t.Errorf("%s: of %s %s was sent otherwise: deleted %v, %v", scenario, r.Resource, r.UUID, ours.Deleted, lacking(&ours, r))
		}
		there := w.there(r.Link())
		if there.Deleted != r.Deleted || !r.Deleted && len(lacking(&there, r)) > 0 {
			w.t.Errorf("%s: %s %s is at the server: deleted %v, %v", scenario, r.Resource, r.UUID, there.Deleted, lacking(&there, r))
		}
	}
}

// TestARecordedRejectionIsShownAtTheRecord replays scenarios 15 and 19: the hub says success, takes the record and leaves its
// location out. Each refused record is set aside with the hub's own words, the rest is delivered.
func TestARecordedRejectionIsShownAtTheRecord(t *testing.T) {
	for _, scenario := range []string{"15-push-pr_person-location-rejected", "19-push-org_office-location-rejected"} {
		t.Run(scenario, func(t *testing.T) {
			e := recorded(t, scenario, 1)
			message, err := s3xml.ParseMessage(bytes.NewReader(e.Response))
			if err != nil || len(message.Tree) == 0 {
				t.Fatalf("%+v, %v", message, err)
			}
			w := newWorld(t, core.Resource(e.QueryOf().Get("resource")))
			w.sync()
			made := w.remake(e)
			refused := map[core.Link]bool{}
			for _, r := range message.Tree {
				refused[r.Link] = true
			}
			w.eden.InjectOn(edentest.Pushes, 1, edentest.Reply(e.Status, e.Header.Get("Content-Type"), string(e.Response)))
			w.engine.Connect = onPush(w.engine.Connect, func() { w.takeRest(made, refused) })
			run := w.sync()
			if run.Refused == 0 || run.Delivered == 0 || run.Refused+run.Delivered != run.Sent || run.Result != core.ResultWarning {
				t.Errorf("%s, %s\n%s", run.Counts, run.Result, w.logs())
			}
			words := map[core.Link]string{}
			for _, q := range w.quarantine() {
				words[q.Record] = q.Reason
			}
			for _, r := range message.Tree {
				if words[r.Link] != r.Sentence() {
					t.Errorf("%s %s is set aside with %q, the hub said %q", r.Link.Resource, r.Link.UUID, words[r.Link], r.Sentence())
				}
			}
			for _, r := range made {
				if here := w.here(r.Link()); here.Deleted || len(lacking(&here, &r)) > 0 {
					t.Errorf("%s %s did not stay as it was made here", r.Resource, r.UUID)
				}
			}
		})
	}
}

// takeRest stores at the server what it did not refuse, without the links to what it refused.
func (w *world) takeRest(made []core.Record, refused map[core.Link]bool) {
	for _, r := range made {
		if refused[r.Link()] {
			continue
		}
		r = r.Clone()
		for _, f := range slices.Clone(r.Fields) {
			if refused[core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str}] {
				r.Unset(f.Name)
			}
		}
		w.eden.Put(r)
	}
}

// Scenario 16: where only a contact changed, Eden sends nothing ("No data to send"), and the change stays where it was made.
// We send it.
func TestAChangeOfAComponentAloneIsSent(t *testing.T) {
	w := newWorld(t, "pr_person")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = []core.Record{rec(contact, "value", "a@example.org", "contact_method", "EMAIL")}
	w.eden.Put(p)
	w.sync()
	w.pass(time.Hour)
	stamp := w.there(person).ModifiedOn
	w.edit(contact, set("value", "b@example.org"))
	if run := w.sync(); run.Sent != 1 || run.Delivered != 1 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	w.agree(contact, "value", "b@example.org")
	if got := w.there(person).ModifiedOn; got < stamp {
		t.Errorf("the person's stamp went back to %s", got)
	}
	w.quiet()
	w.edit(contact, func(r *core.Record) { r.Deleted = true })
	if run := w.sync(); run.Delivered != 1 {
		t.Errorf("its deletion: %s\n%s", run.Counts, w.logs())
	}
	if !w.there(contact).Deleted {
		t.Error("the contact is still at the server")
	}
	w.quiet()
}
