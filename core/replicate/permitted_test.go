package replicate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// settle changes the task of the offices as an administrator does.
func (w *world) settle(change func(*core.Task)) {
	w.t.Helper()
	task := w.task("org_office")
	change(&task)
	if err := w.db.UpdateTask(w.t.Context(), task); err != nil {
		w.t.Fatal(err)
	}
}

// asideFor returns the reasons for which records were not sent, by record.
func (w *world) asideFor() map[core.Link]string {
	reasons := make(map[core.Link]string)
	for _, q := range w.quarantine() {
		if q.Outgoing {
			reasons[q.Record] = q.Reason
		}
	}
	return reasons
}

// TestTheStrategyHoldsForWhatIsSent: an Eden's sync/sync drops the strategy that comes
// with a push (spec eden-sync-protocol §10.3) and would create, change or delete all
// the same. What the task does not allow is not sent, and counts as unsent.
func TestTheStrategyHoldsForWhatIsSent(t *testing.T) {
	for _, method := range []core.Method{core.MethodCreate, core.MethodUpdate, core.MethodDelete} {
		t.Run(method.String(), func(t *testing.T) {
			bothServers(t, func(t *testing.T, w *world) {
				w.offices(2)
				w.sync()
				w.settle(func(k *core.Task) { k.Strategy &^= core.Strategy(method) })
				subject := map[core.Method]core.Link{core.MethodCreate: office(7), core.MethodUpdate: office(1), core.MethodDelete: office(2)}
				w.edit(office(7), func(r *core.Record) { *r = withStamp(rec(office(7), "name", "New", "phone", "1"), r.CreatedOn) })
				w.edit(office(1), set("phone", "2"))
				w.edit(office(2), func(r *core.Record) { r.Deleted = true })
				run := w.sync()
				if run.Sent != 3 || run.Delivered != 2 || run.Refused != 1 {
					t.Errorf("%s, want two delivered and one kept back", run.Counts)
				}
				if reason := w.asideFor()[subject[method]]; !strings.Contains(reason, method.String()) {
					t.Errorf("kept back are %v, want %v by the strategy", w.asideFor(), subject[method])
				}
				if e := w.remarkOn(subject[method]); e.Mode != "push" || e.Remote || e.Message != w.asideFor()[subject[method]] {
					t.Errorf("the log says the server refused it: %+v", e)
				}
				_, created := w.hub.Get(office(7))
				gone, there := w.hub.Get(office(2))
				done := map[core.Method]bool{core.MethodCreate: created, core.MethodUpdate: phone(w) == "2", core.MethodDelete: !there || gone.Deleted}
				for m, is := range done {
					if is == (m == method) {
						t.Errorf("%s: carried out %v, with a strategy without %s", m, is, method)
					}
				}
				if n, err := w.db.Unsent(t.Context()); err != nil || n[w.repo.ID] != 1 {
					t.Errorf("%d unsent, want the one that was kept back: %v", n[w.repo.ID], err)
				}

				w.settle(func(k *core.Task) { k.Strategy = core.StrategyAll })
				if run := w.sync(); run.Delivered != 1 || len(w.asideFor()) != 0 {
					t.Errorf("%s %v, want it delivered once the strategy allows it", run.Counts, w.asideFor())
				}
				w.quiet()
			})
		})
	}
}

// TestUnderMASTERNothingButTheOriginatorsIsSent: an Eden's sync/sync knows NEWER only.
func TestUnderMASTERNothingButTheOriginatorsIsSent(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	w.edit(office(7), func(r *core.Record) { *r = withStamp(rec(office(7), "name", "Ours", "phone", "1"), r.CreatedOn) })
	w.sync()
	w.settle(func(k *core.Task) { k.Update, k.Conflict = core.PolicyMaster, core.PolicyMaster })
	w.edit(office(1), set("phone", "2"))
	w.edit(office(7), set("phone", "2"))
	if run := w.sync(); run.Delivered != 1 || run.Refused != 1 || w.asideFor()[office(1)] == "" {
		t.Errorf("%s %v, want our own delivered and the server's kept back", run.Counts, w.asideFor())
	}
	if phone(w) != "1" {
		t.Error("the server's own record was changed")
	}
	w.agree(office(7), "phone", "2")
}

// TestAFilterKeepsNoEditBackOfWhatTheServerHas: a record that an edit takes out of the
// filter is the server's all the same. Its edit stayed here, and the status said that
// everything is there.
func TestAFilterKeepsNoEditBackOfWhatTheServerHas(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.settle(func(k *core.Task) { k.Filters = []core.Filter{{Query: "~.name__like=Office*"}} })
		w.offices(2)
		w.sync()
		w.edit(office(1), set("name", "Bureau"))
		w.edit(office(7), func(r *core.Record) { *r = withStamp(rec(office(7), "name", "Bureau too"), r.CreatedOn) })
		w.edit(office(8), func(r *core.Record) { *r = withStamp(rec(office(8), "name", "Office 8"), r.CreatedOn) })
		run := w.sync()
		if run.Delivered != 2 {
			t.Errorf("%s, want the renamed office and the new one delivered\n%s", run.Counts, w.logs())
		}
		w.agree(office(1), "name", "Bureau")
		w.agree(office(8), "name", "Office 8")
		if _, there := w.hub.Get(office(7)); there {
			t.Error("a record that the server never had went past the filter")
		}
		if !strings.Contains(w.logs(), "Records that the filter of this table excludes were not sent and are on this laptop only: 1") {
			t.Errorf("the log does not tell of what stayed here:\n%s", w.logs())
		}
		w.quiet()
	})
}

// phone is what the server has as the first office's.
func phone(w *world) string {
	w.t.Helper()
	rec := w.there(office(1))
	return rec.Value("phone").Str
}

// Of a server that was added anew nothing is known. What it has already is not made there by
// what is sent, but changed, whoever made it.
func TestWhatTheServerHasIsNotSentAsNewUnderAStrategyWithoutUpdate(t *testing.T) {
	bothServers(t, func(t *testing.T, w *world) {
		w.offices(2)
		w.sync()
		made := w.make("Made here")
		w.sync()
		repo := w.repo
		if err := w.db.DeleteRepository(t.Context(), repo.ID); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		w.change(office(1), "phone", "theirs")
		w.change(made, "phone", "theirs")
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "ours"))
		w.edit(made, set("phone", "ours"))
		repo.UUID, repo.Registered, repo.LastConnected = "", 0, 0
		w.know(repo, "org_office")
		w.settle(func(k *core.Task) { k.Strategy &^= core.Strategy(core.MethodUpdate) })
		for range 2 {
			w.sync()
			w.pass(25 * time.Hour)
		}
		for _, l := range []core.Link{office(1), made} {
			there := w.there(l)
			if got := there.Value("phone").Str; got != "theirs" {
				t.Errorf("%s: the server's version was overwritten by %q", l.UUID, got)
			}
			if reason := w.asideFor()[l]; !strings.Contains(reason, "update") {
				t.Errorf("%s: kept back because %q", l.UUID, reason)
			}
		}
		w.settle(func(k *core.Task) { k.Strategy = core.StrategyAll })
		w.sync()
		w.agree(office(1), "phone", "ours")
		w.agree(made, "phone", "ours")
		w.quiet()
	})
}
