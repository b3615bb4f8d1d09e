package intake_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/storage"
)

// now is what the clocks say when a test begins; two hours of edits follow.
const now core.MTime = 1_770_000_000

// A side is one store and the rules by which a peer's records are applied.
type side struct {
	t     *testing.T
	db    *storage.DB
	rules intake.Rules
	told  map[core.Link]core.Verdict
}

func newSide(t *testing.T) *side {
	t.Helper()
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), storage.Options{Dir: dir, Secrets: storage.NewFileSecrets(dir), Now: func() time.Time { return now.Time() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	repo, err := db.AddRepository(t.Context(), core.Repository{Name: "peer", UUID: "urn:uuid:peer"})
	if err != nil {
		t.Fatal(err)
	}
	s := &side{t: t, db: db, told: map[core.Link]core.Verdict{}}
	s.rules = intake.Rules{Repository: repo.ID, Run: "run", Peer: "peer", Now: now + 7200,
		Rules: core.Rules{Strategy: core.StrategyAll, Update: core.PolicyNewer, Conflict: core.PolicyNewer, Merge: true},
		Told:  func(r *core.Record, v core.Verdict) { s.told[r.Link()] = v }}
	return s
}

// in runs fn in one transaction.
func (s *side) in(fn func(context.Context, intake.Tx) error) {
	s.t.Helper()
	if err := s.db.Import(s.t.Context(), func(tx intake.Tx) error { return fn(s.t.Context(), tx) }); err != nil {
		s.t.Fatal(err)
	}
}

// receive applies one document record and returns what was counted.
func (s *side) receive(rec core.Record) (counts core.Counts) {
	s.t.Helper()
	s.in(func(ctx context.Context, tx intake.Tx) (err error) {
		counts, err = intake.Apply(ctx, tx, &s.rules, &rec)
		return err
	})
	if counts.Accounted() != counts.Received {
		s.t.Errorf("%d received, %d accounted for", counts.Received, counts.Accounted())
	}
	return counts
}

// edit makes a version here, as a person would.
func (s *side) edit(rec core.Record) {
	s.t.Helper()
	s.in(func(ctx context.Context, tx intake.Tx) error {
		return tx.Put(ctx, &rec, core.Change{Rule: "edit", By: "me", At: rec.ModifiedOn})
	})
}

func (s *side) head(l core.Link) (h core.Head) {
	s.t.Helper()
	s.in(func(ctx context.Context, tx intake.Tx) (err error) {
		h, err = tx.Head(ctx, s.rules.Repository, l)
		return err
	})
	return h
}

// want checks one field of our version.
func (s *side) want(l core.Link, field, value string) {
	s.t.Helper()
	rec, err := s.db.Record(s.t.Context(), l)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := rec.Value(field).Str; got != value {
		s.t.Errorf("%s is %q, want %q", field, got, value)
	}
}

var office = core.Link{Resource: "org_office", UUID: "urn:uuid:00000000-0000-4000-8000-000000000001"}

// version makes a version of the office: modified some seconds after now.
func version(after int, pairs ...string) core.Record {
	r := core.Record{Resource: office.Resource, UUID: office.UUID, MCI: 1, CreatedOn: now, ModifiedOn: now + core.MTime(after)}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Set(core.Field{Name: pairs[i], Value: core.Text(pairs[i+1])})
	}
	return r
}

// based says which version an edit grew from.
func based(r, on core.Record) core.Record {
	r.Attrs = append(r.Attrs, core.Attr{Name: intake.BasedOn, Value: on.Hash().String()})
	return r
}

func TestAPassiveSideSeesConflictsByWhatAnEditGrewFrom(t *testing.T) {
	first := version(0, "name", "A", "phone", "1")
	for _, tt := range []struct {
		name   string
		ours   *core.Record // our edit after the first version, nil: none
		theirs core.Record
		state  core.State
		phone  string
	}{
		{"nobody else changed it", nil, version(60, "name", "A", "phone", "2"), core.StateUpdated, "2"},
		{"we changed the same field later: ours stays", new(version(90, "name", "A", "phone", "3")), version(60, "name", "A", "phone", "2"), core.StateConflict, "3"},
		{"we changed the same field earlier: theirs wins", new(version(30, "name", "A", "phone", "3")), version(60, "name", "A", "phone", "2"), core.StateConflict, "2"},
		{"we changed another field: both stay", new(version(90, "name", "B", "phone", "1")), version(60, "name", "A", "phone", "2"), core.StateMerged, "2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSide(t)
			s.rules.Passive, s.rules.Partial = true, true
			s.edit(first)
			if tt.ours != nil {
				s.edit(*tt.ours)
			}
			s.receive(based(tt.theirs, first))
			if got := s.told[office]; got.State != tt.state {
				t.Errorf("got %s (%s), want %s", got.State, got.Rule, tt.state)
			}
			s.want(office, "phone", tt.phone)
			if tt.state == core.StateMerged {
				s.want(office, "name", "B")
			}
			rec, _ := s.db.Record(t.Context(), office)
			if len(rec.Attrs) != 0 {
				t.Errorf("the attribute is for the journey only: %+v", rec.Attrs)
			}
		})
	}
}

