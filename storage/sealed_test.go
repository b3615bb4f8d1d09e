package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// knowingSince tests with a laptop that knows what was the last number before it read what
// it sent, and with one that does not.
func knowingSince(t *testing.T, test func(t *testing.T, l *laptop)) {
	t.Helper()
	for _, knows := range []bool{true, false} {
		t.Run(fmt.Sprint(knows), func(t *testing.T) {
			l := newLaptop(t, "org_organisation")
			l.knowsSince = knows
			test(t, l)
		})
	}
}

// sealings are what a repository's seals of everything in out, which was just read, amount
// to.
func (l *laptop) sealings(out []core.Outgoing) (sealed []core.Sealing) {
	l.t.Helper()
	if l.knowsSince {
		var err error
		if l.since, err = l.Seq(ctx); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, o := range out {
		err := o.Record.Walk(func(rec *core.Record) error {
			part, _ := o.Parts.Get(rec.Link())
			sealed = append(sealed, core.Sealing{Part: part, Delivery: core.Delivery{RepositoryID: l.repo.ID, Run: "r", At: l.now(), Record: rec.Link(),
				Title: rec.Title(), ModifiedOn: rec.ModifiedOn + 5, Hash: part.Hash}})
			return nil
		})
		if err != nil {
			l.t.Fatal(err)
		}
	}
	return sealed
}

// seal notes them and returns the names of those that are not ours any more.
func (l *laptop) seal(sealed []core.Sealing) (others []string) {
	l.t.Helper()
	storagetest.Import(l.t, l.DB, func(tx intake.Tx) error {
		rest, err := tx.Sealed(ctx, sealed, l.since)
		for _, o := range rest {
			others = append(others, o.Title)
		}
		return err
	})
	return others
}

// receipt counts the deliveries by record's name.
func (l *laptop) receipt() map[string]int {
	l.t.Helper()
	count := make(map[string]int)
	err := l.Deliveries(ctx, storage.DeliveryQuery{Repository: l.repo.ID}, func(d core.Delivery) error {
		count[d.Title]++
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return count
}

// More records than one statement writes, in two tables: all are noted, each once,
// with the stamp that was sent.
func TestSealedRecordsAreNotUnsentAndStandInTheReceipt(t *testing.T) {
	knowingSince(t, func(t *testing.T, l *laptop) {
		const masters = 75
		for i := range masters {
			edit(t, l.DB, link(i), "name", fmt.Sprintf("org %d", i))
			contact := storagetest.Contact(i, link(i))
			contact.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("contact %d", i))})
			if _, _, err := l.Edit(ctx, storage.EditRequest{Record: contact}); err != nil {
				t.Fatal(err)
			}
		}
		l.wantUnsent(2 * masters)
		out := l.outgoing(40)
		if others := l.seal(l.sealings(out)); len(others) > 0 {
			t.Fatalf("not ours: %v", others)
		}
		l.wantUnsent(0)
		receipt := l.receipt()
		for i := range masters {
			for _, name := range []string{fmt.Sprintf("org %d", i), fmt.Sprintf("contact %d", i)} {
				if receipt[name] != 1 {
					t.Errorf("%s stands %d times in the receipt", name, receipt[name])
				}
			}
		}
		sent := out[3].Record
		if base, err := l.Base(ctx, l.repo.ID, sent.Link()); err != nil || base.ModifiedOn != sent.ModifiedOn+5 || !core.SameContent(&base, &sent) {
			t.Errorf("base %v (%v) of %v", base, err, sent)
		}
	})
}

// Where others' numbers lie far and near between those that were sent, what is noted is the
// same.
func TestSealedRecordsAreFoundAmongNumbersOfOthers(t *testing.T) {
	for _, among := range []struct {
		between, meanwhile int
		knows              bool
	}{{0, 0, false}, {1, 0, false}, {3, 0, false}, {40, 0, false}, {0, 0, true}, {40, 0, true}, {1, 100, true}, {1, 1000, true}, {40, 1000, true}} {
		between := among.between
		l := newLaptop(t, "org_organisation")
		l.knowsSince = among.knows
		for i := range 20 {
			edit(t, l.DB, link(i), "name", fmt.Sprintf("org %d", i))
			for n := range between {
				storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(1000+i*between+n))
			}
		}
		sealed := l.sealings(l.outgoing(0))
		edit(t, l.DB, link(7), "name", "edited")
		for n := range among.meanwhile {
			storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(2000+n))
		}
		if others := l.seal(sealed); len(sealed) != 20 || len(others) != 1 || others[0] != "org 7" {
			t.Errorf("%+v: of %d not ours: %v", among, len(sealed), others)
		}
		l.wantUnsent(1)
	}
}

// What was written between sending and the seal is ours no more, and stays unsent.
func TestAVersionThatWasReplacedBeforeItsSealIsNotNoted(t *testing.T) {
	knowingSince(t, func(t *testing.T, l *laptop) {
		for i := range 3 {
			edit(t, l.DB, link(i), "name", fmt.Sprintf("org %d", i))
		}
		sealed := l.sealings(l.outgoing(0))
		edit(t, l.DB, link(1), "name", "edited")
		if others := l.seal(sealed); len(others) != 1 || others[0] != "org 1" {
			t.Errorf("not ours: %v", others)
		}
		l.wantUnsent(1)
		if receipt := l.receipt(); len(receipt) != 2 || receipt["org 1"] != 0 {
			t.Errorf("receipt %v", receipt)
		}
	})
}

// A version that was written anew as it was, and one that was not read as a part,
// is found by its name.
func TestAVersionThatStandsElsewhereIsFoundByItsContent(t *testing.T) {
	knowingSince(t, func(t *testing.T, l *laptop) {
		for i := range 3 {
			edit(t, l.DB, link(i), "name", fmt.Sprintf("org %d", i))
		}
		sealed := l.sealings(l.outgoing(0))
		edit(t, l.DB, link(1), "name", "edited")
		edit(t, l.DB, link(1), "name", "org 1")
		sealed[2].Part = core.Part{}
		if others := l.seal(sealed); len(others) > 0 {
			t.Errorf("not ours: %v", others)
		}
		l.wantUnsent(0)
	})
}

// What had been refused is settled by a seal.
func TestASealSettlesARefusal(t *testing.T) {
	knowingSince(t, func(t *testing.T, l *laptop) {
		edit(t, l.DB, link(1), "name", "refused")
		sealed := l.sealings(l.outgoing(0))
		l.refuse(link(1), sealed[0].Part.Seq)
		if others := l.seal(sealed); len(others) > 0 {
			t.Fatalf("not ours: %v", others)
		}
		if waiting, err := l.Quarantines(ctx, l.repo.ID); err != nil || len(waiting) > 0 {
			t.Errorf("%v waits (%v)", waiting, err)
		}
	})
}
