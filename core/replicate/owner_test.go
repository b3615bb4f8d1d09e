package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const (
	ann = "ann@example.org"
	bob = "bob@example.org"
)

// handOver gives the record to another owner at the server, and changes nothing else
// but what change does.
func (w *world) handOver(l core.Link, change func(*core.Record)) {
	w.t.Helper()
	w.pass(time.Hour)
	r := w.there(l)
	r.Components = nil
	r.OwnedBy, r.OwnedGroup, r.ModifiedBy, r.ModifiedOn = bob, "Coordinators", bob, core.MTimeOf(w.clock.Now())
	change(&r)
	w.hub.Put(r)
}

// owned checks that the record is its new owner's on both sides.
func (w *world) owned(l core.Link) {
	w.t.Helper()
	for side, r := range map[string]core.Record{"here": w.here(l), "there": w.there(l)} {
		if r.OwnedBy != bob || r.OwnedGroup != "Coordinators" {
			w.t.Errorf("%s the record is %s's and of the group %q, want %s's and Coordinators\n%s", side, r.OwnedBy, r.OwnedGroup, bob, w.logs())
		}
	}
}

// TestTheOwnerOfARecordIsTheServers: who owns a record decides at an Eden who may see
// and change it. It is never edited here, so an edit made here must not bring the
// owner back that the record had when it was last received (Eden writes what comes:
// spec eden-sync-protocol §11.8).
func TestTheOwnerOfARecordIsTheServers(t *testing.T) {
	nothing := func(*core.Record) {}
	begin := func(w *world) {
		r := rec(office(1), "name", "Office 1", "phone", "1")
		r.OwnedBy, r.OwnedGroup, r.CreatedBy, r.ModifiedBy = ann, "Volunteers", ann, ann
		w.hub.Put(r)
		w.sync()
	}
	story := func(name string, tell func(w *world)) {
		t.Run(name, func(t *testing.T) {
			bothServers(t, func(_ *testing.T, w *world) {
				begin(w)
				tell(w)
			})
		})
	}
	story("seen before the edit", func(w *world) {
		w.handOver(office(1), nothing)
		w.sync()
		w.owned(office(1))
		w.edit(office(1), set("phone", "2"))
		w.sync()
		w.agree(office(1), "phone", "2")
		w.owned(office(1))
		w.quiet()
	})
	story("seen after the edit", func(w *world) {
		w.handOver(office(1), nothing)
		w.edit(office(1), set("phone", "2"))
		w.sync()
		w.agree(office(1), "phone", "2")
		w.owned(office(1))
		w.quiet()
	})
	story("with an edit on both sides", func(w *world) {
		w.handOver(office(1), set("name", "Bob's"))
		w.edit(office(1), set("phone", "2"))
		w.sync()
		w.agree(office(1), "phone", "2")
		w.agree(office(1), "name", "Bob's")
		w.owned(office(1))
		w.quiet()
	})
	story("with a clash that is ours", func(w *world) {
		w.handOver(office(1), set("phone", "3"))
		w.pass(time.Hour)
		w.edit(office(1), set("phone", "2"))
		w.sync()
		w.agree(office(1), "phone", "2")
		w.owned(office(1))
		w.quiet()
	})
	story("at a deletion that is taken back", func(w *world) {
		w.handOver(office(1), nothing)
		w.sync()
		w.edit(office(1), func(r *core.Record) { r.Deleted = true })
		w.sync()
		w.edit(office(1), func(r *core.Record) { r.Deleted = false })
		w.sync()
		w.owned(office(1))
	})
}