func TestAPassiveSideBelievesAPeerThatWasServed(t *testing.T) {
	for _, served := range []bool{true, false} {
		t.Run(fmt.Sprint(served), func(t *testing.T) {
			s := newSide(t)
			s.rules.Passive, s.rules.Partial = true, true
			s.receive(version(0, "name", "A", "phone", "1")) // the peer's own, so there is a base
			s.edit(version(30, "name", "A", "phone", "ours"))
			if served {
				seq, err := s.db.Seq(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s.rules.ServedSeq = seq
			}
			s.receive(version(60, "name", "A", "phone", "theirs"))
			want := core.StateConflict
			if served {
				want = core.StateUpdated // it had our version before it edited
			}
			if got := s.told[office].State; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// What was agreed may be dated days ahead, by a clock that was put right since. What is dated after
// that is taken, and stands after it: with the same stamp a field that was emptied would be one
// that is only not shown, for everybody who has the former version (seed 9400980).
func TestWhatIsEmptiedAfterAStampOfTheFutureStandsAfterIt(t *testing.T) {
	s := newSide(t)
	s.rules.Passive, s.rules.Partial = true, true
	const ahead = 34 * 3600
	s.receive(version(0, "name", "A", "phone", "1"))
	s.edit(version(ahead, "name", "B", "phone", "1"))
	seq, err := s.db.Seq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.rules.ServedSeq = seq
	emptied := version(ahead+1, "name", "B")
	emptied.Set(core.Field{Name: "phone", Value: core.Value{Kind: core.Null}})
	s.receive(emptied)
	s.want(office, "phone", "")
	if rec, err := s.db.Record(t.Context(), office); err != nil || rec.ModifiedOn <= now+ahead {
		t.Errorf("it stands as of %s, %v: who has that of %s takes it for the same", rec.ModifiedOn, err, now.Add(ahead*time.Second))
	}
}

// What is pushed to us may be dated in the very second of what stands here and others have pulled: what
// is taken stands after it, or they would not hear that a field was emptied, or a component moved
// (seed 3241).
func TestWhatIsPushedInTheSecondOfOursStandsAfterIt(t *testing.T) {
	emptied := version(30, "name", "A")
	emptied.Set(core.Field{Name: "phone", Value: core.Value{Kind: core.Null}})
	for name, pushed := range map[string]core.Record{"emptied": emptied, "changed": version(30, "name", "A", "phone", "theirs")} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			s.rules.Passive, s.rules.Partial = true, true
			s.receive(version(0, "name", "A", "phone", "1"))
			s.edit(version(30, "name", "A", "phone", "ours"))
			seq, err := s.db.Seq(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s.rules.ServedSeq = seq
			s.receive(pushed)
			s.want(office, "phone", pushed.Value("phone").Str)
			if rec, err := s.db.Record(t.Context(), office); err != nil || rec.ModifiedOn <= now+30 {
				t.Errorf("it stands as of %s, %v: so does what others have", rec.ModifiedOn, err)
			}
		})
	}
}

// What is joined with a push stands after ours, too, which others have: dated before it, or with it,
// a field that was emptied would be one that is only not shown to them. A stamp of days ahead
// says nothing.
func TestWhatIsJoinedWithAPushStandsAfterOurs(t *testing.T) {
	for name, stamp := range map[string]core.MTime{"ahead": 3 * 3600, "in the same second": 2 * 3600} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			s.rules.Passive, s.rules.Partial = true, true
			before := version(0, "name", "A", "phone", "1")
			s.edit(before)
			s.edit(version(int(stamp), "name", "ours", "phone", "1"))
			emptied := version(30, "name", "A")
			emptied.Set(core.Field{Name: "phone", Value: core.Value{Kind: core.Null}})
			s.receive(based(emptied, before))
			s.want(office, "phone", "")
			s.want(office, "name", "ours")
			if rec, err := s.db.Record(t.Context(), office); err != nil || rec.ModifiedOn <= now+stamp {
				t.Errorf("it stands as of %s, %v: others have that of %s", rec.ModifiedOn, err, now+stamp)
			}
		})
	}
}

// What was deleted here, and was moved and changed where it comes from, may come by itself: it lives
// below whom it names by the key to its master then (seed 9850029).
func TestWhatComesAloneAndLivesAgainIsBelowWhomItNames(t *testing.T) {
	for name, to := range map[string]string{"another one": "urn:uuid:second", "the same": "urn:uuid:first", "nobody": ""} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			s.rules.Passive, s.rules.Partial, s.rules.Based = true, true, true
			contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:c", ModifiedOn: now, Master: core.Link{Resource: "pr_person", UUID: "urn:uuid:first"}, Alias: "contact"}
			contact.Set(core.Field{Name: "value", Value: core.Text("1")})
			s.edit(contact)
			deleted := contact
			deleted.Deleted, deleted.Fields, deleted.ModifiedOn = true, nil, now+30
			s.edit(deleted)
			back := contact.Clone()
			back.Master, back.Alias, back.ModifiedOn = core.Link{}, "", now+60
			want := contact.Master
			if to != "" {
				want.UUID = to
				back.Set(core.Field{Name: "pe_id", Value: core.RefTo("pr_person", to)})
			}
			s.receive(based(back, deleted))
			got, err := s.db.Record(t.Context(), contact.Link())
			if err != nil || got.Deleted || got.Master != want {
				t.Errorf("it is below %+v, deleted: %t, %v", got.Master, got.Deleted, err)
			}
		})
	}
}

