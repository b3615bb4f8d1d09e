package replicate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

func (w *world) compare(opts replicate.CompareOptions) core.Comparison {
	w.t.Helper()
	w.pass(time.Minute)
	repo, err := w.db.Repository(w.t.Context(), w.repo.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := w.engine.Compare(w.t.Context(), repo, opts)
	if err != nil || len(found) != 1 {
		w.t.Fatalf("%+v, %v\n%s", found, err, w.logs())
	}
	c := found[0]
	if c.Same+c.Waiting+c.Excluded+c.Differing() != c.Total {
		w.t.Errorf("the parts do not sum up: %+v", c)
	}
	return c
}

// worlds are a laptop with an Eden, and one with a Fieldsync.
func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("with an Eden", func(t *testing.T) { test(t, newWorld(t, "org_office")) })
	t.Run("with a Fieldsync", func(t *testing.T) {
		w, _ := newNodes(t, "org_office")
		test(t, w)
	})
}

func TestTheCopyIsProvedRecordByRecord(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.offices(34)
		w.sync()
		w.pass(time.Hour)
		c := w.compare(replicate.CompareOptions{})
		if c.Total != 34 || c.Same != 34 || c.Sentence() != "34 of 34 records are the same." {
			t.Errorf("%+v", c)
		}
		stored, err := w.db.Proof(t.Context(), w.task("org_office").ID)
		if err != nil || stored.Same != 34 {
			t.Errorf("%+v, %v", stored, err)
		}
		w.quiet()
	})
}

func TestWhatDiffersIsNamedAndMended(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.offices(34)
		w.sync()
		w.pass(48 * time.Hour)
		// What a marker cannot see: changes at the server with old stamps.
		for n, field := range map[int]string{3: "content, old stamp", 4: "another"} {
			r := w.there(office(n))
			r.Components, r.ModifiedOn = nil, core.MTimeOf(start)-100
			r.Set(core.Field{Name: "phone", Value: core.Text(field)})
			w.hub.Put(r)
		}
		late := rec(office(35), "name", "Came late")
		late.ModifiedOn = core.MTimeOf(start) - 1000
		w.hub.Put(late)
		w.edit(office(5), set("phone", "unsent"))
		seq := w.seq()

		c := w.compare(replicate.CompareOptions{})
		what := make(map[string]core.Discrepancy)
		for _, d := range c.Differences {
			what[d.Record.UUID] = d.What
		}
		if c.Total != 35 || c.Waiting != 1 || len(c.Differences) != 3 || c.Same != 31 || what[office(35).UUID] != core.OnlyThere {
			t.Errorf("%s %+v", c.Sentence(), c.Differences)
		}
		if after := w.seq(); after != seq {
			t.Error("a comparison writes nothing")
		}
		c = w.compare(replicate.CompareOptions{Mend: true})
		if c.Mended != 3 {
			t.Errorf("%s %+v\n%s", c.Sentence(), c.Differences, w.logs())
		}
		w.agree(office(35), "name", "Came late")
		w.sync()
		if c = w.compare(replicate.CompareOptions{}); c.Same != 35 {
			t.Errorf("%s %+v", c.Sentence(), c.Differences)
		}
		w.quiet()
	})
}

func TestWhatTheServerLostIsNamedKeptAndSentBackOnlyOnDemand(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(20)
	w.sync()
	restore := w.eden.Backup()
	w.pass(time.Hour)
	w.edit(office(21), set("name", "Lost there"))
	w.sync()
	restore()
	w.pass(time.Hour)
	c := w.compare(replicate.CompareOptions{Mend: true})
	if c.Total != 21 || c.Same != 20 || len(c.Differences) != 1 || c.Differences[0].What != core.OnlyHere || c.Differences[0].Title != "Lost there" || c.Mended != 0 {
		t.Fatalf("%+v", c)
	}
	if w.here(office(21)).Deleted {
		t.Error("absence is no deletion")
	}
	if _, ok := w.hub.Get(office(21)); ok {
		t.Error("it must not be sent back unasked")
	}
	w.compare(replicate.CompareOptions{SendBack: true})
	w.sync()
	w.agree(office(21), "name", "Lost there")
	w.quiet()
}

