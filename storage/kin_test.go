package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/packrow"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// withContacts are organisations, every third with two contacts.
func withContacts(n int) (recs []core.Record) {
	for i := range n {
		rec := storagetest.Organisation(i)
		recs = append(recs, rec)
		if i%3 == 0 {
			recs = append(recs, storagetest.Contact(2*i, rec.Link()), storagetest.Contact(2*i+1, rec.Link()))
		}
	}
	return recs
}

func organisationLink(n int) core.Link {
	return core.Link{Resource: "org_organisation", UUID: storagetest.UUID(n)}
}

// exportPage calls fn for the masters of a page.
func exportPage(t *testing.T, db *storage.DB, start, limit int, fn func(rec *core.Record)) (n int) {
	t.Helper()
	n, err := db.Export(ctx, responder.ExportQuery{Resource: "org_organisation", Start: start, Limit: limit}, func(rec *core.Record) error {
		fn(rec)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Components that come, go and change hands while the pages of an export are asked for are
// in it as they are, whatever is kept of those before.
func TestAnExportHasTheComponentsOfItsMoment(t *testing.T) {
	const masters, page = 1500, 250
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub").ID
	storagetest.Pull(t, db, repo, withContacts(masters)...)
	random := rand.New(rand.NewPCG(7, 7))
	more := 0
	changes := []func(){
		func() {},
		func() { // one is new
			more++
			storagetest.Put(t, db, storagetest.Contact(1_000_000+more, organisationLink(random.IntN(masters))))
		},
		func() { // some change hands
			for range 20 {
				contact := storagetest.Contact(2*3*random.IntN(masters/3), organisationLink(random.IntN(masters)))
				storagetest.Pull(t, db, repo, contact)
			}
		},
		func() { // some go
			for range 20 {
				contact := storagetest.Contact(1+2*3*random.IntN(masters/3), core.Link{})
				contact.Deleted = true
				storagetest.Pull(t, db, repo, contact)
			}
		},
	}
	kept := 0
	for round := range 8 {
		seen := make(map[string]bool)
		for start := 0; start < masters; start += page - 1 {
			exportPage(t, db, start, page, func(rec *core.Record) {
				seen[rec.UUID] = true
				want, err := db.Components(ctx, rec.Link())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, rec.Components, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("round %d, %s: stored - exported +\n%s", round, rec.UUID, diff)
				}
			})
			kept = max(kept, storage.KinKept(db))
			if round > 0 {
				changes[random.IntN(len(changes))]()
			}
		}
		if len(seen) != masters {
			t.Errorf("round %d: %d masters", round, len(seen))
		}
		if left := storage.KinKept(db); left > 0 {
			t.Errorf("round %d: what was kept of %d tables is kept behind the end", round, left)
		}
	}
	if kept == 0 {
		t.Error("nothing was ever kept")
	}
}

// What changes while one document with a whole table is read is in it under a master that it
// had or has, and all of it is in the next one, which asks for what is new.
func TestWhatChangesWhileAnExportIsReadIsInTheNextOne(t *testing.T) {
	const masters = 2700
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub").ID
	storagetest.Pull(t, db, repo, withContacts(masters)...)
	var order []string // of the masters
	exportPage(t, db, 0, 0, func(rec *core.Record) { order = append(order, rec.UUID) })
	link := func(at int) core.Link { return core.Link{Resource: "org_organisation", UUID: order[at]} }
	clock.Add(time.Hour)
	began := core.MTimeOf(clock.Now())

	owners := make(map[string][]string) // of what changes, by its uuid
	moved := func(from, to int) {       // a contact of the first one with any from there on
		for ; ; from++ {
			components, err := db.Components(ctx, link(from))
			if err != nil {
				t.Fatal(err)
			}
			if len(components) > 0 {
				contact := components[0]
				owners[contact.UUID] = []string{contact.Master.UUID, order[to]}
				contact.Master = link(to)
				storagetest.Pull(t, db, repo, contact)
				return
			}
		}
	}
	exported := 0
	exportPage(t, db, 0, 0, func(rec *core.Record) {
		exported++
		for _, c := range rec.Components {
			if of := owners[c.UUID]; of != nil && !slices.Contains(of, rec.UUID) {
				t.Errorf("%s is under %s and was only ever under %v", c.UUID, rec.UUID, of)
			}
		}
		if exported == 800 {
			if storage.KinKept(db) == 0 {
				t.Error("nothing is kept that could be out of date")
			}
			moved(100, 2500) // from one that was written to one that is still to come, and the other way
			moved(2400, 200)
			contact := storagetest.Contact(1_000_000, link(2600))
			owners[contact.UUID] = []string{order[2600]}
			storagetest.Pull(t, db, repo, contact)
		}
	})
	if exported != masters {
		t.Errorf("%d masters instead of %d", exported, masters)
	}
	left := len(owners)
	_, err := db.Export(ctx, responder.ExportQuery{Resource: "org_organisation", Since: began}, func(rec *core.Record) error {
		for _, c := range rec.Components {
			if of := owners[c.UUID]; of != nil && of[len(of)-1] == rec.UUID {
				left--
			}
		}
		return nil
	})
	if err != nil || left != 0 {
		t.Errorf("%d of %d changes are not in the next export (%v)", left, len(owners), err)
	}
}

// twoAlike returns uuids with the same hash.
func twoAlike() (one, other string) {
	seen := make(map[uint32]string)
	for i := 0; ; i++ {
		uuid := fmt.Sprint("plain-", i)
		h := packrow.Hash(uuid)
		if before, is := seen[h]; is {
			return before, uuid
		}
		seen[h] = uuid
	}
}

// alike are organisations, two of which have uuids that look alike to what is kept: the
// first with a contact, the other with one or with none.
func alike(both bool) (recs []core.Record, one, other core.Record) {
	recs = withContacts(700)
	one, other = storagetest.Organisation(800), storagetest.Organisation(801)
	one.UUID, other.UUID = twoAlike()
	one.ModifiedOn, other.ModifiedOn = core.MTimeOf(storagetest.Start), core.MTimeOf(storagetest.Start) // an export's last
	recs = append(recs, one, other, storagetest.Contact(5000, one.Link()))
	if both {
		recs = append(recs, storagetest.Contact(5001, other.Link()))
	}
	return recs, one, other
}

func TestMastersThatLookAlikeHaveTheirOwnComponents(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprint(both), func(t *testing.T) {
			recs, one, other := alike(both)
			want := map[string]string{one.UUID: storagetest.UUID(2_005_000), other.UUID: ""}
			if both {
				want[other.UUID] = storagetest.UUID(2_005_001)
			}
			check := func(what string, rec *core.Record) {
				var has string
				for _, c := range rec.Components {
					has += c.UUID
				}
				if expected, is := want[rec.UUID]; is && has != expected {
					t.Errorf("%s: %s has %q instead of %q", what, rec.UUID, has, expected)
				}
			}
			t.Run("exported", func(t *testing.T) {
				db, _ := storagetest.New(t)
				storagetest.Put(t, db, recs...)
				for start := 0; start < 702; start += 351 {
					exportPage(t, db, start, 351, func(rec *core.Record) { check("exported", rec) })
				}
			})
			t.Run("unsent", func(t *testing.T) {
				l := newLaptop(t, "org_organisation")
				storagetest.Put(t, l.DB, recs...)
				sent := 0
				for _, og := range l.outgoing(351) {
					check("unsent", &og.Record)
					sent++
				}
				if sent != 702 {
					t.Errorf("%d masters are unsent", sent)
				}
			})
		})
	}
}