func TestAPassiveSideNeverLowersAStamp(t *testing.T) {
	s := newSide(t)
	s.rules.Passive, s.rules.Partial = true, true
	s.receive(version(60, "name", "A"))
	s.receive(version(0, "name", "A"))
	rec, err := s.db.Record(t.Context(), office)
	if err != nil || rec.ModifiedOn != now+60 {
		t.Errorf("the stamp is %s, %v: Eden's bug W4", rec.ModifiedOn, err)
	}
	s.receive(version(-60, "name", "B")) // it grew from what we agreed on, whatever the peer's clock says
	s.want(office, "name", "B")
	if rec, err = s.db.Record(t.Context(), office); err != nil || rec.ModifiedOn != now+60 {
		t.Errorf("with another name the stamp is %s, %v: who has pulled since would never hear of it", rec.ModifiedOn, err)
	}
	if h := s.head(office); h.ChangedHere() || h.BaseModifiedOn != now-60 {
		t.Errorf("the peer has what we have, with its own stamp: %+v", h)
	}
}

func TestAPartialDocumentLeavesTheRestAlone(t *testing.T) {
	s := newSide(t)
	s.rules.Partial = true
	s.receive(version(0, "name", "A", "phone", "1"))
	s.receive(version(60, "phone", "2"))
	s.want(office, "name", "A")
	s.want(office, "phone", "2")
}

func TestAFormerVersionOfOursIsABase(t *testing.T) {
	s := newSide(t)
	sent := version(0, "name", "A")
	s.edit(sent)
	s.edit(version(60, "name", "A", "phone", "later")) // and nobody knows whether the first was delivered
	s.receive(sent)
	if got := s.told[office]; got.State != core.StateKept {
		t.Errorf("got %s (%s), want ours kept", got.State, got.Rule)
	}
	if h := s.head(office); !h.HasBase || !h.Unsent() {
		t.Errorf("the later edit must still be sent: %+v", h)
	}
	s.want(office, "phone", "later")
}

// A push arrived and its answer did not; then both sides went on from it.
func TestAnOlderTextOfOursNeverWinsOverANewerOne(t *testing.T) {
	for _, tt := range []struct{ name, there, want string }{
		{"the peer has our former text: ours is the later one", "B", "C"},
		{"the peer has a text of its own: the newer one", "D", "D"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSide(t)
			s.receive(version(0, "name", "A"))
			s.edit(version(60, "name", "B"))
			s.edit(version(120, "name", "C"))
			s.receive(version(180, "name", tt.there, "phone", "theirs"))
			s.want(office, "name", tt.want)
			s.want(office, "phone", "theirs")
			if got, unsent := s.told[office], s.head(office).Unsent(); unsent != (tt.want == "C") || (got.State == core.StateMerged) != unsent {
				t.Errorf("%s (%s), unsent %v", got.State, got.Rule, unsent)
			}
		})
	}
}

func TestWhatOnlyAnotherPeerKnowsIsKeptAndSent(t *testing.T) {
	s := newSide(t)
	s.receive(version(0, "name", "A", "web", "from the first"))
	second, err := s.db.AddRepository(t.Context(), core.Repository{Name: "second", UUID: "urn:uuid:second"})
	if err != nil {
		t.Fatal(err)
	}
	s.rules.Repository = second.ID
	s.receive(version(60, "name", "B"))
	s.want(office, "name", "B")
	s.want(office, "web", "from the first")
	if !s.head(office).Unsent() {
		t.Error("the second peer lacks a field: it must be sent")
	}
}

// What a peer says again, clearly dated before what it confirmed since, is former;
// a few seconds are what stamps and clocks cannot tell.
// A peer may have our stamp because it took a part of what we sent, and we never saw
// which: the stamp does not say that it has the rest.
func TestOurStampAtAStrangerDoesNotSayThatItHasAllOfOurs(t *testing.T) {
	s := newSide(t)
	s.rules.Rules.Update = core.PolicyOther
	s.edit(version(10, "name", "Ours", "phone", "1"))
	s.receive(version(10, "name", "Theirs"))
	s.want(office, "name", "Theirs")
	s.want(office, "phone", "1")
	if h := s.head(office); !h.Unsent() {
		t.Errorf("the phone is not sent: %+v", h)
	}
}

