package responder_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// stock stores n organisations here.
func (s *site) stock(n int) {
	for i := range n {
		s.edit(organisation(fmt.Sprintf("urn:uuid:%04d", i), "N", "2026-01-01T00:00:00"))
	}
}

// tombstones are the deletions of the organisations from..to-1.
func tombstones(from, to int) (elements []string) {
	for i := from; i < to; i++ {
		elements = append(elements, fmt.Sprintf(`<resource name="org_organisation" uuid="urn:uuid:%04d" deleted="True" modified_on="2026-11-01T00:00:00"/>`, i))
	}
	return elements
}

func TestUnusuallyManyDeletionsThatArePushedAreHeld(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(50)
	m := s.push(toOrganisations, document(append(tombstones(0, 30), org("urn:uuid:new", "Still moving", "2026-11-02T00:00:00"))...)).message(t)
	if !m.OK() || len(m.Deleted) != 0 || len(m.Created) != 1 || len(m.Tree) != 30 || !strings.Contains(m.Tree[0].Error, "until somebody there confirms") {
		t.Errorf("%+v", m)
	}
	if got := len(s.store.Records("org_organisation")); got != 51 {
		t.Errorf("%d records are alive, want all 50 and the new one", got)
	}
	if got := len(s.store.Quarantined()); got != 30 {
		t.Errorf("%d are held", got)
	}
	found := false
	for _, e := range s.store.Log() {
		found = found || e.Result == core.ResultWarning && strings.Contains(e.Message, "Unusually many records would be deleted") && strings.Contains(e.Message, "30 of 51 records")
	}
	if !found {
		t.Errorf("the log does not say it: %+v", s.store.Log())
	}
}

func TestFewOrUsualDeletionsThatArePushedAreCarriedOut(t *testing.T) {
	for _, tt := range []struct{ stock, gone int }{{5, 5}, {20, 20}, {100, 50}, {1000, 450}} {
		s := newSite(t, nil)
		s.admit()
		s.stock(tt.stock)
		m := s.push(toOrganisations, document(tombstones(0, tt.gone)...)).message(t)
		if len(m.Deleted) != tt.gone || len(m.Tree) != 0 || len(s.store.Quarantined()) != 0 {
			t.Errorf("%d of %d: %d deleted, %d named, %d set aside", tt.gone, tt.stock, len(m.Deleted), len(m.Tree), len(s.store.Quarantined()))
		}
		if got := len(s.store.Records("org_organisation")); got != tt.stock-tt.gone {
			t.Errorf("%d of %d: %d are left", tt.gone, tt.stock, got)
		}
	}
}

// A Fieldsync sends fifty at a time, another client perhaps one.
func TestTheBrakeCountsThePushesOfADayTogether(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(40)
	held := 0
	for i := range 40 {
		m := s.push(toOrganisations, document(tombstones(i, i+1)...)).message(t)
		held += len(m.Tree)
		s.clock.pass(time.Minute)
	}
	if alive := len(s.store.Records("org_organisation")); alive != 20 || held != 20 {
		t.Errorf("%d are alive, %d held, want 20 each", alive, held)
	}
	s.clock.pass(48 * time.Hour)
	if m := s.push(toOrganisations, document(org("urn:uuid:0039", "back", "2026-11-25T00:00:00"))).message(t); !m.OK() {
		t.Errorf("%+v", m)
	}
}

// A laptop sends what was held again, days later and to a larger table; nobody has
// decided yet.
func TestWhatIsHeldWaitsThoughItIsPushedAgain(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(40)
	s.push(toOrganisations, document(tombstones(0, 30)...))
	s.clock.pass(48 * time.Hour)
	for i := range 60 {
		s.edit(organisation(fmt.Sprintf("urn:uuid:new-%d", i), "N", "2026-01-01T00:00:00"))
	}
	m := s.push(toOrganisations, document(append(tombstones(0, 30), tombstones(39, 40)...)...)).message(t)
	if alive, held := len(s.store.Records("org_organisation")), len(s.store.Quarantined()); alive != 99 || held != 30 || len(m.Tree) != 30 || len(m.Deleted) != 1 {
		t.Errorf("%d are alive, %d held, %d named, %d deleted, want the 30 to wait and the one to go", alive, held, len(m.Tree), len(m.Deleted))
	}
}

// Records that are merged away are deletions as well.
func TestTheBrakeCountsMergesThatArePushed(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(40)
	held := 0
	for i := range 39 {
		m := s.push(toOrganisations, document(fmt.Sprintf(`<resource name="org_organisation" uuid="urn:uuid:%04d" deleted="True" replaced_by="urn:uuid:0039" modified_on="2026-11-01T00:00:00"/>`, i))).message(t)
		held += len(m.Tree)
		s.clock.pass(time.Minute)
	}
	if alive := len(s.store.Records("org_organisation")); alive != 20 || held != 19 {
		t.Errorf("%d are alive, %d held, want 20 and 19", alive, held)
	}
}

