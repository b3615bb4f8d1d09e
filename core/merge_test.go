package core

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeLosesNoEdit(t *testing.T) {
	names := []string{"a", "b", "c"}
	value := rapid.SampledFrom([]string{"", "1", "2", "3"})
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := fields(), fields(), fields()
		for _, n := range names {
			for who, r := range map[string]*Record{"base": base, "ours": ours, "theirs": theirs} {
				if v := value.Draw(t, who+" "+n); v != "" {
					r.Set(Field{Name: n, Value: Text(v)})
				}
			}
		}
		merged, clashes := Merge(base, ours, theirs)
		for _, n := range names {
			b, o, th, m := base.Value(n).Str, ours.Value(n).Str, theirs.Value(n).Str, merged.Value(n).Str
			clash := b != o && b != th && o != th
			if clash != slices.Contains(clashes, n) {
				t.Fatalf("field %s: base %q ours %q theirs %q: clash reported %v", n, b, o, th, !clash)
			}
			switch {
			case o != b && m != o:
				t.Fatalf("our edit of %s to %q was lost: %q", n, o, m)
			case o == b && m != th:
				t.Fatalf("their edit of %s to %q was lost: %q", n, th, m)
			}
		}
	})
}

func TestCompleteFillsInWhatIsUntouched(t *testing.T) {
	known := fields("name", "A", "web", "w")
	known.ModifiedOn = 10
	known.Master = Link{"pr_person", "urn:uuid:p"}
	known.Set(Field{Name: "pe_id", Value: RefTo("pr_person", "urn:uuid:p")})
	sparse := func(m MTime) *Record {
		r := fields("name", "B")
		r.ModifiedOn = m
		return r
	}
	for _, tt := range []struct {
		name    string
		theirs  *Record
		cleared bool
		want    string
	}{
		{"a partial document leaves the rest alone", sparse(20), false, "name=B pe_id=urn:uuid:p web=w "},
		{"a full export with a new stamp cleared it, but not the link to the master", sparse(20), true, "name=B pe_id=urn:uuid:p "},
		{"a full export with the old stamp is only another view", sparse(10), true, "name=B pe_id=urn:uuid:p web=w "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Complete(tt.theirs, known, tt.cleared)
			if show(&got) != tt.want {
				t.Errorf("got %q, want %q", show(&got), tt.want)
			}
			if got.Master != known.Master {
				t.Errorf("the link to the master was lost: %+v", got.Master)
			}
		})
	}
	other := Link{"pr_person", "urn:uuid:q"}
	below := func(m Link, alias string) *Record {
		r := sparse(20)
		r.Master, r.Alias = m, alias
		return r
	}
	points := sparse(20)
	points.Set(Field{Name: "pe_id", Value: RefTo("pr_person", other.UUID)})
	for _, tt := range []struct {
		name    string
		theirs  *Record
		cleared bool
		want    Link
	}{
		{"it stands below another record of the same table", below(other, ""), true, other},
		{"below one by another name, as several masters have it", below(other, "helper"), true, known.Master},
		{"below one of another table", below(Link{"org_office", "urn:uuid:q"}, ""), true, known.Master},
		{"it points to another one instead", points, true, other},
		{"a partial document moves nothing", below(other, ""), false, known.Master},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Complete(tt.theirs, known, tt.cleared)
			nested := known.Clone()
			nested.Unset("pe_id")
			if got := Complete(tt.theirs, &nested, tt.cleared); got.Master != tt.want {
				t.Errorf("seen below its master only: its master is %+v, want %+v", got.Master, tt.want)
			}
			if got.Master != tt.want {
				t.Errorf("its master is %+v, want %+v", got.Master, tt.want)
			}
			if to := got.Value("pe_id").Str; to != tt.want.UUID && got.Value("pe_id").Kind != Null {
				t.Errorf("it points to %s, want %s", to, tt.want.UUID)
			}
		})
	}
	null := sparse(20)
	null.Set(Field{Name: "web", Value: Value{Kind: Null}})
	if got := Complete(null, known, false); show(&got) != "name=B pe_id=urn:uuid:p " {
		t.Errorf("an explicit null clears even in a partial document: %q", show(&got))
	}
	merged := &Record{ModifiedOn: 20, Deleted: true, ReplacedBy: "urn:uuid:q"}
	for m, want := range map[MTime]string{20: "urn:uuid:q", 30: ""} {
		if got := Complete(&Record{ModifiedOn: m, Deleted: true}, merged, true); got.ReplacedBy != want {
			t.Errorf("a tombstone of %d says it was merged into %q, want %q", m, got.ReplacedBy, want)
		}
	}
}

func TestAnEditedComponentFollowsItsKey(t *testing.T) {
	a, b := RefTo("org_organisation", "urn:uuid:a"), RefTo("org_organisation", "urn:uuid:b")
	below := Link{Resource: "org_organisation", UUID: "urn:uuid:a"}
	key := func(v Value) Field { return Field{Name: "organisation_id", Value: v} }
	for name, tt := range map[string]struct {
		master        Link
		before, after []Field
		want          string
	}{
		"the key leads elsewhere":         {below, []Field{key(a)}, []Field{key(b)}, "urn:uuid:b"},
		"the key was implied":             {below, nil, []Field{key(b)}, "urn:uuid:b"},
		"the key is as it was":            {below, []Field{key(a)}, []Field{key(a)}, "urn:uuid:a"},
		"the key is taken out":            {below, []Field{key(a)}, nil, "urn:uuid:a"},
		"it always led elsewhere":         {below, []Field{key(b)}, []Field{key(b)}, "urn:uuid:a"},
		"another field leads elsewhere":   {below, []Field{key(a)}, []Field{key(a), {Name: "partner_id", Value: b}}, "urn:uuid:a"},
		"the key leads to another table":  {below, []Field{key(a)}, []Field{key(RefTo("org_office", "urn:uuid:b"))}, "urn:uuid:a"},
		"it is no component":              {Link{}, []Field{key(a)}, []Field{key(b)}, ""},
		"a person's entity":               {Link{Resource: "pr_person", UUID: "urn:uuid:a"}, nil, []Field{{Name: "pe_id", Value: RefTo("pr_person", "urn:uuid:b")}}, "urn:uuid:b"},
		"a site of another kind":          {Link{Resource: "cr_shelter", UUID: "urn:uuid:a"}, []Field{{Name: "site_id", Value: RefTo("cr_shelter", "urn:uuid:a")}}, []Field{{Name: "site_id", Value: RefTo("org_office", "urn:uuid:b")}}, "urn:uuid:b"},
		"where somebody works":            {Link{Resource: "pr_person", UUID: "urn:uuid:a"}, nil, []Field{{Name: "site_id", Value: RefTo("org_office", "urn:uuid:b")}}, "urn:uuid:a"},
		"where a shipment goes to":        {Link{Resource: "org_office", UUID: "urn:uuid:a"}, nil, []Field{{Name: "to_site_id", Value: RefTo("org_office", "urn:uuid:b")}}, "urn:uuid:a"},
		"it is moved, whatever its field": {Link{Resource: "org_organisation", UUID: "urn:uuid:c"}, []Field{key(a)}, []Field{key(b)}, "urn:uuid:c"},
	} {
		before := Record{Master: tt.master, Fields: tt.before}
		after := Record{Master: tt.master, Fields: tt.after}
		if after.FollowKey(&before); after.Master.UUID != tt.want {
			t.Errorf("%s: it is below %q, want %q", name, after.Master.UUID, tt.want)
		}
	}
}