func TestOnlyWhatIsClearlyOlderIsAFormerVersion(t *testing.T) {
	for _, tt := range []struct {
		name    string
		deleted bool
		stamp   int        // of theirs; what was agreed is dated 120
		pulled  core.MTime // when the peer's time was known to be that late
		state   core.State
		rule    string
	}{
		{"a text that was there before, a moment too early", false, 118, 7200, core.StateUpdated, "update NEWER"},
		{"a text that was there before, two minutes too early", false, 0, 7200, core.StateKept, core.RuleWentBack},
		{"deleted again, a moment too early", true, 116, 7200, core.StateDeleted, "delete NEWER"},
		{"deleted again, a minute too early", true, 60, 7200, core.StateKept, core.RuleWentBack},
		{"deleted again, before a moment that was the future when it was agreed", true, 60, 90, core.StateDeleted, "delete NEWER"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSide(t)
			s.rules.LastPull = now + tt.pulled
			gone := version(60)
			gone.Deleted = true
			s.receive(version(0, "name", "A"))
			s.receive(gone)
			s.receive(version(120, "name", "B"))
			again := version(tt.stamp, "name", "A")
			if tt.deleted {
				again = version(tt.stamp)
				again.Deleted = true
			}
			s.receive(again)
			if got := s.told[office]; got.State != tt.state || got.Rule != tt.rule {
				t.Errorf("got %s (%s), want %s (%s)", got.State, got.Rule, tt.state, tt.rule)
			}
		})
	}
}

// A second peer, with which nothing was agreed, says nothing about having gone
// back; what it has and loses is not lost from sight.
func TestAnOlderVersionOfAStrangerIsKeptInTheHistory(t *testing.T) {
	s := newSide(t)
	s.receive(version(60, "name", "A", "phone", "newer"))
	second, err := s.db.AddRepository(t.Context(), core.Repository{Name: "second", UUID: "urn:uuid:second"})
	if err != nil {
		t.Fatal(err)
	}
	s.rules.Repository = second.ID
	s.receive(version(0, "name", "A", "phone", "older"))
	if got := s.told[office]; got.State != core.StateKept || got.Rule == core.RuleWentBack {
		t.Errorf("got %s (%s)", got.State, got.Rule)
	}
	s.want(office, "phone", "newer")
	if rec, _ := s.db.Record(t.Context(), office); rec.ModifiedOn != now+60 {
		t.Errorf("ours is dated %s now", rec.ModifiedOn)
	}
	if !s.head(office).Unsent() {
		t.Error("the second peer lacks ours")
	}
	history, err := s.db.History(t.Context(), office)
	if err != nil || !slices.ContainsFunc(history, func(v core.Version) bool { return v.Record.Value("phone").Str == "older" }) {
		t.Errorf("what it had is nowhere: %+v, %v", history, err)
	}
}

func TestAMissingStampMeansNow(t *testing.T) {
	s := newSide(t)
	r := version(0, "name", "A")
	r.ModifiedOn = 0
	s.receive(r)
	rec, err := s.db.Record(t.Context(), office)
	if err != nil || rec.ModifiedOn != s.rules.Now {
		t.Errorf("got %s, %v", rec.ModifiedOn, err)
	}
}

// A super-entity of Eden's (org_site) comes without a stamp with every document.
func TestWhatComesWithoutAStampAsItWasKeepsItsStamp(t *testing.T) {
	s := newSide(t)
	come := func(name string) {
		r := version(0, "name", name)
		r.ModifiedOn = 0
		s.receive(r)
		s.rules.Now += 3600
	}
	come("A")
	first := s.head(office)
	come("A")
	if again := s.head(office); again != first {
		t.Errorf("the same again: %+v, was %+v", again, first)
	}

	edited := version(7300, "name", "A", "phone", "ours")
	s.edit(edited)
	unsent := s.head(office)
	come("A")
	if again := s.head(office); again != unsent {
		t.Errorf("the same again below our edit: %+v, was %+v", again, unsent)
	}
	s.want(office, "phone", "ours")

	changed := s.rules.Now
	come("B")
	s.want(office, "name", "B")
	s.want(office, "phone", "ours")
	if got := s.head(office).BaseModifiedOn; got != changed {
		t.Errorf("another version is dated %s, want %s", got, changed)
	}
}