// What comes along with a push counts for its own table, also nested in what is alive.
func TestTheBrakeCountsEachTableThatComesAlong(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(2)
	var alive, dead []string
	for i := range 30 {
		name := fmt.Sprintf("urn:uuid:office-%d", i)
		alive = append(alive, fmt.Sprintf(`<resource name="org_office" uuid="%s" modified_on="2026-11-01T00:00:00"><data field="name">N</data></resource>`, name))
		dead = append(dead, fmt.Sprintf(`<resource name="org_office" uuid="%s" deleted="True" modified_on="2026-11-02T00:00:00"/>`, name))
	}
	nest := func(offices []string) string {
		return `<resource name="org_organisation" uuid="urn:uuid:0000" modified_on="2026-11-03T00:00:00"><data field="name">N</data>` + strings.Join(offices, "") + `</resource>`
	}
	s.push(toOrganisations, document(nest(alive)))
	if got := len(s.store.Records("org_office")); got != 30 {
		t.Fatalf("%d offices are here", got)
	}
	for i := 0; i < 30; i += 10 {
		s.push(toOrganisations, document(nest(dead[i:i+10])))
		s.clock.pass(time.Minute)
	}
	if got, held := len(s.store.Records("org_office")), len(s.store.Quarantined()); got != 10 || held != 10 {
		t.Errorf("%d are alive, %d held, want 10 each", got, held)
	}
}

// The hub is started anew after each push: what it let through stands in its
// store, not in its memory.
func TestTheBrakeCountsThePushesOfADayAlsoWhenTheHubIsStartedAnew(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(40)
	for i := 0; i < 40; i += 10 {
		s.push(toOrganisations, document(tombstones(i, i+10)...))
		s.clock.pass(time.Hour)
		s.restart()
	}
	if alive, held := len(s.store.Records("org_organisation")), len(s.store.Quarantined()); alive != 20 || held != 20 {
		t.Errorf("%d are alive, %d held, want 20 each", alive, held)
	}
}

func TestAStampOfTheFutureDecidesNothing(t *testing.T) {
	t.Run("against an edit here it is a question", func(t *testing.T) {
		s := newSite(t, nil)
		s.admit()
		s.edit(organisation("urn:uuid:a", "ours", "2026-11-23T11:00:00"))
		m := s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2030-01-01T00:00:00"))).message(t)
		if s.title("urn:uuid:a") != "ours" || len(m.Tree) != 1 || !strings.Contains(m.Tree[0].Error, "a person here will decide") {
			t.Errorf("%s stands: %+v", s.title("urn:uuid:a"), m)
		}
		if c := s.store.Conflicts(); len(c) != 1 || !c[0].Open() || c[0].Theirs.Title() != "theirs" {
			t.Errorf("conflicts: %+v", c)
		}
	})
	t.Run("a day is no reason", func(t *testing.T) {
		s := newSite(t, nil)
		s.admit()
		s.edit(organisation("urn:uuid:a", "ours", "2026-11-23T11:00:00"))
		s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2026-11-24T11:00:00")))
		if s.title("urn:uuid:a") != "theirs" {
			t.Error("a clock that is some hours ahead is usual")
		}
	})
	t.Run("what nobody has here is taken, and dated now for everybody else", func(t *testing.T) {
		s := newSite(t, nil)
		s.admit()
		s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2030-01-01T00:00:00")))
		if got := s.stored("urn:uuid:a"); got.Title() != "theirs" || got.ModifiedOn != core.MTimeOf(s.clock.Now()) {
			t.Errorf("it stands as %s of %s", got.Title(), got.ModifiedOn)
		}
		s.push(toOrganisations, document(org("urn:uuid:a", "theirs", "2030-01-01T00:00:00")))
		if got := s.stored("urn:uuid:a"); got.ModifiedOn != core.MTimeOf(s.clock.Now()) {
			t.Errorf("pushed again it is of %s", got.ModifiedOn)
		}
		s.push(toOrganisations, document(org("urn:uuid:a", "theirs again", "2030-01-02T00:00:00")))
		if got := s.stored("urn:uuid:a"); got.Title() != "theirs again" || len(s.store.Conflicts()) != 0 {
			t.Errorf("its own next edit, base first: %s, %+v", got.Title(), s.store.Conflicts())
		}
	})
}

// A deletion is put off until the brake has judged the push. Of a record that was deleted
// and restored here before it is not the deletion of then: it says what it grew from, and
// says so still when it is carried out.
func TestADeletionOfWhatWasRestoredIsNotTakenForTheFormerOne(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.stock(60)
	gone := s.stored("urn:uuid:0000")
	gone.Deleted, gone.Fields = true, nil
	s.edit(gone)
	restored := organisation("urn:uuid:0000", "Restored", "2026-10-01T00:00:00")
	s.edit(restored)
	pushed := tombstones(0, 25) // many, and not unusually many
	pushed[0] = strings.Replace(pushed[0], "/>", fmt.Sprintf(" based_on=%q/>", restored.Hash().String()), 1)
	m := s.push(toOrganisations, document(pushed...)).message(t)
	if !s.stored("urn:uuid:0000").Deleted || len(m.Deleted) != 25 || len(s.store.Quarantined()) != 0 {
		t.Errorf("it is not deleted: %+v, %+v", m, s.store.Quarantined())
	}
	if rec := s.stored("urn:uuid:0000"); len(rec.Attrs) != 0 {
		t.Errorf("what it grew from is no part of it: %+v", rec.Attrs)
	}
}
