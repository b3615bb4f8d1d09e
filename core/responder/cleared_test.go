package responder_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
)

// ofEden is how a push of an Eden's own is addressed.
const ofEden = toOrganisations + "&strategy=create,update,delete,merge&update_policy=NEWER&conflict_policy=NEWER"

// described is an organisation with a phone number and a remark, "" for none: an Eden leaves
// out what is empty.
func described(uuid, modified, phone, remark string) string {
	fields := `<data field="name">A</data>`
	if phone != "" {
		fields += `<data field="phone">` + phone + `</data>`
	}
	if remark != "" {
		fields += `<data field="comments">` + remark + `</data>`
	}
	return `<resource name="org_organisation" uuid="` + uuid + `" mci="1" modified_on="` + modified + `">` + fields + `</resource>`
}

func (s *site) value(uuid, field string) string {
	s.t.Helper()
	rec := s.stored(uuid)
	return rec.Value(field).Str
}

// An Eden that calls writes all of a record, and leaves out what is empty there. What it had
// sent and leaves out of a later version was emptied there: to keep it here would bring it
// back there with the next pull.
func TestWhatACallingEdenEmptiesIsEmptyHere(t *testing.T) {
	const a, first, later = "urn:uuid:a", "2026-01-01T00:00:00", "2026-01-02T00:00:00"
	for _, tt := range []struct {
		name, query, again string
		want               string
	}{
		{"in a later version", ofEden, described(a, later, "1", ""), ""},
		{"as a program of somebody's", toOrganisations, described(a, later, "1", ""), "old"},
		{"in the same version, seen otherwise", ofEden, described(a, first, "1", ""), "old"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			s.push(tt.query, document(described(a, first, "1", "old")))
			s.push(tt.query, document(tt.again))
			if got := s.value(a, "comments"); got != tt.want {
				t.Errorf("the remark is %q, want %q", got, tt.want)
			}
			if got := s.value(a, "phone"); got != "1" {
				t.Errorf("the number is %q", got)
			}
		})
	}
}

// What only this side has, the caller has not emptied: it never had it.
func TestWhatACallingEdenNeverSentItDidNotEmpty(t *testing.T) {
	const a = "urn:uuid:a"
	for name, known := range map[string]bool{"known from it": true, "met only now": false} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			peer := s.admit()
			if known {
				s.push(ofEden, document(described(a, "2026-01-01T00:00:00", "1", "")))
			}
			ours := core.Record{Resource: "org_organisation", UUID: a, ModifiedOn: core.MTimeOf(s.clock.Now())}
			ours.Set(core.Field{Name: "name", Value: core.Text("A")})
			ours.Set(core.Field{Name: "comments", Value: core.Text("added here")})
			if err := s.store.Import(t.Context(), func(tx intake.Tx) error {
				return tx.Put(t.Context(), &ours, core.Change{Rule: "edit", By: "me", At: ours.ModifiedOn})
			}); err != nil {
				t.Fatal(err)
			}
			before, err := s.store.Seq(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.store.Served(t.Context(), peer.ID, "org_organisation", responder.Serving{Seq: before}); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				s.push(ofEden, document(described(a, fmt.Sprintf("2027-01-0%dT00:00:00", i+1), fmt.Sprint(i), "")))
			}
			if got := s.value(a, "comments"); got != "added here" {
				t.Errorf("the remark is %q", got)
			}
			if before, err = s.store.Seq(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.push(ofEden, document(described(a, "2027-01-03T00:00:00", "2", "")))
			if after, err := s.store.Seq(t.Context()); err != nil || after != before {
				t.Errorf("the same again is a change: %d, was %d, %v", after, before, err)
			}
		})
	}
}

// A table that has lost a column shows no value of it in many records: nobody emptied them.
func TestAColumnThatACallingEdenHasLostEmptiesNothing(t *testing.T) {
	for _, tt := range []struct {
		name, other string // the remark of one more organisation
		want        string
	}{{"nowhere a remark", "", "old"}, {"somewhere a remark", "there is one", ""}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			all := func(modified, remark string) (records []string) {
				for i := range 30 {
					records = append(records, described(fmt.Sprintf("urn:uuid:%d", i), modified, "1", remark))
				}
				return records
			}
			s.push(ofEden, document(all("2026-01-01T00:00:00", "old")...))
			s.push(ofEden, document(append(all("2026-01-02T00:00:00", ""), described("urn:uuid:other", "2026-01-02T00:00:00", "", tt.other))...))
			if got := s.value("urn:uuid:7", "comments"); got != tt.want {
				t.Errorf("the remark is %q, want %q", got, tt.want)
			}
		})
	}
}