func TestStaffDocumentsNestOnePersonManyTimes(t *testing.T) {
	s := newSide(t)
	person := core.Link{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa"}
	nested := core.Record{Resource: person.Resource, UUID: person.UUID, ModifiedOn: now, Alias: "email"}
	nested.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	staff := core.Record{Resource: "hrm_human_resource", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000bb", ModifiedOn: now}
	staff.Set(core.Field{Name: "person_id", Value: core.RefTo(person.Resource, person.UUID)})
	nested.Master = staff.Link()
	again := nested.Clone()
	again.Alias = "phone"
	staff.Components = []core.Record{nested, again}
	counts := s.receive(staff)
	if counts.Received != 2 || counts.Created != 2 {
		t.Errorf("one staff record and one person, got %s", counts)
	}
	rec, err := s.db.Record(t.Context(), person)
	if err != nil || !rec.Master.IsZero() {
		t.Errorf("the person must stand for itself: %+v, %v", rec.Master, err)
	}
}

// Eden nests a link record in both its masters, each time without the reference that the nesting implies: under THIS the
// second view was kept out, and sent back to a server that had it.
func TestALinkRecordIsOneVersionSeenFromTwoSides(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyThis, core.PolicyOther, core.PolicyNewer, core.PolicyMaster} {
		t.Run(string(policy), func(t *testing.T) {
			s := newSide(t)
			s.rules.Rules.Update, s.rules.Rules.Conflict = policy, policy
			view := func(field, target string) core.Record {
				r := core.Record{Resource: "org_organisation_branch", UUID: "urn:uuid:link", MCI: 1, ModifiedOn: now}
				r.Set(core.Field{Name: field, Value: core.RefTo("org_organisation", target)})
				return r
			}
			s.receive(view("branch_id", "urn:uuid:branch"))
			s.receive(view("organisation_id", "urn:uuid:head"))
			l := core.Link{Resource: "org_organisation_branch", UUID: "urn:uuid:link"}
			s.want(l, "branch_id", "urn:uuid:branch")
			s.want(l, "organisation_id", "urn:uuid:head")
			if h := s.head(l); h.ChangedHere() {
				t.Error("nobody changed it here: there is nothing to send")
			}
			changed := view("organisation_id", "urn:uuid:other")
			if policy == core.PolicyThis {
				if c := s.receive(changed); c.Kept != 1 {
					t.Errorf("THIS takes no other value: %s", c)
				}
			}
		})
	}
}

func TestAComponentFirstSeenAloneFindsItsMaster(t *testing.T) {
	s := newSide(t)
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now}
	contact.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
	s.receive(contact.Clone())
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa", ModifiedOn: now}
	contact.Master = person.Link()
	person.Components = []core.Record{contact}
	s.receive(person)
	rec, err := s.db.Record(t.Context(), contact.Link())
	if err != nil || rec.Master != person.Link() {
		t.Errorf("its master is %+v, %v", rec.Master, err)
	}
	if s.head(contact.Link()).Unsent() {
		t.Error("learning the master is no change to send")
	}
}

// It was edited here before the server showed whose it is, and stays as it was edited.
func TestAComponentThatWasEditedHereFindsItsMaster(t *testing.T) {
	for name, theirs := range map[string]string{"unchanged there": "x@example.org", "changed there": "z@example.org"} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now}
			contact.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
			s.receive(contact.Clone())
			edited := contact.Clone()
			edited.ModifiedOn = now + 60
			edited.Set(core.Field{Name: "value", Value: core.Text("y@example.org")})
			s.edit(edited)
			person := core.Record{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa", ModifiedOn: now}
			contact.Master = person.Link()
			contact.Set(core.Field{Name: "value", Value: core.Text(theirs)})
			person.Components = []core.Record{contact}
			s.receive(person)
			s.want(contact.Link(), "value", "y@example.org")
			rec, err := s.db.Record(t.Context(), contact.Link())
			if err != nil || rec.Master != person.Link() {
				t.Errorf("its master is %+v, %v", rec.Master, err)
			}
			if !s.head(contact.Link()).Unsent() {
				t.Error("the edit is still to be sent")
			}
		})
	}
}