// What of a master was sent before goes along with what was not, and what comes meanwhile.
func TestAPushHasTheComponentsOfItsMoment(t *testing.T) {
	const masters = 1200
	l := newLaptop(t, "org_organisation")
	storagetest.Put(t, l.DB, withContacts(masters)...)
	sent := make(map[string]int)
	kept, after := 0, int64(0)
	for batch := 0; ; batch++ {
		out, next, err := l.Outgoing(ctx, l.task, l.now(), after, 300, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range out {
			want, err := l.Components(ctx, out[i].Record.Link())
			if err != nil {
				t.Fatal(err)
			}
			if len(out[i].Record.Components) != len(want) {
				t.Errorf("batch %d: %s has %d components instead of %d", batch, out[i].Record.UUID, len(out[i].Record.Components), len(want))
			}
			sent[out[i].Record.UUID]++
		}
		kept = max(kept, storage.KinKept(l.DB))
		if next == 0 {
			break
		}
		after = next
		if batch < 2 { // of a master that is still to come, which it lets wait for its own
			storagetest.Put(t, l.DB, storagetest.Contact(100_000+batch, organisationLink(masters-1-batch)))
		}
	}
	if len(sent) != masters || kept == 0 || storage.KinKept(l.DB) > 0 {
		t.Errorf("%d masters were sent, %d tables were kept and %d are", len(sent), kept, storage.KinKept(l.DB))
	}
}