// An Eden that got nothing at first asks from the beginning again: it has no marker yet. What it
// sent in between it is not given back either. Once it was given something it has one.
func TestACallingEdenWithoutAMarkerIsNotGivenBackWhatItSent(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	pull := func(want string) {
		t.Helper()
		_, recs := s.get(pullOrganisations, "Accept-Encoding", "identity", "User-Agent", "Python-urllib/3.11").records(t)
		if got := names(recs); got != want {
			t.Errorf("it got %q, want %q", got, want)
		}
	}
	pull("")
	s.push(ofEden, document(org("urn:uuid:a", "A", "2026-01-01T00:00:00")))
	pull("")
	s.restart()
	pull("")
	ours := organisation("urn:uuid:b", "B", "2026-01-02T00:00:00")
	if err := s.store.Import(t.Context(), func(tx intake.Tx) error {
		return tx.Put(t.Context(), &ours, core.Change{Rule: "edit", By: "me", At: ours.ModifiedOn})
	}); err != nil {
		t.Fatal(err)
	}
	pull("B")
	pull("A,B") // none of it was taken, or it was restored from a backup
}

// A calling Eden fetches before it sends. What it sent itself, and has changed since, it is not
// given back: it would date its version back by it, and nobody could tell any more what was
// emptied in that.
func TestACallingEdenIsNotGivenBackWhatItSent(t *testing.T) {
	const a, first = "urn:uuid:a", "2026-01-01T00:00:00"
	for _, tt := range []struct {
		name, program, since string
		edited, restarted    bool
		want                 string
	}{
		{"what it sent", "Python-urllib/3.11", "2026-01-02T00:00:00", false, false, ""},
		{"what it sent before a restart here", "Python-urllib/3.11", "2026-01-02T00:00:00", false, true, ""},
		{"what was changed here since", "Python-urllib/3.11", "2026-01-02T00:00:00", true, false, "B"},
		{"restored from a backup", "Python-urllib/3.11", "2025-06-01T00:00:00", false, true, "A"},
		{"from the beginning", "Python-urllib/3.11", "", false, false, "A"},
		{"another program", "", "2026-01-02T00:00:00", false, false, "A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			pull := func(since string) string {
				_, recs := s.get(pullOrganisations+"&include_deleted=True&msince="+since, "Accept-Encoding", "identity", "User-Agent", tt.program).records(t)
				return names(recs)
			}
			if got := pull("2025-12-31T00:00:00"); got != "" {
				t.Fatalf("at first it got %q", got)
			}
			s.push(ofEden, document(org(a, "A", first)))
			if tt.restarted {
				s.restart()
			}
			if tt.edited {
				ours := organisation(a, "B", "2026-01-01T00:00:01")
				if err := s.store.Import(t.Context(), func(tx intake.Tx) error {
					return tx.Put(t.Context(), &ours, core.Change{Rule: "edit", By: "me", At: ours.ModifiedOn})
				}); err != nil {
					t.Fatal(err)
				}
			}
			if got := pull(tt.since); got != tt.want {
				t.Errorf("it got %q, want %q", got, tt.want)
			}
		})
	}
}

// An Eden shows the outline of a place to nobody, so what it sends of one that was made here says
// nothing about it: it stays, and is not given back as something that the Eden lacked, or that
// would go to and fro with every round.
func TestAnOutlineThatACallingEdenDoesNotShowIsNotGivenBack(t *testing.T) {
	const uuid, outline = "urn:uuid:district", "POLYGON ((85 27, 86 27, 86 28, 85 27))"
	pulls := "/eden/sync/sync.xml?repository=" + laptop + "&resource=gis_location&msince=2026-01-01T00:00:00"
	shown := func(modified, remark string) string {
		return document(`<resource name="gis_location" uuid="` + uuid + `" mci="2" modified_on="` + modified + `"><data field="name">D</data><data field="comments">` + remark + `</data></resource>`)
	}
	s := newSite(t, nil)
	s.admit()
	pull := func() string {
		s.clock.pass(time.Minute)
		_, recs := s.get(pulls, "Accept-Encoding", "identity", "User-Agent", "Python-urllib/3.11").records(t)
		return names(recs)
	}
	ours := core.Record{Resource: "gis_location", UUID: uuid, ModifiedOn: core.MTimeOf(s.clock.Now())}
	ours.Set(core.Field{Name: "name", Value: core.Text("D")})
	ours.Set(core.Field{Name: "wkt", Value: core.Text(outline)})
	if err := s.store.Import(t.Context(), func(tx intake.Tx) error {
		return tx.Put(t.Context(), &ours, core.Change{Rule: "edit", By: "me", At: ours.ModifiedOn})
	}); err != nil {
		t.Fatal(err)
	}
	if got := pull(); got != "D" {
		t.Fatalf("at first it got %q", got)
	}
	for i := range 3 {
		s.push(strings.Replace(ofEden, "org_organisation", "gis_location", 1), shown(fmt.Sprintf("2026-11-24T00:00:0%d", i), fmt.Sprint(i)))
		if got := pull(); got != "" {
			t.Errorf("after its version %d it is given %q back", i, got)
		}
	}
	rec, err := s.store.Record(t.Context(), ours.Link())
	if err != nil || rec.Value("wkt").Str != outline || rec.Value("comments").Str != "2" {
		t.Errorf("the place is %v, %v", rec.Fields, err)
	}
}