// It was deleted here, moved to another person at an Eden, and brought back there, which shows it
// alone (seed 3003262).
func TestAComponentThatLivesAgainElsewhereIsNotBelowItsFormerMaster(t *testing.T) {
	s := newSide(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa", ModifiedOn: now}
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now, Master: person.Link(), Alias: "contact"}
	contact.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
	person.Components = []core.Record{contact.Clone()}
	s.receive(person)
	buried := core.Record{Resource: contact.Resource, UUID: contact.UUID, Deleted: true, ModifiedOn: now + 60, MCI: core.MCIUnknown}
	s.receive(buried)
	other := core.Link{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000bb"}
	alone := contact.Clone()
	alone.Master, alone.Alias, alone.ModifiedOn = core.Link{}, "", now+120
	alone.Set(core.Field{Name: "pe_id", Value: core.RefTo(other.Resource, other.UUID)})
	s.receive(alone)
	rec, err := s.db.Record(t.Context(), contact.Link())
	if err != nil || rec.Deleted || rec.Master != other {
		t.Errorf("it is %+v, %v", rec, err)
	}
}

// What was agreed on was shown alone then: only its key says below what, and that it was moved
// since. An edit that waits here is merged with that, and goes along (seed 9000928).
func TestAComponentThatWasAgreedOnAloneAndMovesThereMovesHere(t *testing.T) {
	person, other := core.Link{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa"}, core.Link{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000bb"}
	s := newSide(t)
	alone := core.Record{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now}
	alone.Set(core.Field{Name: "pe_id", Value: core.RefTo(person.Resource, person.UUID)})
	alone.Set(core.Field{Name: "value", Value: core.Text("1")})
	ours := alone.Clone()
	ours.Master, ours.Alias, ours.ModifiedOn = person, "contact", now+60
	ours.Set(core.Field{Name: "value", Value: core.Text("2")})
	s.edit(ours)
	s.in(func(ctx context.Context, tx intake.Tx) error {
		return tx.SetBase(ctx, s.rules.Repository, &alone, core.SeqNone)
	})
	moved := alone.Clone()
	moved.ModifiedOn = now + 120
	moved.Set(core.Field{Name: "pe_id", Value: core.RefTo(other.Resource, other.UUID)})
	s.receive(moved)
	rec, err := s.db.Record(t.Context(), alone.Link())
	if key := rec.Value("pe_id"); err != nil || rec.Master != other || key.Str != other.UUID || rec.Value("value").Str != "2" {
		t.Errorf("it is below %+v, with %+v, %v", rec.Master, rec.Fields, err)
	}
	if !s.head(alone.Link()).Unsent() {
		t.Error("the edit is still to be sent")
	}
}

// A contact is shown below its person, and alone by the task of its own table, where it points
// there. That is no other version of one that waits to be sent, as the server has no place for
// what it has here: it was joined, dated now and sent with every run.
func TestAComponentThatIsShownTwiceIsNoOtherVersion(t *testing.T) {
	s := newSide(t)
	s.rules.Columns = func(core.Resource) (map[string]bool, bool) {
		return map[string]bool{"value": true, "pe_id": true, "first_name": true}, true
	}
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa", ModifiedOn: now}
	contact := core.Record{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now, Master: person.Link(), Alias: "contact"}
	contact.Set(core.Field{Name: "value", Value: core.Text("x@example.org")})
	person.Components = []core.Record{contact.Clone()}
	s.receive(person)
	key := core.Field{Name: "pe_id", Value: core.RefTo("pr_person", person.UUID)}
	edited := contact.Clone()
	edited.Set(core.Field{Name: "comments", Value: core.Text("only here")})
	edited.Set(key) // as another server shows it
	s.edit(edited)
	before := s.head(contact.Link()).Seq
	alone := contact.Clone()
	alone.Master, alone.Alias = core.Link{}, ""
	alone.Set(key)
	if counts := s.receive(alone); counts.Kept != 1 || s.head(contact.Link()).Seq != before {
		t.Errorf("%s, and version %d after %d", counts, s.head(contact.Link()).Seq, before)
	}
	s.want(contact.Link(), "comments", "only here")
}

// What somebody enters again and again is dated when that is done, and taken each time. Only two
// versions that follow each other within seconds, by turns, are carried round; one of them stays,
// the same for everybody, and the other is a conflict that was decided.
func TestTwoVersionsThatChangePlacesAreToldFromWhatIsEnteredAgain(t *testing.T) {
	for name, seconds := range map[string]int{"entered again": 60, "carried round": 1} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			conflicts := 0
			s.rules.Conflict = func(core.Conflict) { conflicts++ }
			taken := 0
			for n := range 8 {
				word := []string{"open", "closed"}[n%2]
				s.receive(version(n*seconds, "name", word))
				if rec, err := s.db.Record(t.Context(), office); err == nil && rec.Value("name").Str == word {
					taken++
				}
			}
			if seconds > 1 && (taken != 8 || conflicts != 0) {
				t.Errorf("%d of 8 were taken, and %d were conflicts", taken, conflicts)
			}
			if seconds == 1 && (taken > 6 || conflicts == 0) {
				t.Errorf("%d of 8 were taken, and %d were conflicts: they change places for ever", taken, conflicts)
			}
		})
	}
}

// The peer does not take all of ours, and keeps sending back what others make of the rest: what is
// joined to ours takes turns as well, and one of the two stays (seed 9510859). What somebody enters
// again there is joined each time.
func TestWhatIsJoinedInTurnsIsToldFromWhatIsEnteredAgain(t *testing.T) {
	for name, seconds := range map[string]core.MTime{"entered again": 60, "carried round": 1} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			var lost []string
			s.rules.Conflict = func(c core.Conflict) { lost = append(lost, c.Theirs.Value("name").Str) }
			s.receive(version(0, "name", "new"))
			s.edit(version(1, "name", "new", "comments", "which the peer does not take"))
			joined := 0
			for n := range 10 {
				ours, err := s.db.Record(t.Context(), office)
				if err != nil {
					t.Fatal(err)
				}
				word := []string{"closed", "open"}[n%2]
				theirs := version(0, "name", word)
				theirs.ModifiedOn = ours.ModifiedOn + seconds
				s.receive(theirs)
				ours, err = s.db.Record(t.Context(), office)
				if err != nil || ours.Value("comments").Str == "" {
					t.Fatalf("it is %+v, %v", ours.Fields, err)
				}
				if ours.Value("name").Str == word {
					joined++
				}
			}
			if seconds > 1 && (joined != 10 || len(lost) != 0) {
				t.Errorf("%d of 10 were joined, and %v are in the list of conflicts", joined, lost)
			}
			if seconds == 1 && (joined > 8 || len(lost) == 0) {
				t.Errorf("%d of 10 were joined, and %v are in the list of conflicts: they take turns for ever", joined, lost)
			}
		})
	}
}

