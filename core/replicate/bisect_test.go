package replicate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A picky store cannot take one record.
type picky struct {
	replicate.Store
	poison core.Link
	off    bool
}

type pickyTx struct {
	intake.Tx
	s *picky
}

func (s *picky) Import(ctx context.Context, fn func(intake.Tx) error) error {
	return s.Store.Import(ctx, func(tx intake.Tx) error { return fn(pickyTx{tx, s}) })
}

func (tx pickyTx) Put(ctx context.Context, rec *core.Record, change core.Change) error {
	if rec.Link() == tx.s.poison && !tx.s.off {
		return errors.New("injected: this row cannot be written")
	}
	return tx.Tx.Put(ctx, rec, change)
}

func TestARecordThatCannotBeStoredBlocksNothing(t *testing.T) {
	w := newWorld(t, "org_office")
	store := &picky{Store: w.db, poison: office(7)}
	w.engine.Store = store
	w.offices(25)
	run := w.sync()
	if run.Quarantined == 0 || run.Created != 24 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	held := w.quarantine()
	if len(held) != 1 || held[0].Record != office(7) || held[0].Outgoing || held[0].Content == "" {
		t.Fatalf("%+v", held)
	}
	if w.task("org_office").LastPull == 0 {
		t.Error("the marker must move: the record is safely set aside")
	}
	// It is retried, and what could be changed by then counts.
	store.off = true
	if err := w.db.RetryQuarantine(t.Context(), held[0].ID); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.agree(office(7), "name", "Office 7")
	if held := w.quarantine(); len(held) != 0 {
		t.Errorf("%+v", held)
	}
	w.quiet()
}

func TestARefusedRecordIsTriedAgainAsSoonAsWhatItPointsToArrived(t *testing.T) {
	w := newWorld(t, "org_organisation", "org_office")
	w.offices(1)
	w.sync()
	org := link("org_organisation", 1)
	broken := true
	w.eden.Reject(func(r core.Record, field string) string {
		switch {
		case r.Resource == org.Resource && field == "name" && broken:
			return "not now"
		case r.UUID == office(2).UUID && field == "organisation_id":
			if broken {
				return "no such organisation"
			}
		}
		return ""
	})
	w.edit(org, set("name", "NGO"))
	w.edit(office(2), func(r *core.Record) {
		r.Set(core.Field{Name: "name", Value: core.Text("Points to it")})
		r.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
	})
	if _, err := w.run(replicate.Options{}); err != nil {
		t.Fatal(err)
	}
	if held := w.quarantine(); len(held) == 0 {
		t.Fatal("nothing was refused")
	}
	broken = false
	w.edit(org, set("name", "NGO, corrected"))
	w.sync()
	w.sync() // within minutes: not after an interval
	w.agree(org, "name", "NGO, corrected")
	if there := w.there(office(2)); there.Value("organisation_id").Str != org.UUID {
		t.Errorf("the office waits although its organisation has arrived: %+v\n%s", w.quarantine(), w.logs())
	}
}