func TestAComparisonThatIsShownNothingIsNoProof(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	w.eden.ReadRight("org_office", false)
	repo, _ := w.db.Repository(t.Context(), w.repo.ID)
	found, err := w.engine.Compare(t.Context(), repo, replicate.CompareOptions{Mend: true})
	if !core.IsKind(err, core.NoReadRight) || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestWhatWasDeliveredStandsInTheReceipt(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	w.edit(office(1), set("phone", "ours"))
	w.edit(office(2), func(r *core.Record) { r.Deleted = true })
	w.edit(office(3), set("phone", "refused"))
	w.eden.Reject(func(r core.Record, field string) string {
		if f, _ := r.Field("phone"); field == "phone" && f.Value.Str == "refused" {
			return "no such phone"
		}
		return ""
	})
	run, _ := w.run(replicate.Options{})
	var got []core.Delivery
	err := w.db.Deliveries(t.Context(), storage.DeliveryQuery{Repository: w.repo.ID}, func(d core.Delivery) error {
		got = append(got, d)
		return nil
	})
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v\n%s", got, err, w.logs())
	}
	i := slices.IndexFunc(got, func(d core.Delivery) bool { return d.Record == office(1) })
	if d := got[i]; d.Run != run.ID || d.At != core.MTimeOf(w.clock.Now()) || d.Title != "Office 1" || d.Hash != hashOf(w.here(office(1))) || d.Deleted || !got[1-i].Deleted {
		t.Errorf("%+v", got)
	}
}

func TestHeldDeletionsMayBeRefused(t *testing.T) {
	w := newWorld(t, "org_office")
	w.mostOfficesGone()
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Brake) {
		t.Fatal(err)
	}
	held, err := w.db.HeldBack(t.Context())
	if err != nil || len(held) != 1 || held[0].Held != 30 || held[0].Alive != 50 || held[0].Resource != "org_office" {
		t.Fatalf("%+v, %v", held, err)
	}
	kept, err := w.engine.RefuseHeld(t.Context(), w.repo, "", "ada")
	if err != nil || kept != 30 {
		t.Fatalf("%d kept, %v", kept, err)
	}
	run := w.sync()
	if run.Deleted != 0 || run.Delivered != 30 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	for i := 1; i <= 30; i++ {
		if w.here(office(i)).Deleted || w.there(office(i)).Deleted {
			t.Fatalf("office %d is deleted somewhere", i)
		}
	}
	w.quiet()
}

func TestABrakeThatIsOffHoldsNothing(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(50)
	w.sync()
	if err := w.db.SetBrake(t.Context(), w.repo.ID, "org_office", false); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	for i := 1; i <= 30; i++ {
		w.eden.Delete(office(i))
	}
	if run := w.sync(); run.Deleted != 30 {
		t.Errorf("got %s", run.Counts)
	}
}

func hashOf(r core.Record) core.Hash { return r.Hash() }

// A component that no document of masters shows is asked for by itself, and says in a field
// then to which master it belongs.
func TestTheKeyToTheMasterIsNoDifference(t *testing.T) {
	w := newWorld(t, "pr_person")
	w.engine.Tuning.Page = 2
	ann, contact := link("pr_person", 1), link("pr_contact", 2)
	w.eden.Put(rec(ann, "first_name", "Ann"), contactOf(ann, contact, "value", "a@example.org"))
	for n := 10; n < 20; n++ {
		w.eden.Put(rec(link("pr_person", n), "first_name", "Ben"))
	}
	w.sync()
	w.eden.NativeHides(func(l core.Link) bool { return l == ann })
	if c := w.compare(replicate.CompareOptions{}); c.Total != 12 || c.Same != 12 {
		t.Errorf("%+v", c)
	}
	w.edenChanges(contact, "value", "ann@example.org")
	c := w.compare(replicate.CompareOptions{})
	if c.Same != 11 || len(c.Differences) != 1 || c.Differences[0].Record != contact || c.Differences[0].What != core.DiffersContent {
		t.Errorf("after a change: %+v", c)
	}
}