// Whose a component is is no field of ours for which the peer has no column: a question about one that
// the peer moved to another record has no key of the former one in what the peer says (seed 9406193).
func TestTheKeyToTheMasterIsNoFieldWithoutAColumn(t *testing.T) {
	contact := core.Link{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-000000000007"}
	first, second := core.Link{Resource: "pr_person", UUID: "urn:uuid:a"}, core.Link{Resource: "pr_person", UUID: "urn:uuid:b"}
	at := func(after int, master core.Link, value string) core.Record {
		r := version(after, "value", value)
		r.Resource, r.UUID, r.Master, r.Alias = contact.Resource, contact.UUID, master, "contact"
		return r
	}
	s := newSide(t)
	s.rules.Columns = func(core.Resource) (map[string]bool, bool) { return map[string]bool{"value": true}, true }
	s.rules.Rules.Conflict = core.PolicyAsk
	s.receive(at(0, first, "1"))
	ours := at(60, first, "ours") // another server shows by which field it belongs to its person
	ours.Set(core.Field{Name: "pe_id", Value: core.RefTo(first.Resource, first.UUID)})
	s.edit(ours)
	s.receive(at(120, second, "theirs"))
	s.in(func(ctx context.Context, tx intake.Tx) error {
		q, err := tx.OpenConflict(ctx, s.rules.Repository, contact)
		if err == nil && (q.Theirs.Master != second || q.Theirs.Value("pe_id").Str == first.UUID) {
			t.Errorf("the peer is said to have %+v", q.Theirs)
		}
		return err
	})
}

// A record that could not be read is not made, nor brought back, by a later try once its
// server has deleted it.
func TestWhatWasDeletedIsNotTriedAgain(t *testing.T) {
	for name, before := range map[string]func(*side){
		"never here": func(*side) {},
		"deleted here before": func(s *side) {
			s.receive(version(0, "name", "A"))
			s.edit(core.Record{Resource: office.Resource, UUID: office.UUID, Deleted: true, ModifiedOn: now + 30})
		},
		"taken, and never read": func(s *side) { s.receive(version(0, "name", "A")) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			before(s)
			unread := version(60, "name", "B")
			s.in(func(ctx context.Context, tx intake.Tx) error {
				_, err := intake.Reject(ctx, tx, &s.rules, office, "unreadable", "", string(s3xml.AppendRecord(nil, &unread)))
				return err
			})
			s.receive(core.Record{Resource: office.Resource, UUID: office.UUID, Deleted: true, ModifiedOn: now + 120, MCI: core.MCIUnknown})
			waiting, err := s.db.Quarantines(t.Context(), s.rules.Repository)
			if err != nil || len(waiting) != 0 {
				t.Errorf("it waits to be tried again: %+v, %v", waiting, err)
			}
			for _, q := range waiting {
				s.in(func(ctx context.Context, tx intake.Tx) error {
					_, _, err := intake.Retry(ctx, tx, &s.rules, q)
					return err
				})
			}
			if rec, err := s.db.Record(t.Context(), office); err == nil && !rec.Deleted {
				t.Errorf("it is back: %+v", rec)
			}
		})
	}
}

func TestTheStrategyBindsEachMethod(t *testing.T) {
	gone := core.Record{Resource: office.Resource, UUID: office.UUID, Deleted: true, ModifiedOn: now + 60, MCI: core.MCIUnknown}
	merged := gone
	merged.ReplacedBy = "urn:uuid:00000000-0000-4000-8000-000000000002"
	for _, tt := range []struct {
		method core.Method
		rec    core.Record
		known  bool
		state  core.State
	}{
		{core.MethodCreate, version(60, "name", "B"), false, core.StateCreated},
		{core.MethodUpdate, version(60, "name", "B"), true, core.StateUpdated},
		{core.MethodDelete, gone, true, core.StateDeleted},
		{core.MethodMerge, merged, true, core.StateMerged},
	} {
		for _, allowed := range []bool{true, false} {
			t.Run(fmt.Sprint(tt.method, allowed), func(t *testing.T) {
				s := newSide(t)
				if tt.known {
					s.receive(version(0, "name", "A"))
				}
				want := tt.state
				if !allowed {
					s.rules.Strategy &^= core.Strategy(tt.method)
					want = core.StateFiltered
				}
				before := s.head(office)
				s.receive(tt.rec.Clone())
				if got := s.told[office].State; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if after := s.head(office); !allowed && after != before {
					t.Errorf("what is filtered must leave everything as it is: %+v, %+v", before, after)
				}
			})
		}
	}
}

func TestALosingVersionIsInTheHistory(t *testing.T) {
	s := newSide(t)
	s.rules.Conflict = nil
	s.rules.Rules.Conflict = core.PolicyThis
	s.receive(version(0, "phone", "1"))
	s.edit(version(30, "phone", "ours"))
	theirs := version(60, "phone", "theirs")
	s.receive(theirs.Clone())
	s.want(office, "phone", "ours")
	s.in(func(ctx context.Context, tx intake.Tx) error {
		if _, err := tx.VersionByHash(ctx, office, theirs.Hash()); err != nil {
			t.Errorf("their version is not in the history: %v", err)
		}
		return nil
	})
	if !s.head(office).Unsent() {
		t.Error("ours must be sent to the peer that lost")
	}
}

// Under THIS ours goes over what was changed there alone: that version was somebody's,
// too.
func TestWhatTheUpdatePolicyGoesOverIsInTheHistory(t *testing.T) {
	s := newSide(t)
	s.rules.Rules.Update = core.PolicyThis
	s.edit(version(0, "phone", "1"))
	s.in(func(ctx context.Context, tx intake.Tx) error {
		ours, err := tx.Record(ctx, office)
		if err != nil {
			return err
		}
		return tx.SetBase(ctx, s.rules.Repository, &ours, core.SeqCurrent) // delivered
	})
	theirs := version(60, "phone", "theirs")
	s.receive(theirs.Clone())
	s.want(office, "phone", "1")
	if !s.head(office).Unsent() {
		t.Error("ours must be sent")
	}
	s.edit(version(90, "phone", "2"))
	s.in(func(ctx context.Context, tx intake.Tx) error {
		ours, err := tx.Record(ctx, office)
		if err != nil {
			return err
		}
		return tx.SetBase(ctx, s.rules.Repository, &ours, core.SeqCurrent)
	})
	history, err := s.db.History(t.Context(), office)
	if err != nil || !slices.ContainsFunc(history, func(v core.Version) bool { return v.Record.Value("phone").Str == "theirs" }) {
		t.Errorf("what was changed there is nowhere: %+v, %v", history, err)
	}
}

// A component that was moved here, to another record, and is the same there as before is not
// moved back by it, nor taken for delivered: the peer has still to hear of it.
func TestWhatWasMovedHereIsStillToBeSent(t *testing.T) {
	contact := core.Link{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-000000000007"}
	first, second := core.Link{Resource: "pr_person", UUID: "urn:uuid:a"}, core.Link{Resource: "pr_person", UUID: "urn:uuid:b"}
	at := func(after int, master core.Link, value, comments string) core.Record {
		r := version(after, "value", value, "comments", comments)
		r.Resource, r.UUID, r.Master, r.Alias = contact.Resource, contact.UUID, master, "contact"
		return r
	}
	for name, theirs := range map[string]core.Record{
		"it comes again as it was": at(0, first, "1", ""),
		"dated anew":               at(120, first, "1", ""),
		"changed":                  at(120, first, "1", "theirs"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			s.receive(at(0, first, "1", ""))
			s.edit(at(60, second, "1", ""))
			s.receive(theirs)
			rec, err := s.db.Record(t.Context(), contact)
			if err != nil || rec.Master != second {
				t.Errorf("its master is %+v, %v", rec.Master, err)
			}
			if want := theirs.Value("comments").Str; rec.Value("comments").Str != want {
				t.Errorf("the comments are %q, want %q", rec.Value("comments").Str, want)
			}
			if !s.head(contact).Unsent() {
				t.Error("it counts as sent")
			}
			// The peer hears of it, and shows it so.
			theirs := rec
			theirs.ModifiedOn += 600
			s.receive(theirs)
			if s.head(contact).Unsent() {
				t.Error("both sides have the same, and it still counts as unsent")
			}
		})
	}
}

// Asked for one place an Eden leaves out the one that it is in. That it is in none by now is known
// where it was asked just before, and has not been changed since.
func TestWhatIsNotShownWasEmptiedWhereTheServerWasAskedForIt(t *testing.T) {
	for name, tt := range map[string]struct {
		asked  core.MTime // dated so, when it was asked
		within bool       // the other one, afterwards
	}{
		"asked":                      {now + 60, false},
		"changed since it was asked": {now + 59, true},
		"not asked":                  {0, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			country := core.Link{Resource: "gis_location", UUID: "urn:uuid:00000000-0000-4000-8000-0000000000aa"}
			place := core.Record{Resource: country.Resource, UUID: "urn:uuid:00000000-0000-4000-8000-0000000000cc", ModifiedOn: now}
			place.Set(core.Field{Name: "parent", Value: core.RefTo(country.Resource, country.UUID)})
			place.Set(core.Field{Name: "name", Value: core.Text("Pokhara")})
			s.receive(place.Clone())
			place.ModifiedOn = now + 60
			place.Unset("parent")
			s.rules.Unseen = map[core.Resource]bool{country.Resource: true}
			if tt.asked != 0 {
				s.rules.Leads = map[core.Link]core.MTime{place.Link(): tt.asked}
			}
			s.receive(place)
			want := ""
			if tt.within {
				want = country.UUID
			}
			s.want(place.Link(), "parent", want)
		})
	}
}
